/* SPDX-License-Identifier: MIT */
#include "core/validity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
    int64_t t_s;
    uint16_t bpm;
    Contact contact;
    SampleValidity expected;
} Step;

static void run(const Step *steps, size_t count)
{
    Validity validity;
    validity_init(&validity);
    for (size_t i = 0; i < count; i++) {
        Sample sample = {
            .t_ms = steps[i].t_s * 1000, .bpm = steps[i].bpm, .contact = steps[i].contact, .speed_mps = NAN};
        SampleValidity got = validity_check(&validity, &sample);
        if (got != steps[i].expected)
            fail_msg("step %zu: got %d, expected %d", i, (int)got, (int)steps[i].expected);
    }
}
#define RUN(steps) run((steps), sizeof(steps) / sizeof((steps)[0]))
#define U CONTACT_UNSUPPORTED
#define NOT CONTACT_NOT_DETECTED
#define YES CONTACT_DETECTED

static void test_range(void **state)
{
    (void)state;
    static const Step steps[] = {{0, 0, U, SAMPLE_NO_SIGNAL},     {1, 24, U, SAMPLE_IMPLAUSIBLE},
                                 {2, 251, U, SAMPLE_IMPLAUSIBLE}, {3, 65535, U, SAMPLE_IMPLAUSIBLE},
                                 {4, 25, U, SAMPLE_VALID}};
    RUN(steps);
    static const Step top[] = {{0, 250, U, SAMPLE_VALID}};
    RUN(top);
}

static void test_contact_counts_only_for_straps_that_know_it(void **state)
{
    (void)state;
    static const Step wahoo[] = {{0, 120, NOT, SAMPLE_VALID}, {1, 121, NOT, SAMPLE_VALID}};
    RUN(wahoo);
    static const Step polar[] = {{0, 120, NOT, SAMPLE_VALID},
                                 {1, 120, YES, SAMPLE_VALID},
                                 {2, 120, NOT, SAMPLE_NO_CONTACT},
                                 {3, 0, NOT, SAMPLE_NO_SIGNAL},
                                 {4, 120, YES, SAMPLE_VALID}};
    RUN(polar);
    static const Step without_rate[] = {{0, 0, YES, SAMPLE_NO_SIGNAL}, {1, 120, NOT, SAMPLE_NO_CONTACT}};
    RUN(without_rate); /* it knows contact, whatever else it says */
}

static void test_spike_limit_grows_with_time(void **state)
{
    (void)state;
    static const Step edge[] = {{0, 100, U, SAMPLE_VALID}, {1, 114, U, SAMPLE_VALID}};
    RUN(edge);
    static const Step beyond[] = {{0, 100, U, SAMPLE_VALID}, {1, 115, U, SAMPLE_SPIKE}, {2, 101, U, SAMPLE_VALID}};
    RUN(beyond);
    static const Step long_gap[] = {{0, 40, U, SAMPLE_VALID}, {1000, 228, U, SAMPLE_VALID}};
    RUN(long_gap);
    static const Step too_long[] = {{0, 40, U, SAMPLE_VALID}, {1000, 229, U, SAMPLE_SPIKE}};
    RUN(too_long);
    static const Step down[] = {{0, 150, U, SAMPLE_VALID}, {1, 135, U, SAMPLE_SPIKE}, {2, 130, U, SAMPLE_VALID}};
    RUN(down);
}

static void test_third_like_spike_is_a_new_level(void **state)
{
    (void)state;
    static const Step shift[] = {{0, 100, U, SAMPLE_VALID}, {1, 160, U, SAMPLE_SPIKE}, {2, 168, U, SAMPLE_SPIKE},
                                 {3, 160, U, SAMPLE_VALID}, {4, 162, U, SAMPLE_VALID}};
    RUN(shift);
    static const Step apart[] = {{0, 100, U, SAMPLE_VALID}, {1, 160, U, SAMPLE_SPIKE}, {2, 169, U, SAMPLE_SPIKE},
                                 {3, 180, U, SAMPLE_SPIKE}, {4, 181, U, SAMPLE_SPIKE}, {5, 182, U, SAMPLE_VALID}};
    RUN(apart);
    static const Step between[] = {{0, 100, U, SAMPLE_VALID}, {1, 180, U, SAMPLE_SPIKE}, {2, 0, U, SAMPLE_NO_SIGNAL},
                                   {3, 181, U, SAMPLE_SPIKE}, {4, 255, U, SAMPLE_IMPLAUSIBLE},
                                   {5, 182, U, SAMPLE_VALID}};
    RUN(between);
    static const Step broken[] = {{0, 100, U, SAMPLE_VALID}, {1, 180, U, SAMPLE_SPIKE}, {2, 181, U, SAMPLE_SPIKE},
                                  {3, 101, U, SAMPLE_VALID}, {4, 181, U, SAMPLE_SPIKE}, {5, 180, U, SAMPLE_SPIKE},
                                  {6, 181, U, SAMPLE_VALID}};
    RUN(broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_contact_counts_only_for_straps_that_know_it),
        cmocka_unit_test(test_spike_limit_grows_with_time),
        cmocka_unit_test(test_third_like_spike_is_a_new_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
