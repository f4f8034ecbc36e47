/* SPDX-License-Identifier: MIT */
#include "core/session_state.h"
#include "session_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CAP 132

static void test_nothing_is_known_before_a_strap_is(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_wait(&f, 3600);
    Live live = fixture_live(&f);
    assert_int_equal(live.signal, SIGNAL_NONE);
    assert_int_equal(live.hr_bpm, 0);
    assert_int_equal(live.zone, ZONE_NONE);
    assert_int_equal(live.status, STATUS_NONE);
    assert_int_equal(live.session, SESSION_IDLE);
    assert_int_equal(live.cap_bpm, CAP);
    assert_true(isnan(totals_compliance(&live.totals)));
    assert_true(session_deadline_ms(&f.session) == SESSION_NEVER);
}

static void test_the_rate_is_gone_after_exactly_five_seconds(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_link(&f, true);
    fixture_run(&f, 3, 120);
    assert_int_equal(fixture_live(&f).hr_bpm, 120);
    int64_t stale_ms = f.now_ms - 1000 + SESSION_STALE_MS;
    assert_int_equal(session_deadline_ms(&f.session), stale_ms);
    fixture_take_events(&f);
    fixture_wait(&f, 3.999);
    assert_int_equal(fixture_take_events(&f), 0);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
    fixture_wait(&f, 0.001);
    assert_int_equal(f.now_ms, stale_ms);
    assert_int_equal(fixture_take_events(&f), SESSION_EV_CHANGED);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_STALE);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
}

static void test_a_lost_link_shows_at_once_and_heals(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_link(&f, true);
    fixture_run(&f, 3, 120);
    fixture_link(&f, false);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LOST);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
    fixture_wait(&f, 30);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LOST);
    fixture_link(&f, true);
    assert_int_equal(fixture_live(&f).hr_bpm, 0); /* a link is no rate: the old one must not come back */
    assert_int_equal(fixture_live(&f).signal, SIGNAL_STALE);
    fixture_run(&f, 1, 118);
    assert_int_equal(fixture_live(&f).hr_bpm, 118);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
}

static void test_a_relink_within_five_seconds_does_not_revive_the_old_rate(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_link(&f, true);
    fixture_run(&f, 1, 120);
    fixture_link(&f, false);
    fixture_link(&f, true);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
}

static void test_contact_lost(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    f.contact = CONTACT_NOT_DETECTED;
    fixture_run(&f, 100, 120); /* a strap that never tells better: its rate counts */
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
    f.contact = CONTACT_DETECTED;
    fixture_run(&f, 1, 120);
    f.contact = CONTACT_NOT_DETECTED;
    fixture_run(&f, 1, 120);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_NO_CONTACT);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
}

static void test_zeros_are_null_at_once_and_no_contact_after_five_seconds(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_run(&f, 10, 120);
    fixture_run(&f, 3, 0);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
    fixture_run(&f, 1, 0);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_NO_CONTACT);
    fixture_run(&f, 1, 120);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
}

static void test_automatic_start_after_ten_seconds_of_live_signal(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    int64_t first_ms = f.now_ms;
    fixture_run(&f, 5, 120);
    fixture_wait(&f, 6); /* stale in between: counts anew */
    first_ms = f.now_ms;
    fixture_run(&f, 10, 120);
    assert_int_equal(fixture_live(&f).session, SESSION_IDLE);
    fixture_wait(&f, 0);
    assert_int_equal(fixture_live(&f).session, SESSION_ACTIVE);
    assert_true(fixture_take_events(&f) & SESSION_EV_STARTED);
    assert_int_equal(fixture_summary(&f).start_ms, first_ms + SESSION_AUTO_START_MS);
    fixture_wait(&f, 1);
    assert_int_equal(fixture_summary(&f).totals.valid_ms, 1000); /* the sample before the start still holds */
}

/* A strap that finds no heart yet sends zeros, and only those: that is no live signal, not even for a moment. */
static void test_zeros_before_the_first_rate_are_no_signal(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    for (int with_link = 0; with_link <= 1; with_link++) {
        fixture_link(&f, false);
        if (with_link)
            fixture_link(&f, true);
        for (int i = 0; i < 4; i++) {
            fixture_run(&f, 1, 0);
            assert_int_equal(fixture_live(&f).signal, SIGNAL_NO_CONTACT);
        }
        int64_t first_ms = f.now_ms;
        fixture_run(&f, 10, 120);
        assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
        assert_int_equal(fixture_live(&f).session, SESSION_IDLE);
        fixture_run(&f, 1, 120);
        assert_int_equal(fixture_live(&f).session, SESSION_ACTIVE);
        assert_int_equal(fixture_summary(&f).start_ms, first_ms + SESSION_AUTO_START_MS);
        fixture_wait(&f, 600);
    }
}

/* Amid good samples one that is not valid is no break. */
static void test_a_zero_among_rates_is_live(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 4, 120);
    fixture_run(&f, 1, 0);
    assert_int_equal(fixture_live(&f).signal, SIGNAL_LIVE);
    assert_int_equal(fixture_live(&f).hr_bpm, 0);
    fixture_run(&f, 6, 120);
    assert_int_equal(fixture_live(&f).session, SESSION_ACTIVE);
}

static void test_automatic_end_goes_back_to_the_last_valid_sample(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 411, 120);
    int64_t last_valid_ms = f.now_ms - 1000;
    fixture_run(&f, 10, 0);
    fixture_link(&f, false);
    fixture_wait(&f, 300);
    assert_true(fixture_take_events(&f) & SESSION_EV_FINISHED);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.end_ms, last_valid_ms);
    assert_int_equal(summary.totals.valid_ms, 400000);
    assert_int_equal(summary.totals.unknown_ms, 0);
    assert_int_equal(summary.invalid[SAMPLE_NO_SIGNAL], 0);
    assert_int_equal(summary.verdict.verdict, VERDICT_STRICT);
    assert_int_equal(fixture_live(&f).session, SESSION_FINISHED);
}

static void test_automatic_end_after_exactly_five_minutes(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 411, 120);
    fixture_wait(&f, 298.999); /* the last sample came a second ago */
    assert_int_equal(fixture_live(&f).session, SESSION_ACTIVE);
    assert_int_equal(session_deadline_ms(&f.session), f.now_ms + 1);
    fixture_wait(&f, 0.001);
    assert_int_equal(fixture_live(&f).session, SESSION_FINISHED);
}

static void test_a_gap_under_five_minutes_does_not_end_it(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 211, 120);
    fixture_link(&f, false);
    fixture_wait(&f, 298);
    fixture_link(&f, true);
    fixture_run(&f, 100, 120);
    fixture_command(&f, SESSION_CMD_STOP);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.totals.valid_ms, 305000);
    assert_int_equal(summary.totals.unknown_ms, 294000);
    assert_int_equal(summary.verdict.verdict, VERDICT_INCONCLUSIVE);
}

static void test_a_short_session_is_dropped(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 100, 120);
    fixture_wait(&f, 600);
    assert_true(fixture_take_events(&f) & SESSION_EV_DROPPED);
    Summary summary;
    assert_false(session_summary(&f.session, f.now_ms, &summary));
    assert_int_equal(fixture_live(&f).session, SESSION_IDLE);
}

static void test_no_new_start_after_a_stop_while_the_strap_is_still_on(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 400, 120);
    assert_true(fixture_command(&f, SESSION_CMD_STOP));
    fixture_run(&f, 600, 120);
    assert_int_equal(fixture_live(&f).session, SESSION_FINISHED);
    fixture_wait(&f, 10);
    fixture_run(&f, 11, 120);
    assert_int_equal(fixture_live(&f).session, SESSION_ACTIVE);
}

static void test_commands_that_do_not_fit_change_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    assert_false(fixture_command(&f, SESSION_CMD_STOP));
    assert_false(fixture_command(&f, SESSION_CMD_PAUSE));
    assert_false(fixture_command(&f, SESSION_CMD_RESUME));
    assert_true(fixture_command(&f, SESSION_CMD_START));
    assert_false(fixture_command(&f, SESSION_CMD_START));
    assert_false(fixture_command(&f, SESSION_CMD_RESUME));
    assert_true(fixture_command(&f, SESSION_CMD_PAUSE));
    assert_false(fixture_command(&f, SESSION_CMD_PAUSE));
    assert_false(fixture_command(&f, SESSION_CMD_START));
    assert_true(fixture_command(&f, SESSION_CMD_RESUME));
}

static void test_a_pause_counts_as_neither(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 400, 120);
    fixture_command(&f, SESSION_CMD_PAUSE);
    assert_int_equal(fixture_live(&f).status, STATUS_NONE);
    fixture_run(&f, 100, 170);
    assert_int_equal(fixture_live(&f).hr_bpm, 170); /* shown, not judged */
    fixture_command(&f, SESSION_CMD_RESUME);
    fixture_run(&f, 100, 120);
    fixture_command(&f, SESSION_CMD_STOP);
    Totals totals = fixture_summary(&f).totals;
    assert_int_equal(totals.paused_ms, 100000);
    assert_int_equal(totals.above_ms, 0);
    assert_int_equal(totals.hr_max_bpm, 120);
}

static void test_the_status_through_a_session(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    assert_int_equal(fixture_live(&f).status, STATUS_UNKNOWN);
    fixture_run(&f, 59, 130);
    assert_int_equal(fixture_live(&f).status, STATUS_SETTLING);
    fixture_run(&f, 2, 130);
    assert_int_equal(fixture_live(&f).status, STATUS_IN);
    fixture_run(&f, 10, 140);
    fixture_wait(&f, 0);
    assert_int_equal(fixture_live(&f).status, STATUS_ABOVE);
    assert_int_equal(fixture_live(&f).advice, ADVICE_EASE_OFF);
    fixture_wait(&f, 4);
    assert_int_equal(fixture_live(&f).status, STATUS_UNKNOWN);
    assert_int_equal(fixture_live(&f).advice, ADVICE_NONE);
    Totals totals = fixture_live(&f).totals;
    assert_int_equal(totals.excursions, 1);
    assert_int_equal(totals.longest_ms, 14000);
    assert_int_equal(totals.peak_over_bpm, 8);
}

static void test_late_time_makes_everything_happen_when_it_was_due(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    fixture_run(&f, 400, 120);
    int64_t last_ms = f.now_ms - 1000;
    fixture_wait(&f, 86400); /* the machine slept */
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.end_ms, last_ms);
    assert_int_equal(summary.totals.valid_ms, 389000);
}

static void test_no_gap_ends_a_recording(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    assert_true(fixture_command(&f, SESSION_CMD_RECORD));
    assert_false(fixture_command(&f, SESSION_CMD_RECORD));
    fixture_run(&f, 100, 120);
    fixture_wait(&f, 86400);
    assert_int_equal(session_deadline_ms(&f.session), SESSION_NEVER);
    fixture_run(&f, 100, 120);
    fixture_take_events(&f);
    fixture_command(&f, SESSION_CMD_STOP);
    assert_true(fixture_take_events(&f) & SESSION_EV_FINISHED);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.totals.valid_ms, 204000);
    assert_int_equal(summary.totals.elapsed_ms, 86600000);
    /* The next one is a strap's again. */
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 200, 120);
    fixture_wait(&f, 300);
    assert_int_equal(fixture_live(&f).session, SESSION_FINISHED);
}

/* A restart in the midst of a recording: what is left of it must not go on for ever. */
static void test_a_restored_recording_ends_by_itself(void **state)
{
    (void)state;
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    SessionStateTally tally = {0};
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_RECORD);
    fixture_run(&f, 200, 120);
    size_t len = session_save(&f.session, bytes, sizeof bytes);
    assert_int_equal(session_restore(&f.session, bytes, len, 0, &tally), SESSION_STATE_OK);
    fixture_wait(&f, 300);
    assert_int_equal(fixture_live(&f).session, SESSION_FINISHED);
}

static void test_time_going_back_is_harmless(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 10, 120);
    f.now_ms -= 5000;
    fixture_run(&f, 10, 120);
    fixture_wait(&f, 1);
    fixture_summary(&f);
}

static void test_invalid_samples_are_counted_by_reason(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    f.contact = CONTACT_DETECTED;
    fixture_run(&f, 400, 120);
    fixture_run(&f, 3, 0);
    fixture_run(&f, 2, 255);
    fixture_run(&f, 1, 200);
    f.contact = CONTACT_NOT_DETECTED;
    fixture_run(&f, 4, 120);
    f.contact = CONTACT_DETECTED;
    fixture_run(&f, 1, 120);
    Summary summary = fixture_summary(&f);
    assert_int_equal(summary.samples, 411);
    assert_int_equal(summary.invalid[SAMPLE_VALID], 401);
    assert_int_equal(summary.invalid[SAMPLE_NO_SIGNAL], 3);
    assert_int_equal(summary.invalid[SAMPLE_IMPLAUSIBLE], 2);
    assert_int_equal(summary.invalid[SAMPLE_SPIKE], 1);
    assert_int_equal(summary.invalid[SAMPLE_NO_CONTACT], 4);
    assert_int_equal(summary.totals.unknown_ms, 10000);
}

/* A run in zone 1 with RR that scatter at random (alpha 1 near 0.5), or that wander (near 1.5). */
static Summary run_with_rr(bool wander, unsigned bpm, const char *target)
{
    Fixture f;
    uint32_t random = 12345;
    double drift_ms = 0;
    fixture_init(&f, target, false);
    fixture_command(&f, SESSION_CMD_START);
    for (int i = 0; i < 1500; i++) {
        random = random * 1664525u + 1013904223u;
        double step_ms = (double)(random >> 16) / 65536.0 * 16 - 8;
        drift_ms = wander ? 0.98 * drift_ms + step_ms : step_ms;
        Sample s = {.t_ms = f.now_ms, .bpm = (uint16_t)bpm, .speed_mps = NAN, .rr_count = 2};
        s.rr_ms[0] = s.rr_ms[1] = 60000.0 / 122 + drift_ms;
        s.rr_ms[1] += wander ? 0.5 : -step_ms * 1.5;
        session_sample(&f.session, &s);
        f.now_ms += 984;
    }
    return fixture_summary(&f);
}

static void test_alpha1_that_contradicts_the_zone_is_said(void **state)
{
    (void)state;
    Summary scattered = run_with_rr(false, 122, "recovery"), wandering = run_with_rr(true, 122, "recovery");
    assert_int_equal(scattered.verdict.verdict, VERDICT_STRICT);
    assert_true(scattered.alpha1_in_z1 > SESSION_HINT_MIN_VALUES);
    assert_true(scattered.bounds_too_high);
    assert_true(wandering.alpha1_in_z1 > SESSION_HINT_MIN_VALUES);
    assert_false(wandering.bounds_too_high);
    Summary faster = run_with_rr(false, CAP + 1, "easy");
    assert_int_equal(faster.verdict.verdict, VERDICT_STRICT);
    assert_int_equal(faster.alpha1_in_z1, 0); /* out of zone 1 it is as it should be */
}

static void test_when_the_hint_is_given(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int bpm;
        unsigned in_z1, low_in_z1;
        bool hint;
    } cases[] = {
        {"recovery", 120, 60, 31, true}, {"recovery", 120, 60, 30, false}, {"recovery", 120, 59, 59, false},
        {"z1", 120, 60, 60, true},       {"cap:132", 120, 60, 60, true},   {"easy", 120, 60, 60, false},
        {"recovery", 140, 60, 60, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Fixture f;
        fixture_init(&f, cases[i].target, false);
        fixture_command(&f, SESSION_CMD_START);
        fixture_run(&f, 400, cases[i].bpm);
        f.session.alpha1_in_z1 = cases[i].in_z1;
        f.session.alpha1_low_in_z1 = cases[i].low_in_z1;
        assert_int_equal(fixture_summary(&f).bounds_too_high, cases[i].hint);
    }
}

static void test_dropped_under_exactly_three_minutes(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 179, 120);
    fixture_wait(&f, 0.999);
    fixture_command(&f, SESSION_CMD_STOP);
    assert_true(fixture_take_events(&f) & SESSION_EV_DROPPED);
    fixture_run(&f, 1, 0); /* so that nothing holds into the next */
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 180, 120);
    fixture_command(&f, SESSION_CMD_STOP);
    assert_true(fixture_take_events(&f) & SESSION_EV_FINISHED);
}

static void test_beats_before_the_start_are_not_the_session_s(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", false);
    fixture_run(&f, 20, 120);
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 5, 120);
    assert_int_equal(fixture_summary(&f).hrv.beats, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_before_a_strap_is),
        cmocka_unit_test(test_the_rate_is_gone_after_exactly_five_seconds),
        cmocka_unit_test(test_a_lost_link_shows_at_once_and_heals),
        cmocka_unit_test(test_a_relink_within_five_seconds_does_not_revive_the_old_rate),
        cmocka_unit_test(test_contact_lost),
        cmocka_unit_test(test_zeros_are_null_at_once_and_no_contact_after_five_seconds),
        cmocka_unit_test(test_automatic_start_after_ten_seconds_of_live_signal),
        cmocka_unit_test(test_zeros_before_the_first_rate_are_no_signal),
        cmocka_unit_test(test_a_zero_among_rates_is_live),
        cmocka_unit_test(test_automatic_end_goes_back_to_the_last_valid_sample),
        cmocka_unit_test(test_automatic_end_after_exactly_five_minutes),
        cmocka_unit_test(test_a_gap_under_five_minutes_does_not_end_it),
        cmocka_unit_test(test_a_short_session_is_dropped),
        cmocka_unit_test(test_no_new_start_after_a_stop_while_the_strap_is_still_on),
        cmocka_unit_test(test_commands_that_do_not_fit_change_nothing),
        cmocka_unit_test(test_a_pause_counts_as_neither),
        cmocka_unit_test(test_the_status_through_a_session),
        cmocka_unit_test(test_late_time_makes_everything_happen_when_it_was_due),
        cmocka_unit_test(test_no_gap_ends_a_recording),
        cmocka_unit_test(test_a_restored_recording_ends_by_itself),
        cmocka_unit_test(test_time_going_back_is_harmless),
        cmocka_unit_test(test_invalid_samples_are_counted_by_reason),
        cmocka_unit_test(test_alpha1_that_contradicts_the_zone_is_said),
        cmocka_unit_test(test_when_the_hint_is_given),
        cmocka_unit_test(test_dropped_under_exactly_three_minutes),
        cmocka_unit_test(test_beats_before_the_start_are_not_the_session_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
