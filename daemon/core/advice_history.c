/* SPDX-License-Identifier: MIT */
#include "core/advice_history.h"

#define MINUTE_MS INT64_C(60000)
#define NONE SIZE_MAX

AdviceRules advice_rules_default(void)
{
    return (AdviceRules){.hard_load = 120, .hard_top_ms = 10 * MINUTE_MS, .window_ms = 48 * 60 * MINUTE_MS};
}

bool advice_is_hard(const PastSession *session, const AdviceRules *rules)
{
    return session->load >= rules->hard_load || session->top_ms >= rules->hard_top_ms;
}

static int64_t end_of(const PastSession *session, int64_t now_ms)
{
    return session->ended_ms < now_ms ? session->ended_ms : now_ms;
}

static bool counts(const PastSession *session, const AdviceRules *rules, int64_t now_ms)
{
    return advice_is_hard(session, rules) && now_ms - end_of(session, now_ms) < rules->window_ms;
}

/* The newest hard session in the window; of DAY alone when there is one. */
static size_t newest(const PastSession *sessions, size_t count, const AdviceRules *rules, int64_t now_ms,
                     const int64_t *day)
{
    size_t best = NONE;
    for (size_t i = 0; i < count; i++) {
        if (!counts(&sessions[i], rules, now_ms) || (day != NULL && sessions[i].day != *day))
            continue;
        if (best == NONE || sessions[i].ended_ms > sessions[best].ended_ms)
            best = i;
    }
    return best;
}

AdviceResult advice_of_history(const PastSession *sessions, size_t count, const AdviceRules *rules, int64_t now_ms)
{
    AdviceResult result = {.advice = RUN_FREE, .until_ms = INT64_MAX};
    size_t reason = newest(sessions, count, rules, now_ms, NULL);
    if (reason == NONE)
        return result;
    const int64_t day_before = sessions[reason].day - 1;
    size_t before = newest(sessions, count, rules, now_ms, &day_before);
    result.advice = before != NONE ? RUN_REST : RUN_RECOVERY;
    result.reason = reason;
    result.before = before != NONE ? before : reason;
    result.until_ms = end_of(&sessions[result.before], now_ms) + rules->window_ms;
    return result;
}

const char *run_advice_name(RunAdvice advice)
{
    static const char *const names[] = {"free", "recovery_run", "rest"};
    return names[advice];
}
