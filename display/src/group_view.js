// SPDX-License-Identifier: MIT
// The coach's board: a tile for each, and the verdicts at the end.
import { duration } from './clock.js';
import { el, setAttribute, setShown, setText } from './dom.js';
import { setShape, shape } from './shapes.js';
import { decimal, zoneWord } from './strings.js';
import { grid, tableGrid } from './tiles.js';

const MOOD_SHAPE = { below: 'too_slow' };

function makeTile()
{
    const [alias, rate, word, over, compliance] = ['h2', 'p', 'span', 'span', 'span'].map((name, i) =>
        el(name, { class: ['alias', 'tile-rate', 'tile-word', 'tile-over', 'tile-share'][i] }));
    const [mark, zone] = [shape('tile-mark'), shape('zone-shape')];
    const element = el('li', { class: 'tile' }, el('div', { class: 'tile-head' }, mark, alias, zone),
        rate, el('p', { class: 'tile-foot' }, word, over, compliance));
    return { element, alias, rate, word, over, compliance, mark, zone };
}

function tileWord(say, one)
{
    if (one.mood === 'finished')
        return one.verdict ? say(one.verdict.verdict) : '';
    if (one.kind !== 'live')
        return say(one.kind);
    if (one.advice === 'ease_off' || one.advice === 'pick_up')
        return say(`advice_${one.advice}`);
    return say(one.mood);
}

// The rate; without one the words that tell why, or the zone alone when no more is shared.
function largeText(say, one)
{
    if (hasNumber(one))
        return String(one.hr);
    return one.kind === 'live' && one.zone !== null ? zoneWord(say, one.zone) : tileWord(say, one);
}

function hasNumber(one)
{
    return one.hr !== null && one.mood !== 'finished';
}

function fillTile(tile, say, language, one)
{
    const share = one.verdict?.compliance ?? one.compliance;
    setAttribute(tile.element, 'data-athlete', one.athlete);
    setAttribute(tile.element, 'data-mood', one.mood);
    setAttribute(tile.element, 'data-number', hasNumber(one) ? 'yes' : 'no');
    setShape(tile.mark, one.mood === 'finished' ? one.verdict?.verdict ?? 'finished'
        : MOOD_SHAPE[one.mood] ?? one.mood);
    setText(tile.alias, one.alias);
    setText(tile.rate, largeText(say, one));
    setText(tile.word, one.kind === 'live' && one.mood !== 'finished' ? tileWord(say, one) : '');
    setText(tile.over, one.distance !== null && one.distance < 0 ? `+${-one.distance}` : '');
    setText(tile.compliance, share === null ? '' : `${decimal(language, share, 0)} %`);
    setShown(tile.zone, one.zone !== null);
    setAttribute(tile.element, 'data-zone', one.zone);
    setShape(tile.zone, one.zone ?? 'none');
}

/** {element, show(tiles)}: as many tiles as there are people, as large as they fit. */
export function makeTilesView(say, language)
{
    const list = el('ul', { class: 'tiles', 'aria-label': say('tiles_label') });
    const known = new Map();
    let count = 0;
    const fit = () => {
        const { columns, rows } = grid(count, list.clientWidth, list.clientHeight);
        list.style.setProperty('--columns', columns);
        list.style.setProperty('--rows', rows);
    };
    const resized = new ResizeObserver(fit);
    resized.observe(list);
    const arrange = (tiles) => {
        tiles.forEach((one, i) => {
            const { element } = known.get(one.athlete);
            if (list.children[i] !== element)
                list.insertBefore(element, list.children[i] ?? null);
        });
    };
    return {
        element: list, rebuild() {}, destroy: () => resized.disconnect(),
        show(tiles)
        {
            const here = new Set(tiles.map((one) => one.athlete));
            for (const [athlete, tile] of known)
                if (!here.has(athlete)) {
                    tile.element.remove();
                    known.delete(athlete);
                }
            for (const one of tiles) {
                if (!known.has(one.athlete))
                    known.set(one.athlete, makeTile());
                fillTile(known.get(one.athlete), say, language, one);
            }
            arrange(tiles);
            if (count !== tiles.length) {
                count = tiles.length;
                fit();
            }
        },
    };
}

function tableRow(say, language, row)
{
    const mark = shape('verdict-shape');
    setShape(mark, row.verdict);
    return el('tr', { 'data-verdict': row.verdict, 'data-athlete': row.athlete }, el('th', { scope: 'row' }, row.alias),
        el('td', { class: 'what' }, mark, say(row.verdict)),
        el('td', {}, row.compliance === null ? '–' : `${decimal(language, row.compliance, 1)} %`),
        el('td', {}, row.longest_s === null ? '–' : duration(row.longest_s)));
}

function table(say, language, rows)
{
    const heads = ['name', 'verdict', 'compliance', 'longest'].map((key) => el('th', { scope: 'col' },
        say(key)));
    return el('table', { 'aria-label': say('table_label') }, el('thead', {}, el('tr', {}, ...heads)),
        el('tbody', {}, ...rows.map((row) => tableRow(say, language, row))));
}

/** {element, destroy()}: the verdicts, in as many tables side by side as the screen has room for. */
export function makeTableView(say, language, verdicts)
{
    const box = el('div', { class: 'tables', tabindex: '0', role: 'region', 'aria-label': say('table_label') });
    const fit = () => {
        const { columns, font } = tableGrid(verdicts.length, box.clientWidth, box.clientHeight);
        const each = Math.ceil(verdicts.length / columns);
        box.style.fontSize = `${font}px`;
        box.replaceChildren(...Array.from({ length: columns }, (_, i) =>
            table(say, language, verdicts.slice(i * each, (i + 1) * each))));
    };
    const resized = new ResizeObserver(fit);
    resized.observe(box);
    return { element: box, rebuild() {}, destroy: () => resized.disconnect() };
}
