/* SPDX-License-Identifier: MIT
 *
 * What an athlete says on MQTT, and when: the contract of docs/mqtt.md in virtual time.
 */
#include "athlete_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE_MS 60000
#define HOUR_MS (60 * MINUTE_MS)

static int rr_count(const Published *message)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(message->json, "rr_ms"));
}

static void test_silence_before_the_first_sample(void **state)
{
    Fixture *fixture = *state;
    run_to(fixture, HOUR_MS);
    assert_int_equal(published("live", 0, INT64_MAX) + published("state", 0, INT64_MAX), 0);
    assert_true(athlete_deadline_ms(fixture->athlete) == SOURCE_NEVER);
}

static void test_live_for_each_sample(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 8, 125);
    assert_int_equal(published("live", 0, INT64_MAX), 8);
    const Published *live = newest("live");
    assert_int_equal(live->at_ms, 7000);
    assert_true(number(live, "hr") == 125);
    assert_string_equal(word(live, "signal"), "live");
    assert_string_equal(word(live, "zone"), "z1");
    assert_string_equal(word(live, "gateway"), "gym");
    assert_string_equal(word(live, "ts"), "2025-11-24T16:00:07.000Z");
    assert_true(live->kind == MQTT_LIVE && live->qos == 0 && !live->retain && live->expiry_s == 5);
    const Published *status = newest("state");
    assert_true(status->kind == MQTT_LATEST && status->qos == 0 && !status->retain && status->expiry_s == 15);
}

/* Straps are not punctual: 0.9 to 1.3 s between two samples makes one message for each. */
static void test_a_jittering_strap_gives_one_message_a_sample(void **state)
{
    Fixture *fixture = *state;
    int64_t at_ms = 0;
    sample_at(fixture, 0, 125);
    for (int i = 0; i < 60; i++)
        sample_at(fixture, at_ms += i % 2 == 0 ? 900 : 1300, 125);
    /* One more: the session that begins on its own after 10 s of signal. */
    assert_in_range(published("live", 0, INT64_MAX), 61, 62);
}

static void test_a_fast_strap_is_thinned_and_no_rr_is_lost(void **state)
{
    Fixture *fixture = *state;
    int told = 0;
    for (int i = 0; i < 90; i++) {
        sample_at(fixture, i * 100, 125);
        if (published("live", fixture->now_ms, INT64_MAX) > 0)
            told += rr_count(newest("live"));
    }
    assert_in_range(published("live", 0, INT64_MAX), 17, 19);
    run_to(fixture, 9400);
    assert_int_equal(told + (newest("live")->at_ms > 8900 ? rr_count(newest("live")) : 0), 90);
}

static void test_a_message_that_was_not_sent_tells_its_rr_with_the_next(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    stall(fixture, true);
    samples(fixture, 3000, 4, 125);
    assert_int_equal(published("live", 2500, INT64_MAX), 1);
    assert_int_equal(rr_count(newest("live")), 4);
    stall(fixture, false);
    samples(fixture, 7000, 1, 125);
    assert_int_equal(rr_count(newest("live")), 1);
}

static void test_heartbeat_while_samples_are_late(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    run_to(fixture, 6999);
    assert_int_equal(published("live", 2001, 7000), 4); /* 3.5, 4.5, 5.5, 6.5 s */
    assert_true(number(newest("live"), "hr") == 125);
    assert_int_equal(rr_count(newest("live")), 0); /* told before */
}

/* What was told in between, without a sample, holds none back. */
static void test_a_sample_right_after_the_heartbeat(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    run_to(fixture, 3500);
    assert_int_equal(published("live", 3500, 3501), 1);
    sample_at(fixture, 3600, 126);
    assert_int_equal(published("live", 3600, 3601), 1);
    assert_true(number(newest("live"), "hr") == 126);
    sample_at(fixture, 3700, 127); /* but a sample does */
    assert_int_equal(published("live", 3601, 3701), 0);
    run_to(fixture, 4100);
    assert_int_equal(published("live", 4100, 4101), 1);
}

static void test_stale_exactly_at_5_s(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    run_to(fixture, 20000);
    assert_true(number(newest_before("live", 7000), "hr") == 125);
    assert_int_equal(published("live", 7000, 7001), 1);
    assert_int_equal(published("state", 7000, 7001), 1);
    for (int64_t at_ms = 7001; at_ms <= 20000; at_ms += 500) {
        assert_true(isnan(number(newest_before("live", at_ms), "hr")));
        assert_true(isnan(number(newest_before("state", at_ms), "hr")));
        assert_string_equal(word(newest_before("live", at_ms), "signal"), "stale");
        assert_null(word(newest_before("live", at_ms), "zone"));
    }
    assert_in_range(published("live", 8000, 20000), 11, 13); /* once a second still: there is a link */
}

/* A main loop that did not run for a while (or a machine that slept) tells nothing old as new. */
static void test_a_late_main_loop_tells_no_old_rate(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    fixture->now_ms = HOUR_MS;
    athlete_advance(fixture->athlete, T0_MS + HOUR_MS);
    assert_true(isnan(number(newest("live"), "hr")));
    assert_true(isnan(number(newest("state"), "hr")));
    assert_int_equal(published("live", HOUR_MS, INT64_MAX), 1); /* not one for each second missed */
}

static void test_state_on_change_and_every_5_s(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 60, 125);
    unsigned before = published("state", 0, INT64_MAX);
    assert_in_range(before, 60 / 5, 60 / 5 + 3);
    samples(fixture, 60250, 1, 133); /* zone 2 */
    assert_int_equal(published("state", 60250, 60251), 1);
    assert_string_equal(word(newest("state"), "zone"), "z2");
    samples(fixture, 61250, 5, 133);
    assert_int_equal(published("state", 60251, 65250), 0);
    assert_int_equal(published("state", 65250, 65251), 1);
}

/* One wake-up for both: a sample that comes up to 250 ms before it takes it along, one before that does not. */
static void test_state_comes_with_the_sample_just_before(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 250, 60, 126);
    sample_at(fixture, 60250, 136); /* z2: told at once, and next at 65250 */
    samples(fixture, 61100, 4, 136);
    sample_at(fixture, 64990, 136);
    assert_int_equal(published("state", 60251, INT64_MAX), 0);
    sample_at(fixture, 65001, 136);
    assert_int_equal(published("state", 65001, 65002), 1);
    run_to(fixture, 70000);
    assert_int_equal(published("state", 65002, 70000), 0);
}

static void test_silence_after_a_loss_without_a_session(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 5, 125);
    run_to(fixture, 4500);
    athlete_link(fixture->athlete, false, T0_MS + 4500);
    assert_true(isnan(number(newest("live"), "hr")));
    assert_string_equal(word(newest("live"), "signal"), "lost");
    assert_string_equal(word(newest("state"), "signal"), "lost");
    run_to(fixture, HOUR_MS);
    assert_int_equal(published("live", 4501, INT64_MAX) + published("state", 4501, INT64_MAX), 0);
    samples(fixture, HOUR_MS, 1, 125);
    assert_true(number(newest("live"), "hr") == 125);
}

/* In a session "no signal" is said once a second, until it ends five minutes after the last sample. */
static void test_a_loss_in_a_session_is_told_until_its_end(void **state)
{
    Fixture *fixture = *state;
    const int64_t lost_ms = 240000, end_ms = 239000 + 300000;
    samples(fixture, 0, 240, 125);
    run_to(fixture, lost_ms);
    athlete_link(fixture->athlete, false, T0_MS + lost_ms);
    run_to(fixture, end_ms - 1);
    assert_in_range(published("live", lost_ms, end_ms), 290, 310);
    assert_string_equal(word(newest("session"), "state"), "active");
    assert_int_equal(published("session/last", 0, INT64_MAX), 0);
    run_to(fixture, HOUR_MS);
    assert_string_equal(word(newest("session"), "state"), "finished");
    assert_int_equal(published("session", end_ms, INT64_MAX), 1);
    assert_int_equal(published("session/last", 0, INT64_MAX), 1);
    assert_int_equal(published("live", end_ms + 1, INT64_MAX), 0);
    assert_int_equal(published("state", end_ms + 1, INT64_MAX), 0);
}

static void test_session_last(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 400, 125);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_STOP, T0_MS + fixture->now_ms));
    const Published *last = newest("session/last");
    assert_true(last->kind == MQTT_KEEP && last->qos == 1 && last->retain && last->expiry_s == 0);
    assert_string_equal(word(last, "verdict"), "strict");
    assert_string_equal(word(last, "id"), "20251124T160010Z-anna"); /* it began after 10 s of signal */
    assert_string_equal(word(last, "started_at"), "2025-11-24T16:00:10.000Z");
    assert_true(number(last, "compliance") == 100 && number(last, "cap") == 132 && number(last, "hr_avg") == 125);
    assert_true(number(last, "valid_s") == 389);
    const Published *session = newest("session");
    assert_true(session->kind == MQTT_KEEP && session->qos == 1 && session->retain);
    assert_string_equal(word(session, "id"), word(last, "id"));
    assert_false(athlete_command(fixture->athlete, SESSION_CMD_STOP, T0_MS + fixture->now_ms));
}

static void test_a_short_session_is_dropped(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 100, 125);
    run_to(fixture, HOUR_MS);
    assert_int_equal(published("session/last", 0, INT64_MAX), 0);
    assert_string_equal(word(newest("session"), "state"), "idle");
    assert_null(word(newest("session"), "id"));
}

static void test_the_session_topic_once_a_minute(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 611, 125);
    assert_int_equal(published("session", 0, 10000), 0);
    assert_int_equal(published("session", 10000, 10001), 1); /* it begins */
    assert_int_equal(published("session", 10001, 610001), 10);
    assert_true(number(newest("session"), "in_target_min") == 10);
}

static void test_announce_gives_what_is_retained_and_the_present_state(void **state)
{
    Fixture *fixture = *state;
    athlete_announce(fixture->athlete, T0_MS);
    assert_string_equal(word(newest("session"), "state"), "idle");
    assert_string_equal(word(newest("state"), "signal"), "none");
    assert_int_equal(published("session/last", 0, INT64_MAX), 0);
    samples(fixture, 1000, 400, 125);
    athlete_command(fixture->athlete, SESSION_CMD_STOP, T0_MS + fixture->now_ms);
    const int64_t again_ms = HOUR_MS + 250;
    run_to(fixture, again_ms);
    athlete_announce(fixture->athlete, T0_MS + again_ms);
    assert_int_equal(published("session", again_ms, INT64_MAX), 1);
    assert_int_equal(published("session/last", again_ms, INT64_MAX), 1);
    assert_int_equal(published("state", again_ms, INT64_MAX), 1);
    assert_string_equal(word(newest("session"), "state"), "finished");
    assert_true(isnan(number(newest("state"), "hr")));
    assert_string_equal(word(newest("state"), "signal"), "stale");
}

/* The broker is back before the timer of the stale signal has run: the present is told all the same. */
static void test_announce_tells_no_old_rate(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    fixture->now_ms = 7000;
    athlete_announce(fixture->athlete, T0_MS + 7000);
    assert_true(isnan(number(newest("state"), "hr")));
}

/* RR intervals of a sample that did not count are not told as if they did. */
static void test_the_rr_of_an_invalid_sample_are_not_told(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 3, 125);
    sample_at(fixture, 2100, 200); /* a spike */
    sample_at(fixture, 2200, 125);
    run_to(fixture, 2700);
    assert_true(isnan(number(newest_before("live", 2200), "hr")));
    assert_int_equal(rr_count(newest_before("live", 2200)), 0);
    assert_true(number(newest("live"), "hr") == 125);
    assert_int_equal(rr_count(newest("live")), 1);
}

static void test_the_numbers_rise(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 2, 125);
    assert_true(number(newest("live"), "seq") > number(newest_before("live", 1000), "seq"));
    assert_true(number(newest_before("live", 1000), "seq") == 0 || number(newest_before("state", 1000), "seq") == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, athlete_setup, athlete_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_silence_before_the_first_sample),
        TEST(test_live_for_each_sample),
        TEST(test_a_jittering_strap_gives_one_message_a_sample),
        TEST(test_a_fast_strap_is_thinned_and_no_rr_is_lost),
        TEST(test_a_message_that_was_not_sent_tells_its_rr_with_the_next),
        TEST(test_heartbeat_while_samples_are_late),
        TEST(test_a_sample_right_after_the_heartbeat),
        TEST(test_stale_exactly_at_5_s),
        TEST(test_a_late_main_loop_tells_no_old_rate),
        TEST(test_state_on_change_and_every_5_s),
        TEST(test_state_comes_with_the_sample_just_before),
        TEST(test_silence_after_a_loss_without_a_session),
        TEST(test_a_loss_in_a_session_is_told_until_its_end),
        TEST(test_session_last),
        TEST(test_a_short_session_is_dropped),
        TEST(test_the_session_topic_once_a_minute),
        TEST(test_announce_gives_what_is_retained_and_the_present_state),
        TEST(test_announce_tells_no_old_rate),
        TEST(test_the_rr_of_an_invalid_sample_are_not_told),
        TEST(test_the_numbers_rise),
    };
    return cmocka_run_group_tests_name("athlete", tests, NULL, NULL);
}
