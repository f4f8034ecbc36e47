/* SPDX-License-Identifier: MIT
 *
 * What an athlete's events tell, and what is done at a command, in virtual time.
 */
#include "athlete_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static unsigned events_of(const char *type, int64_t from_ms, int64_t to_ms)
{
    return published_with("event", "event_type", type, from_ms, to_ms);
}

static void test_a_session_tells_its_life(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 200, 125);
    assert_int_equal(events_of("session_started", 10000, 10001), 1);
    athlete_command(f->athlete, SESSION_CMD_PAUSE, T0_MS + f->now_ms);
    athlete_command(f->athlete, SESSION_CMD_RESUME, T0_MS + f->now_ms);
    samples(f, 200000, 10, 125);
    athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms);
    assert_int_equal(events_of("session_paused", 0, INT64_MAX), 1);
    assert_int_equal(events_of("session_resumed", 0, INT64_MAX), 1);
    const Published *event = newest("event");
    assert_string_equal(word(event, "event_type"), "session_finished");
    assert_string_equal(word(event, "verdict"), "inconclusive");
    assert_string_equal(word(event, "session"), "20251124T160010Z-anna");
    assert_true(number(event, "compliance") == 100);
    assert_string_equal(word(event, "zone_model"), "hrr");
    assert_true(number(event, "cap") == 132);
    assert_true(event->kind == MQTT_KEEP && event->qos == 1 && !event->retain);
    assert_int_equal(published("event", 0, INT64_MAX), 4);
}

static void test_a_dropped_session_is_told(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 100, 125);
    athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms);
    assert_string_equal(word(newest("event"), "event_type"), "session_dropped");
    assert_string_equal(word(newest("event"), "session"), "20251124T160010Z-anna");
}

/* Above from 100 s on (cap 132): told at 110 s, again at 170 and 230, and at 5 s below. */
static void test_above_is_told_and_told_again_and_over(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 100, 125);
    samples(f, 100000, 150, 139);
    assert_int_equal(events_of("above_target", 0, 110000), 0);
    assert_int_equal(events_of("above_target", 110000, 110001), 1);
    assert_int_equal(events_of("above_target", 0, INT64_MAX), 3);
    const Published *event = newest("event");
    assert_int_equal(event->at_ms, 230000);
    assert_true(number(event, "hr") == 139 && number(event, "cap") == 132 && number(event, "for_s") == 130);
    assert_true(isnan(number(event, "floor")));
    samples(f, 250000, 20, 125);
    assert_int_equal(events_of("back_in_target", 255000, 255001), 1);
    assert_true(number(newest("event"), "for_s") == 155);
    assert_int_equal(events_of("above_target", 0, INT64_MAX), 3);
}

static void test_a_gap_while_above_is_no_return(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 100, 125);
    samples(f, 100000, 20, 139);
    run_to(f, 190000); /* nothing comes */
    samples(f, 190000, 5, 139);
    assert_int_equal(events_of("above_target", 0, 130000), 1);
    assert_int_equal(events_of("signal_lost", 124000, 124001), 1);
    assert_string_equal(word(newest_before("event", 189000), "signal"), "stale");
    assert_int_equal(events_of("signal_restored", 190000, 190001), 1);
    assert_int_equal(events_of("back_in_target", 0, INT64_MAX), 0);
    samples(f, 195000, 10, 125);
    assert_int_equal(events_of("back_in_target", 0, INT64_MAX), 1);
}

static void test_nothing_is_told_outside_a_session(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 5, 180);
    athlete_link(f->athlete, false, T0_MS + 5000);
    run_to(f, 400000);
    assert_int_equal(published("event", 0, INT64_MAX), 0);
    assert_true(athlete_deadline_ms(f->athlete) == SOURCE_NEVER);
}

static void battery(Fixture *f, int percent)
{
    const StrapInfo info = {.connected = true, .battery_percent = percent};
    athlete_strap(f->athlete, &info, T0_MS + f->now_ms);
}

static void test_a_low_battery_once(void **state)
{
    Fixture *f = *state;
    static const int percents[] = {90, -1, 16, 15, 14, 20, 10, -1, 10};
    for (size_t i = 0; i < G_N_ELEMENTS(percents); i++)
        battery(f, percents[i]);
    assert_int_equal(published("event", 0, INT64_MAX), 1);
    assert_true(number(newest("event"), "battery") == 15);
    battery(f, 100);
    battery(f, 5);
    assert_int_equal(events_of("battery_low", 0, INT64_MAX), 2);
}

static const char *set(Fixture *f, const char *key, const char *value)
{
    CommandSet command;
    CommandFault fault;
    assert_true(command_parse_plain(key, value, strlen(value), &command, &fault));
    for (CommandKey i = 0; i < COMMAND_KEY_COUNT; i++)
        if (command.given[i])
            return athlete_set(f->athlete, i, &command, T0_MS + f->now_ms);
    return "nothing given";
}

static void test_commands_are_done_and_seen(void **state)
{
    Fixture *f = *state;
    assert_non_null(set(f, "rpe", "2"));
    assert_non_null(set(f, "session", "stop"));
    assert_null(set(f, "session", "start"));
    assert_string_equal(set(f, "session", "start"), "a session is running already");
    assert_null(set(f, "cap", "120"));
    assert_string_equal(word(newest("session"), "target"), "cap:120");
    assert_true(number(newest("state"), "cap") == 120);
    assert_string_equal(set(f, "target", "z7"), "the athlete's zones have no such target");
    assert_string_equal(set(f, "target", "z5a"), "the athlete's zones have no such target");
    assert_true(number(newest("state"), "cap") == 120);
    samples(f, 0, 200, 125);
    assert_int_equal(events_of("above_target", 0, INT64_MAX), 3); /* after the settling: 60, 120 and 180 s */
    assert_null(set(f, "speed", "8.4"));
    assert_null(set(f, "rpe", "3"));
    assert_true(number(newest("session"), "rpe") == 3);
    assert_true(number(newest("session"), "speed_kmh") == 8.4);
    assert_null(set(f, "session", "stop"));
    assert_null(set(f, "rpe", "1"));
    assert_true(number(newest("session/last"), "rpe") == 1);
    assert_true(number(newest("session"), "rpe") == 1);
    assert_true(newest("session/last")->retain);
}

static void test_forgetting_takes_back_what_is_retained(void **state)
{
    static const char *const leaves[] = {"session", "session/last", "strap"};
    Fixture *f = *state;
    samples(f, 0, 200, 125);
    assert_false(athlete_forget(f->athlete, T0_MS + f->now_ms));
    athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms);
    battery(f, 50);
    assert_true(athlete_forget(f->athlete, T0_MS + f->now_ms));
    for (size_t i = 0; i < G_N_ELEMENTS(leaves); i++) {
        assert_string_equal(newest(leaves[i])->payload, "");
        assert_true(newest(leaves[i])->retain);
    }
    run_to(f, 300000);
    athlete_announce(f->athlete, T0_MS + f->now_ms);
    assert_string_equal(word(newest("session"), "state"), "idle");
    assert_null(word(newest("session"), "id"));
    assert_string_equal(newest("session/last")->payload, "");
}

static void test_what_is_not_shared_is_not_told(void **state)
{
    Fixture *f = *state;
    AthleteConfig other = f->config->athletes[0];
    other.share = SHARE_NONE;
    athlete_free(f->athlete);
    f->athlete = athlete_new(&f->context, &other);
    samples(f, 0, 300, 140);
    athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms);
    assert_int_equal(published("live", 0, INT64_MAX) + published("state", 0, INT64_MAX) +
                         published("event", 0, INT64_MAX) + published("session/last", 0, INT64_MAX), 0);
    assert_string_equal(word(newest("session"), "state"), "finished");
    other.share = SHARE_ZONE;
    other.retain_summary = false;
    athlete_configure(f->athlete, &other, false, T0_MS + f->now_ms);
    samples(f, 300000, 10, 140);
    assert_true(isnan(number(newest("live"), "hr")));
    assert_string_equal(word(newest("live"), "zone"), "z2");
    athlete_command(f->athlete, SESSION_CMD_START, T0_MS + f->now_ms);
    samples(f, 310000, 300, 140);
    assert_true(isnan(number(newest("event"), "hr")));
    athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms);
    assert_false(newest("session/last")->retain);
    assert_true(isnan(number(newest("session/last"), "hr_avg")));
    assert_string_equal(word(newest("session/last"), "verdict"), "overdone");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, athlete_setup, athlete_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_session_tells_its_life),
        TEST(test_a_dropped_session_is_told),
        TEST(test_above_is_told_and_told_again_and_over),
        TEST(test_a_gap_while_above_is_no_return),
        TEST(test_nothing_is_told_outside_a_session),
        TEST(test_a_low_battery_once),
        TEST(test_commands_are_done_and_seen),
        TEST(test_forgetting_takes_back_what_is_retained),
        TEST(test_what_is_not_shared_is_not_told),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
