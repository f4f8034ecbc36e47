// SPDX-License-Identifier: MIT
// Debian's Chromium, held by playwright-core, and what a test wants to know of the page.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.ZONE1D_DISPLAY_MODULES, 'x.js'));
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'];
const PATIENCE_MS = 60000;

export const PAGE = process.env.ZONE1D_DISPLAY_PAGE;
export const SIZES = { pi7: [800, 480], phone: [390, 844], hd: [1920, 1080], tablet: [1024, 768] };

/** A Chromium with a profile of its own, empty; close() ends it. */
export function launch()
{
    return chromium.launch({ executablePath: process.env.ZONE1D_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * A page of its own context with OPTIONS (playwright's), whose faults are kept in page.faults: whatever the console
 * says as an error, but for connections that a test has cut.
 */
export async function newPage(browser, options = {})
{
    const context = await browser.newContext({ viewport: { width: 800, height: 480 }, locale: 'en-GB',
        bypassCSP: false, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(String(error)));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/WebSocket (connection|is already in CLOSING)|net::ERR/.test(message.text()))
            page.faults.push(message.text());
    });
    return page;
}

/** Opens the built page from its file, with the fragment of PARAMETERS. */
export async function open(page, parameters)
{
    const fragment = new URLSearchParams({ lang: 'en', theme: 'dark', ...parameters });
    await page.goto('about:blank');
    await page.goto(`${pathToFileURL(PAGE)}#${fragment}`);
}

/** Waits until the body says this of itself: screen, kind or mood. */
export async function until(page, wanted)
{
    const selector = Object.entries(wanted).map(([key, value]) => `[data-${key}="${value}"]`).join('');
    await page.waitForSelector(`body${selector}`, { state: 'attached' });
}

/** Waits until the live message SEQ is what is shown. */
export async function untilSeq(page, seq)
{
    await page.waitForSelector(`.run[data-seq="${seq}"]`, { state: 'attached' });
}

/** Every digit on the athlete's screen where the rate stands; '' when there is none to see. */
export async function rate(page)
{
    return page.evaluate(() => {
        const element = document.querySelector('.rate');
        return element && !element.hidden ? element.querySelector('.digits').textContent : '';
    });
}

/** All that can be read on the page. */
export async function words(page)
{
    return page.evaluate(() => document.body.innerText);
}

/** What axe-core finds, as sentences; [] when all is well. It comes in by the debugger, past the page's policy. */
export async function axe(page)
{
    await page.evaluate(AXE);
    return page.evaluate(async () => {
        const { violations } = await window.axe.run(document);
        return violations.flatMap((one) => one.nodes.map((node) =>
            `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
    });
}

/** What does not fit: elements whose text is cut off or that stick out of the window, by their class. */
export async function overflowing(page)
{
    return page.evaluate(() => [...document.querySelectorAll('main *, .bar *')].filter((element) => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || element.closest('.plot, svg'))
            return false;
        const out = box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1;
        const style = getComputedStyle(element);
        const cut = style.textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth + 1;
        return out || cut;
    }).map((element) => `${element.tagName} .${element.getAttribute('class')} "${element.textContent.slice(0, 30)}"`));
}

/** Keeps a picture as a build artifact, screens/NAME.png in this folder. */
export async function picture(page, name)
{
    mkdirSync('screens', { recursive: true });
    await page.screenshot({ path: join('screens', `${name}.png`) });
}
