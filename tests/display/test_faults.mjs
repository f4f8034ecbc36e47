// SPDX-License-Identifier: MIT
// What goes wrong beside a treadmill, and what comes from whoever can write to the broker.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { launch, newPage, open, PAGE, rate, until, untilSeq, words } from './lib/browser.mjs';
import { group, groupSession, live, lost, session, strap } from './lib/messages.mjs';

const broker = new Broker();
let browser, page;

function sayRunning(on = broker, as = [])
{
    on.say('gateway/pi/status', 'online', { retain: true, as });
    on.say('athlete/anna/session', session(), { retain: true, as });
    on.say('athlete/anna/strap', strap(), { retain: true, as });
}

before(async () => {
    await broker.start();
    sayRunning();
    browser = await launch();
    page = await newPage(browser);
    await open(page, { broker: broker.url, athlete: 'anna' });
    await until(page, { screen: 'live' });
});

after(async () => {
    await browser.close();
    await broker.kill();
});

async function shows(seq, more)
{
    broker.say('athlete/anna/live', live({ seq, ...more }));
    await untilSeq(page, seq);
}

test('a lost strap: the rate is gone and it says why', async () => {
    await shows(1, { hr: 134 });
    assert.equal(await rate(page), '134');
    for (const [seq, signal, word] of [[2, 'stale', 'Signal lost'], [3, 'no_contact', 'No skin contact'], [4, 'lost',
        'Signal lost']]) {
        broker.say('athlete/anna/live', lost(signal, { seq }));
        await untilSeq(page, seq);
        assert.equal(await rate(page), '', signal);
        assert.ok((await words(page)).includes(word), signal);
        assert.equal(await page.getAttribute('body', 'data-mood'), 'lost');
    }
    await shows(5, { hr: 131 });
    assert.equal(await rate(page), '131');
});

test('silence: the rate is gone after 5 s, although nothing was said', async () => {
    await shows(6, { hr: 133 });
    await until(page, { kind: 'silent' });
    assert.equal(await rate(page), '');
    assert.ok(!(await words(page)).includes('133'));
});

test('a low battery is said', async () => {
    broker.say('athlete/anna/strap', strap({ battery: 12 }), { retain: true });
    await page.waitForSelector('.battery[data-low=yes]');
    assert.ok((await words(page)).includes('Battery low 12 %'));
    broker.say('athlete/anna/strap', strap(), { retain: true });
    await page.waitForSelector('.battery[data-low=no]');
});

test('a broker that dies is said at once, and found again', async () => {
    await shows(7, { hr: 132 });
    await broker.kill();
    await until(page, { kind: 'broker_lost' });
    assert.ok((await words(page)).includes('No connection'));
    assert.ok(!(await words(page)).includes('132'));
    await broker.start();
    sayRunning();
    await page.waitForFunction(() => document.body.dataset.screen === 'live');
    assert.equal(await rate(page), '', 'no old rate comes back');
    await shows(8, { hr: 129 });
    assert.equal(await rate(page), '129');
});

test('hostile messages: text stays text, numbers stay numbers, and the page goes on', async () => {
    const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
    broker.say('athlete/anna/session', session({ alias: evil, id: evil, bounds: [1, 'x'] }), { retain: true });
    for (const message of ['', '{', 'null', '[]', '{"v":1}', '\u0000\u0001', 'x'.repeat(300000),
        '{"v":1,"seq":"1","hr":"99"}',
        JSON.stringify(live({ seq: 9, hr: 1e308, cap: -5, zone: evil, status: evil, compliance: 'NaN', ts: evil }))])
        broker.say('athlete/anna/live', message || ' ');
    broker.say('athlete/anna/strap', `{"connected":true,"battery":"${'9'.repeat(100)}"}`);
    broker.say('gateway/pi/status', evil);
    await untilSeq(page, 9);
    assert.equal(await rate(page), '');
    await shows(10, { hr: 130 });
    assert.equal(await rate(page), '130');
    assert.ok((await page.textContent('h1')).startsWith('<img src=x'));
    assert.deepEqual(await page.evaluate(() => [window.pwned,
        document.querySelectorAll('body img, body script').length]), [undefined, 0]);
    sayRunning();
    broker.say('athlete/anna/session/last', { v: 1, id: evil, verdict: evil, reason: evil, zone_s: { [evil]: 1 },
        curve: [evil] });
    broker.say('athlete/anna/session', session({ state: 'finished', id: evil }));
    broker.say('athlete/anna/live', live({ seq: 11, session: 'finished' }));
    await until(page, { screen: 'summary' });
    assert.ok((await page.textContent('.reason')).startsWith('<img'));
    assert.deepEqual(await page.evaluate(() => [window.pwned, document.querySelectorAll('body img').length]),
        [undefined, 0]);
    sayRunning();
});

test('hostile groups likewise', async () => {
    const board = await newPage(browser);
    await open(board, { broker: broker.url, group: 'tue' });
    await until(board, { kind: 'group_waiting' });
    const evil = '<img src=x onerror="window.pwned=1">';
    broker.say('group/tue/live', group(2, { members: [{ athlete: 'anna', alias: evil, hr: 'x', signal: 'live' },
        { athlete: evil }] }));
    await until(board, { screen: 'tiles' });
    assert.deepEqual(await board.$$eval('.alias', (all) => all.map((one) => one.textContent)), [evil]);
    broker.say('group/tue/session', groupSession(1, { verdicts: [{ athlete: 'anna', alias: evil, verdict: evil }] }));
    await until(board, { screen: 'table' });
    assert.deepEqual(await board.evaluate(() => [window.pwned, document.querySelectorAll('body img').length]),
        [undefined, 0]);
    assert.deepEqual(board.faults, []);
    await board.context().close();
});

test('the page\'s own policy stops a script that would get in', async () => {
    const other = await newPage(browser);
    await open(other, {});
    const ran = await other.evaluate(async () => {
        const script = document.createElement('script');
        script.textContent = 'window.pwned = 1';
        document.body.append(script);
        const answer = await fetch('https://example.org/').then(() => 'fetched', () => 'refused');
        return [window.pwned, answer];
    });
    assert.deepEqual(ran, [undefined, 'refused']);
    assert.ok(other.faults.some((fault) => /Content Security Policy/.test(fault)));
    await other.context().close();
});

test('cues: off by default; one on leaving, none within 20 s', async () => {
    const spy = () => {
        window.spoken = [];
        window.speechSynthesis.speak = (utterance) => window.spoken.push(`${utterance.lang}: ${utterance.text}`);
    };
    const quiet = await newPage(browser);
    const loud = await newPage(browser);
    for (const [one, cue] of [[quiet, 'off'], [loud, 'both']]) {
        await one.addInitScript(spy);
        await open(one, { broker: broker.url, athlete: 'anna', ...(cue === 'off' ? {} : { cue, lang: 'de' }) });
        await until(one, { screen: 'live' });
    }
    for (const [seq, status] of [[20, 'in'], [21, 'above'], [22, 'in'], [23, 'above']]) {
        broker.say('athlete/anna/live', live({ seq, status }));
        await untilSeq(loud, seq);
    }
    assert.deepEqual(await loud.evaluate(() => window.spoken), ['de: Langsamer']);
    assert.deepEqual(await quiet.evaluate(() => window.spoken), []);
    assert.deepEqual(loud.faults, []);
    await quiet.context().close();
    await loud.context().close();
});

test('the screen is kept awake: asked for at the start, and again when the page comes to the front', async () => {
    const page = await newPage(browser);
    await page.addInitScript(() => {
        window.asked = [];
        const wakeLock = { request: async (what) => window.asked.push(what) };
        Object.defineProperty(Navigator.prototype, 'wakeLock', { value: wakeLock });
    });
    await open(page, { broker: broker.url, athlete: 'anna' });
    await page.waitForFunction(() => window.asked.length === 1);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.waitForFunction(() => window.asked.length === 2);
    assert.deepEqual(await page.evaluate(() => window.asked), ['screen', 'screen']);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('without parameters it asks, and remembers', async () => {
    const context = await browser.newContext({ locale: 'de-DE' });
    const form = await context.newPage();
    await form.goto(`file://${PAGE}`);
    await form.waitForSelector('form');
    assert.ok((await form.textContent('form')).includes('Sprache'), 'in the browser\'s language');
    await form.fill('[name=broker]', 'http://pi');
    await form.fill('[name=name]', 'anna');
    await form.click('[type=submit]');
    assert.ok((await form.textContent('.fault')).includes('ws://'));
    await form.fill('[name=broker]', broker.url);
    await form.click('[type=submit]');
    await form.waitForSelector('body[data-screen=live]');
    const again = await context.newPage();
    await again.goto(`file://${PAGE}`);
    await again.waitForSelector('body[data-screen=live]');
    await again.click('[aria-label="Einstellungen"]');
    assert.equal(await again.inputValue('[name=name]'), 'anna');
    await context.close();
});

// A broker with the access list that is shipped.
function lockedBroker()
{
    const folder = mkdtempSync(join(process.cwd(), 'acl-'));
    const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')];
    writeFileSync(passwords, '');
    for (const user of ['gym', 'display'])
        execFileSync('mosquitto_passwd', ['-b', passwords, user, `${user}-secret`]);
    copyFileSync(join(process.env.ZONE1D_CONF, 'mosquitto', 'zone1d.acl'), acl);
    chmodSync(acl, 0o600);
    return new Broker(`allow_anonymous false\npassword_file ${passwords}\nacl_file ${acl}`);
}

test('the shipped rights of a display are enough; without the password the refusal is said', async () => {
    const locked = await lockedBroker().start();
    const as = ['-u', 'gym', '-P', 'gym-secret'];
    const reader = await newPage(browser);
    try {
        sayRunning(locked, as);
        await open(reader, { broker: locked.url, athlete: 'anna' });
        await until(reader, { kind: 'broker_lost' });
        await reader.waitForFunction(() => /refuses: .*[Nn]ot authorized/.test(document.body.innerText));
        await reader.click('[aria-label="Settings"]');
        await reader.fill('[name=user]', 'display');
        await reader.fill('[name=password]', 'display-secret');
        await reader.click('[type=submit]');
        await until(reader, { screen: 'live' });
        locked.say('athlete/anna/live', live({ seq: 30, hr: 127 }), { as });
        await untilSeq(reader, 30);
        assert.equal(await rate(reader), '127');
        assert.ok(!(await reader.evaluate(() => location.href)).includes('secret'), 'no password in the address');
    } finally {
        await reader.context().close();
        await locked.kill();
    }
});

test('in all that, no error of the page\'s own', () => assert.deepEqual(page.faults, []));
