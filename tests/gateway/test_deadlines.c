/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway_deadlines.h"

#define COUNT 128

/* Not the real one, which the linker leaves out then: an athlete is a deadline here. */
static int64_t at_ms[COUNT];
static unsigned asked;

int64_t athlete_deadline_ms(const Athlete *athlete)
{
    asked++;
    return *(const int64_t *)(const void *)athlete;
}

static Athlete *athletes[COUNT];

static int setup(void **state)
{
    for (unsigned i = 0; i < COUNT; i++) {
        athletes[i] = (Athlete *)(void *)&at_ms[i];
        at_ms[i] = SOURCE_NEVER;
    }
    *state = gateway_deadlines_new(athletes, COUNT);
    asked = 0;
    return 0;
}

static int teardown(void **state)
{
    gateway_deadlines_free(*state);
    return 0;
}

static void test_all_are_due_in_the_beginning(void **state)
{
    assert_int_equal(gateway_deadlines_due(*state, 0, 0), 0);
    assert_int_equal(gateway_deadlines_due(*state, COUNT - 1, 0), COUNT - 1);
    assert_int_equal(gateway_deadlines_due(*state, COUNT, 0), COUNT);
    gateway_deadlines_note_all(*state);
    assert_int_equal(gateway_deadlines_next_ms(*state), SOURCE_NEVER);
    assert_int_equal(gateway_deadlines_due(*state, 0, INT64_MAX - 1), COUNT);
}

static void test_the_earliest_and_who_is_due(void **state)
{
    gateway_deadlines_note_all(*state);
    at_ms[3] = 1000;
    at_ms[77] = 500;
    assert_int_equal(gateway_deadlines_next_ms(*state), SOURCE_NEVER); /* nobody has said so yet */
    gateway_deadlines_note(*state, 3);
    gateway_deadlines_note(*state, 77);
    assert_int_equal(gateway_deadlines_next_ms(*state), 500);
    assert_int_equal(gateway_deadlines_due(*state, 0, 499), COUNT);
    assert_int_equal(gateway_deadlines_due(*state, 0, 500), 77);
    assert_int_equal(gateway_deadlines_due(*state, 0, 1000), 3);
    assert_int_equal(gateway_deadlines_due(*state, 4, 1000), 77);
    at_ms[77] = SOURCE_NEVER;
    gateway_deadlines_note(*state, 77);
    assert_int_equal(gateway_deadlines_next_ms(*state), 1000);
}

/* What it is there for. */
static void test_one_is_asked_for_one(void **state)
{
    gateway_deadlines_note(*state, 5);
    (void)gateway_deadlines_next_ms(*state);
    assert_int_equal(asked, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_are_due_in_the_beginning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_earliest_and_who_is_due, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_is_asked_for_one, setup, teardown),
    };

    return cmocka_run_group_tests_name("gateway-deadlines", tests, NULL, NULL);
}
