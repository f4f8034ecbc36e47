// SPDX-License-Identifier: MIT
// What stands between the page and its heart rates: the broker, and the gateways that publish. Pure.

const MAX_GATEWAYS = 64;
export const SILENT_MS = 5000; // as long as a live message is good for

/** How it is before anything was heard. link: connecting, up, down; fault: why, in the broker's words. */
export function newLink()
{
    return { link: 'connecting', fault: '', denied: false, gateways: new Map() };
}

/** A gateway's status topic said STATUS ('online', 'offline' or null). */
export function noteGateway(state, name, status)
{
    if (status === null)
        state.gateways.delete(name);
    else if (state.gateways.has(name) || state.gateways.size < MAX_GATEWAYS)
        state.gateways.set(name, status);
}

/** What the link alone makes of the screen, or null when it is in order: {kind, detail}. */
export function linkTrouble(state, gateway)
{
    if (state.link === 'connecting')
        return { kind: 'connecting' };
    if (state.link !== 'up')
        return { kind: 'broker_lost', fault: state.fault };
    if (state.denied)
        return { kind: 'read_denied' };
    if (gateway !== '' && state.gateways.get(gateway) === 'offline')
        return { kind: 'gateway_off', gateway };
    return null;
}
