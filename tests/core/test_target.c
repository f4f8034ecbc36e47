/* SPDX-License-Identifier: MIT */
#include "core/target.h"
#include "core/trend.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CAP 120

static void feed(TargetWatch *watch, int64_t from_s, int64_t to_s, int bpm)
{
    for (int64_t t_s = from_s; t_s < to_s; t_s++)
        target_watch_rate(watch, bpm, t_s * 1000);
}

static TargetWatch settled(int floor_bpm)
{
    TargetWatch watch;
    target_watch_start(&watch, CAP, floor_bpm, 0);
    feed(&watch, 0, 61, 110);
    assert_int_equal(target_watch_status(&watch, 60000), STATUS_IN);
    return watch;
}

static void test_bounds_of_targets(void **state)
{
    (void)state;
    AthleteProfile profile = {.max_bpm = 190};
    ZoneTable zones;
    assert_int_equal(zones_build(&profile, &zones), ZONES_OK);
    static const struct {
        Target target;
        bool fits;
        int cap_bpm, floor_bpm;
    } cases[] = {
        {{TARGET_RECOVERY, 0, 0}, true, 113, 0}, {{TARGET_EASY, 0, 0}, true, 132, 0},
        {{TARGET_ZONE, 2, 0}, true, 132, 114},   {{TARGET_ZONE, 5, 0}, true, 250, 171},
        {{TARGET_ZONE, 6, 0}, false, 0, 0},      {{TARGET_ZONE, 0, 0}, false, 0, 0},
        {{TARGET_CAP, 0, 130}, true, 130, 0},    {{TARGET_CAP, 0, 79}, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int cap_bpm = 0, floor_bpm = 0;
        assert_int_equal(target_bounds(&cases[i].target, &zones, &cap_bpm, &floor_bpm), cases[i].fits);
        assert_int_equal(cap_bpm, cases[i].cap_bpm);
        assert_int_equal(floor_bpm, cases[i].floor_bpm);
    }
}

/* With Friel's seven zones: by number and by name. 175: z5a from 175, z5b from 181, z5c from 186. */
static void test_fifths_are_zones_of_lthr_only(void **state)
{
    (void)state;
    AthleteProfile profile = {.threshold_bpm = 175, .model = ZONE_MODEL_LTHR, .max_bpm = 190};
    ZoneTable zones;
    int cap_bpm = 0, floor_bpm = 0;
    static const int bounds[][2] = {{180, 175}, {185, 181}, {250, 186}};
    assert_int_equal(zones_build(&profile, &zones), ZONES_OK);
    for (int zone = 5; zone <= 7; zone++)
        for (TargetKind kind = TARGET_ZONE; kind <= TARGET_FIFTH; kind += TARGET_FIFTH - TARGET_ZONE) {
            const Target target = {kind, zone, 0};
            assert_true(target_bounds(&target, &zones, &cap_bpm, &floor_bpm));
            assert_int_equal(cap_bpm, bounds[zone - 5][0]);
            assert_int_equal(floor_bpm, bounds[zone - 5][1]);
        }
    assert_false(target_bounds(&(Target){TARGET_FIFTH, 4, 0}, &zones, &cap_bpm, &floor_bpm));
    assert_false(target_bounds(&(Target){TARGET_FIFTH, 8, 0}, &zones, &cap_bpm, &floor_bpm));
    profile.model = ZONE_MODEL_HRMAX;
    assert_int_equal(zones_build(&profile, &zones), ZONES_OK);
    assert_false(target_bounds(&(Target){TARGET_FIFTH, 5, 0}, &zones, &cap_bpm, &floor_bpm));
}

static void test_settling_hides_alerts(void **state)
{
    (void)state;
    TargetWatch watch;
    target_watch_start(&watch, CAP, 0, 0);
    feed(&watch, 0, 60, 150);
    assert_int_equal(target_watch_status(&watch, 59999), STATUS_SETTLING);
    assert_int_equal(target_watch_advice(&watch, STATUS_SETTLING, 150, 20), ADVICE_NONE);
    assert_int_equal(target_watch_status(&watch, 60000), STATUS_ABOVE);
}

static void test_above_after_exactly_ten_seconds(void **state)
{
    (void)state;
    TargetWatch watch = settled(0);
    feed(&watch, 61, 71, 121);
    assert_int_equal(target_watch_status(&watch, 70999), STATUS_IN);
    assert_int_equal(target_watch_deadline_ms(&watch, 70000), 71000);
    assert_int_equal(target_watch_status(&watch, 71000), STATUS_ABOVE);
    feed(&watch, 71, 76, 120);
    assert_int_equal(target_watch_status(&watch, 75999), STATUS_ABOVE);
    assert_int_equal(target_watch_status(&watch, 76000), STATUS_IN);
}

static void test_a_break_starts_the_ten_seconds_again(void **state)
{
    (void)state;
    TargetWatch watch = settled(0);
    feed(&watch, 61, 70, 121);
    feed(&watch, 70, 71, 120);
    feed(&watch, 71, 81, 121);
    assert_int_equal(target_watch_status(&watch, 80999), STATUS_IN);
    assert_int_equal(target_watch_status(&watch, 81000), STATUS_ABOVE);
}

static void test_unknown_after_five_seconds_and_kept_over_it(void **state)
{
    (void)state;
    TargetWatch watch = settled(0);
    feed(&watch, 61, 75, 130);
    assert_int_equal(target_watch_status(&watch, 78999), STATUS_ABOVE);
    assert_int_equal(target_watch_status(&watch, 79000), STATUS_UNKNOWN);
    feed(&watch, 100, 101, 130); /* still above: it shows at once */
    assert_int_equal(target_watch_status(&watch, 100000), STATUS_ABOVE);
}

static void test_latches_stand_still_while_nothing_is_known(void **state)
{
    (void)state;
    TargetWatch watch = settled(0);
    feed(&watch, 61, 64, 130); /* holds to 68 s: 7 s above, then nothing */
    feed(&watch, 80, 85, 130);
    assert_int_equal(target_watch_status(&watch, 84999), STATUS_IN);
    feed(&watch, 85, 91, 130);
    assert_int_equal(target_watch_status(&watch, 90000), STATUS_ABOVE);
}

static void test_floor(void **state)
{
    (void)state;
    TargetWatch watch = settled(100);
    feed(&watch, 61, 72, 99);
    assert_int_equal(target_watch_status(&watch, 71000), STATUS_BELOW);
    assert_int_equal(target_watch_advice(&watch, STATUS_BELOW, 99, NAN), ADVICE_PICK_UP);
    feed(&watch, 72, 78, 100);
    assert_int_equal(target_watch_status(&watch, 77000), STATUS_IN);
}

static void test_advice(void **state)
{
    (void)state;
    TargetWatch watch = settled(0);
    assert_int_equal(target_watch_advice(&watch, STATUS_ABOVE, 130, -20), ADVICE_EASE_OFF);
    assert_int_equal(target_watch_advice(&watch, STATUS_IN, 117, 6.1), ADVICE_EASE_OFF);
    assert_int_equal(target_watch_advice(&watch, STATUS_IN, 116, 6.1), ADVICE_HOLD);
    assert_int_equal(target_watch_advice(&watch, STATUS_IN, 120, 6.0), ADVICE_HOLD);
    assert_int_equal(target_watch_advice(&watch, STATUS_IN, 120, NAN), ADVICE_HOLD);
    assert_int_equal(target_watch_advice(&watch, STATUS_UNKNOWN, 0, NAN), ADVICE_NONE);
    assert_int_equal(target_watch_advice(&watch, STATUS_NONE, 120, 10), ADVICE_NONE);
}

static void test_trend(void **state)
{
    (void)state;
    Trend trend = {0};
    for (int t_s = 0; t_s < 60; t_s++) {
        trend_add(&trend, t_s * 1000, 100 + t_s / 5); /* 12 bpm a minute */
        if (t_s < 20)
            assert_true(isnan(trend_bpm_min(&trend, t_s * 1000)));
    }
    assert_true(fabs(trend_bpm_min(&trend, 59000) - 12) < 1);
    assert_true(isnan(trend_bpm_min(&trend, 70000))); /* only 19 s of it are left */
    Trend fast = {0};
    for (int i = 0; i < 10000; i++)
        trend_add(&fast, i, 100);
    assert_int_equal(fast.count, TREND_CAPACITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_of_targets),
        cmocka_unit_test(test_fifths_are_zones_of_lthr_only),
        cmocka_unit_test(test_settling_hides_alerts),
        cmocka_unit_test(test_above_after_exactly_ten_seconds),
        cmocka_unit_test(test_a_break_starts_the_ten_seconds_again),
        cmocka_unit_test(test_unknown_after_five_seconds_and_kept_over_it),
        cmocka_unit_test(test_latches_stand_still_while_nothing_is_known),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_trend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
