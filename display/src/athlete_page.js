// SPDX-License-Identifier: MIT
// One athlete: topics in, screens out.
import * as payload from './payload.js';
import { athleteScreen, newAthlete, noteDown, noteLive } from './athlete_model.js';
import { makeAthleteView } from './athlete_view.js';
import { makeMessageView } from './message_view.js';
import { makeSummaryView } from './summary_view.js';
import { clock, duration } from './clock.js';
import { newCue, nextCue } from './cue.js';
import { noteGateway } from './link_state.js';

function take(state, leaf, bytes)
{
    if (leaf === 'live') {
        const live = payload.live(bytes);
        if (live !== null)
            noteLive(state, live, clock());
    } else if (leaf === 'session')
        state.session = payload.session(bytes);
    else if (leaf === 'session/last')
        state.summary = payload.summary(bytes);
    else if (leaf === 'strap')
        state.strap = payload.strap(bytes);
}

/** A page (main.js) for CHOSEN.athlete. */
export function athletePage(chosen, say, cueNow)
{
    const state = newAthlete();
    const base = `${chosen.prefix}/athlete/${chosen.athlete}/`;
    const cue = newCue();
    const views = { live: () => makeAthleteView(say, chosen.lang), message: () => makeMessageView(say),
        summary: (screen) => makeSummaryView(say, chosen.lang, screen.summary) };
    return {
        state,
        topics: { [`${base}live`]: 0, [`${base}session`]: 1, [`${base}session/last`]: 1, [`${base}strap`]: 1 },
        take: (topic, bytes) => topic.startsWith(base) && take(state, topic.slice(base.length), bytes),
        gateway: (name, status) => noteGateway(state, name, status),
        down: (fault) => noteDown(state, fault),
        screen: () => athleteScreen(state, clock()),
        make: (screen) => views[screen.screen](screen),
        key: (screen) => screen.summary ?? screen.screen,
        show(view, screen)
        {
            view.show?.(screen, state.history, state.session?.bounds ?? null);
            const what = nextCue(cue, screen.mood, performance.now());
            if (what !== null)
                cueNow(what);
        },
        bar: (screen) => ({ name: screen.alias || chosen.athlete, time: screen.cut_off ? say('broker_lost')
            : duration(screen.elapsed_s ?? null),
            battery: screen.battery, low: screen.battery_low }),
    };
}
