// SPDX-License-Identifier: MIT
// Heart rate over time on its zones: uPlot, with bands, the cap and marks painted around its line.
import UPlot from 'uplot';
import { colour } from './palette.js';
import { bands, range } from './scale.js';

const PHONE_PX = 500;

function y(plot, bpm)
{
    return plot.valToPos(bpm, 'y', true);
}

function paintBands(plot, about)
{
    const { ctx, bbox, scales } = plot;
    const size = Math.max(10, Math.min(about.fontPx() * 0.75, bbox.height / devicePixelRatio / 9)) * devicePixelRatio;
    ctx.save();
    ctx.font = `600 ${size}px sans-serif`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    for (const band of bands(about.bounds, scales.y.min, scales.y.max)) {
        const [top, bottom] = [y(plot, band.to), y(plot, band.from)];
        ctx.fillStyle = colour(plot.root, `--band-${band.zone}`);
        ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
        if (bottom - top < size * 1.1)
            continue;
        ctx.fillStyle = colour(plot.root, '--band-fg');
        ctx.fillText(band.zone === 'below' ? '<Z1' : band.zone.toUpperCase(), bbox.left + size * 0.4, (top
            + bottom) / 2);
    }
    ctx.restore();
}

function paintCap(plot, about)
{
    if (about.cap === null)
        return;
    const { ctx, bbox } = plot;
    const line = Math.round(y(plot, about.cap));
    ctx.save();
    ctx.strokeStyle = colour(plot.root, '--cap');
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.setLineDash([8 * devicePixelRatio, 5 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, line);
    ctx.lineTo(bbox.left + bbox.width, line);
    ctx.stroke();
    ctx.restore();
}

// What is above the cap is filled, and marked with a triangle over its highest point.
function paintExcursions(plot, about)
{
    const { ctx } = plot;
    const [xs, rates] = plot.data;
    const size = Math.max(5 * devicePixelRatio, Math.min(plot.bbox.height / 26, 12 * devicePixelRatio));
    ctx.save();
    ctx.fillStyle = colour(plot.root, '--excursion');
    ctx.strokeStyle = colour(plot.root, '--plot-bg');
    ctx.lineWidth = devicePixelRatio;
    for (const { peak } of about.excursions) {
        const [px, py] = [plot.valToPos(xs[peak], 'x', true), y(plot, rates[peak]) - size * 0.6];
        ctx.beginPath();
        ctx.moveTo(px, py - size * 1.6);
        ctx.lineTo(px + size, py);
        ctx.lineTo(px - size, py);
        ctx.closePath();
        ctx.fill();
        ctx.stroke();
    }
    ctx.restore();
}

function labelPx(about)
{
    return Math.max(11, Math.min(about.fontPx() * 0.9, about.box.clientHeight / 7));
}

// The lowest label would stand on those of the time.
function rateLabels(plot, ticks)
{
    const low = plot.scales.y.min + (plot.scales.y.max - plot.scales.y.min) * 0.1;
    return ticks.map((bpm) => (bpm < low ? '' : String(bpm)));
}

function axis(about, side, more)
{
    const size = () => labelPx(about);
    return { side, stroke: () => colour(about.box, '--fg'), font: `${size()}px sans-serif`,
        labelFont: `${size()}px sans-serif`,
        ticks: { show: false }, grid: { show: false }, size: size() * (side === 2 ? 1.9 : 2.8), gap: 4, ...more };
}

function options(about)
{
    const line = () => colour(about.box, '--line-fg');
    return {
        width: about.box.clientWidth, height: about.box.clientHeight, legend: { show: false }, cursor: { show: false },
        pxAlign: 0, padding: [labelPx(about) / 2 + 2, 8, 0, 0], select: { show: false },
        scales: { x: { time: false, range: (_, min, max) => about.xRange ?? [min, max] },
            y: { range: () => about.yRange } },
        axes: [axis(about, 2, { values: (_, ticks) => ticks.map(about.xLabel), incrs: about.xSteps,
            space: about.fontPx() * 5 }), axis(about, 3, { space: labelPx(about) * 1.4, values: rateLabels })],
        series: [{}, { stroke: line, width: about.box.clientWidth < PHONE_PX ? 2 : 3, spanGaps: false,
            points: { show: false } }],
        hooks: { drawClear: [(plot) => paintBands(plot, about)],
            draw: [(plot) => paintCap(plot, about), (plot) => paintExcursions(plot, about)] },
    };
}

/**
 * A plot that fills BOX and follows its size. draw(columns, {cap, bounds, excursions}) shows data anew;
 * X holds xRange, xLabel (a tick's text) and xSteps; destroy() gives everything back.
 */
export function makePlot(box, x)
{
    const about = { box, bounds: null, cap: null, excursions: [], yRange: [60, 160], ...x,
        fontPx: () => parseFloat(getComputedStyle(box).fontSize) };
    let plot = null;
    let shown = [[], []];
    const rebuild = () => {
        plot?.destroy();
        plot = box.clientWidth > 40 && box.clientHeight > 30 ? new UPlot(options(about), shown, box) : null;
    };
    const resized = new ResizeObserver(rebuild);
    resized.observe(box);
    return {
        draw(columns, what)
        {
            shown = columns;
            Object.assign(about, what);
            about.yRange = range(columns[1], about.cap);
            plot?.setData(columns);
        },
        rebuild,
        destroy()
        {
            resized.disconnect();
            plot?.destroy();
        },
    };
}
