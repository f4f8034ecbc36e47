// SPDX-License-Identifier: MIT
// An hour of messages in less than a minute: what the page holds in memory does not grow.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { launch, newPage, open, until, untilSeq } from './lib/browser.mjs';
import { group, live, lost, session, strap, T0 } from './lib/messages.mjs';

const TEN_MINUTES = 600; // then the strip is full
const HOUR = 3600;
const CHUNK = 40;
const broker = new Broker();
let browser;

before(async () => {
    await broker.start();
    broker.say('gateway/pi/status', 'online', { retain: true });
    broker.say('athlete/anna/session', session(), { retain: true });
    broker.say('athlete/anna/strap', strap(), { retain: true });
    browser = await launch();
});

after(async () => {
    await browser.close();
    await broker.kill();
});

// What is left after the garbage is collected: bytes, elements, listeners.
async function memory(page, cdp)
{
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
    return { bytes: usedSize, nodes, listeners: jsEventListeners };
}

function second(i)
{
    const more = { seq: i, ts: new Date(T0 + i * 1000).toISOString(), compliance: (i % 1000) / 10 };
    const hr = 120 + i % 40;
    return i % 97 === 0 ? lost('lost', more) : live({ ...more, hr, status: hr > 140 ? 'above' : 'in' });
}

// As fast as the page keeps up: a broker drops QoS 0 messages to one that does not.
async function seconds(page, from, count)
{
    const stream = broker.stream('athlete/anna/live');
    for (let i = from; i < from + count; i += CHUNK) {
        for (let k = i; k < i + CHUNK; k++)
            stream.write(second(k));
        await untilSeq(page, i + CHUNK - 1);
    }
    await stream.end();
}

test('an athlete\'s page, an hour long', async () => {
    const page = await newPage(browser);
    const cdp = await page.context().newCDPSession(page);
    await open(page, { broker: broker.url, athlete: 'anna' });
    await until(page, { screen: 'live' });
    await seconds(page, 1, TEN_MINUTES * 1.5);
    const first = await memory(page, cdp);
    await seconds(page, 1 + TEN_MINUTES * 1.5, HOUR);
    const last = await memory(page, cdp);
    console.log(`# ${JSON.stringify(first)} after 15 minutes, ${JSON.stringify(last)} an hour later`);
    assert.ok(last.bytes < first.bytes + 400000, `${first.bytes} -> ${last.bytes} bytes`);
    assert.ok(last.nodes <= first.nodes + 50 && last.listeners <= first.listeners + 10, JSON.stringify([first, last]));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test('a board whose members come, go and change places', async () => {
    const page = await newPage(browser);
    const cdp = await page.context().newCDPSession(page);
    await open(page, { broker: broker.url, group: 'tue' });
    await until(page, { kind: 'group_waiting' });
    const minutes = async (count) => {
        const stream = broker.stream('group/tue/live');
        for (let i = 0; i < count; i++) {
            const members = group(20 + i % 10).members.map((one, k) => ((i + k) % 7 ? one : { ...one,
                status: 'above' }));
            stream.write(group(1, { members }));
            if (i % 20 === 0)
                await page.waitForFunction((length) => document.querySelectorAll('.tile').length === length,
                    members.length);
        }
        stream.write(group(13));
        await stream.end();
        await page.waitForFunction(() => document.querySelectorAll('.tile').length === 13);
    };
    await minutes(60);
    const first = await memory(page, cdp);
    await minutes(240);
    const last = await memory(page, cdp);
    console.log(`# ${JSON.stringify(first)} after 60 messages, ${JSON.stringify(last)} after 300`);
    assert.ok(last.bytes < first.bytes + 400000, `${first.bytes} -> ${last.bytes} bytes`);
    assert.ok(last.nodes <= first.nodes + 400, JSON.stringify([first, last]));
    assert.deepEqual(page.faults, []);
});
