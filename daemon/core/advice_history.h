/* SPDX-License-Identifier: MIT
 *
 * When to run easy, from what was run lately: a rule of thumb, no medical advice (docs/sessions.md).
 *
 * A session is hard when its load (Edwards' TRIMP) or its time in the two highest zones reaches a limit. A hard one
 * within the window makes a recovery run due; hard ones on two days following each other within it make it rest.
 * Pure, any thread.
 */
#ifndef ZONE1D_CORE_ADVICE_HISTORY_H
#define ZONE1D_CORE_ADVICE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { RUN_FREE, RUN_RECOVERY, RUN_REST } RunAdvice;

typedef struct {
    int hard_load;       /* Edwards' TRIMP */
    int64_t hard_top_ms; /* in the two highest zones */
    int64_t window_ms;
} AdviceRules;

/* 120, 10 minutes, 48 hours. */
AdviceRules advice_rules_default(void);

typedef struct {
    int64_t ended_ms; /* wall time */
    int64_t day;      /* the athlete's calendar day, counted from anywhere */
    double load;
    int64_t top_ms;
} PastSession;

typedef struct {
    RunAdvice advice;
    size_t reason;    /* the newest hard session in the window; meaningless for RUN_FREE */
    size_t before;    /* for RUN_REST: the newest hard one of the day before */
    int64_t until_ms; /* when the advice may change if nothing else is run; INT64_MAX: never */
} AdviceResult;

/* Whether a session counts as hard. */
bool advice_is_hard(const PastSession *session, const AdviceRules *rules);

/* What is due at NOW_MS after the COUNT SESSIONS, in any order. One that ended after NOW_MS counts as just ended: then
 * the clock was wrong, and caution is right. */
AdviceResult advice_of_history(const PastSession *sessions, size_t count, const AdviceRules *rules, int64_t now_ms);

/* "free", "recovery_run", "rest". Static storage. */
const char *run_advice_name(RunAdvice advice);

#endif
