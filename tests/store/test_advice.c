/* SPDX-License-Identifier: MIT
 *
 * athlete/<a>/advice, from the sessions that are stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keeping_fixture.h"

static void test_a_hard_session_makes_a_recovery_run_due(void **state)
{
    Fixture *fixture = *state;
    assert_string_equal(word(newest("advice"), "advice"), "free");
    samples(fixture, 0, 800, 175); /* over ten minutes in the highest zone */
    keeping_stop(fixture);
    const Published *advice = newest("advice");
    assert_true(advice->retain && advice->qos == 1 && advice->kind == MQTT_KEEP);
    assert_string_equal(word(advice, "advice"), "recovery_run");
    assert_string_equal(word(advice, "session"), word(newest("session/last"), "id"));
    assert_string_equal(word(advice, "until"), "2025-11-26T16:13:19.000Z");
    /* It is known after a restart, and over after two days, to the second. */
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-1", true);
    assert_string_equal(word(newest("advice"), "advice"), "recovery_run");
    const int64_t until_ms = 799000 + INT64_C(48) * 3600000;
    const unsigned before = published("advice", 0, INT64_MAX);
    run_to(fixture, until_ms - 1);
    assert_int_equal(published("advice", 0, INT64_MAX), before);
    run_to(fixture, until_ms);
    assert_string_equal(word(newest("advice"), "advice"), "free");
    assert_null(word(newest("advice"), "session"));
}

static void test_two_hard_days_make_it_rest(void **state)
{
    Fixture *fixture = *state;
    const int64_t next_day_ms = INT64_C(20) * 3600000;
    samples(fixture, 0, 800, 175);
    keeping_stop(fixture);
    g_autofree char *first = g_strdup(word(newest("session/last"), "id"));
    run_to(fixture, next_day_ms);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_START, T0_MS + fixture->now_ms));
    samples(fixture, next_day_ms + 1000, 800, 175);
    keeping_stop(fixture);
    assert_string_equal(word(newest("advice"), "advice"), "rest");
    assert_string_equal(word(newest("advice"), "session_before"), first);
}

/* The day is that on which it began, also when the clock was set later. */
static void test_a_hard_run_over_midnight_is_of_the_day_it_began(void **state)
{
    Fixture *fixture = *state;
    const int64_t late_ms = INT64_C(475) * MINUTE_MS; /* 23:55 */
    const gint64 off_us = -WALL0_US + 100 * G_USEC_PER_SEC;
    fixture->wall_shift_us = off_us;
    run_to(fixture, late_ms);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_START, T0_MS + fixture->now_ms));
    samples(fixture, late_ms + 1000, 800, 175);
    keeping_stop(fixture);
    fixture->wall_shift_us = 0;
    store_correct_clock(fixture->context.store, "boot-1", -off_us);
    athlete_correct_clock(fixture->athlete, -off_us, T0_MS + fixture->now_ms);
    assert_string_equal(word(newest("advice"), "advice"), "recovery_run");
    run_to(fixture, late_ms + 35 * MINUTE_MS);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_START, T0_MS + fixture->now_ms));
    samples(fixture, fixture->now_ms + 1000, 800, 175);
    keeping_stop(fixture);
    assert_string_equal(word(newest("advice"), "advice"), "rest");
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-1", true);
    assert_string_equal(word(newest("advice"), "advice"), "rest");
}

static void test_easy_runs_leave_it_free(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3600, 125);
    keeping_stop(fixture);
    assert_string_equal(word(newest("advice"), "advice"), "free");
}

static void test_without_a_clock_there_is_no_advice(void **state)
{
    Fixture *fixture = *state;
    fixture->wall_shift_us = -WALL0_US + 100 * G_USEC_PER_SEC;
    samples(fixture, 0, 800, 175);
    keeping_stop(fixture);
    assert_null(word(newest("advice"), "advice"));
    const gint64 off_us = fixture->wall_shift_us;
    fixture->wall_shift_us = 0;
    athlete_correct_clock(fixture->athlete, -off_us, T0_MS + fixture->now_ms);
    assert_string_equal(word(newest("advice"), "advice"), "recovery_run");
    assert_string_equal(word(newest("advice"), "ended_at"), "2025-11-24T16:13:19.000Z");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, keeping_setup, keeping_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_hard_session_makes_a_recovery_run_due),
        TEST(test_two_hard_days_make_it_rest),
        TEST(test_a_hard_run_over_midnight_is_of_the_day_it_began),
        TEST(test_easy_runs_leave_it_free),
        TEST(test_without_a_clock_there_is_no_advice),
    };
    return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
