/* SPDX-License-Identifier: MIT */
#include "core/curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Curve curve;

static void test_mean_of_each_step(void **state)
{
    (void)state;
    curve_start(&curve, 5000);
    assert_int_equal(curve_length(&curve), 0);
    curve_add(&curve, 4999, 200); /* of before */
    assert_int_equal(curve_length(&curve), 0);
    curve_add(&curve, 5000, 120);
    curve_add(&curve, 14999, 121);
    assert_int_equal(curve_length(&curve), 1);
    assert_int_equal(curve_bpm(&curve, 0), 121); /* half up */
    curve_add(&curve, 15000, 130);
    assert_int_equal(curve_length(&curve), 2);
    assert_int_equal(curve_bpm(&curve, 0), 121);
    assert_int_equal(curve_bpm(&curve, 1), 130);
    assert_int_equal(curve_bpm(&curve, 2), 0);
}

static void test_a_gap_is_not_known(void **state)
{
    (void)state;
    curve_start(&curve, 0);
    curve_add(&curve, 0, 100);
    curve_add(&curve, 35000, 110);
    curve_add(&curve, 3000, 250); /* its step is over */
    assert_int_equal(curve_length(&curve), 4);
    const int expected_bpm[] = {100, 0, 0, 110};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(curve_bpm(&curve, i), expected_bpm[i]);
}

static void test_twelve_hours_at_most(void **state)
{
    (void)state;
    curve_start(&curve, -1000);
    for (int64_t t_ms = 0; t_ms < INT64_C(15) * 3600 * 1000; t_ms += 1000)
        curve_add(&curve, t_ms, 150);
    curve_add(&curve, INT64_MAX / 2, 150);
    assert_int_equal(curve_length(&curve), CURVE_MAX_STEPS);
    assert_int_equal(curve_bpm(&curve, CURVE_MAX_STEPS - 1), 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean_of_each_step),
        cmocka_unit_test(test_a_gap_is_not_known),
        cmocka_unit_test(test_twelve_hours_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
