// SPDX-License-Identifier: MIT
// What the form remembers, in the browser's own store. A browser that has none, or forbids it, just forgets.

const KEY = 'zone1d-display';

/** {settings, password}, whatever is there. */
export function recall()
{
    try {
        const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
        const texts = Object.entries(kept.settings ?? {}).filter(([, value]) => typeof value === 'string');
        return { settings: Object.fromEntries(texts), password: typeof kept.password === 'string' ? kept.password
            : '' };
    } catch {
        return { settings: {}, password: '' };
    }
}

/** Keeps both for the next time. */
export function remember(settings, password)
{
    try {
        localStorage.setItem(KEY, JSON.stringify({ settings, password }));
    } catch {
        // Full or forbidden: then it is asked again next time.
    }
}
