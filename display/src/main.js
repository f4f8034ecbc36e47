// SPDX-License-Identifier: MIT
// The page: settings, one connection, one view at a time. What is shown is worked out anew on every message and four
// times a second, so that nothing stays on the screen because nothing happened.
import { athletePage } from './athlete_page.js';
import { keepAwake } from './awake.js';
import { makeBar } from './bar.js';
import { connect } from './broker.js';
import { el, setAttribute } from './dom.js';
import { makeForm } from './form.js';
import { groupPage } from './group_page.js';
import { recall, remember } from './memory.js';
import { gatewayStatus } from './payload.js';
import { complete, fragment, settings } from './params.js';
import { sayCue } from './speaker.js';
import { speaker } from './strings.js';

const EVERY_MS = 250;
const secure = location.protocol === 'https:';
const light = matchMedia('(prefers-color-scheme: light)');
let stop = () => {};
let repaint = () => {};
let theme = 'auto';

// Three digits' width in the font that this machine has, so that the rate fills the screen and never overflows it.
function measureDigits()
{
    const context = document.createElement('canvas').getContext('2d');
    context.font = `800 100px ${getComputedStyle(document.body).fontFamily}`;
    document.documentElement.style.setProperty('--three', context.measureText('000').width / 100);
}

function handlers(page, refresh)
{
    const gateways = new RegExp(`^${page.gatewayBase.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}([^/]{1,64})/status$`);
    return {
        up: () => Object.assign(page.state, { link: 'up', fault: '', denied: false }),
        denied: () => {
            page.state.denied = true;
        },
        down: (why) => {
            page.down(why);
            refresh();
        },
        message: (topic, bytes) => {
            const gateway = gateways.exec(topic);
            if (gateway)
                page.gateway(gateway[1], gatewayStatus(bytes));
            else
                page.take(topic, bytes);
            refresh();
        },
    };
}

// One view at a time inside MAIN; another one when the page asks for another KEY.
function stage(page, main, bar, chosen)
{
    let view = null;
    let key = null;
    return {
        refresh()
        {
            const screen = page.screen();
            if (page.key(screen) !== key) {
                view?.destroy();
                key = page.key(screen);
                view = page.make(screen);
                main.replaceChildren(view.element);
            }
            setAttribute(document.body, 'data-mood', screen.mood);
            setAttribute(document.body, 'data-screen', screen.screen);
            setAttribute(document.body, 'data-kind', screen.kind ?? null);
            bar.show({ ...page.bar(screen), cue: chosen.cue });
            page.show(view, screen);
        },
        rebuild: () => view?.rebuild(),
        destroy: () => view?.destroy(),
    };
}

// Sound on or off; when on, it is heard at once, which is also the touch that browsers ask for.
function toggleCue(chosen, say)
{
    chosen.cue = chosen.cue === 'off' ? 'both' : 'off';
    history.replaceState(null, '', fragment(chosen));
    if (chosen.cue !== 'off')
        sayCue(chosen.cue, 'in', say, chosen.lang);
}

function run(chosen, password)
{
    const say = speaker(chosen.lang);
    const page = chosen.athlete ? athletePage(chosen, say, (what) => sayCue(chosen.cue, what, say, chosen.lang))
        : groupPage(chosen, say);
    page.gatewayBase = `${chosen.prefix}/gateway/`;
    const main = el('main');
    const toggle = () => {
        toggleCue(chosen, say);
        shown.refresh();
    };
    const bar = makeBar(say, { settings: () => showForm(chosen, password), sound: chosen.athlete ? toggle : null });
    document.body.replaceChildren(bar.element, main);
    document.title = `${chosen.athlete || chosen.group} · zone1d`;
    const shown = stage(page, main, bar, chosen);
    const end = connect(chosen, password, { ...page.topics, [`${page.gatewayBase}+/status`]: 1 }, handlers(page,
        shown.refresh));
    const timer = setInterval(shown.refresh, EVERY_MS);
    repaint = shown.rebuild;
    shown.refresh();
    stop = () => {
        clearInterval(timer);
        repaint = () => {};
        end();
        shown.destroy();
    };
}

function colour()
{
    const system = light.matches ? 'light' : 'dark';
    setAttribute(document.documentElement, 'data-theme', theme === 'auto' ? system : theme);
    repaint();
}

function dress(chosen)
{
    document.documentElement.lang = chosen.lang;
    theme = chosen.theme;
    colour();
    for (const name of ['data-mood', 'data-screen', 'data-kind'])
        setAttribute(document.body, name, null);
}

function showForm(chosen, password)
{
    stop();
    stop = () => {};
    dress(chosen);
    const form = makeForm(speaker(chosen.lang), chosen, password, location, (given, secret) => {
        remember(given, secret);
        const target = fragment(given);
        if (location.hash === target)
            begin();
        else
            location.hash = target;
    });
    document.body.replaceChildren(el('main', {}, form.element));
    document.title = 'zone1d';
}

function begin()
{
    stop();
    stop = () => {};
    const kept = recall();
    const chosen = settings(location.hash, kept.settings, navigator.languages ?? []);
    dress(chosen);
    if (complete(chosen, secure))
        run(chosen, kept.password);
    else
        showForm(chosen, kept.password);
}

measureDigits();
keepAwake();
light.addEventListener('change', colour);
window.addEventListener('hashchange', begin);
begin();
