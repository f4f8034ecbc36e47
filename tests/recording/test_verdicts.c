/* SPDX-License-Identifier: MIT
 *
 * The table of docs/verdict.md, the whole way from the file: recording, replay with the session's own
 * timers, judgement. The numbers are the same at any speed.
 */
#include "core/session.h"
#include "replay.h"
#include "../verdict_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    Source *source;
    Session session;
    bool over;
} Judge;

static void on_link(void *user, unsigned athlete, bool up, int64_t now_ms)
{
    Judge *judge = user;
    (void)athlete;
    session_link(&judge->session, up, now_ms);
    judge->over = !up;
}

static void on_begin(void *user, unsigned athlete, int64_t now_ms)
{
    Judge *judge = user;
    unsigned happened = 0;
    (void)athlete;
    assert_true(session_command(&judge->session, SESSION_CMD_RECORD, now_ms, &happened));
}

static void wake_in_time(Judge *judge)
{
    source_set_timer(judge->source, session_deadline_ms(&judge->session));
}

static void on_sample(void *user, unsigned athlete, const Sample *sample)
{
    Judge *judge = user;
    (void)athlete;
    session_sample(&judge->session, sample);
    wake_in_time(judge);
}

static void on_timer(void *user, int64_t now_ms)
{
    Judge *judge = user;
    session_advance(&judge->session, now_ms);
    wake_in_time(judge);
}

static void on_end(void *user, unsigned athlete, int64_t now_ms)
{
    Judge *judge = user;
    unsigned happened = 0;
    (void)athlete;
    assert_true(session_command(&judge->session, SESSION_CMD_STOP, now_ms, &happened));
    assert_true(happened & SESSION_EV_FINISHED);
}

static const SourceEvents events = {
    .sample = on_sample, .link = on_link, .timer = on_timer, .begin = on_begin, .end = on_end};

static Summary judge_file(const VerdictRow *row, double speed)
{
    Judge judge = {0};
    const AthleteProfile profile = {.max_bpm = row->max_bpm, .rest_bpm = row->rest_bpm};
    SessionConfig config = {.target = {.kind = TARGET_RECOVERY}, .rules = verdict_rules_default()};
    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    assert_true(session_init(&judge.session, &config));

    g_autofree char *path = g_build_filename(g_getenv("ZONE1D_TEST_DATA"), row->file, NULL);
    g_autoptr(GError) error = NULL;
    Recording *recording = recording_load(path, &error);
    assert_non_null(recording);
    judge.source = replay_source_new(recording, 0, speed, &events, &judge);
    source_start(judge.source);
    while (!judge.over)
        g_main_context_iteration(NULL, TRUE);
    source_free(judge.source);
    return *session_finished(&judge.session);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(verdict_table); i++) {
        const VerdictRow *row = &verdict_table[i];
        const Summary summary = judge_file(row, G_MAXDOUBLE);
        assert_int_equal(summary.cap_bpm, row->cap_bpm);
        assert_int_equal((summary.totals.valid_ms + 500) / 1000, row->valid_s);
        assert_int_equal((summary.totals.above_ms + 500) / 1000, row->above_s);
        assert_true(fabs(totals_compliance(&summary.totals) - row->compliance) < 0.01);
        assert_int_equal(summary.totals.excursions, row->excursions);
        assert_int_equal((summary.totals.longest_ms + 500) / 1000, row->longest_s);
        assert_int_equal(summary.verdict.verdict, row->verdict);
    }
}

static void test_same_at_any_speed(void **state)
{
    (void)state;
    static const double speeds[] = {10000, 123456.7, G_MAXDOUBLE};
    const Summary first = judge_file(&verdict_table[0], speeds[0]);
    for (size_t i = 1; i < G_N_ELEMENTS(speeds); i++) {
        const Summary other = judge_file(&verdict_table[0], speeds[i]);
        assert_int_equal(other.start_ms, first.start_ms);
        assert_int_equal(other.end_ms, first.end_ms);
        assert_memory_equal(other.totals.zone_ms, first.totals.zone_ms, sizeof first.totals.zone_ms);
        assert_int_equal(other.totals.overshoot_bpm_ms, first.totals.overshoot_bpm_ms);
        assert_string_equal(other.verdict.reason, first.verdict.reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_same_at_any_speed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
