/* SPDX-License-Identifier: MIT */
#include "core/compliance.h"
#include "core/verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CAP 120

static ZoneTable table(void)
{
    AthleteProfile profile = {
        .model = ZONE_MODEL_BPM, .bounds_bpm = {100, CAP + 1, 140}, .bounds_count = 3, .max_bpm = 187, .rest_bpm = 44,
        .sex = SEX_MALE};
    ZoneTable zones;
    assert_int_equal(zones_build(&profile, &zones), ZONES_OK);
    return zones;
}

static Compliance started(int64_t start_ms)
{
    ZoneTable zones = table();
    Compliance compliance;
    compliance_start(&compliance, &zones, &(Limits){.cap_bpm = CAP}, start_ms);
    return compliance;
}

static Totals at(const Compliance *compliance, int64_t now_ms)
{
    Totals totals;
    compliance_totals(compliance, now_ms, &totals);
    assert_int_equal(totals.valid_ms + totals.unknown_ms + totals.paused_ms, totals.elapsed_ms);
    int64_t in_zones_ms = 0;
    for (size_t zone = 0; zone <= ZONES_MAX; zone++)
        in_zones_ms += totals.zone_ms[zone];
    assert_int_equal(in_zones_ms, totals.valid_ms);
    return totals;
}

static void test_a_sample_holds_five_seconds_at_most(void **state)
{
    (void)state;
    Compliance c = started(0);
    compliance_valid(&c, 1000, 110, NAN);
    assert_int_equal(at(&c, 5999).valid_ms, 4999);
    assert_int_equal(at(&c, 6000).valid_ms, 5000);
    assert_int_equal(at(&c, 6001).valid_ms, 5000);
    assert_int_equal(at(&c, 6001).unknown_ms, 1001);
    compliance_valid(&c, 9000, 110, NAN);
    assert_int_equal(at(&c, 9500).valid_ms, 5500);
    assert_int_equal(at(&c, 9500).unknown_ms, 4000);
}

static void test_an_invalid_sample_ends_the_hold(void **state)
{
    (void)state;
    Compliance c = started(0);
    compliance_valid(&c, 0, 110, NAN);
    compliance_invalid(&c, 2000);
    assert_int_equal(at(&c, 4000).valid_ms, 2000);
    assert_int_equal(at(&c, 4000).unknown_ms, 2000);
}

static void test_a_pause_is_neither(void **state)
{
    (void)state;
    Compliance c = started(0);
    compliance_valid(&c, 0, 130, NAN);
    compliance_pause(&c, 1000);
    compliance_valid(&c, 2000, 130, NAN);
    compliance_resume(&c, 3000);
    Totals totals = at(&c, 4000);
    assert_int_equal(totals.paused_ms, 2000);
    assert_int_equal(totals.valid_ms, 2000);
    assert_int_equal(totals.above_ms, 2000);
}

/* 130 is above. Above for 1 s, then a break of BREAK_MS made of a pause and some time below, then above for 1 s. */
static unsigned excursions_with_break(int64_t break_ms)
{
    Compliance c = started(0);
    compliance_valid(&c, 0, 130, NAN);
    compliance_pause(&c, 1000);
    compliance_resume(&c, break_ms - 1000);
    compliance_valid(&c, break_ms - 1000, 110, NAN);
    compliance_valid(&c, 1000 + break_ms, 130, NAN);
    Totals totals = at(&c, 2000 + break_ms);
    assert_int_equal(totals.above_ms, 2000);
    assert_int_equal(totals.longest_ms, totals.excursions == 1 ? 2000 : 1000);
    return totals.excursions;
}

static void test_a_short_pause_does_not_end_an_excursion(void **state)
{
    (void)state;
    assert_int_equal(excursions_with_break(4999), 1);
    assert_int_equal(excursions_with_break(5000), 2);
}

static void test_a_hold_from_before_the_start_reaches_in(void **state)
{
    (void)state;
    Compliance c = started(10000);
    compliance_valid(&c, 9000, 110, NAN);
    Totals totals = at(&c, 16000);
    assert_int_equal(totals.valid_ms, 4000);
    assert_int_equal(totals.elapsed_ms, 6000);
}

static void feed(Compliance *c, int64_t from_s, int64_t to_s, int bpm)
{
    for (int64_t t_s = from_s; t_s < to_s; t_s++)
        compliance_valid(c, t_s * 1000, bpm, NAN);
}

static void test_a_short_break_does_not_end_an_excursion(void **state)
{
    (void)state;
    Compliance c = started(0);
    feed(&c, 0, 10, 125);
    feed(&c, 10, 14, 110);
    feed(&c, 14, 20, 128);
    feed(&c, 20, 25, 110);
    feed(&c, 25, 27, 122);
    Totals totals = at(&c, 27000);
    assert_int_equal(totals.excursions, 2);
    assert_int_equal(totals.longest_ms, 16000); /* the break's own time is not above */
    assert_int_equal(totals.above_ms, 18000);
    assert_int_equal(totals.peak_over_bpm, 8);
    assert_int_equal(totals.overshoot_bpm_ms, (10 * 5 + 6 * 8 + 2 * 2) * 1000);
}

static void test_a_sample_that_holds_no_time_counts_for_nothing(void **state)
{
    (void)state;
    Compliance c = started(0);
    feed(&c, 0, 10, 110);
    compliance_valid(&c, 10000, 180, NAN);
    Totals totals = at(&c, 10000);
    assert_int_equal(totals.excursions, 0);
    assert_int_equal(totals.peak_over_bpm, 0);
    assert_int_equal(totals.hr_max_bpm, 110);
}

static void test_published_trimp(void **state)
{
    (void)state;
    Compliance c = started(0);
    int64_t end_ms = 3972000; /* 66.2 min */
    feed(&c, 0, end_ms / 1000, 138);
    Totals totals = at(&c, end_ms);
    assert_true(fabs(totals.trimp_banister - 98.39) < 0.005);
    assert_true(fabs(totals.trimp_edwards - 66.2 * 2) < 1e-6);
    assert_true(fabs(totals_hr_avg_bpm(&totals) - 138) < 1e-9);
}

static void test_banister_for_women_and_below_rest(void **state)
{
    (void)state;
    ZoneTable zones = table();
    zones.sex = SEX_FEMALE;
    Compliance c;
    compliance_start(&c, &zones, &(Limits){.cap_bpm = CAP}, 0);
    int64_t end_ms = 3972000;
    feed(&c, 0, end_ms / 1000, 138);
    assert_true(fabs(at(&c, end_ms).trimp_banister - 112.1761) < 0.001); /* 66.2 x s x 0.86 e^(1.67 s), s = 94 / 143 */
    feed(&c, 3972, 4572, 40);
    assert_true(fabs(at(&c, 4572000).trimp_banister - 112.1761) < 0.001);
}

static void test_banister_is_unknown_without_sex(void **state)
{
    (void)state;
    ZoneTable zones = table();
    zones.sex = SEX_UNKNOWN;
    Compliance c;
    compliance_start(&c, &zones, &(Limits){.cap_bpm = CAP}, 0);
    assert_true(isnan(at(&c, 0).trimp_banister));
    compliance_valid(&c, 0, 110, NAN);
    assert_true(isnan(at(&c, 5000).trimp_banister));
}

static void test_speed(void **state)
{
    (void)state;
    Compliance c = started(0);
    compliance_valid(&c, 0, 110, 2.5);
    compliance_valid(&c, 2000, 110, NAN);
    Totals totals = at(&c, 4000);
    assert_int_equal(totals.speed_ms, 2000);
    assert_true(fabs(totals.distance_m - 5.0) < 1e-9);
}

static void test_the_time_below_a_floor_is_not_in_target(void **state)
{
    (void)state;
    ZoneTable zones = table();
    Compliance c;
    compliance_start(&c, &zones, &(Limits){.cap_bpm = CAP, .floor_bpm = 100}, 0);
    feed(&c, 0, 10, 99);
    feed(&c, 10, 30, 100);
    feed(&c, 30, 60, CAP);
    feed(&c, 60, 67, CAP + 1);
    Totals totals = at(&c, 67000);
    assert_int_equal(totals.below_floor_ms, 10000);
    assert_int_equal(totals_in_target_ms(&totals), 50000);
}

/* Against a cap of 10.0 km/h, which is 2.7777... m/s. */
static Compliance paced(void)
{
    ZoneTable zones = table();
    Compliance c;
    compliance_start(&c, &zones, &(Limits){.cap_bpm = CAP, .speed_cap_mm_s = compliance_mm_s(10)}, 0);
    return c;
}

static void test_pace_is_accounted_as_the_rate_is(void **state)
{
    (void)state;
    Compliance c = paced();
    for (int t_s = 0; t_s < 60; t_s++) { /* 10 s too fast, a break of 4 s, 2 s; a break of 5 s, 3 s */
        bool fast = t_s < 10 || (t_s >= 14 && t_s < 16) || (t_s >= 21 && t_s < 24);
        compliance_valid(&c, t_s * 1000, 110, t_s >= 40 ? NAN : fast ? 2.779 : 2.778);
    }
    Totals totals = at(&c, 60000);
    assert_int_equal(totals.speed_ms, 40000);
    assert_int_equal(totals.above_pace_ms, 15000);
    assert_int_equal(totals.pace_excursions, 2);
    assert_int_equal(totals.pace_longest_ms, 12000);
    assert_true(totals_pace_compliance(&totals) == 62.5);
    assert_int_equal(totals.excursions, 0); /* too fast is not too high a rate */
    assert_true(fabs(compliance_kmh(compliance_mm_s(8.4)) - 8.4) < 0.002);
}

static void test_a_speed_given_apart_holds_until_its_end(void **state)
{
    (void)state;
    Compliance c = paced();
    compliance_valid(&c, 0, 110, NAN);
    compliance_speed(&c, 1000, 3.0, 3500); /* of the held sample: from 1 s to 3.5 s */
    Totals totals = at(&c, 5000);
    assert_int_equal(totals.speed_ms, 2500);
    assert_int_equal(totals.above_pace_ms, 2500);
    assert_true(fabs(totals.distance_m - 7.5) < 1e-9);
    compliance_valid(&c, 3000, 110, 2.0); /* a sample's own speed comes first */
    assert_int_equal(at(&c, 4000).above_pace_ms, 2000);
    assert_int_equal(at(&c, 4000).speed_ms, 3000);
    assert_true(isnan(totals_speed_mps(&(Totals){0})));
}

static void test_no_runner_has_such_a_speed(void **state)
{
    (void)state;
    static const double speeds[] = {NAN, -0.001, 15.001, 1e300, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        Compliance c = paced();
        compliance_valid(&c, 0, 110, speeds[i]);
        compliance_speed(&c, 0, speeds[i], 60000);
        assert_int_equal(at(&c, 5000).speed_ms, 0);
        assert_true(isnan(totals_pace_compliance(&(Totals){.valid_ms = 5000})));
    }
}

static void test_percentages_round_half_up(void **state)
{
    (void)state;
    Totals totals = {.valid_ms = 6123000, .above_ms = 282000};
    assert_true(totals_compliance(&totals) == 95.4);
    totals = (Totals){.valid_ms = 2000, .above_ms = 1, .unknown_ms = 0};
    assert_true(totals_compliance(&totals) == 100.0);
    totals = (Totals){.valid_ms = 2000, .above_ms = 1001};
    assert_true(totals_compliance(&totals) == 50.0); /* 49.95 */
    totals = (Totals){0};
    assert_true(isnan(totals_compliance(&totals)));
    assert_true(isnan(totals_coverage(&totals)));
    totals = (Totals){.valid_ms = 800, .unknown_ms = 200};
    assert_true(totals_coverage(&totals) == 80.0);
}

typedef struct {
    int64_t valid_s, unknown_s, above_s, longest_s;
    Verdict verdict;
    const char *in_reason;
} VerdictCase;

static void test_verdicts(void **state)
{
    (void)state;
    static const VerdictCase cases[] = {
        {299, 0, 0, 0, VERDICT_INCONCLUSIVE, "299 s"},
        {800, 201, 0, 0, VERDICT_INCONCLUSIVE, "79.9 %"},
        {800, 200, 0, 0, VERDICT_STRICT, "13 min"},
        {300, 0, 0, 0, VERDICT_STRICT, "300 s"},
        {6000, 0, 1, 1, VERDICT_KEPT, "100.0 %"},
        {1000, 0, 50, 50, VERDICT_KEPT, "95.0 %"},
        {2000, 0, 61, 60, VERDICT_KEPT, "97.0 %"},
        {2000, 0, 61, 61, VERDICT_SLIPPED, "one excursion lasted 61 s"},
        {1000, 0, 51, 51, VERDICT_SLIPPED, "94.9 %"},
        {1000, 0, 200, 100, VERDICT_SLIPPED, "80.0 %"},
        {1000, 0, 201, 100, VERDICT_OVERDONE, "79.9 %"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Totals totals = {.valid_ms = cases[i].valid_s * 1000,
                         .unknown_ms = cases[i].unknown_s * 1000,
                         .above_ms = cases[i].above_s * 1000,
                         .longest_ms = cases[i].longest_s * 1000};
        VerdictRules rules = verdict_rules_default();
        VerdictResult result;
        verdict_judge(&totals, &rules, &result);
        assert_int_equal(result.verdict, cases[i].verdict);
        if (strstr(result.reason, cases[i].in_reason) == NULL)
            fail_msg("'%s' is not in '%s'", cases[i].in_reason, result.reason);
    }
}

static void test_a_reason_never_contradicts_its_limit(void **state)
{
    (void)state;
    VerdictRules rules = verdict_rules_default();
    VerdictResult result;
    Totals totals = {.valid_ms = 4000000, .above_ms = 60004, .longest_ms = 60004};
    verdict_judge(&totals, &rules, &result);
    assert_int_equal(result.verdict, VERDICT_SLIPPED);
    assert_non_null(strstr(result.reason, "lasted 60.004 s (kept up to 60 s)"));
    rules.kept_longest_ms = 600000;
    totals = (Totals){.valid_ms = 40000000, .above_ms = 650000, .longest_ms = 650000};
    verdict_judge(&totals, &rules, &result);
    assert_non_null(strstr(result.reason, "lasted 650.000 s (kept up to 10 min)"));
    rules.min_valid_ms = 630000;
    totals = (Totals){.valid_ms = 605000};
    verdict_judge(&totals, &rules, &result);
    assert_string_equal(result.reason, "only 605.000 s of valid heart rate, at least 10 min are needed");
}

/* What is published rounded to 80.0 is judged by the millisecond; the compliance is what is published. */
static void test_coverage_is_judged_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t valid_ms, unknown_ms;
        double min_coverage;
        Verdict verdict;
        const char *in_reason;
    } cases[] = {
        {800000, 200000, 80, VERDICT_STRICT, "never above"},
        {799999, 200001, 80, VERDICT_INCONCLUSIVE, "only 79.999 % of the time, at least 80.0 %"},
        {799600, 200400, 80, VERDICT_INCONCLUSIVE, "only 79.960 % of the time, at least 80.0 %"},
        {799400, 200600, 80, VERDICT_INCONCLUSIVE, "only 79.9 % of the time, at least 80.0 %"},
        {INT64_C(7999999999), 2000000001, 80, VERDICT_INCONCLUSIVE, "only 79.999 %"},
        {905000, 95000, 90.5, VERDICT_STRICT, "never above"},
        {904999, 95001, 90.5, VERDICT_INCONCLUSIVE, "only 90.499 %"},
        {999999, 1, 100, VERDICT_INCONCLUSIVE, "only 99.999 %"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Totals totals = {.valid_ms = cases[i].valid_ms, .unknown_ms = cases[i].unknown_ms};
        VerdictRules rules = verdict_rules_default();
        VerdictResult result;
        rules.min_coverage = cases[i].min_coverage;
        verdict_judge(&totals, &rules, &result);
        if (result.verdict != cases[i].verdict || strstr(result.reason, cases[i].in_reason) == NULL)
            fail_msg("%zu: '%s' is not in '%s'", i, cases[i].in_reason, result.reason);
    }
}

static void test_compliance_is_judged_as_published(void **state)
{
    (void)state;
    VerdictRules rules = verdict_rules_default();
    VerdictResult result;
    Totals totals = {.valid_ms = 1000000, .above_ms = 50500, .longest_ms = 1000}; /* 94.95 % */
    verdict_judge(&totals, &rules, &result);
    assert_int_equal(result.verdict, VERDICT_KEPT);
    totals.above_ms++;
    verdict_judge(&totals, &rules, &result);
    assert_int_equal(result.verdict, VERDICT_SLIPPED);
}

static void test_nothing_is_never_strict(void **state)
{
    (void)state;
    VerdictRules rules = verdict_rules_default();
    VerdictResult result;
    Totals totals = {.unknown_ms = 400000};
    rules.min_valid_ms = 0;
    rules.min_coverage = 0;
    verdict_judge(&totals, &rules, &result);
    assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
    assert_string_equal(result.reason, "no valid heart rate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sample_holds_five_seconds_at_most),
        cmocka_unit_test(test_an_invalid_sample_ends_the_hold),
        cmocka_unit_test(test_a_pause_is_neither),
        cmocka_unit_test(test_a_short_pause_does_not_end_an_excursion),
        cmocka_unit_test(test_a_hold_from_before_the_start_reaches_in),
        cmocka_unit_test(test_a_short_break_does_not_end_an_excursion),
        cmocka_unit_test(test_a_sample_that_holds_no_time_counts_for_nothing),
        cmocka_unit_test(test_published_trimp),
        cmocka_unit_test(test_banister_for_women_and_below_rest),
        cmocka_unit_test(test_banister_is_unknown_without_sex),
        cmocka_unit_test(test_speed),
        cmocka_unit_test(test_the_time_below_a_floor_is_not_in_target),
        cmocka_unit_test(test_pace_is_accounted_as_the_rate_is),
        cmocka_unit_test(test_a_speed_given_apart_holds_until_its_end),
        cmocka_unit_test(test_no_runner_has_such_a_speed),
        cmocka_unit_test(test_percentages_round_half_up),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_a_reason_never_contradicts_its_limit),
        cmocka_unit_test(test_coverage_is_judged_exactly),
        cmocka_unit_test(test_compliance_is_judged_as_published),
        cmocka_unit_test(test_nothing_is_never_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
