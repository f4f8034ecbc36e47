/* SPDX-License-Identifier: MIT
 *
 * When to run easy, by tables: what was run, and what follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/advice_history.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define NOW_MS (20000 * DAY_MS + 10 * HOUR_MS) /* ten in the morning of day 20000 */

typedef struct {
    const char *name;
    PastSession sessions[4];
    size_t count;
    RunAdvice advice;
    size_t reason, before;
    int64_t until_ms; /* since NOW_MS; 0: never */
} Case;

#define AGO(hours, load, top_min)                                                                                      \
    {NOW_MS - (hours)*HOUR_MS, (NOW_MS - (hours)*HOUR_MS) / DAY_MS, (load), (int64_t)(top_min)*60000}

static const Case cases[] = {
    {"nothing was run", {{0}}, 0, RUN_FREE, 0, 0, 0},
    {"easy runs only", {AGO(3, 45, 0), AGO(20, 119.9, 9)}, 2, RUN_FREE, 0, 0, 0},
    {"a high load", {AGO(15, 120, 0)}, 1, RUN_RECOVERY, 0, 0, 33 * HOUR_MS},
    {"much time at the top", {AGO(15, 60, 10)}, 1, RUN_RECOVERY, 0, 0, 33 * HOUR_MS},
    {"almost two days ago", {AGO(47, 200, 20)}, 1, RUN_RECOVERY, 0, 0, HOUR_MS},
    {"two days ago", {AGO(48, 200, 20)}, 1, RUN_FREE, 0, 0, 0},
    {"an easy run since changes nothing", {AGO(20, 150, 0), AGO(2, 30, 0)}, 2, RUN_RECOVERY, 0, 0, 28 * HOUR_MS},
    {"the newest hard one is the reason", {AGO(13, 130, 0), AGO(12, 140, 0)}, 2, RUN_RECOVERY, 1, 1, 36 * HOUR_MS},
    {"two on one day", {AGO(14, 130, 0), AGO(20, 130, 0)}, 2, RUN_RECOVERY, 0, 0, 34 * HOUR_MS},
    {"two hard days", {AGO(38, 130, 0), AGO(14, 150, 0)}, 2, RUN_REST, 1, 0, 10 * HOUR_MS},
    {"in any order", {AGO(14, 150, 0), AGO(38, 130, 0)}, 2, RUN_REST, 0, 1, 10 * HOUR_MS},
    {"today and yesterday", {AGO(1, 0, 12), AGO(14, 150, 0)}, 2, RUN_REST, 0, 1, 34 * HOUR_MS},
    {"the day before is over", {AGO(49, 150, 0), AGO(25, 150, 0)}, 2, RUN_RECOVERY, 1, 1, 23 * HOUR_MS},
    {"from the future: as if it ended now", {AGO(-30, 150, 0)}, 1, RUN_RECOVERY, 0, 0, 48 * HOUR_MS},
};

static void test_the_table(void **state)
{
    (void)state;
    const AdviceRules rules = advice_rules_default();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Case *one = &cases[i];
        AdviceResult result = advice_of_history(one->sessions, one->count, &rules, NOW_MS);
        int64_t until_ms = one->until_ms == 0 ? INT64_MAX : NOW_MS + one->until_ms;
        if (result.advice != one->advice || result.until_ms != until_ms ||
            (result.advice != RUN_FREE && (result.reason != one->reason || result.before != one->before)))
            fail_msg("%s: %s, reason %zu, before %zu, until %lld h", one->name, run_advice_name(result.advice),
                     result.reason, result.before, (long long)((result.until_ms - NOW_MS) / HOUR_MS));
    }
}

static void test_the_rules_count(void **state)
{
    (void)state;
    const PastSession session = AGO(20, 100, 5);
    AdviceRules rules = advice_rules_default();
    assert_false(advice_is_hard(&session, &rules));
    rules.hard_load = 100;
    assert_int_equal(advice_of_history(&session, 1, &rules, NOW_MS).advice, RUN_RECOVERY);
    rules.window_ms = 20 * HOUR_MS;
    assert_int_equal(advice_of_history(&session, 1, &rules, NOW_MS).advice, RUN_FREE);
    rules = (AdviceRules){.hard_load = 1000, .hard_top_ms = 5 * 60000, .window_ms = DAY_MS};
    assert_int_equal(advice_of_history(&session, 1, &rules, NOW_MS).advice, RUN_RECOVERY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),
        cmocka_unit_test(test_the_rules_count),
    };
    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
