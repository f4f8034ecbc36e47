// SPDX-License-Identifier: MIT
// Everything from the broker is hostile: what comes out is known fields in known ranges, or null.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as payload from '../../display/src/payload.js';
import { group, groupSession, live, session, strap } from './lib/messages.mjs';

const bytes = (value) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

test('a live message comes through', () => {
    const got = payload.live(bytes(live()));
    assert.deepEqual([got.hr, got.zone, got.cap, got.status, got.compliance, got.seq], [134, 'z1', 140, 'in', 89.9, 1]);
    assert.equal(got.ts, Date.UTC(2026, 10, 23, 21, 14, 32));
});

test('a rate counts only while the signal is live', () => {
    for (const signal of ['stale', 'no_contact', 'lost', 'none', 'LIVE', 7, null])
        assert.equal(payload.live(bytes(live({ signal }))).hr, null, String(signal));
});

test('numbers are whole, in range, and numbers', () => {
    for (const hr of [0, 24, 251, -1, 1e999, 134.5, '134', [134], { valueOf: 134 }, true, null])
        assert.equal(payload.live(bytes(live({ hr }))).hr, null, String(hr));
    for (const compliance of [-0.1, 100.1, '99'])
        assert.equal(payload.live(bytes(live({ compliance }))).compliance, null);
});

test('unknown words become the careful ones', () => {
    const got = payload.live(bytes(live({ status: 'fine', advice: 'sprint', zone: '<b>', session: {} })));
    assert.deepEqual([got.status, got.advice, got.zone, got.session], ['unknown', 'none', null, 'idle']);
});

test('what is no message of this kind is none', () => {
    const huge = `{"v":1,"x":"${'y'.repeat(300000)}"}`;
    for (const bad of ['', '{', 'null', '[]', '7', '"x"', '{"v":2}', '{}', huge, '{"v":1'.padEnd(70000, '['), '\u0000'])
        assert.equal(payload.live(bytes(bad)), null, bad.slice(0, 20));
    assert.equal(payload.live(new Uint8Array([0xff, 0xfe, 0x7b])), null);
});

test('texts lose what steers a screen, and are cut', () => {
    assert.equal(payload.text('a\u202eb\u0000c\u200bd', 40), 'a b c d');
    assert.equal(payload.text('x'.repeat(500), 40).length, 40);
    assert.equal(payload.text('👟'.repeat(50), 40), '👟'.repeat(40));
    assert.equal(payload.text({ toString: () => 'x' }, 40), '');
});

test('bounds have to rise', () => {
    assert.deepEqual(payload.session(bytes(session())).bounds, [128, 141, 155, 168, 182]);
    for (const bounds of [[], [128, 128], [141, 128], ['128'], [128, null], 'x', { length: 3 },
        Array(9).fill(0).map((_, i) => 100 + i)])
        assert.equal(payload.session(bytes(session({ bounds }))).bounds, null, JSON.stringify(bounds));
});

test('a summary: totals, zones and a curve of bounded length', () => {
    const summary = { v: 1, id: 'x', verdict: 'kept', zone_s: { z1: 10, z2: 'x', evil: 3, below: 1 }, curve_step_s: 10,
        curve: [...Array(9000).fill(120), 'x'] };
    const got = payload.summary(bytes(summary));
    assert.deepEqual(got.zones, [['z1', 10], ['below', 1]]);
    assert.equal(got.curve.length, 4400);
    assert.deepEqual(payload.summary(bytes({ ...summary, curve: [120, null, 'x', 9, 300] })).curve, [120, null, null,
        null, null]);
    assert.equal(payload.summary(bytes({ ...summary, verdict: 'great' })).verdict, 'inconclusive');
    assert.equal(payload.summary(bytes('')), null);
});

test('a group: each once, an id and an alias, at most 64', () => {
    const got = payload.groupLive(bytes(group(30)));
    assert.equal(got.members.length, 30);
    const rows = [{ athlete: 'a', alias: 'A' }, { athlete: 'a', alias: 'B' }, { athlete: '../x' }, null, 7,
        { athlete: 'b' }];
    const odd = payload.groupLive(bytes(group(1, { members: rows })));
    assert.deepEqual(odd.members.map((one) => one.alias), ['B', 'b']);
    const many = Array.from({ length: 500 }, (_, i) => ({ athlete: `a${i}` }));
    assert.equal(payload.groupLive(bytes(group(1, { members: many }))).members.length, 64);
    assert.deepEqual(payload.groupLive(bytes(group(1, { members: 'x' }))).members, []);
});

test('a group\'s session and its verdicts', () => {
    const got = payload.groupSession(bytes(groupSession(3)));
    assert.deepEqual(got.verdicts.map((row) => row.verdict), ['kept', 'strict', 'slipped']);
    assert.equal(payload.groupSession(bytes({ state: 'finished' })), null);
});

test('strap and gateway', () => {
    assert.deepEqual(payload.strap(bytes(strap({ battery: 101 }))), { connected: true, battery: null, gateway: 'pi' });
    assert.equal(payload.gatewayStatus(bytes('online')), 'online');
    assert.equal(payload.gatewayStatus(bytes('onlinest')), null);
    assert.equal(payload.gatewayStatus(bytes('x'.repeat(99))), null);
});

test('no bytes make it throw, and no wrong rate comes out', () => {
    let seed = 1;
    const random = (below) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return Math.floor(seed / 65536) % below;
    };
    const samples = [live(), session(), strap(), group(4), groupSession(4), { v: 1, curve: [1, 2],
        zone_s: { z1: 1 } }].map(bytes);
    for (let i = 0; i < 20000; i++) {
        const data = Uint8Array.from(samples[random(samples.length)]);
        for (let k = random(6); k >= 0; k--)
            data[random(data.length)] = random(3) ? 32 + random(95) : random(256);
        for (const parse of [payload.live, payload.session, payload.summary, payload.strap, payload.groupLive,
            payload.groupSession]) {
            const got = parse(data.subarray(0, random(4) ? data.length : random(data.length)));
            for (const one of Array.isArray(got?.members) ? got.members : [got])
                assert.ok(one?.hr === undefined || one.hr === null || (one.hr >= 25 && one.hr <= 250
                    && one.signal === 'live'));
        }
    }
});
