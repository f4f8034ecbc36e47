// SPDX-License-Identifier: MIT
// What messages come to on the screen, without a browser: the clock is an argument.
import assert from 'node:assert/strict';
import test from 'node:test';
import { athleteScreen, newAthlete, noteDown, noteLive } from '../../display/src/athlete_model.js';
import { age, duration } from '../../display/src/clock.js';
import { groupScreen, newGroup, noteGroupDown, noteGroupLive, order } from '../../display/src/group_model.js';
import { noteGateway } from '../../display/src/link_state.js';
import * as payload from '../../display/src/payload.js';
import { group, groupSession, live, lost, session, strap } from './lib/messages.mjs';

const bytes = (value) => new TextEncoder().encode(JSON.stringify(value));
const at = (ms) => ({ mono: ms, wall: 1e12 + ms });

function running(...messages)
{
    const state = { ...newAthlete(), link: 'up', session: payload.session(bytes(session())),
        strap: payload.strap(bytes(strap())) };
    messages.forEach((message, i) => noteLive(state, payload.live(bytes(message)), at(i * 1000)));
    return state;
}

test('a rate is shown for less than 5 s', () => {
    const state = running(live());
    assert.equal(athleteScreen(state, at(0)).live.hr, 134);
    assert.equal(athleteScreen(state, at(4999)).live.hr, 134);
    const later = athleteScreen(state, at(5000));
    assert.deepEqual([later.live, later.kind, later.mood], [null, 'silent', 'lost']);
});

test('neither a clock that stood still nor one that jumped keeps it longer', () => {
    const state = running(live());
    assert.equal(athleteScreen(state, { mono: 100, wall: 1e12 + 60000 }).live, null);
    assert.equal(athleteScreen(state, { mono: 100, wall: 1e12 - 60000 }).live, null);
    assert.equal(age(at(0), { mono: 7, wall: 1e12 - 3 }), 7);
});

test('each kind of loss has its word and no rate', () => {
    for (const signal of ['stale', 'no_contact', 'lost']) {
        const screen = athleteScreen(running(live(), lost(signal)), at(1000));
        assert.deepEqual([screen.screen, screen.kind, screen.mood, screen.live.hr, screen.distance, screen.advice],
            ['live', signal, 'lost', null, null, '']);
    }
});

test('a broker that is gone takes the rate with it at once', () => {
    const state = running(live());
    noteDown(state, 'Not authorized');
    const screen = athleteScreen(state, at(1));
    assert.deepEqual([screen.screen, screen.kind, screen.fault, screen.live], ['message', 'broker_lost',
        'Not authorized', undefined]);
    state.link = 'up';
    assert.equal(athleteScreen(state, at(2)).live, null);
});

test('a gateway that is off is said', () => {
    const state = running(live());
    noteGateway(state, 'other', 'offline');
    assert.equal(athleteScreen(state, at(1)).kind, 'live');
    noteGateway(state, 'pi', 'offline');
    assert.equal(athleteScreen(state, at(1)).kind, 'gateway_off');
    for (let i = 0; i < 1000; i++)
        noteGateway(state, `g${i}`, 'online');
    assert.ok(state.gateways.size <= 64);
});

test('the strap is waited for before a session, and missed in one', () => {
    const state = running();
    state.session = payload.session(bytes(session({ state: 'idle', id: null })));
    assert.equal(athleteScreen(state, at(0)).kind, 'waiting');
    state.session = payload.session(bytes(session()));
    assert.equal(athleteScreen(state, at(0)).kind, 'silent');
    state.strap = payload.strap(bytes(strap({ connected: false })));
    assert.equal(athleteScreen(state, at(0)).kind, 'lost');
});

test('moods and advice', () => {
    const screen = (more) => athleteScreen(running(live(more)), at(0));
    assert.deepEqual([screen({}).mood, screen({}).advice, screen({}).distance], ['in', 'advice_hold', 6]);
    const above = screen({ hr: 146, status: 'above', advice: 'ease_off' });
    assert.deepEqual([above.mood, above.advice, above.distance], ['above', 'advice_ease_off', -6]);
    assert.equal(screen({ advice: 'ease_off' }).advice, 'advice_rising');
    assert.equal(screen({ session: 'paused' }).mood, 'paused');
    assert.equal(screen({ session: 'idle', status: 'none' }).mood, 'none');
    assert.equal(screen({ cap: null }).distance, null);
});

test('the time of the session is the gateway\'s own', () => {
    assert.equal(athleteScreen(running(live()), at(0)).elapsed_s, 2106);
    assert.equal(athleteScreen(running(live({ ts: '2000-01-01T00:00:00Z' })), at(0)).elapsed_s, null);
    assert.deepEqual([duration(0), duration(59.9), duration(2106), duration(5706), duration(null)], ['0:00', '0:59',
        '35:06', '1:35:06', '']);
});

test('battery: told while connected, low at 15', () => {
    const state = running(live());
    for (const [battery, low] of [[80, false], [16, false], [15, true], [0, true], [null, false]]) {
        state.strap = payload.strap(bytes(strap({ battery })));
        assert.deepEqual([athleteScreen(state, at(0)).battery, athleteScreen(state, at(0)).battery_low], [battery,
            low]);
    }
    state.strap = payload.strap(bytes(strap({ connected: false, battery: 10 })));
    assert.equal(athleteScreen(state, at(0)).battery, null);
});

test('the verdict stands from the end of its session to the next one, a broken link between or not', () => {
    const state = running(live());
    state.summary = payload.summary(bytes({ v: 1, id: session().id, verdict: 'kept' }));
    assert.equal(athleteScreen(state, at(0)).screen, 'live');
    state.session = payload.session(bytes(session({ state: 'finished' })));
    assert.equal(athleteScreen(state, at(0)).screen, 'live', 'while live messages are of a session');
    noteLive(state, payload.live(bytes(live({ session: 'finished' }))), at(10));
    assert.equal(athleteScreen(state, at(10)).screen, 'summary');
    noteDown(state, '');
    assert.deepEqual([athleteScreen(state, at(20)).screen, athleteScreen(state, at(20)).cut_off], ['summary', true]);
    state.session = payload.session(bytes(session({ id: 'next' })));
    state.link = 'up';
    assert.notEqual(athleteScreen(state, at(30)).screen, 'summary');
});

test('a group: above first, then no signal, then by name', () => {
    const state = { ...newGroup(), link: 'up' };
    noteGroupLive(state, payload.groupLive(bytes(group(30))), at(0));
    const screen = groupScreen(state, at(0));
    const moods = screen.tiles.map((one) => one.mood);
    const above = moods.filter((mood) => mood === 'above').length;
    assert.ok(above > 3);
    assert.deepEqual(moods.slice(0, above + 1), [...Array(above).fill('above'), 'lost']);
    const rest = screen.tiles.slice(above + 1).map((one) => one.alias);
    assert.deepEqual(rest, [...rest].sort((a, b) => a.localeCompare(b)));
    assert.deepEqual(order([...screen.tiles].reverse()).map((one) => one.athlete),
        screen.tiles.map((one) => one.athlete));
    assert.equal(screen.in_target, moods.filter((mood) => mood === 'in').length);
});

test('a group\'s rates go with their messages', () => {
    const state = { ...newGroup(), link: 'up' };
    assert.equal(groupScreen(state, at(0)).kind, 'group_waiting');
    noteGroupLive(state, payload.groupLive(bytes(group(3))), at(0));
    assert.equal(groupScreen(state, at(4999)).screen, 'tiles');
    assert.equal(groupScreen(state, at(5000)).kind, 'silent');
    noteGroupDown(state, '');
    assert.equal(groupScreen(state, at(1)).kind, 'broker_lost');
});

test('who has finished shows the verdict, and in the end all do', () => {
    const state = { ...newGroup(), link: 'up', session: payload.groupSession(bytes(groupSession(2,
        { state: 'active' }))) };
    const members = group(2).members.map((one, i) => (i === 0 ? { ...one, session: 'finished' } : one));
    noteGroupLive(state, payload.groupLive(bytes(group(2, { members }))), at(0));
    const anna = groupScreen(state, at(0)).tiles.find((one) => one.athlete === 'anna');
    assert.deepEqual([anna.mood, anna.verdict.verdict], ['finished', 'kept']);
    state.session = payload.groupSession(bytes(groupSession(2)));
    assert.equal(groupScreen(state, at(0)).screen, 'table');
});
