// SPDX-License-Identifier: MIT
// Every view at four sizes: a picture of each is kept (screens/), nothing is cut off, and axe-core finds no fault.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Broker } from './lib/broker.mjs';
import { axe, launch, newPage, open, overflowing, picture, SIZES, until, untilSeq } from './lib/browser.mjs';
import { group, groupSession, live, lost, member, session, strap, T0 } from './lib/messages.mjs';

const EVERY_MS = 1000;
const STEP_MS = 2000;
const broker = new Broker();
const pages = new Map();
const faults = [];
let browser, talk, seq = 1000;

// A run as one looks: rising to the cap, over it twice, and back.
function wave(i, count)
{
    return Math.round(124 + 14 * Math.sin(i / count * 7) + 4 * Math.sin(i / 11) + 2 * Math.sin(i / 3));
}

function hush()
{
    clearInterval(talk?.timer);
    talk?.stream.kill();
    talk = null;
}

// Says ONE again and again, as a gateway does, until another is said.
function keepSaying(topic, one)
{
    hush();
    const stream = broker.stream(topic);
    talk = { stream, timer: setInterval(() => stream.write(one), EVERY_MS) };
    stream.write(one);
}

async function fillStrip(on)
{
    const stream = broker.stream('athlete/anna/live');
    for (let i = 0; i < 300; i++)
        stream.write(live({ seq: i, ts: new Date(T0 + 1506000 + i * STEP_MS).toISOString(), hr: wave(i, 300),
            status: 'in' }));
    await stream.end();
    await Promise.all([...on.values()].map((page) => untilSeq(page, 299)));
}

function summary(more)
{
    const curve = Array.from({ length: 540 }, (_, i) => (i > 200 && i < 206 ? null : wave(i, 540) + (i < 40 ? i - 40
        : 0)));
    return { v: 1, id: session().id, started_at: session().started_at, cap: 140, floor: null, zone_model: 'hrr',
        bounds: [128, 141, 155, 168, 182], verdict: 'kept', reason:
            '95.4 % of the time at or below the cap (kept from 95.0 %), longest excursion 55 s (kept up to 60 s)',
        max_estimated: false, elapsed_s: 5400, valid_s: 5340, unknown_s: 60, paused_s: 0, below_s: 2490,
        zone_s: { z1: 2602, z2: 248, z3: 0, z4: 0, z5: 0 }, above_s: 248, compliance: 95.4, coverage: 98.9,
            excursions: 24,
        longest_s: 55, peak_over: 5, hr_avg: 122.8, hr_max: 145, trimp_edwards: 51.6, distance_m: 9840, rpe: 2,
        bounds_too_high: false, curve_step_s: 10, curve, ...more };
}

before(async () => {
    await broker.start();
    broker.say('gateway/pi/status', 'online', { retain: true });
    broker.say('athlete/anna/strap', strap(), { retain: true });
    browser = await launch();
});

after(async () => {
    hush();
    await browser.close();
    await broker.kill();
});

async function openAll(parameters)
{
    hush();
    for (const [size, [width, height]] of Object.entries(SIZES)) {
        if (!pages.has(size))
            pages.set(size, await newPage(browser, { viewport: { width, height } }));
        await open(pages.get(size), { broker: broker.url, ...parameters });
    }
}

// What the view looks like everywhere. On the sizes in SCROLLS it may be longer than the screen.
async function look(name, scrolls = [])
{
    await Promise.all([...pages].map(async ([size, page]) => {
        await picture(page, `${name}-${size}`);
        const wrong = [...page.faults];
        if (!scrolls.includes(size))
            wrong.push(...(await overflowing(page)).map((what) => `cut off: ${what}`));
        if (size === 'pi7' || size === 'phone')
            wrong.push(...await axe(page));
        faults.push(...wrong.map((what) => `${name} ${size}: ${what}`));
    }));
}

// What the looks of a test came to, all of them.
function allWell()
{
    assert.deepEqual(faults.splice(0), []);
}

async function showLive(name, message, wanted)
{
    seq++;
    keepSaying('athlete/anna/live', { ...message, seq });
    for (const page of pages.values()) {
        await untilSeq(page, seq);
        await until(page, wanted);
    }
    await look(name);
}

async function startAthlete(parameters)
{
    broker.say('athlete/anna/session', session(), { retain: true });
    await openAll({ athlete: 'anna', ...parameters });
    await Promise.all([...pages.values()].map((page) => until(page, { screen: 'live' })));
    await fillStrip(pages);
}

const ABOVE = live({ hr: 146, zone: 'z2', status: 'above', advice: 'ease_off' });

test('waiting for the strap', async () => {
    broker.say('athlete/anna/session', session({ state: 'idle', id: null, started_at: null }), { retain: true });
    await openAll({ athlete: 'anna' });
    await Promise.all([...pages.values()].map((page) => until(page, { kind: 'waiting' })));
    await look('waiting');
    allWell();
});

test('the athlete in target, above, rising, settling, paused, private, lost: dark', async () => {
    await startAthlete({ theme: 'dark' });
    await showLive('in', live({}), { mood: 'in' });
    await showLive('above', ABOVE, { mood: 'above' });
    await showLive('rising', live({ hr: 139, advice: 'ease_off' }), { mood: 'in' });
    await showLive('settling', live({ hr: 98, zone: 'below', status: 'settling', advice: 'none', compliance: 100 }),
        { mood: 'settling' });
    await showLive('paused', live({ hr: 101, zone: 'below', session: 'paused', advice: 'none' }), { mood: 'paused' });
    await showLive('slow', live({ hr: 121, zone: 'below', floor: 128, status: 'below', advice: 'pick_up' }),
        { mood: 'below' });
    await showLive('private', live({ hr: null }), { mood: 'in' });
    await showLive('lost', lost('lost'), { mood: 'lost' });
    await showLive('contact', lost('no_contact'), { mood: 'lost' });
    allWell();
});

test('light, and in German', async () => {
    await startAthlete({ theme: 'light', lang: 'de' });
    await showLive('light-in', live({}), { mood: 'in' });
    broker.say('athlete/anna/strap', strap({ battery: 12 }), { retain: true });
    await showLive('light-above', ABOVE, { mood: 'above' });
    await showLive('light-lost', lost('lost'), { mood: 'lost' });
    broker.say('athlete/anna/strap', strap(), { retain: true });
    allWell();
});

test('the verdict', async () => {
    for (const [name, theme, more] of [['verdict', 'dark', {}], ['verdict-overdone', 'light', { verdict: 'overdone',
        max_estimated: true,
        bounds_too_high: true, reason: '65.2 % of the time at or below the cap (slipped from 80.0 %)',
            compliance: 65.2 }]]) {
        broker.say('athlete/anna/session', session({ state: 'finished' }), { retain: true });
        broker.say('athlete/anna/session/last', summary(more), { retain: true });
        await openAll({ athlete: 'anna', theme });
        await Promise.all([...pages.values()].map((page) => until(page, { screen: 'summary' })));
        await look(name, ['phone']);
    }
    allWell();
});

async function showGroup(name, message, wanted)
{
    keepSaying('group/tue/live', message);
    for (const page of pages.values()) {
        await page.waitForFunction((count) => document.querySelectorAll('.tile').length === count,
            message.members.length);
        await until(page, wanted);
    }
    await look(name);
}

test('groups of 1, 6 and 30, and the verdicts of 30', async () => {
    broker.say('group/tue/session', groupSession(0, { state: 'active' }), { retain: true });
    await openAll({ group: 'tue' });
    await showGroup('group-30', group(30), { screen: 'tiles' });
    for (const page of pages.values()) {
        const order = await page.$$eval('.tile', (tiles) => tiles.map((tile) => tile.dataset.mood));
        const above = order.filter((mood) => mood === 'above').length;
        assert.deepEqual(order.slice(0, above + 1), [...Array(above).fill('above'), 'lost'],
            'who is above comes first');
    }
    await showGroup('group-6', group(6, { members: [0, 1, 2, 3, 4, 6].map((i) => member(i)) }), { screen: 'tiles' });
    await showGroup('group-1', group(1), { screen: 'tiles' });
    broker.say('group/tue/session', groupSession(30), { retain: true });
    await Promise.all([...pages.values()].map((page) => until(page, { screen: 'table' })));
    await look('group-verdicts');
    allWell();
});

test('the form', async () => {
    for (const page of pages.values()) {
        await open(page, { broker: '', athlete: '' });
        await page.waitForSelector('form');
    }
    await look('form', ['pi7']);
    allWell();
});

test('the broker lost', async () => {
    await openAll({ athlete: 'anna' });
    await Promise.all([...pages.values()].map((page) => page.waitForSelector('body[data-screen]')));
    broker.clear('athlete/anna/session/last');
    await Promise.all([...pages.values()].map((page) =>
        page.waitForFunction(() => document.body.dataset.screen !== 'summary')));
    await broker.kill();
    await Promise.all([...pages.values()].map((page) => until(page, { kind: 'broker_lost' })));
    await look('broker-lost');
    allWell();
});
