// SPDX-License-Identifier: MIT
// Keeps the screen on, where the browser can (a secure page, in front). Elsewhere nothing happens.

async function ask()
{
    if (document.visibilityState !== 'visible' || !navigator.wakeLock)
        return;
    try {
        await navigator.wakeLock.request('screen');
    } catch {
        // Refused, by the battery saver say: asked for again when the page comes to the front.
    }
}

/** Asks now and whenever the page is in front again, which is when the browser has taken the lock away. */
export function keepAwake()
{
    document.addEventListener('visibilitychange', ask);
    ask();
}
