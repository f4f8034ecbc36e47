// SPDX-License-Identifier: MIT
// A whole screen for what keeps a rate away: unmistakable, and no number on it.
import { el, setShown, setText } from './dom.js';
import { setShape, shape } from './shapes.js';

const CALM = ['waiting', 'connecting', 'group_waiting'];

function detail(say, screen)
{
    if (screen.kind === 'broker_lost' && screen.fault)
        return `${say('broker_refused')} ${screen.fault}`;
    const key = `${screen.kind}_detail`;
    const sentence = say(key, screen.gateway ?? '');
    return sentence === key ? '' : sentence;
}

/** {element, show(screen)}. */
export function makeMessageView(say)
{
    const sign = shape('sign');
    const [word, more] = [el('p', { class: 'word', role: 'status' }), el('p', { class: 'detail' })];
    return {
        element: el('div', { class: 'message' }, sign, word, more), rebuild() {}, destroy() {},
        show(screen)
        {
            setShape(sign, CALM.includes(screen.kind) ? 'settling' : 'lost');
            setText(word, say(screen.kind));
            setText(more, detail(say, screen));
            setShown(more, more.textContent !== '');
        },
    };
}
