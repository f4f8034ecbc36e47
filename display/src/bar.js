// SPDX-License-Identifier: MIT
// The line at the top of every view: who, how long, the strap's battery, sound on or off, and the way to the form.
import { el, setAttribute, setShown, setText, svg } from './dom.js';

const GEAR = 'M43 4h14l2 12 9 4 10-7 10 10-7 10 4 9 12 2v14l-12 2-4 9 7 10-10 10-10-7-9 4-2 12H43l-2-12-9-4-10 7-10-10 '
    + '7-10-4-9-12-2V44l12-2 4-9-7-10 10-10 10 7 9-4ZM50 34a17 17 0 1 0 .01 0Z';
const BELL = 'M10 36h18L54 14v72L28 64H10ZM66 32q14 18 0 36l-6-6q8-12 0-24ZM80 20q24 30 0 60l-6-6q18-24 0-48Z';
const BATTERY = 'M4 26H86V40H96V60H86V74H4ZM14 36V64H30V36Z';

function icon(path)
{
    return svg('svg', { viewBox: '0 0 100 100', 'aria-hidden': 'true', class: 'icon' },
        svg('path', { d: path, 'fill-rule': 'evenodd' }));
}

/** {element, show({name, time, battery, low, cue})}; ON.settings() and, unless null, ON.sound() are the buttons. */
export function makeBar(say, on)
{
    const name = el('h1');
    const time = el('span', { class: 'time' });
    const charge = el('span');
    const battery = el('span', { class: 'battery' }, icon(BATTERY), charge);
    const sound = el('button', { type: 'button', class: 'plain', 'aria-label': say('cue') }, icon(BELL));
    const settings = el('button', { type: 'button', class: 'plain', 'aria-label': say('change') }, icon(GEAR));
    sound.addEventListener('click', () => on.sound());
    setShown(sound, on.sound !== null);
    settings.addEventListener('click', on.settings);
    return {
        element: el('header', { class: 'bar' }, name, time, battery, sound, settings),
        show(what)
        {
            setText(name, what.name);
            setText(time, what.time);
            setShown(battery, what.battery !== null);
            setAttribute(battery, 'data-low', what.low ? 'yes' : 'no');
            setText(charge, what.low ? `${say('battery_low')} ${what.battery} %` : `${what.battery} %`);
            setAttribute(sound, 'aria-pressed', String(what.cue !== 'off'));
        },
    };
}
