// SPDX-License-Identifier: MIT
// After the session: the verdict and its reason, the curve with its excursions, the totals.
import { duration } from './clock.js';
import { el, setAttribute } from './dom.js';
import { makePlot } from './plot.js';
import { excursions } from './scale.js';
import { setShape, shape } from './shapes.js';
import { decimal, zoneWord } from './strings.js';

function facts(say, language, summary)
{
    const percent = (value) => `${decimal(language, value, 1)} %`;
    const bpm = (value) => `${decimal(language, value, 0)} ${say('unit')}`;
    const rows = [['compliance', summary.compliance, percent], ['time', summary.elapsed_s, duration],
        ['coverage', summary.coverage, percent],
        ['time_above', summary.above_s, duration], ['longest', summary.longest_s, duration],
        ['excursions', summary.excursions, String], ['peak', summary.peak_over, bpm], ['cap', summary.cap, bpm],
        ['average', summary.hr_avg, bpm], ['maximum', summary.hr_max, bpm], ['rpe', summary.rpe,
            (value) => `${value} / 10`],
        ['distance', summary.distance_m, (value) => `${decimal(language, value / 1000, 2)} km`]];
    return el('dl', { class: 'totals' }, ...rows.filter(([, value]) => value !== null).map(([key, value, format]) =>
        el('div', {}, el('dt', {}, say(key)), el('dd', {}, format(value)))));
}

// A bar for each zone, long as its share of the time.
function zoneTimes(say, summary)
{
    const rows = [['below', summary.below_s ?? 0], ...summary.zones].filter(([, spent]) => spent > 0);
    const most = Math.max(1, ...rows.map(([, spent]) => spent));
    return el('ul', { class: 'zones', 'aria-label': say('zone_times') }, ...rows.map(([zone, spent]) => {
        const mark = shape('zone-shape');
        setShape(mark, zone);
        const bar = el('span', { class: 'share' });
        bar.style.setProperty('--share', spent / most);
        return el('li', { 'data-zone': zone }, mark, el('span', {}, zoneWord(say, zone)), bar,
            el('span', { class: 'spent' }, duration(spent)));
    }));
}

function notes(say, summary)
{
    const lines = [];
    if (excursions(summary.curve, summary.cap).length > 0)
        lines.push(say('excursions_note', summary.step_s));
    if (summary.max_estimated)
        lines.push(say('max_estimated'));
    if (summary.bounds_too_high)
        lines.push(say('bounds_too_high'));
    return el('p', { class: 'notes' }, lines.join(' '));
}

function verdictLine(say, summary)
{
    const mark = shape('verdict-shape');
    setShape(mark, summary.verdict);
    return el('div', { class: 'verdict', 'data-verdict': summary.verdict }, mark,
        el('div', {}, el('h2', {}, say(summary.verdict)), el('p', { class: 'reason', lang: 'en' }, summary.reason)));
}

function curvePlot(say, summary)
{
    const box = el('div', { class: 'plot', role: 'img', 'aria-label': say('curve_label') });
    const plot = makePlot(box, { xSteps: [60, 120, 300, 600, 900, 1800, 3600, 7200],
        xLabel: (t) => `${Math.round(t / 60)} ${say('minutes')}` });
    plot.draw([summary.curve.map((_, i) => i * summary.step_s), summary.curve],
        { cap: summary.cap, bounds: summary.bounds, excursions: excursions(summary.curve, summary.cap) });
    return { plot, element: el('figure', { class: 'curve' }, box) };
}

/** {element, destroy()}: SUMMARY in the words of SAY. Without a curve (not shared) there is none. */
export function makeSummaryView(say, language, summary)
{
    const known = summary.curve.some((rate) => rate !== null);
    const curve = known ? curvePlot(say, summary) : null;
    const element = el('div', { class: 'summary', tabindex: '0', role: 'region', 'aria-label': say('verdict') },
        verdictLine(say, summary), ...(curve ? [curve.element] : []),
        facts(say, language, summary), zoneTimes(say, summary), notes(say, summary));
    setAttribute(element, 'data-id', summary.id);
    return { element, rebuild: () => curve?.plot.rebuild(), destroy: () => curve?.plot.destroy() };
}
