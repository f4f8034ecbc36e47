// SPDX-License-Identifier: MIT
// One shape for each zone and each state, so that no colour is needed to tell them apart.
import { setAttribute, svg } from './dom.js';

const DISC = 'M50 6a44 44 0 1 0 .01 0Z';
const RING = `${DISC}M50 28a22 22 0 1 1 -.01 0Z`;
const SQUARE = 'M12 12H88V88H12Z';
const DIAMOND = 'M50 3 97 50 50 97 3 50Z';
const UP = 'M50 6 97 91H3Z';
const DOWN = 'M50 94 97 9H3Z';
const STAR = 'M50 3 62 36 97 37 69 58 79 92 50 72 21 92 31 58 3 37 38 36Z';
const CROSS = 'M22 6 50 34 78 6 94 22 66 50 94 78 78 94 50 66 22 94 6 78 34 50 6 22Z';
const BARS = 'M18 10H42V90H18ZM58 10H82V90H58Z';
const DOTS = 'M14 38h16v24h-16ZM42 38h16v24h-16ZM70 38h16v24h-16Z';
const CHECK = 'M8 54 24 38 42 56 78 14 94 30 42 88Z';
const HEXAGON = 'M27 8H73L97 50 73 92H27L3 50Z';

const PATHS = {
    below: RING, z1: DISC, z2: SQUARE, z3: DIAMOND, z4: HEXAGON, z5: STAR, z5a: STAR, z5b: STAR, z5c: STAR, z6: STAR,
    z7: STAR, z8: STAR, in: DISC, above: UP, too_slow: DOWN, lost: CROSS, unknown: CROSS, paused: BARS, settling: DOTS,
    none: RING, strict: CHECK, kept: CHECK, slipped: UP, overdone: CROSS, inconclusive: RING, finished: CHECK,
};

/** A shape, empty until setShape. */
export function shape(className)
{
    return svg('svg', { viewBox: '0 0 100 100', class: `shape ${className}`, 'aria-hidden': 'true' },
        svg('path', { 'fill-rule': 'evenodd', d: '' }));
}

/** Makes SHAPE the one of NAME: a zone, a mood or a verdict. */
export function setShape(element, name)
{
    setAttribute(element, 'data-shape', name);
    setAttribute(element.firstChild, 'd', PATHS[name] ?? PATHS.none);
}
