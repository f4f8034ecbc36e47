// SPDX-License-Identifier: MIT
// What an athlete's messages come to on the screen. Pure: NOW is an argument (clock.js), nothing is drawn here.
// The rule above all: a rate is on the screen only while live messages with it keep coming.
import { age } from './clock.js';
import { linkTrouble, newLink, SILENT_MS } from './link_state.js';
import { History } from './history.js';

const BATTERY_LOW = 15; // percent, as the gateway's battery_low event

export function newAthlete()
{
    return { ...newLink(), live: null, live_at: null, session: null, summary: null, strap: null,
        history: new History() };
}

/** A live message came. */
export function noteLive(state, live, now)
{
    state.live = live;
    state.live_at = now;
    state.history.add(live.ts ?? now.wall, live.hr);
}

/** The connection went: nothing that was live is live any more. */
export function noteDown(state, fault)
{
    state.link = 'down';
    state.fault = fault;
    state.live = null;
}

function fresh(state, now)
{
    return state.live !== null && age(state.live_at, now) < SILENT_MS ? state.live : null;
}

function gatewayOf(state)
{
    return state.live?.gateway || state.strap?.gateway || '';
}

// The last summary belongs on the screen from the end of its session to the start of the next.
function finishedSummary(state, live)
{
    const { session, summary } = state;
    if (session === null || summary === null || session.state !== 'finished' || session.id !== summary.id)
        return null;
    return live === null || live.session === 'finished' ? summary : null;
}

function running(state)
{
    return ['active', 'paused'].includes(state.session?.state);
}

// Without a live message: is somebody missing, or has nothing begun yet?
function absence(state)
{
    const left = state.strap !== null && !state.strap.connected;
    if (running(state))
        return left ? 'lost' : 'silent';
    return left || state.live === null ? 'waiting' : 'silent';
}

function situation(state, live)
{
    if (live === null)
        return absence(state);
    if (live.signal === 'none')
        return 'waiting';
    return live.signal === 'live' ? 'live' : live.signal;
}

// How the screen is coloured and which word stands on it.
function mood(live)
{
    if (live.session === 'paused')
        return 'paused';
    return live.session === 'active' ? live.status : 'none';
}

function distance(live)
{
    return live.hr === null || live.cap === null ? null : live.cap - live.hr;
}

function adviceKey(live)
{
    if (live.advice === 'ease_off')
        return live.status === 'above' ? 'advice_ease_off' : 'advice_rising';
    return { hold: 'advice_hold', pick_up: 'advice_pick_up' }[live.advice] ?? '';
}

function elapsed_s(state, live)
{
    const start = state.session?.started_at ?? null;
    if (live.session === 'idle' || start === null || live.ts === null || live.ts < start)
        return null;
    return (live.ts - start) / 1000;
}

/**
 * The screen as it has to be NOW: {screen: 'live' | 'summary' | 'message', kind, mood, ...}. kind is a key of the
 * strings; mood is one of none settling in above below unknown paused lost.
 */
export function athleteScreen(state, now)
{
    const shared = { battery_low: state.strap?.connected === true && state.strap.battery !== null
        && state.strap.battery <= BATTERY_LOW, battery: state.strap?.connected ? state.strap.battery : null,
        alias: state.session?.alias ?? '' };
    const live = fresh(state, now);
    const trouble = linkTrouble(state, gatewayOf(state));
    const summary = finishedSummary(state, live);
    if (summary !== null) // it stays true without a connection
        return { ...shared, screen: 'summary', mood: 'none', summary, cut_off: state.link === 'down' };
    if (trouble !== null)
        return { ...shared, screen: 'message', mood: 'lost', ...trouble };
    const kind = situation(state, live);
    if (kind === 'waiting')
        return { ...shared, screen: 'message', kind, mood: 'none' };
    if (live === null)
        return { ...shared, screen: 'live', kind, mood: 'lost', live: null, distance: null, advice: '',
            elapsed_s: null };
    return { ...shared, screen: 'live', kind, mood: kind === 'live' ? mood(live) : 'lost', live,
        distance: distance(live), advice: kind === 'live' ? adviceKey(live) : '', elapsed_s: elapsed_s(state, live) };
}
