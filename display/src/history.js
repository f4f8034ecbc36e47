// SPDX-License-Identifier: MIT
// The rates of the last ten minutes. Pure; never more than MAX entries, however long the page is open.

export const SPAN_MS = 600000;
const MAX = 1500; // a strap can send twice a second
const GAP_MS = 5000;

export class History {
    constructor()
    {
        this.times = [];
        this.rates = [];
        this.changes = 0; // how often something was added
    }

    /** A rate in bpm, or null, at T (ms of the gateway's clock). A clock that jumps back begins anew. */
    add(t, rate)
    {
        const last = this.times.at(-1);
        if (last !== undefined && (t < last || t - last > SPAN_MS))
            this.clear();
        else if (last !== undefined && t - last > GAP_MS)
            this.push(t - 1, null);
        this.push(t, rate);
        this.changes++;
        let old = 0;
        while (this.times[old] < t - SPAN_MS || this.times.length - old > MAX)
            old++;
        this.times.splice(0, old);
        this.rates.splice(0, old);
    }

    push(t, rate)
    {
        this.times.push(t);
        this.rates.push(rate);
    }

    clear()
    {
        this.times.length = this.rates.length = 0;
    }

    /** [seconds before the newest (<= 0), rates], as plots take them. */
    columns()
    {
        const newest = this.times.at(-1) ?? 0;
        return [this.times.map((t) => (t - newest) / 1000), [...this.rates]];
    }
}
