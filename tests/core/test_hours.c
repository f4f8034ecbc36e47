/* SPDX-License-Identifier: MIT
 *
 * Hours of real straps' habits in virtual time, from the bytes on the air to the verdict.
 * The habits are those of the devices named; the sums are worked out by hand.
 */
#include "core/hrm.h"
#include "core/session.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR_S 3600
#define CAP 132 /* of max 185, rest 55, hrr */

enum { FLAGS_NO_CONTACT_SUPPORT = 0x00, FLAGS_NOT_DETECTED = 0x04, FLAGS_DETECTED = 0x06, FLAG_RR = 0x10 };

typedef struct {
    Session session;
    int64_t now_ms;
    unsigned above_shown; /* how often the status became above */
    TargetStatus status;
} Run;

static void begin(Run *run)
{
    AthleteProfile profile = {.max_bpm = 185, .rest_bpm = 55, .sex = SEX_FEMALE};
    SessionConfig config = {.rules = verdict_rules_default()};
    unsigned events;
    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    assert_true(session_init(&run->session, &config));
    run->now_ms = 5000;
    run->above_shown = 0;
    run->status = STATUS_NONE;
    assert_true(session_command(&run->session, SESSION_CMD_START, run->now_ms, &events));
}

static void watch_status(Run *run)
{
    Live live;
    session_live(&run->session, run->now_ms, &live);
    run->above_shown += live.status == STATUS_ABOVE && run->status != STATUS_ABOVE;
    run->status = live.status;
}

/* One notification, and the second after it. RR_1024 0: none. */
static void notify(Run *run, unsigned flags, int bpm, unsigned rr_1024)
{
    uint8_t bytes[4] = {(uint8_t)(flags | (rr_1024 ? FLAG_RR : 0)), (uint8_t)bpm, (uint8_t)rr_1024,
                        (uint8_t)(rr_1024 >> 8)};
    HrmMeasurement measurement;
    Sample sample;
    assert_int_equal(hrm_decode(bytes, rr_1024 ? 4 : 2, &measurement), HRM_OK);
    hrm_to_sample(&measurement, run->now_ms, &sample);
    session_sample(&run->session, &sample);
    run->now_ms += 1000;
    session_advance(&run->session, run->now_ms);
    watch_status(run);
}

static Summary end(Run *run)
{
    unsigned events;
    assert_true(session_command(&run->session, SESSION_CMD_STOP, run->now_ms, &events));
    const Summary *summary = session_finished(&run->session);
    const Totals *totals = &summary->totals;
    assert_int_equal(totals->valid_ms + totals->unknown_ms + totals->paused_ms, totals->elapsed_ms);
    return *summary;
}

static void test_a_wahoo_that_says_not_detected_for_ever(void **state)
{
    (void)state;
    Run run;
    begin(&run);
    for (int s = 0; s < 2 * HOUR_S; s++)
        notify(&run, FLAGS_NOT_DETECTED, 125, 491);
    Summary summary = end(&run);
    assert_int_equal(summary.totals.valid_ms, 2 * HOUR_S * 1000);
    assert_int_equal(summary.verdict.verdict, VERDICT_STRICT);
}

static void test_a_polar_taken_off_in_the_middle(void **state)
{
    (void)state;
    Run run;
    begin(&run);
    for (int s = 0; s < 2 * HOUR_S; s++) /* its last rate goes on while it is off */
        notify(&run, s >= HOUR_S && s < HOUR_S + 240 ? FLAGS_NOT_DETECTED : FLAGS_DETECTED, 125, 0);
    Summary summary = end(&run);
    assert_int_equal(summary.invalid[SAMPLE_NO_CONTACT], 240);
    assert_int_equal(summary.totals.unknown_ms, 240000);
    assert_true(totals_coverage(&summary.totals) == 96.7);
}

static void test_an_optical_strap_with_bursts_of_zeros(void **state)
{
    (void)state;
    Run run;
    begin(&run);
    for (int s = 0; s < 2 * HOUR_S; s++)
        notify(&run, FLAGS_NO_CONTACT_SUPPORT, s % 60 >= 57 ? 0 : 125, 0);
    Summary summary = end(&run);
    assert_int_equal(summary.invalid[SAMPLE_NO_SIGNAL], 360);
    assert_int_equal(summary.totals.unknown_ms, 360000);
    assert_true(totals_hr_avg_bpm(&summary.totals) == 125);
    assert_int_equal(summary.verdict.verdict, VERDICT_STRICT);
}

static void test_spikes_never_count(void **state)
{
    (void)state;
    Run run;
    begin(&run);
    for (int s = 0; s < 3 * HOUR_S; s++)
        notify(&run, FLAGS_DETECTED, s % 300 == 150 ? 210 : 125, 0);
    Summary summary = end(&run);
    assert_int_equal(summary.invalid[SAMPLE_SPIKE], 36);
    assert_int_equal(summary.totals.hr_max_bpm, 125);
    assert_int_equal(summary.totals.above_ms, 0);
    assert_int_equal(summary.totals.unknown_ms, 36000);
    assert_int_equal(run.above_shown, 0);
}

static void test_a_level_shift_is_believed_at_its_third_sample(void **state)
{
    (void)state;
    Run run;
    begin(&run);
    for (int s = 0; s < 2 * HOUR_S; s++) /* static until the skin is wet, then the truth */
        notify(&run, FLAGS_DETECTED, s < HOUR_S ? 185 : 120, 0);
    Summary summary = end(&run);
    assert_int_equal(summary.invalid[SAMPLE_SPIKE], 2);
    assert_int_equal(summary.totals.above_ms, HOUR_S * 1000);
    assert_int_equal(summary.totals.unknown_ms, 2000);
    assert_int_equal(summary.totals.longest_ms, HOUR_S * 1000);
}

static void test_whoop_milliseconds_change_no_verdict(void **state)
{
    (void)state;
    Run standard, whoop;
    begin(&standard);
    begin(&whoop);
    uint32_t random = 1;
    for (int s = 0; s < HOUR_S; s++) {
        random = random * 1664525u + 1013904223u;
        unsigned rr_ms = 480 + (random >> 16) % 22;
        notify(&standard, FLAGS_DETECTED, 124, (unsigned)lround(rr_ms * 1.024));
        notify(&whoop, FLAGS_DETECTED, 124, rr_ms);
    }
    Summary a = end(&standard), b = end(&whoop);
    assert_int_equal(a.totals.valid_ms, b.totals.valid_ms);
    assert_int_equal(a.verdict.verdict, b.verdict.verdict);
    assert_true(fabs(b.hrv.rmssd_session_ms / a.hrv.rmssd_session_ms - 1) < 0.03);
}

/* Two hours, every minute ABOVE_S above the cap, in PARTS with BREAK_S below between them. */
static Summary intervals(Run *run, int above_s, int parts, int break_s)
{
    begin(run);
    for (int minute = 0; minute < 120; minute++) {
        int second = 0;
        for (int part = 0; part < parts; part++) {
            for (int i = 0; i < above_s; i++, second++)
                notify(run, FLAGS_DETECTED, CAP + 3, 0);
            for (int i = 0; i < break_s && part + 1 < parts; i++, second++)
                notify(run, FLAGS_DETECTED, CAP - 2, 0);
        }
        for (; second < 60; second++)
            notify(run, FLAGS_DETECTED, CAP - 2, 0);
    }
    return end(run);
}

static void test_nine_seconds_never_show_but_always_count(void **state)
{
    (void)state;
    Run run;
    Summary summary = intervals(&run, 9, 1, 0);
    assert_int_equal(run.above_shown, 0);
    assert_int_equal(summary.totals.above_ms, 120 * 9 * 1000);
    assert_int_equal(summary.totals.excursions, 120);
    assert_int_equal(summary.totals.longest_ms, 9000);
    assert_int_equal(summary.verdict.verdict, VERDICT_SLIPPED); /* 85 % */
}

static void test_ten_seconds_show_except_while_settling(void **state)
{
    (void)state;
    Run run;
    Summary summary = intervals(&run, 10, 1, 0);
    assert_int_equal(run.above_shown, 119);
    assert_int_equal(summary.totals.excursions, 120);
    assert_int_equal(summary.totals.peak_over_bpm, 3);
    assert_int_equal(summary.totals.overshoot_bpm_ms, 120 * 10 * 3 * 1000);
}

static void test_breaks_of_four_and_of_five_seconds(void **state)
{
    (void)state;
    Run run;
    Summary joined = intervals(&run, 6, 2, 4);
    assert_int_equal(joined.totals.excursions, 120);
    assert_int_equal(joined.totals.longest_ms, 12000);
    Summary apart = intervals(&run, 6, 2, 5);
    assert_int_equal(apart.totals.excursions, 240);
    assert_int_equal(apart.totals.longest_ms, 6000);
    assert_int_equal(apart.totals.above_ms, joined.totals.above_ms);
    assert_int_equal(run.above_shown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wahoo_that_says_not_detected_for_ever),
        cmocka_unit_test(test_a_polar_taken_off_in_the_middle),
        cmocka_unit_test(test_an_optical_strap_with_bursts_of_zeros),
        cmocka_unit_test(test_spikes_never_count),
        cmocka_unit_test(test_a_level_shift_is_believed_at_its_third_sample),
        cmocka_unit_test(test_whoop_milliseconds_change_no_verdict),
        cmocka_unit_test(test_nine_seconds_never_show_but_always_count),
        cmocka_unit_test(test_ten_seconds_show_except_while_settling),
        cmocka_unit_test(test_breaks_of_four_and_of_five_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
