/* SPDX-License-Identifier: MIT
 *
 * An athlete whose section of the file changes while the daemon runs.
 */
#include "athlete_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OTHER "[gateway]\nname = gym\n[athlete Anna]\nalias = A.\nmax = 185\nrest = 55\nbounds = 100,120,140,160,180\n"

static Config *other;

static int setup(void **state)
{
    g_autoptr(GError) error = NULL;
    other = config_parse(OTHER, strlen(OTHER), "test.conf", &error);
    assert_null(error);
    return athlete_setup(state);
}

static int teardown(void **state)
{
    athlete_teardown(state);
    config_free(other);
    return 0;
}

static void configure(Fixture *f, const AthleteConfig *config)
{
    athlete_configure(f->athlete, config, false, T0_MS + f->now_ms);
}

static void stop(Fixture *f) { athlete_command(f->athlete, SESSION_CMD_STOP, T0_MS + f->now_ms); }

/* Zone 1 ended at 132 bpm by the old zones, and ends at 119 by the new ones. */
static void test_a_session_is_judged_by_what_it_began_with(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 200, 125);
    configure(f, &other->athletes[0]);
    assert_string_equal(word(newest("session"), "alias"), "A.");
    assert_true(number(newest("state"), "cap") == 132);
    samples(f, 200000, 200, 125);
    assert_string_equal(word(newest("live"), "status"), "in");
    assert_string_equal(word(newest("live"), "zone_model"), "hrr");
    stop(f);
    assert_string_equal(word(newest("session/last"), "zone_model"), "hrr");
    assert_true(number(newest("session/last"), "cap") == 132);
    assert_string_equal(word(newest("session/last"), "verdict"), "strict");
    athlete_command(f->athlete, SESSION_CMD_START, T0_MS + f->now_ms);
    samples(f, 400000, 400, 125);
    assert_true(number(newest("state"), "cap") == 119);
    stop(f);
    assert_string_equal(word(newest("session/last"), "zone_model"), "bpm");
    assert_string_equal(word(newest("session/last"), "verdict"), "overdone");
}

static void test_without_a_session_it_counts_at_once(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 5, 125);
    assert_string_equal(word(newest("live"), "zone"), "z1");
    configure(f, &other->athletes[0]);
    samples(f, 5000, 3, 125);
    assert_string_equal(word(newest("live"), "zone"), "z2");
}

static void test_a_target_given_at_run_time_stays(void **state)
{
    Fixture *f = *state;
    AthleteConfig renamed = f->config->athletes[0];
    CommandSet set = {.target = {.kind = TARGET_CAP, .cap_bpm = 150}};
    set.given[COMMAND_CAP] = true;
    assert_null(athlete_set(f->athlete, COMMAND_CAP, &set, T0_MS));
    renamed.alias = other->athletes[0].alias;
    configure(f, &renamed);
    assert_true(number(newest("state"), "cap") == 150);
    configure(f, &other->athletes[0]);
    assert_true(number(newest("state"), "cap") == 119);
}

static void test_nothing_is_said_when_nothing_changes(void **state)
{
    Fixture *f = *state;
    samples(f, 0, 30, 125);
    const unsigned before = published("session", 0, INT64_MAX);
    configure(f, &f->config->athletes[0]);
    assert_int_equal(published("session", 0, INT64_MAX), before);
}

static void test_what_is_not_shared_any_more_is_taken_back(void **state)
{
    Fixture *f = *state;
    AthleteConfig hidden = f->config->athletes[0];
    samples(f, 0, 300, 125);
    stop(f);
    assert_true(number(newest("session/last"), "hr_avg") > 0);
    hidden.share = SHARE_ZONE;
    configure(f, &hidden);
    assert_true(isnan(number(newest("session/last"), "hr_avg")) && newest("session/last")->retain);
    hidden.retain_summary = false;
    configure(f, &hidden);
    assert_false(newest("session/last")->retain);
    const unsigned cleared = published("session/last", 0, INT64_MAX);
    hidden.share = SHARE_NONE;
    configure(f, &hidden);
    assert_int_equal(published("session/last", 0, INT64_MAX), cleared); /* nothing was left there */
    hidden.share = SHARE_FULL;
    hidden.retain_summary = true;
    configure(f, &hidden);
    assert_true(number(newest("session/last"), "hr_avg") > 0);
    hidden.share = SHARE_NONE;
    configure(f, &hidden);
    assert_string_equal(newest("session/last")->payload, "");
}

static void test_who_is_dismissed_gets_a_verdict(void **state)
{
    Fixture *f = *state;
    athlete_link(f->athlete, true, T0_MS);
    samples(f, 0, 400, 125);
    assert_int_equal(published("session/last", 0, INT64_MAX), 0);
    athlete_dismiss(f->athlete, T0_MS + f->now_ms);
    assert_string_equal(word(newest("session/last"), "verdict"), "strict");
    assert_string_equal(word(newest("session"), "state"), "finished");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_session_is_judged_by_what_it_began_with),
        TEST(test_without_a_session_it_counts_at_once),
        TEST(test_a_target_given_at_run_time_stays),
        TEST(test_nothing_is_said_when_nothing_changes),
        TEST(test_what_is_not_shared_any_more_is_taken_back),
        TEST(test_who_is_dismissed_gets_a_verdict),
    };
    return cmocka_run_group_tests_name("configure", tests, NULL, NULL);
}
