// SPDX-License-Identifier: MIT
// What a group's messages come to on the board. Pure: NOW is an argument (clock.js).
import { age } from './clock.js';
import { linkTrouble, newLink, SILENT_MS } from './link_state.js';

const RANK = { above: 0, lost: 1, below: 2 };

export function newGroup()
{
    return { ...newLink(), live: null, live_at: null, session: null, gateway: '' };
}

export function noteGroupLive(state, live, now)
{
    state.live = live;
    state.live_at = now;
    state.gateway = live.gateway;
}

export function noteGroupDown(state, fault)
{
    state.link = 'down';
    state.fault = fault;
    state.live = null;
}

function tileMood(member)
{
    if (member.session === 'finished')
        return 'finished';
    if (member.signal === 'none')
        return 'none';
    if (member.signal !== 'live')
        return 'lost';
    if (member.session === 'paused')
        return 'paused';
    return member.session === 'active' ? member.status : 'none';
}

// What stands on a tile in the place of a rate that is not there.
function tileKind(member)
{
    if (member.session === 'finished')
        return 'finished';
    return member.signal === 'none' ? 'waiting' : member.signal;
}

function tile(member, verdicts)
{
    const mood = tileMood(member);
    return { ...member, mood, kind: tileKind(member), verdict: mood === 'finished' ? verdicts.get(member.athlete)
        : undefined,
        distance: member.hr === null || member.cap === null ? null : member.cap - member.hr };
}

function byName(a, b)
{
    return a.alias.localeCompare(b.alias) || (a.athlete < b.athlete ? -1 : 1);
}

/** Who is above comes first, then who has no signal, then who is too slow; else by name, so that tiles keep still. */
export function order(tiles)
{
    const rank = (one) => RANK[one.mood] ?? 3;
    return [...tiles].sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

/** The board as it has to be NOW: {screen: 'tiles' | 'table' | 'message', kind, tiles, verdicts, ...}. */
export function groupScreen(state, now)
{
    const live = state.live !== null && age(state.live_at, now) < SILENT_MS ? state.live : null;
    const trouble = linkTrouble(state, state.gateway || (state.session?.gateway ?? ''));
    const { session } = state;
    if (session?.state === 'finished' && session.verdicts.length > 0)
        return { screen: 'table', session, verdicts: [...session.verdicts].sort(byName),
            cut_off: state.link === 'down' };
    if (trouble !== null)
        return { screen: 'message', ...trouble };
    if (live === null)
        return { screen: 'message', kind: state.live !== null || session?.state === 'active' ? 'silent'
            : 'group_waiting' };
    const verdicts = new Map((session?.verdicts ?? []).map((row) => [row.athlete, row]));
    const tiles = order(live.members.map((member) => tile(member, verdicts)));
    const running = tiles.filter((one) => ['in', 'above', 'below', 'settling', 'lost', 'unknown'].includes(one.mood));
    return { screen: 'tiles', session, tiles, in_target: tiles.filter((one) => one.mood === 'in').length,
        running: running.length, elapsed_s: session?.state === 'active' && live.ts !== null
            && session.started_at !== null
            && live.ts >= session.started_at ? (live.ts - session.started_at) / 1000 : null };
}
