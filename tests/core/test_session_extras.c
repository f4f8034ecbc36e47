/* SPDX-License-Identifier: MIT
 *
 * A session's pace and RPE, what a pause does to the status, and times that no clock has.
 */
#include "core/names.h"
#include "core/session_state.h"
#include "session_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static SessionStateTally tally;

static void set_speed(Fixture *f, double mps) { session_set_speed(&f->session, mps, f->now_ms); }

static void started(Fixture *f)
{
    fixture_init(f, "recovery", false);
    f->session.config.speed_cap_mm_s = compliance_mm_s(9);
}

static void test_a_given_speed_holds_for_a_minute(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    set_speed(&f, 2.4); /* the treadmill runs before the session does */
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 59, 120);
    assert_true(fixture_live(&f).speed_mps == 2.4);
    fixture_run(&f, 41, 120);
    assert_true(isnan(fixture_live(&f).speed_mps));
    assert_int_equal(fixture_summary(&f).totals.speed_ms, 60000);
    set_speed(&f, 2.6);
    fixture_run(&f, 10, 120);
    set_speed(&f, 2.5);
    fixture_run(&f, 10, 120);
    set_speed(&f, NAN); /* not known any more */
    fixture_run(&f, 10, 120);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.totals.speed_ms, 80000);
    assert_int_equal(summary.totals.above_pace_ms, 10000);
    assert_true(totals_pace_compliance(&summary.totals) == 87.5);
    assert_true(fabs(summary.totals.distance_m - (60 * 2.4 + 10 * 2.6 + 10 * 2.5)) < 1e-6);
    assert_int_equal(summary.speed_cap_mm_s, 2500);
}

static void test_a_pause_has_no_pace(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    set_speed(&f, 3);
    fixture_run(&f, 10, 120);
    fixture_command(&f, SESSION_CMD_PAUSE);
    fixture_run(&f, 20, 120);
    fixture_command(&f, SESSION_CMD_RESUME);
    fixture_run(&f, 10, 120);
    Totals totals = fixture_summary(&f).totals;
    assert_int_equal(totals.above_pace_ms, 20000);
    assert_int_equal(totals.pace_excursions, 2);
}

static void test_a_sample_s_own_speed_goes_stale_with_it(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    Sample sample = {.t_ms = f.now_ms, .bpm = 120, .speed_mps = 2};
    session_sample(&f.session, &sample);
    assert_true(fixture_live(&f).speed_mps == 2);
    fixture_wait(&f, 5);
    assert_true(isnan(fixture_live(&f).speed_mps));
}

static void test_beats_in_a_pause_are_not_the_session_s(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 10, 120);
    fixture_command(&f, SESSION_CMD_PAUSE);
    fixture_run(&f, 10, 120);
    fixture_command(&f, SESSION_CMD_RESUME);
    fixture_run(&f, 10, 120);
    assert_int_equal(fixture_summary(&f).hrv.beats, 20);
}

static void test_rpe(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    assert_false(session_set_rpe(&f.session, 2)); /* of what? */
    fixture_command(&f, SESSION_CMD_START);
    static const int wrong[] = {-1, 11, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(session_set_rpe(&f.session, wrong[i]));
    assert_int_equal(fixture_summary(&f).rpe, 0);
    assert_true(session_set_rpe(&f.session, 10));
    assert_int_equal(fixture_summary(&f).rpe, 10);
    assert_int_equal(fixture_live(&f).rpe, 10);
    fixture_run(&f, 400, 120);
    fixture_command(&f, SESSION_CMD_STOP);
    assert_true(session_set_rpe(&f.session, 1)); /* usually known only then */
    assert_int_equal(session_finished(&f.session)->rpe, 1);
    assert_int_equal(fixture_live(&f).rpe, 1);
    fixture_command(&f, SESSION_CMD_START);
    assert_int_equal(fixture_summary(&f).rpe, 0);
    assert_int_equal(fixture_live(&f).rpe, 0);
}

static void test_pace_and_rpe_survive_a_restart(void **state)
{
    (void)state;
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    session_set_rpe(&f.session, 3);
    set_speed(&f, 3);
    fixture_run(&f, 10, 120);
    size_t len = session_save(&f.session, bytes, sizeof bytes);
    Session restored;
    assert_int_equal(session_restore(&restored, bytes, len, 0, &tally), SESSION_STATE_OK);
    f.session = restored;
    fixture_run(&f, 60, 120);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.rpe, 3);
    assert_int_equal(summary.speed_cap_mm_s, 2500);
    assert_int_equal(summary.totals.above_pace_ms, 60000);
    assert_int_equal(summary.totals.pace_excursions, 1);
}

static Target target_of(const char *word)
{
    Target target;
    assert_true(target_parse(word, &target));
    return target;
}

static bool set_target(Fixture *f, const char *word)
{
    const Target target = target_of(word);
    unsigned events;
    bool fits = session_set_target(&f->session, &target, f->now_ms, &events);
    f->events |= events;
    return fits;
}

/* Cap 132, then 145 (easy): what was above before stays above, what comes is held against the new cap. */
static void test_a_new_target_counts_from_now_on(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 100, 140);
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
    assert_true(set_target(&f, "easy"));
    assert_true(set_target(&f, "easy")); /* no change */
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
    assert_int_equal(fixture_live(&f).cap_bpm, 145);
    fixture_run(&f, 100, 140);
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
    fixture_run(&f, 9, 150);
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
    fixture_run(&f, 2, 150);
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.totals.above_ms, 111000);
    assert_int_equal(summary.totals.longest_ms, 100000);
    assert_int_equal(summary.totals.excursions, 2);
    assert_int_equal(summary.target_changes, 1);
    assert_int_equal(summary.target.kind, TARGET_EASY);
    assert_int_equal(summary.cap_bpm, 145);
}

static void test_a_lower_cap_begins_an_excursion_of_its_own(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 90, 140);
    assert_true(set_target(&f, "cap:120"));
    assert_int_equal(fixture_live(&f).status, STATUS_IN); /* its ten seconds begin now */
    fixture_run(&f, 10, 140);
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
    assert_int_equal(fixture_summary(&f).totals.excursions, 2);
    assert_int_equal(fixture_summary(&f).totals.peak_over_bpm, 20);
}

static void test_a_target_outside_a_session_is_for_the_next(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    assert_false(set_target(&f, "z7"));
    assert_int_equal(fixture_live(&f).cap_bpm, 132);
    assert_true(set_target(&f, "z2"));
    assert_int_equal(fixture_live(&f).target.zone, 2);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 100, 140);
    assert_int_equal(fixture_summary(&f).totals.above_ms, 0);
    assert_int_equal(fixture_summary(&f).floor_bpm, 133);
    assert_int_equal(fixture_summary(&f).target_changes, 0);
}

static void test_a_changed_target_survives_a_restart(void **state)
{
    (void)state;
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 30, 140);
    assert_true(set_target(&f, "cap:150"));
    size_t len = session_save(&f.session, bytes, sizeof bytes);
    const int64_t saved_ms = f.now_ms;
    fixture_init(&f, "recovery", false);
    f.now_ms = saved_ms;
    assert_int_equal(session_restore(&f.session, bytes, len, 0, &tally), SESSION_STATE_OK);
    assert_int_equal(fixture_live(&f).cap_bpm, 150);
    assert_int_equal(fixture_summary(&f).target_changes, 1);
    assert_int_equal(fixture_summary(&f).totals.above_ms, 30000);
}

static void test_what_was_before_a_pause_shows_no_more_after_it(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 60, 120);
    fixture_run(&f, 30, 140);
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
    fixture_command(&f, SESSION_CMD_PAUSE);
    fixture_run(&f, 60, 120);
    fixture_command(&f, SESSION_CMD_RESUME);
    assert_int_equal(fixture_live(&f).status, STATUS_IN); /* the sample of a second ago still holds */
    fixture_run(&f, 1, 120);
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
}

static void test_the_ten_seconds_begin_anew_at_the_end_of_a_pause(void **state)
{
    (void)state;
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 60, 120);
    fixture_command(&f, SESSION_CMD_PAUSE);
    fixture_run(&f, 60, 140);
    fixture_wait(&f, 1); /* the newest sample is 2 s old */
    fixture_command(&f, SESSION_CMD_RESUME);
    f.now_ms += 3000; /* and so it holds for 3 s more */
    assert_int_equal(fixture_live(&f).status, STATUS_UNKNOWN);
    f.now_ms -= 3000;
    fixture_run(&f, 10, 140);
    f.now_ms -= 1;
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
    f.now_ms += 1;
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
}

static void test_every_rate_and_rr_has_an_outcome(void **state)
{
    (void)state;
    static const double rr_ms[] = {0, -0.0, -1, 1e-300, 1e300, NAN, INFINITY, -INFINITY, 270, 2000, 2000.001};
    Fixture f;
    started(&f);
    fixture_command(&f, SESSION_CMD_START);
    for (unsigned bpm = 0; bpm <= UINT16_MAX; bpm++) {
        Sample sample = {.t_ms = f.now_ms++, .bpm = (uint16_t)bpm, .contact = (Contact)(bpm % 3), .speed_mps = NAN};
        sample.rr_count = sizeof rr_ms / sizeof rr_ms[0];
        for (unsigned i = 0; i < sample.rr_count; i++)
            sample.rr_ms[i] = rr_ms[i];
        session_sample(&f.session, &sample);
        Live live = fixture_live(&f);
        assert_true(live.hr_bpm == 0 || (live.hr_bpm >= 25 && live.hr_bpm <= 250));
    }
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.samples, UINT16_MAX + 1);
    assert_int_equal(summary.invalid[SAMPLE_NO_SIGNAL], 1);
    assert_int_equal(summary.invalid[SAMPLE_IMPLAUSIBLE], 24 + UINT16_MAX - 250);
}

static void test_times_that_no_clock_has(void **state)
{
    (void)state;
    static const int64_t times_ms[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX, INT64_MAX - 1, 5, INT64_MIN};
    Fixture f;
    unsigned events;
    started(&f);
    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        int64_t t_ms = times_ms[i];
        Sample sample = {.t_ms = t_ms, .bpm = 120, .speed_mps = NAN, .rr_count = 1, .rr_ms = {500}};
        session_link(&f.session, true, t_ms);
        session_command(&f.session, i % 2 ? SESSION_CMD_STOP : SESSION_CMD_START, t_ms, &events);
        session_sample(&f.session, &sample);
        session_set_speed(&f.session, 2, t_ms);
        session_advance(&f.session, t_ms);
        f.now_ms = t_ms;
        Summary summary;
        session_summary(&f.session, t_ms, &summary);
        fixture_live(&f);
    }
}

static void test_the_corpus_of_the_fuzzer_is_of_this_format(void **state)
{
    (void)state;
    static const char *const names[] = {"new", "live", "above", "paused", "zeros", "finished", "lost"};
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", getenv("ZONE1D_TEST_CORPUS"), names[i]);
        FILE *file = fopen(path, "rbe");
        assert_non_null(file);
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        Session session;
        assert_int_equal(session_restore(&session, bytes, len, 0, &tally), SESSION_STATE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_given_speed_holds_for_a_minute),
        cmocka_unit_test(test_a_pause_has_no_pace),
        cmocka_unit_test(test_a_sample_s_own_speed_goes_stale_with_it),
        cmocka_unit_test(test_beats_in_a_pause_are_not_the_session_s),
        cmocka_unit_test(test_a_new_target_counts_from_now_on),
        cmocka_unit_test(test_a_lower_cap_begins_an_excursion_of_its_own),
        cmocka_unit_test(test_a_target_outside_a_session_is_for_the_next),
        cmocka_unit_test(test_a_changed_target_survives_a_restart),
        cmocka_unit_test(test_rpe),
        cmocka_unit_test(test_pace_and_rpe_survive_a_restart),
        cmocka_unit_test(test_what_was_before_a_pause_shows_no_more_after_it),
        cmocka_unit_test(test_the_ten_seconds_begin_anew_at_the_end_of_a_pause),
        cmocka_unit_test(test_every_rate_and_rr_has_an_outcome),
        cmocka_unit_test(test_times_that_no_clock_has),
        cmocka_unit_test(test_the_corpus_of_the_fuzzer_is_of_this_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
