// SPDX-License-Identifier: MIT
// Messages as a gateway sends them (docs/mqtt.md), with whatever a test wants otherwise.

export const T0 = Date.UTC(2026, 10, 23, 20, 39, 26);

export function live(more = {})
{
    return { v: 1, ts: '2026-11-23T21:14:32.000Z', seq: 1, gateway: 'pi', hr: 134, signal: 'live', zone: 'z1',
        zone_model: 'hrr', cap: 140, floor: null, status: 'in', advice: 'hold', trend_bpm_min: -1.5, compliance: 89.9,
        coverage: 100, valid_s: 2106, above_s: 212, excursions: 13, rr_ms: [440], rmssd: 3.7, dfa_a1: 0.93,
        session: 'active', ...more };
}

export function lost(signal, more = {})
{
    return live({ hr: null, zone: null, signal, status: 'unknown', advice: 'none', ...more });
}

export function session(more = {})
{
    return { state: 'active', id: '20261123T203926Z-anna', started_at: '2026-11-23T20:39:26.000Z', target: 'recovery',
        cap: 140, rpe: null, speed_kmh: null, group: null, in_target_min: 30, alias: 'Anna',
        bounds: [128, 141, 155, 168, 182], ...more };
}

export function strap(more = {})
{
    return { connected: true, contact: true, battery: 80, location: 'chest', gateway: 'pi', ...more };
}

const NAMES = ['Anna', 'Bernd', 'Carla', 'Dieter', 'Emilia', 'Fabian', 'Greta', 'Hannes', 'Ida', 'Jonas', 'Klara',
    'Lukas',
    'Mathilda', 'Noah', 'Olga', 'Paul', 'Quirin', 'Rosa', 'Samuel', 'Tilda', 'Ulrich', 'Vera', 'Walter', 'Xenia',
        'Yannick',
    'Zoe', 'Alexandra M.', 'Ben', 'Charlotte', 'David'];

/** One row of a group, like nobody else's but the same in every run. */
export function member(i, more = {})
{
    const cap = 128 + (i * 7) % 20;
    const hr = cap - 14 + (i * 5) % 20;
    const above = hr > cap;
    return { athlete: NAMES[i].toLowerCase().replace(/[^a-z]+/g, '-').replace(/-$/, ''), alias: NAMES[i], hr,
        signal: 'live',
        zone: above ? 'z2' : 'z1', cap, status: above ? 'above' : 'in', advice: above ? 'ease_off' : 'hold',
        compliance: 70 + (i * 11) % 30 + 0.4, session: 'active', ...more };
}

/** A group's live message with COUNT members, some of them in trouble. */
export function group(count, more = {})
{
    const members = Array.from({ length: count }, (_, i) => member(i));
    if (count > 8) {
        members[4] = member(4, { hr: null, zone: null, signal: 'lost', status: 'unknown', advice: 'none' });
        members[6] = member(6, { hr: null, zone: null, signal: 'none', status: 'none', advice: 'none',
            session: 'idle' });
        members[7] = member(7, { status: 'settling', advice: 'none' });
        members[8] = member(8, { hr: null }); // shares the zone alone
    }
    return { v: 1, ts: '2026-11-23T21:14:32.000Z', group: 'tue', gateway: 'pi', members, ...more };
}

/** A group's session, at its end with the verdicts of COUNT members. */
export function groupSession(count, more = {})
{
    const kinds = ['kept', 'strict', 'slipped', 'kept', 'overdone', 'kept', 'inconclusive'];
    const verdicts = Array.from({ length: count }, (_, i) => ({ athlete: member(i).athlete, alias: NAMES[i],
        verdict: kinds[i % kinds.length], compliance: 60 + (i * 13) % 40 + 0.4, longest_s: 20 + i * 3,
            valid_s: 3540 - i * 20,
        above_s: 162 }));
    return { v: 1, group: 'tue', state: 'finished', started_at: '2026-11-23T20:39:26.000Z', members: count,
        in_target: count - 2, verdicts, ...more };
}
