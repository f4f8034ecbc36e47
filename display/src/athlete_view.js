// SPDX-License-Identifier: MIT
// The athlete's screen: the rate as large as it can be, zone, advice, cap, totals, the last ten minutes.
import { duration } from './clock.js';
import { el, setAttribute, setShown, setText } from './dom.js';
import { makePlot } from './plot.js';
import { setShape, shape } from './shapes.js';
import { decimal, zoneWord } from './strings.js';

const MOOD_SHAPE = { below: 'too_slow' };
const STRIP_S = [-600, 0];

function fact(say, key)
{
    const value = el('dd');
    return { value, element: el('div', {}, el('dt', {}, say(key)), value) };
}

function makeRate(say)
{
    const digits = el('span', { class: 'digits' });
    return { digits, element: el('p', { class: 'rate' }, digits, el('span', { class: 'unit' }, say('unit'))) };
}

function makeGone()
{
    const [word, detail] = [el('p', { class: 'word' }), el('p', { class: 'detail' })];
    const sign = shape('sign');
    return { word, detail, sign, element: el('div', { class: 'gone' }, sign, word, detail) };
}

function makeParts(say)
{
    const [zoneShape, zoneText] = [shape('zone-shape'), el('span')];
    const [adviceShape, adviceText, over] = [shape('advice-shape'), el('span', { role: 'status' }), el('span',
        { class: 'over' })];
    return {
        rate: makeRate(say), gone: makeGone(), zoneShape, zoneText, adviceShape, adviceText, over,
        zone: el('p', { class: 'zone' }, zoneShape, zoneText),
        banner: el('p', { class: 'banner' }, adviceShape, adviceText, over),
        facts: { cap: fact(say, 'cap'), compliance: fact(say, 'compliance'), above: fact(say, 'time_above'),
            excursions: fact(say, 'excursions') },
        strip: el('div', { class: 'plot', role: 'img', 'aria-label': say('strip_label') }),
    };
}

function layOut(parts)
{
    const facts = el('dl', { class: 'facts' }, ...Object.values(parts.facts).map((one) => one.element));
    return el('div', { class: 'run' }, el('div', { class: 'stage' }, parts.rate.element, parts.gone.element),
        el('div', { class: 'side' }, parts.zone, facts), parts.banner, el('figure', { class: 'strip' }, parts.strip));
}

// The words of a banner: what to do, else how it stands.
function headline(say, screen)
{
    if (screen.kind !== 'live')
        return '';
    return screen.advice && screen.mood !== 'paused' ? say(screen.advice) : say(screen.mood);
}

function overText(say, screen)
{
    if (screen.distance === null || ['paused', 'below'].includes(screen.mood))
        return '';
    return screen.distance < 0 ? say('over_cap', -screen.distance) : say('to_cap', screen.distance);
}

function showRate(parts, say, screen)
{
    const rate = screen.live?.hr ?? null;
    const hidden = screen.kind === 'live' && rate === null;
    setText(parts.rate.digits, rate === null ? '' : String(rate));
    setShown(parts.rate.element, rate !== null);
    setShown(parts.gone.element, rate === null);
    if (rate !== null)
        return;
    const zone = screen.live?.zone ?? null;
    setShape(parts.gone.sign, hidden ? zone ?? 'none' : 'lost');
    setText(parts.gone.word, hidden && zone ? zoneWord(say, zone) : say(screen.kind === 'live' ? 'private'
        : screen.kind));
    setText(parts.gone.detail, hidden ? zone ? say('private') : '' : say(`${screen.kind}_detail`));
}

function showZone(parts, say, screen)
{
    const zone = screen.live?.zone ?? null;
    setShown(parts.zone, zone !== null);
    setAttribute(parts.zone, 'data-zone', zone);
    setShape(parts.zoneShape, zone ?? 'none');
    setText(parts.zoneText, zone === null ? '' : zoneWord(say, zone));
}

function showFacts(parts, language, live)
{
    const known = (value, format) => (value === null || value === undefined ? '–' : format(value));
    setText(parts.facts.cap.value, known(live?.cap, String));
    setText(parts.facts.compliance.value, known(live?.compliance, (value) => `${decimal(language, value, 1)} %`));
    setText(parts.facts.above.value, known(live?.above_s, duration));
    setText(parts.facts.excursions.value, known(live?.excursions, String));
}

/** {element, show(screen, history, bounds), destroy()}: the live screen, in the words of SAY. */
export function makeAthleteView(say, language)
{
    const parts = makeParts(say);
    const element = layOut(parts);
    const plot = makePlot(parts.strip, { xRange: STRIP_S, xSteps: [120, 300],
        xLabel: (t) => (t === 0 ? '' : `${Math.round(t / 60)} ${say('minutes')}`) });
    let drawn = '';
    const drawStrip = (cap, history, bounds) => {
        const now = [cap, history.changes, bounds].join();
        if (now !== drawn)
            plot.draw(history.columns(), { cap, bounds });
        drawn = now;
    };
    return {
        element, rebuild: plot.rebuild, destroy: plot.destroy,
        show(screen, history, bounds)
        {
            setAttribute(element, 'data-seq', screen.live?.seq ?? null);
            setAttribute(element, 'data-kind', screen.kind);
            showRate(parts, say, screen);
            showZone(parts, say, screen);
            showFacts(parts, language, screen.live);
            setShape(parts.adviceShape, MOOD_SHAPE[screen.mood] ?? screen.mood);
            setText(parts.adviceText, headline(say, screen));
            setText(parts.over, screen.kind === 'live' ? overText(say, screen) : '');
            setShown(parts.banner, screen.kind === 'live');
            drawStrip(screen.live?.cap ?? null, history, bounds);
        },
    };
}
