// SPDX-License-Identifier: MIT
// The small form for what the address does not say. It remembers.
import { el, setShown, setText } from './dom.js';
import { brokerFault, CUES, LANGUAGES, likelyBroker, THEMES } from './params.js';

const LANGUAGE_NAMES = { en: 'English', de: 'Deutsch' };

function field(say, key, input, hint)
{
    return el('label', {}, el('span', {}, say(key), ...(hint ? [el('small', {}, ` ${hint}`)] : [])), input);
}

function select(name, values, chosen, words)
{
    return el('select', { name }, ...values.map((value) =>
        el('option', { value, selected: value === chosen ? '' : null }, words(value))));
}

function input(name, value, more = {})
{
    return el('input', { name, value, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', ...more });
}

function fields(say, chosen, password, address)
{
    const id = { pattern: '[a-z0-9\\-]{1,64}', title: say('required'), required: '' };
    return [
        field(say, 'broker', input('broker', chosen.broker || likelyBroker(address), { required: '',
            inputmode: 'url' })),
        el('div', { class: 'pair' },
            field(say, 'show', select('kind', ['athlete', 'group'], chosen.group ? 'group' : 'athlete', say)),
            field(say, 'name', input('name', chosen.athlete || chosen.group, id))),
        el('div', { class: 'pair' },
            field(say, 'user', input('user', chosen.user, { maxlength: '100' }), say('optional')),
            field(say, 'password', input('password', password, { type: 'password', maxlength: '200' }))),
        el('div', { class: 'pair three' },
            field(say, 'language', select('lang', LANGUAGES, chosen.lang, (value) => LANGUAGE_NAMES[value])),
            field(say, 'theme', select('theme', THEMES, chosen.theme, say)),
            field(say, 'cue', select('cue', CUES, chosen.cue, say))),
    ];
}

/** The form, filled with CHOSEN. DONE(settings, password) is called with what was checked. */
export function makeForm(say, chosen, password, address, done)
{
    const fault = el('p', { class: 'fault', role: 'alert' });
    const form = el('form', { class: 'settings' }, el('h1', {}, 'zone1d'), ...fields(say, chosen, password, address),
        fault,
        el('button', { type: 'submit' }, say('show')));
    const blame = (broker) => {
        const wrong = brokerFault(broker, address.protocol === 'https:');
        setShown(fault, wrong !== 'ok');
        setText(fault, wrong === 'ok' ? '' : say(wrong));
        return wrong !== 'ok';
    };
    blame(chosen.broker || likelyBroker(address));
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const given = Object.fromEntries(new FormData(form));
        if (blame(given.broker))
            return;
        const { kind, name, password: secret, ...rest } = given;
        done({ ...chosen, ...rest, athlete: '', group: '', [kind]: name }, secret);
    });
    return { element: form, rebuild() {}, destroy() {} };
}
