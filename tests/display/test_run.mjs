// SPDX-License-Identifier: MIT
// The page beside the real daemon, which replays a recorded run: what is on the screen is what was on MQTT.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { launch, newPage, open, picture, rate, until, words } from './lib/browser.mjs';
import { replay } from './lib/daemon.mjs';

const broker = new Broker();
let browser, page, heard;

before(async () => {
    await broker.start();
    heard = await broker.listen();
    browser = await launch();
    page = await newPage(browser);
});

after(async () => {
    heard.stop();
    await browser.close();
    await broker.kill();
});

// Writes down what the screen shows whenever it shows another message.
async function record()
{
    await page.waitForSelector('.run');
    await page.evaluate(() => {
        const run = document.querySelector('.run');
        const text = (selector) => {
            const element = run.querySelector(selector);
            return element.closest('[hidden]') ? '' : element.textContent;
        };
        window.shown = [];
        new MutationObserver(() => window.shown.push({ seq: Number(run.dataset.seq), rate: text('.digits'),
            zone: text('.zone'),
            facts: [...run.querySelectorAll('dd')].map((dd) => dd.textContent), over: text('.over'),
            mood: document.body.dataset.mood, advice: text('[role=status]') }))
            .observe(run, { attributes: true, attributeFilter: ['data-seq'] });
    });
}

function minutes(seconds)
{
    return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`;
}

// The same in words, worked out from the message alone.
function expected(message)
{
    const { seq, hr, cap, zone, compliance, above_s, excursions, status, session } = message;
    return { seq, rate: hr === null ? '' : String(hr), zone: zone === null ? ''
        : { below: 'Below zone 1' }[zone] ?? `Zone ${zone.slice(1)}`,
        facts: [String(cap), compliance === null ? '–' : `${compliance.toFixed(1)} %`, minutes(above_s),
            String(excursions)],
        over: hr === null ? '' : hr > cap ? `${hr - cap} over` : `${cap - hr} to cap`,
        mood: session === 'active' ? status : 'none' };
}

async function sameAsOnMqtt(least)
{
    await page.waitForFunction((count) => window.shown.length >= count, least);
    const shown = await page.evaluate(() => window.shown);
    const lives = heard.seen.filter(({ topic }) => topic.endsWith('/live'));
    const said = new Map(lives.map(({ payload }) => JSON.parse(payload))
        .map((message) => [message.seq, message]));
    for (const { advice, ...one } of shown) {
        assert.deepEqual(one, expected(said.get(one.seq)));
        assert.equal(advice.startsWith('Ease off'), said.get(one.seq).advice === 'ease_off', advice);
    }
    return shown;
}

test('every value on the screen is the value on MQTT, message by message', async () => {
    await open(page, { broker: broker.url, athlete: 'anna' });
    await until(page, { kind: 'waiting' });
    const daemon = replay(broker, 60);
    await record();
    const shown = await sameAsOnMqtt(400);
    assert.ok(new Set(shown.map((one) => one.rate)).size > 5, 'rates that change');
    assert.equal(await page.textContent('h1'), 'Anna');

    await page.reload();
    await record();
    await sameAsOnMqtt(60);
    assert.match(await words(page), /Anna/, 'after a reload in the middle, too');
    await picture(page, 'run-reloaded');

    await daemon.end('SIGKILL');
    await page.waitForFunction(() => ['silent', 'gateway_off'].includes(document.body.dataset.kind));
    assert.equal(await rate(page), '', 'a killed gateway: no rate');
    await until(page, { kind: 'gateway_off' });
    assert.doesNotMatch(await page.evaluate(() => document.querySelector('main').innerText), /\b\d+\b/,
        'and no number at all');
});

test('a whole run: in, above, and the verdict with the curve at its end', async () => {
    const moods = new Set();
    await page.exposeFunction('noteMood', (mood) => moods.add(mood));
    await page.evaluate(() => new MutationObserver(() => window.noteMood(document.body.dataset.mood))
        .observe(document.body, { attributes: true }));
    const daemon = replay(broker, 800);
    await until(page, { screen: 'summary' });
    assert.equal(await daemon.done, 0);
    for (const mood of ['settling', 'in', 'above'])
        assert.ok(moods.has(mood), mood);
    const { payload } = heard.seen.filter(({ topic, payload: text }) => topic.endsWith('/session/last') && text).at(-1);
    const summary = JSON.parse(payload);
    const text = await words(page);
    assert.deepEqual([summary.verdict, await page.textContent('h2')], ['kept', 'Kept']);
    for (const part of [summary.reason, `${summary.compliance.toFixed(1)} %`, '1:42:03', minutes(summary.above_s),
        minutes(summary.longest_s), `${summary.peak_over} bpm`, `${summary.hr_max} bpm`])
        assert.ok(text.includes(part), `${part} in: ${text}`);
    assert.equal(await rate(page), '');
    assert.deepEqual(await page.$$eval('.zones li', (rows) => rows.map((row) => row.dataset.zone)), ['below', 'z1',
        'z2']);
    await picture(page, 'run-verdict');
});

test('a group of the real daemon: its tile is its message, and its table comes at the end', async () => {
    const board = await newPage(browser);
    await open(board, { broker: broker.url, group: 'tue' });
    await until(board, { screen: 'message' });
    const daemon = replay(broker, 400, 'group = tue\n');
    await board.waitForSelector('.tile[data-number=yes]');
    await board.evaluate(() => {
        const tile = document.querySelector('.tile');
        const text = (part) => tile.querySelector(`.tile-${part}`).textContent;
        window.shown = [];
        new MutationObserver(() => window.shown.push([tile.dataset.mood, text('rate'), text('share')].join(' ')))
            .observe(tile, { attributes: true, childList: true, characterData: true, subtree: true });
    });
    await picture(board, 'run-group');
    await until(board, { screen: 'table' });
    await daemon.done;
    const rows = await board.$$eval('tbody tr', (all) => all.map((row) => row.innerText.replace(/\s+/g, ' ').trim()));
    assert.deepEqual(rows, ['Anna Kept 95.4 % 0:55']);
    const said = new Set(heard.seen.filter(({ topic }) => topic === 'zone1d/group/tue/live')
        .map(({ payload }) => JSON.parse(payload).members[0]).filter(({ hr }) => hr !== null)
        .map(({ status, hr, compliance }) =>
            `${status} ${hr} ${compliance === null ? '' : `${Math.round(compliance)} %`}`));
    const shown = (await board.evaluate(() => window.shown)).filter((one) => /^(in|above|settling) \d/.test(one));
    assert.ok(shown.length > 20, `${shown.length} shown`);
    assert.deepEqual(shown.filter((one) => !said.has(one)), [], 'shown, but never said');
    assert.deepEqual(board.faults, []);
    await board.context().close();
});

test('the verdict stays when the broker goes, and is there again after a reload', async () => {
    const { payload } = heard.seen.filter(({ topic, payload: text }) => topic.endsWith('/session/last') && text).at(-1);
    const newest = `.summary[data-id="${JSON.parse(payload).id}"]`;
    await page.waitForSelector(newest);
    await page.reload();
    await page.waitForSelector(newest);
    await broker.kill();
    await page.waitForFunction(() => document.querySelector('.time').textContent === 'No connection');
    assert.equal(await page.textContent('h2'), 'Kept');
    assert.deepEqual(page.faults, []);
});
