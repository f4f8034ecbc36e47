// SPDX-License-Identifier: MIT
// The small pure parts: settings, strings, cues, tiles, scales, the ten minutes; and what is in the built page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { newCue, nextCue } from '../../display/src/cue.js';
import { History, SPAN_MS } from '../../display/src/history.js';
import { brokerFault, complete, fragment, likelyBroker, settings } from '../../display/src/params.js';
import { bands, excursions, range, zoneNames } from '../../display/src/scale.js';
import { decimal, speaker, TABLES, zoneWord } from '../../display/src/strings.js';
import { grid, tableGrid } from '../../display/src/tiles.js';

test('the address\'s fragment comes before what is remembered', () => {
    const got = settings('#broker=ws://pi:9001&athlete=anna', { broker: 'ws://old:1', group: 'tue', theme: 'light' },
        ['de-AT']);
    assert.deepEqual([got.broker, got.athlete, got.group, got.theme, got.lang], ['ws://pi:9001', 'anna', '', 'light',
        'de']);
    assert.equal(settings('#group=tue', { athlete: 'anna' }, []).athlete, '');
    assert.ok(complete(got, false));
    assert.ok(!complete(settings('', {}, []), false));
});

test('nothing odd becomes part of a topic', () => {
    for (const athlete of ['a/b', '+', '#', 'Anna', 'a b', 'x'.repeat(65), ''])
        assert.equal(settings(`#athlete=${encodeURIComponent(athlete)}`, {}, []).athlete, '', athlete);
    for (const prefix of ['+', 'a/#', '', 'a b'])
        assert.equal(settings(`#prefix=${encodeURIComponent(prefix)}`, {}, []).prefix, 'zone1d', prefix);
    assert.equal(settings('#prefix=home/gym/', {}, []).prefix, 'home/gym');
});

test('brokers: websockets only, no password in the address, no ws from https', () => {
    assert.equal(brokerFault('ws://pi:9001', false), 'ok');
    assert.equal(brokerFault('pi:9001', false), 'broker_not_ws');
    assert.equal(brokerFault('', false), 'broker_malformed');
    assert.equal(brokerFault('mqtt://pi', false), 'broker_not_ws');
    assert.equal(brokerFault('javascript:alert(1)', false), 'broker_not_ws');
    assert.equal(brokerFault('ws://u:p@pi', false), 'broker_with_password');
    assert.equal(brokerFault('ws://pi', true), 'broker_mixed');
    assert.equal(brokerFault('ws://localhost:9001', true), 'ok');
    assert.equal(likelyBroker(new URL('https://pi/zone1d.html')), 'wss://pi/mqtt');
    assert.equal(likelyBroker(new URL('file:///x/zone1d.html')), 'ws://localhost:9001');
});

test('a fragment leads back to the same settings', () => {
    const chosen = settings('#broker=wss://pi/mqtt&group=tue&lang=de&theme=dark&cue=both&user=gym', {}, []);
    assert.deepEqual(settings(fragment(chosen), {}, []), chosen);
    assert.ok(!fragment({ ...chosen, password: 'x' }).includes('password'));
});

test('all languages have the same words', () => {
    const keys = Object.keys(TABLES.en).sort();
    for (const [language, table] of Object.entries(TABLES)) {
        assert.deepEqual(Object.keys(table).sort(), keys, language);
        for (const key of keys) {
            assert.ok(table[key].trim() !== '', `${language} ${key}`);
            assert.deepEqual(table[key].match(/\{\d\}/g), TABLES.en[key].match(/\{\d\}/g), `${language} ${key}`);
        }
    }
    assert.equal(speaker('de')('over_cap', 4), '4 darüber');
    assert.equal(zoneWord(speaker('en'), 'z5a'), 'Zone 5A');
    assert.deepEqual([decimal('de', 93.4, 1), decimal('en', 93, 1)], ['93,4', '93.0']);
});

test('every word that the source asks for is in the table', () => {
    const root = new URL('../../display/src/', import.meta.url);
    const files = ['athlete_view', 'bar', 'form', 'group_page', 'group_view', 'message_view', 'plot', 'summary_view'];
    for (const file of files)
        for (const [, key] of readFileSync(new URL(`${file}.js`, root), 'utf8').matchAll(/\bsay\('(\w+)'/g))
            assert.ok(TABLES.en[key], `${file}: ${key}`);
});

test('cues: on leaving and coming back, never two within 20 s', () => {
    const cue = newCue();
    const said = [[0, 'settling'], [1000, 'in'], [2000, 'above'], [9000, 'in'], [10000, 'above'], [22000, 'in'],
        [23000, 'in'],
        [42001, 'unknown'], [43000, 'above']].map(([now, status]) => nextCue(cue, status, now));
    assert.deepEqual(said, [null, null, 'above', null, null, 'in', null, null, 'above']);
    let [times, flapping] = [[], newCue()];
    for (let now = 0; now < 600000; now += 250)
        if (nextCue(flapping, now % 500 ? 'in' : 'above', now) !== null)
            times.push(now);
    assert.ok(times.every((time, i) => i === 0 || time - times[i - 1] >= 20000));
});

test('tiles: 1 to 30 people fill a screen', () => {
    assert.deepEqual(grid(1, 1920, 1000), { columns: 1, rows: 1 });
    assert.deepEqual(grid(30, 1920, 1000), { columns: 6, rows: 5 });
    assert.deepEqual(grid(30, 390, 780), { columns: 3, rows: 10 });
    for (let count = 1; count <= 64; count++) {
        const { columns, rows } = grid(count, 800, 440);
        assert.ok(columns * rows >= count && columns * (rows - 1) < count, String(count));
    }
    assert.deepEqual(grid(0, 800, 440), { columns: 1, rows: 1 });
    assert.equal(tableGrid(30, 1920, 1000).columns, 2);
    assert.equal(tableGrid(8, 1920, 1000).columns, 1);
    assert.equal(tableGrid(30, 390, 780).columns, 1);
});

test('scales, bands and excursions', () => {
    assert.deepEqual(range([], null), [60, 160]);
    const [low, high] = range([120, null, 144], 140);
    assert.ok(low <= 114 && high >= 150 && high - low >= 40);
    assert.deepEqual(bands([128, 141, 155], 120, 150).map(({ zone, from, to }) => [zone, from, to]),
        [['below', 120, 128], ['z1', 128, 141], ['z2', 141, 150]]);
    assert.deepEqual(bands(null, 1, 2), []);
    assert.deepEqual(zoneNames(7).slice(4), ['z5a', 'z5b', 'z5c']);
    assert.deepEqual(excursions([140, 141, 145, null, 142, 130, 141], 140),
        [{ from: 1, to: 2, peak: 2 }, { from: 4, to: 4, peak: 4 }, { from: 6, to: 6, peak: 6 }]);
    assert.deepEqual(excursions([150], null), []);
});

test('ten minutes, however long it runs; gaps stay gaps', () => {
    const history = new History();
    for (let i = 0; i < 20000; i++)
        history.add(i * 500, 120);
    assert.ok(history.times.length <= SPAN_MS / 500 + 1);
    history.add(20000 * 500 + 60000, 121);
    const [xs, rates] = history.columns();
    assert.deepEqual([xs.at(-1), rates.at(-1), rates.at(-2), rates.at(-3)], [0, 121, null, 120]);
    history.add(5, 99);
    assert.deepEqual(history.columns(), [[0], [99]]);
    for (let i = 0; i < 9000; i++)
        history.add(10, 100);
    assert.ok(history.times.length <= 1501);
});

test('the page: one file, a policy for just its script and style, nothing from elsewhere', () => {
    const page = readFileSync(process.env.ZONE1D_DISPLAY_PAGE, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)[1];
    assert.match(policy,
        /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src ws: wss:;/);
    assert.ok(!/unsafe|\*/.test(policy));
    assert.ok(!/<(script|link|img|iframe)[^>]*(src|href)="(?!data:,)/.test(page));
    assert.ok(!/\beval\(|new Function\(|innerHTML\s*=|insertAdjacentHTML|document\.write\(/.test(page));
    assert.ok(page.includes('mqtt 5.') && page.includes('uplot 1.'), 'the licences of what is in it');
    assert.ok(page.length < 700000, String(page.length));
});

test('the lock file names no host', () => {
    const lock = readFileSync(new URL('../../display/package-lock.json', import.meta.url), 'utf8');
    assert.ok(!/"resolved"|https?:\/\/[^"]*(registry|npm)[^"]*\.tgz/.test(lock));
    for (const [place, about] of Object.entries(JSON.parse(lock).packages))
        assert.ok(place === '' || about.integrity, place);
});

test('the pictures of the documentation are there, and small', () => {
    for (const name of ['in', 'above', 'lost', 'verdict', 'group-30', 'light-in']) {
        const picture = readFileSync(new URL(`../../docs/pictures/display-${name}.png`, import.meta.url));
        assert.ok(picture.length < 150000, `${name}: ${picture.length} bytes`);
    }
});
