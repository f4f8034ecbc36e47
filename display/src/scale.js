// SPDX-License-Identifier: MIT
// The vertical scale of a plot, its zone bands, and the excursions of a curve. Pure.

/** [lowest, highest] bpm to show RATES, and CAP when there is one, with room around. */
export function range(rates, cap)
{
    const known = rates.filter((rate) => rate !== null);
    if (cap !== null)
        known.push(cap);
    if (known.length === 0)
        return [60, 160];
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const room = Math.max(6, (high - low) * 0.12, (40 - (high - low)) / 2);
    return [Math.floor(low - room), Math.ceil(high + room)];
}

/** Names of COUNT zones from z1 on; the gateway's model with seven of them splits the fifth. */
export function zoneNames(count)
{
    return count === 7 ? ['z1', 'z2', 'z3', 'z4', 'z5a', 'z5b', 'z5c']
        : Array.from({ length: count }, (_, i) => `z${i + 1}`);
}

/** Bands from bottom to top of [LOW, HIGH]: [{zone, from, to}]; without BOUNDS none. */
export function bands(bounds, low, high)
{
    if (bounds === null)
        return [];
    const names = ['below', ...zoneNames(bounds.length)];
    const edges = [-Infinity, ...bounds, Infinity];
    return names.map((zone, i) => ({ zone, from: Math.max(edges[i], low), to: Math.min(edges[i + 1], high) }))
        .filter((band) => band.from < band.to);
}

/** Stretches of RATES above CAP: [{from, to, peak}] as indexes, both included, and the index of the highest. */
export function excursions(rates, cap)
{
    const found = [];
    let open = null;
    rates.forEach((rate, i) => {
        if (cap === null || rate === null || rate <= cap) {
            open = null;
            return;
        }
        if (open === null) {
            open = { from: i, to: i, peak: i };
            found.push(open);
        }
        open.to = i;
        if (rate > rates[open.peak])
            open.peak = i;
    });
    return found;
}
