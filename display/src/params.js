// SPDX-License-Identifier: MIT
// What the page shows and how: from the address's fragment, else from what was remembered, else asked for.

const KEYS = ['broker', 'athlete', 'group', 'prefix', 'user', 'lang', 'theme', 'cue'];
export const LANGUAGES = ['en', 'de'];
export const THEMES = ['auto', 'dark', 'light'];
export const CUES = ['off', 'sound', 'speech', 'both'];
const ID = /^[a-z0-9-]{1,64}$/;
const PREFIX = /^[^#+\u0000-\u001f\s]{1,100}$/;

/** 'ok', or which sentence of the string table says what is wrong with a broker's address. */
export function brokerFault(address, pageIsSecure)
{
    let url;
    try {
        url = new URL(address);
    } catch {
        return 'broker_malformed';
    }
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
        return 'broker_not_ws';
    if (url.username || url.password)
        return 'broker_with_password';
    const near = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    return pageIsSecure && url.protocol === 'ws:' && !near ? 'broker_mixed' : 'ok';
}

/** The settings of FRAGMENT (location.hash) over REMEMBERED ones: strings, checked; '' is not given. */
export function settings(fragment, remembered, languages)
{
    const given = new URLSearchParams(fragment.replace(/^#/, ''));
    const choice = (key) => String(given.get(key) ?? remembered[key] ?? '').slice(0, 300).trim();
    const ret = Object.fromEntries(KEYS.map((key) => [key, choice(key)]));
    if (given.has('athlete') || given.has('group')) {
        ret.athlete = given.get('athlete') ?? '';
        ret.group = given.has('athlete') ? '' : given.get('group');
    }
    for (const key of ['athlete', 'group'])
        ret[key] = ID.test(ret[key]) ? ret[key] : '';
    ret.prefix = PREFIX.test(ret.prefix) ? ret.prefix.replace(/\/+$/, '') : 'zone1d';
    ret.lang = LANGUAGES.includes(ret.lang) ? ret.lang
        : languages.map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? 'en';
    ret.theme = THEMES.includes(ret.theme) ? ret.theme : 'auto';
    ret.cue = CUES.includes(ret.cue) ? ret.cue : 'off';
    return ret;
}

/** Whether there is all that a view needs. */
export function complete(chosen, pageIsSecure)
{
    return brokerFault(chosen.broker, pageIsSecure) === 'ok' && (chosen.athlete !== '' || chosen.group !== '');
}

/** The fragment that leads to the same settings; never a password. */
export function fragment(chosen)
{
    const ret = new URLSearchParams();
    for (const key of KEYS) {
        const usual = { prefix: 'zone1d', theme: 'auto', cue: 'off' }[key];
        if (chosen[key] && chosen[key] !== usual)
            ret.set(key, chosen[key]);
    }
    return `#${ret.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** Where the broker probably is, seen from the page's own address. */
export function likelyBroker(address)
{
    if (address.protocol === 'https:')
        return `wss://${address.host}/mqtt`;
    return `ws://${address.hostname || 'localhost'}:9001`;
}
