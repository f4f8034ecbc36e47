// SPDX-License-Identifier: MIT
// Two clocks, because each is wrong once: the monotonic one stands still while the machine sleeps, the wall jumps.

/** Now, as both clocks say it, in ms. */
export function clock()
{
    return { mono: performance.now(), wall: Date.now() };
}

/** How long ago THEN was, in ms, by whichever clock says more: what may be old is taken for old. */
export function age(then, now)
{
    return Math.max(now.mono - then.mono, Math.abs(now.wall - then.wall));
}

/** Seconds as 35:06 or 1:35:06; '' for null. */
export function duration(total_s)
{
    if (total_s === null)
        return '';
    const whole = Math.floor(total_s);
    const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (value) => String(value).padStart(2, '0');
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
