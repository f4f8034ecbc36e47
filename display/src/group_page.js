// SPDX-License-Identifier: MIT
// A group: topics in, the board out.
import * as payload from './payload.js';
import { groupScreen, newGroup, noteGroupDown, noteGroupLive } from './group_model.js';
import { makeTableView, makeTilesView } from './group_view.js';
import { makeMessageView } from './message_view.js';
import { clock, duration } from './clock.js';
import { noteGateway } from './link_state.js';

function take(state, leaf, bytes)
{
    if (leaf === 'session') {
        state.session = payload.groupSession(bytes);
        return;
    }
    const live = payload.groupLive(bytes);
    if (live !== null)
        noteGroupLive(state, live, clock());
}

function headline(say, screen)
{
    if (screen.screen === 'table')
        return screen.cut_off ? say('broker_lost') : say('verdict');
    if (screen.screen !== 'tiles')
        return '';
    return [say('in_target_of', screen.in_target, screen.running),
        duration(screen.elapsed_s)].filter(Boolean).join('  ·  ');
}

/** A page (main.js) for CHOSEN.group. */
export function groupPage(chosen, say)
{
    const state = newGroup();
    const base = `${chosen.prefix}/group/${chosen.group}/`;
    const views = { tiles: () => makeTilesView(say, chosen.lang), message: () => makeMessageView(say),
        table: (screen) => makeTableView(say, chosen.lang, screen.verdicts) };
    return {
        state,
        topics: { [`${base}live`]: 0, [`${base}session`]: 1 },
        take: (topic, bytes) => topic.startsWith(base) && take(state, topic.slice(base.length), bytes),
        gateway: (name, status) => noteGateway(state, name, status),
        down: (fault) => noteGroupDown(state, fault),
        screen: () => ({ mood: 'none', ...groupScreen(state, clock()) }),
        make: (screen) => views[screen.screen](screen),
        key: (screen) => (screen.screen === 'table' ? screen.session : screen.screen),
        show: (view, screen) => view.show?.(screen.screen === 'tiles' ? screen.tiles : screen),
        bar: (screen) => ({ name: chosen.group, time: headline(say, screen), battery: null, low: false }),
    };
}
