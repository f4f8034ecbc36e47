// SPDX-License-Identifier: MIT
// What comes from the broker, checked: every function takes a message's bytes and returns a new object of known
// fields in known ranges, or null when it is none. What is missing or out of range is null, never a guess.

export const BPM_MIN = 25;
export const BPM_MAX = 250;
export const MAX_MEMBERS = 64;
const MAX_BYTES = 262144; // twelve hours of curve are 20 KB
const MAX_CURVE = 4400;
const MAX_DAY_S = 172800;
const SIGNALS = ['live', 'stale', 'no_contact', 'lost', 'none'];
const STATUSES = ['none', 'settling', 'below', 'in', 'above', 'unknown'];
const ADVICE = ['none', 'hold', 'ease_off', 'pick_up'];
const SESSIONS = ['idle', 'active', 'paused', 'finished'];
const VERDICTS = ['strict', 'kept', 'slipped', 'overdone', 'inconclusive'];

function number(value, min, max)
{
    return typeof value === 'number' && value >= min && value <= max ? value : null;
}

function whole(value, min, max)
{
    return Number.isInteger(value) ? number(value, min, max) : null;
}

const bpm = (value) => whole(value, BPM_MIN, BPM_MAX);
const percent = (value) => number(value, 0, 100);
const seconds = (value) => number(value, 0, MAX_DAY_S);

function word(value, words, otherwise)
{
    return words.includes(value) ? value : otherwise;
}

/** A text without control and direction characters, cut to MAX characters; '' when it is no text. */
export function text(value, max)
{
    if (typeof value !== 'string')
        return '';
    // eslint-disable-next-line no-control-regex
    const clean = value.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, ' ');
    return [...clean.trim()].slice(0, max).join('');
}

function zone(value)
{
    return typeof value === 'string' && /^(below|z[1-8]|z5[abc])$/.test(value) ? value : null;
}

function time(value)
{
    const parsed = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : NaN;
    return Number.isFinite(parsed) ? parsed : null;
}

function bounds(value)
{
    if (!Array.isArray(value) || value.length < 1 || value.length > 8)
        return null;
    const rising = value.every((bound, i) => bpm(bound) !== null && (i === 0 || bound > value[i - 1]));
    return rising ? [...value] : null;
}

function parse(bytes)
{
    if (bytes.length === 0 || bytes.length > MAX_BYTES)
        return null;
    try {
        const value = JSON.parse(new TextDecoder().decode(bytes));
        return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
    } catch {
        return null;
    }
}

// Version 1 is what this page understands; a message without one is of a kind that has none.
function parseVersioned(bytes)
{
    const value = parse(bytes);
    return value !== null && value.v === 1 ? value : null;
}

/** athlete/<a>/live. The rate is null unless the signal is live. */
export function live(bytes)
{
    const value = parseVersioned(bytes);
    if (value === null)
        return null;
    const signal = word(value.signal, SIGNALS, 'none');
    return {
        seq: whole(value.seq, 0, Number.MAX_SAFE_INTEGER), ts: time(value.ts), gateway: text(value.gateway, 64), signal,
        hr: signal === 'live' ? bpm(value.hr) : null, zone: signal === 'live' ? zone(value.zone) : null,
        cap: bpm(value.cap), floor: bpm(value.floor), status: word(value.status, STATUSES, 'unknown'),
        advice: word(value.advice, ADVICE, 'none'), compliance: percent(value.compliance),
        coverage: percent(value.coverage), valid_s: seconds(value.valid_s), above_s: seconds(value.above_s),
        excursions: whole(value.excursions, 0, MAX_DAY_S), session: word(value.session, SESSIONS, 'idle'),
    };
}

/** athlete/<a>/session. */
export function session(bytes)
{
    const value = parse(bytes);
    return value && {
        state: word(value.state, SESSIONS, 'idle'), id: text(value.id, 100), started_at: time(value.started_at),
        cap: bpm(value.cap), alias: text(value.alias, 40), bounds: bounds(value.bounds),
    };
}

function zoneSeconds(value)
{
    const entries = value !== null && typeof value === 'object' ? Object.entries(value).slice(0, 8) : [];
    return entries.filter(([name, spent]) => zone(name) !== null && seconds(spent) !== null);
}

function curve(value)
{
    return Array.isArray(value) ? value.slice(0, MAX_CURVE).map((rate) => number(rate, BPM_MIN, BPM_MAX)) : [];
}

/** athlete/<a>/session/last. zones is [[name, seconds], ...]; curve has a rate or null for each step_s. */
export function summary(bytes)
{
    const value = parseVersioned(bytes);
    return value && {
        id: text(value.id, 100), started_at: time(value.started_at), cap: bpm(value.cap), floor: bpm(value.floor),
        bounds: bounds(value.bounds), verdict: word(value.verdict, VERDICTS, 'inconclusive'),
        reason: text(value.reason, 300), max_estimated: value.max_estimated === true,
        bounds_too_high: value.bounds_too_high === true, rpe: whole(value.rpe, 1, 10),
        elapsed_s: seconds(value.elapsed_s), valid_s: seconds(value.valid_s), above_s: seconds(value.above_s),
        below_s: seconds(value.below_s), longest_s: seconds(value.longest_s), zones: zoneSeconds(value.zone_s),
        compliance: percent(value.compliance), coverage: percent(value.coverage),
        excursions: whole(value.excursions, 0, MAX_DAY_S), peak_over: whole(value.peak_over, 0, BPM_MAX),
        hr_avg: number(value.hr_avg, BPM_MIN, BPM_MAX), hr_max: bpm(value.hr_max),
        distance_m: number(value.distance_m, 0, 1e6), trimp: number(value.trimp_edwards, 0, 1e5),
        step_s: whole(value.curve_step_s, 1, 3600) ?? 10, curve: curve(value.curve),
    };
}

/** athlete/<a>/strap. */
export function strap(bytes)
{
    const value = parse(bytes);
    return value && {
        connected: value.connected === true, battery: whole(value.battery, 0, 100), gateway: text(value.gateway, 64),
    };
}

/** gateway/<gw>/status: 'online', 'offline', or null. */
export function gatewayStatus(bytes)
{
    return word(bytes.length <= 16 ? new TextDecoder().decode(bytes) : '', ['online', 'offline'], null);
}

function each(rows, read)
{
    const seen = new Map();
    for (const row of Array.isArray(rows) ? rows.slice(0, MAX_MEMBERS) : []) {
        const known = row !== null && typeof row === 'object' && /^[a-z0-9-]{1,64}$/.test(row.athlete);
        if (known)
            seen.set(row.athlete, { athlete: row.athlete, alias: text(row.alias, 40) || row.athlete, ...read(row) });
    }
    return [...seen.values()];
}

function member(row)
{
    const signal = word(row.signal, SIGNALS, 'none');
    return {
        signal, hr: signal === 'live' ? bpm(row.hr) : null, zone: signal === 'live' ? zone(row.zone) : null,
        cap: bpm(row.cap), status: word(row.status, STATUSES, 'unknown'), advice: word(row.advice, ADVICE, 'none'),
        compliance: percent(row.compliance), session: word(row.session, SESSIONS, 'idle'),
    };
}

/** group/<g>/live. */
export function groupLive(bytes)
{
    const value = parseVersioned(bytes);
    return value && { ts: time(value.ts), gateway: text(value.gateway, 64), members: each(value.members, member) };
}

/** group/<g>/session. */
export function groupSession(bytes)
{
    const value = parseVersioned(bytes);
    return value && {
        state: word(value.state, SESSIONS, 'idle'), started_at: time(value.started_at),
        gateway: text(value.gateway, 64),
        members: whole(value.members, 0, 1e4), in_target: whole(value.in_target, 0, 1e4),
        verdicts: each(value.verdicts, (row) => ({
            verdict: word(row.verdict, VERDICTS, 'inconclusive'), compliance: percent(row.compliance),
            longest_s: seconds(row.longest_s), valid_s: seconds(row.valid_s), above_s: seconds(row.above_s),
        })),
    };
}
