// SPDX-License-Identifier: MIT
// When to say that the target was left or is kept again. Pure.

export const CUE_GAP_MS = 20000;

export function newCue()
{
    return { said: null, at: null };
}

/**
 * 'above', 'below' or 'in' when that is to be said now, else null. Never two within 20 s: what changed meanwhile is
 * said then, if it still holds. The first status that is heard is only taken note of, unless it is outside.
 */
export function nextCue(cue, status, now_ms)
{
    if (!['above', 'below', 'in'].includes(status) || status === cue.said)
        return null;
    if (cue.at !== null && now_ms - cue.at < CUE_GAP_MS)
        return null;
    const first = cue.said === null && status === 'in';
    cue.said = status;
    if (first)
        return null;
    cue.at = now_ms;
    return status;
}
