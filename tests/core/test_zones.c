/* SPDX-License-Identifier: MIT */
#include "core/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    AthleteProfile profile;
    size_t count;
    int lower_bpm[ZONES_MAX];
} BoundsCase;

/* The first five rows are the published table of docs/verdict.md. */
static const BoundsCase bounds_cases[] = {
    {{.max_bpm = 190, .model = ZONE_MODEL_HRMAX}, 5, {95, 114, 133, 152, 171}},
    {{.max_bpm = 185, .model = ZONE_MODEL_HRMAX}, 5, {93, 111, 130, 148, 167}},
    {{.max_bpm = 185, .rest_bpm = 55, .model = ZONE_MODEL_HRR}, 5, {120, 133, 146, 159, 172}},
    {{.max_bpm = 187, .model = ZONE_MODEL_HRMAX}, 5, {94, 113, 131, 150, 169}},
    {{.threshold_bpm = 175, .model = ZONE_MODEL_LTHR}, 7, {0, 149, 158, 167, 175, 181, 186}},
    {{.threshold_bpm = 200, .model = ZONE_MODEL_LTHR}, 7, {0, 170, 180, 190, 200, 206, 213}}, /* 212 is at 106 % */
    {{.max_bpm = 195, .rest_bpm = 60}, 5, {128, 141, 155, 168, 182}},
    {{.max_bpm = 195}, 5, {98, 117, 137, 156, 176}},
    {{.bounds_bpm = {140, 165}, .bounds_count = 2, .model = ZONE_MODEL_THRESHOLD3}, 3, {0, 140, 165}},
    {{.bounds_bpm = {100, 120, 140}, .bounds_count = 3, .model = ZONE_MODEL_BPM}, 3, {100, 120, 140}},
    {{.max_bpm = 200, .percent_permille = {600, 725, 800}, .percent_count = 3, .model = ZONE_MODEL_HRMAX},
     3,
     {120, 145, 160}},
};

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bounds_cases); i++) {
        const BoundsCase *c = &bounds_cases[i];
        ZoneTable table;
        assert_int_equal(zones_build(&c->profile, &table), ZONES_OK);
        assert_int_equal(table.count, c->count);
        assert_memory_equal(table.lower_bpm, c->lower_bpm, c->count * sizeof(int));
    }
}

typedef struct {
    AthleteProfile profile;
    ZonesResult result;
} RefusalCase;

static const RefusalCase refusal_cases[] = {
    {{0}, ZONES_NO_MAXIMUM},
    {{.rest_bpm = 55}, ZONES_NO_MAXIMUM},
    {{.max_bpm = 185, .model = ZONE_MODEL_HRR}, ZONES_NO_REST},
    {{.max_bpm = 185, .model = ZONE_MODEL_LTHR}, ZONES_NO_THRESHOLD},
    {{.model = ZONE_MODEL_BPM}, ZONES_NO_BOUNDS},
    {{.model = ZONE_MODEL_BPM, .bounds_bpm = {120}, .bounds_count = 1}, ZONES_NO_BOUNDS},
    {{.model = ZONE_MODEL_THRESHOLD3, .bounds_bpm = {120, 140, 160}, .bounds_count = 3}, ZONES_TOO_MANY},
    {{.age_years = 4}, ZONES_AGE_RANGE},
    {{.age_years = 111}, ZONES_AGE_RANGE},
    {{.max_bpm = 185, .age_years = 200}, ZONES_AGE_RANGE},
    {{.max_bpm = 99}, ZONES_MAX_RANGE},
    {{.max_bpm = 231}, ZONES_MAX_RANGE},
    {{.max_bpm = 185, .rest_bpm = 24}, ZONES_REST_RANGE},
    {{.max_bpm = 185, .rest_bpm = 111}, ZONES_REST_RANGE},
    {{.max_bpm = 105, .rest_bpm = 105}, ZONES_REST_NOT_BELOW_MAX},
    {{.max_bpm = 185, .threshold_bpm = 186}, ZONES_THRESHOLD_RANGE},
    {{.rest_bpm = 70, .threshold_bpm = 69, .model = ZONE_MODEL_LTHR}, ZONES_THRESHOLD_RANGE},
    {{.threshold_bpm = 24, .model = ZONE_MODEL_LTHR}, ZONES_THRESHOLD_RANGE},
    {{.threshold_bpm = 231, .model = ZONE_MODEL_LTHR}, ZONES_THRESHOLD_RANGE},
    {{.age_years = 80, .max_bpm = 152, .threshold_bpm = 160, .model = ZONE_MODEL_LTHR}, ZONES_THRESHOLD_RANGE},
    {{.model = ZONE_MODEL_BPM, .bounds_bpm = {120, 120}, .bounds_count = 2}, ZONES_NOT_RISING},
    {{.model = ZONE_MODEL_BPM, .bounds_bpm = {10, 20, 30}, .bounds_count = 3}, ZONES_PERCENT_AS_BPM},
    {{.model = ZONE_MODEL_BPM, .bounds_bpm = {100, 251}, .bounds_count = 2}, ZONES_BOUNDS_RANGE},
    {{.model = ZONE_MODEL_BPM, .bounds_bpm = {24, 100}, .bounds_count = 2}, ZONES_BOUNDS_RANGE},
    {{.max_bpm = 190, .percent_permille = {1210, 1330}, .percent_count = 2}, ZONES_BPM_AS_PERCENT},
    {{.max_bpm = 190, .percent_permille = {500, 1501}, .percent_count = 2}, ZONES_BOUNDS_RANGE},
    {{.max_bpm = 190, .percent_permille = {500}, .percent_count = 1}, ZONES_NO_BOUNDS},
    {{.max_bpm = 230, .percent_permille = {500, 1090}, .percent_count = 2}, ZONES_BOUNDS_RANGE}, /* 251 bpm */
    {{.max_bpm = 190, .bounds_bpm = {100, 120}, .bounds_count = 2}, ZONES_PERCENT_UNUSED},
    {{.model = ZONE_MODEL_BPM, .percent_permille = {500, 600}, .percent_count = 2}, ZONES_PERCENT_UNUSED},
    {{.max_bpm = 190, .percent_count = 9}, ZONES_TOO_MANY},
};

static void test_refusals_leave_the_table_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusal_cases); i++) {
        ZoneTable table, before;
        memset(&table, 0x5a, sizeof table);
        before = table;
        assert_int_equal(zones_build(&refusal_cases[i].profile, &table), refusal_cases[i].result);
        assert_memory_equal(&table, &before, sizeof table);
        assert_true(strlen(zones_result_text(refusal_cases[i].result)) > 10);
    }
}

static void test_limits_are_inside(void **state)
{
    (void)state;
    static const AthleteProfile fine[] = {
        {.max_bpm = 100}, {.max_bpm = 230}, {.max_bpm = 120, .rest_bpm = 110}, {.max_bpm = 185, .rest_bpm = 25},
        {.age_years = 5}, {.age_years = 110},
        {.max_bpm = 185, .threshold_bpm = 185}, {.rest_bpm = 70, .threshold_bpm = 70, .model = ZONE_MODEL_LTHR},
        {.threshold_bpm = 25, .model = ZONE_MODEL_LTHR},
        {.max_bpm = 230, .threshold_bpm = 230, .model = ZONE_MODEL_LTHR},
        /* Estimated at 152: a measured threshold above it stands. */
        {.age_years = 80, .threshold_bpm = 160, .model = ZONE_MODEL_LTHR}, {.age_years = 80, .threshold_bpm = 160},
    };
    for (size_t i = 0; i < COUNT(fine); i++) {
        ZoneTable table;
        assert_int_equal(zones_build(&fine[i], &table), ZONES_OK);
    }
}

static void test_estimates(void **state)
{
    (void)state;
    assert_int_equal(zones_estimate_max(MAX_FORMULA_TANAKA, 40), 180);
    assert_int_equal(zones_estimate_max(MAX_FORMULA_TANAKA, 35), 184); /* 183.5 rounds up */
    assert_int_equal(zones_estimate_max(MAX_FORMULA_FOX, 40), 180);
    assert_int_equal(zones_estimate_max(MAX_FORMULA_GULATI, 40), 171); /* 170.8 */
    assert_int_equal(zones_estimate_max(MAX_FORMULA_NES, 40), 185);    /* 185.4 */
    AthleteProfile profile = {.age_years = 40, .rest_bpm = 60};
    ZoneTable table;
    assert_int_equal(zones_build(&profile, &table), ZONES_OK);
    assert_true(table.max_estimated);
    assert_int_equal(table.model, ZONE_MODEL_HRR);
    profile.max_bpm = 190;
    assert_int_equal(zones_build(&profile, &table), ZONES_OK);
    assert_false(table.max_estimated);
}

static void test_zone_of_is_lower_inclusive(void **state)
{
    (void)state;
    AthleteProfile profile = {.max_bpm = 190};
    ZoneTable table;
    assert_int_equal(zones_build(&profile, &table), ZONES_OK);
    assert_int_equal(zones_zone_of(&table, 94), ZONE_BELOW);
    assert_int_equal(zones_zone_of(&table, 95), 1);
    assert_int_equal(zones_zone_of(&table, 113), 1);
    assert_int_equal(zones_zone_of(&table, 114), 2);
    assert_int_equal(zones_zone_of(&table, 250), 5);
    assert_int_equal(zones_last_bpm(&table, 1), 113);
    assert_int_equal(zones_last_bpm(&table, 5), 250);
}

static void test_zone_names(void **state)
{
    (void)state;
    AthleteProfile profile = {.threshold_bpm = 175, .model = ZONE_MODEL_LTHR};
    ZoneTable table;
    assert_int_equal(zones_build(&profile, &table), ZONES_OK);
    assert_int_equal(zones_last_bpm(&table, 1), 148);
    static const char *const names[] = {"below", "z1", "z2", "z3", "z4", "z5a", "z5b", "z5c"};
    for (int zone = 0; zone < 8; zone++)
        assert_string_equal(zones_zone_name(&table, zone), names[zone]);
    assert_null(zones_zone_name(&table, ZONE_NONE));
    assert_null(zones_zone_name(&table, 8));
    static const int weights[] = {0, 1, 2, 3, 4, 5, 5, 5};
    for (int zone = 0; zone < 8; zone++)
        assert_int_equal(zones_edwards_weight(&table, zone), weights[zone]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_refusals_leave_the_table_alone),
        cmocka_unit_test(test_limits_are_inside),
        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_zone_of_is_lower_inclusive),
        cmocka_unit_test(test_zone_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
