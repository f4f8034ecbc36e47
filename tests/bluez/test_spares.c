/* SPDX-License-Identifier: MIT
 *
 * An athlete with more than one strap, against a scripted bluetoothd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "mock_methods.h"

static const StrapId SPARES[] = {{.name = "Spare"}};
static const StrapId TWO = {.address = ADDRESS_1, .spares = SPARES, .spare_count = 1};

static void the_spare_strap_counts_when_it_is_the_one_heard(void **state)
{
    Fixture *f = *state;
    MockDevice *spare = mock_add_device(f->hci0, ADDRESS_2, "Spare");

    spare->bpm = 77;
    fixture_start(f, &TWO, 1);
    wait_until(f->told[0].samples >= 2);
    assert_int_equal(f->told[0].bpm, 77);
}

static void the_other_is_let_be_while_one_is_live(void **state)
{
    Fixture *f = *state;
    MockDevice *spare = mock_add_device(f->hci0, ADDRESS_2, "Spare"), *first;

    fixture_start(f, &TWO, 1);
    wait_until(f->told[0].samples >= 1);
    first = mock_add_device(f->hci0, ADDRESS_1, "First");
    mock_discover(f->hci0, true); /* somebody else's search */
    fixture_run_ms(300);
    assert_int_equal(first->connect.calls, 0);
    assert_int_equal(spare->connect.calls, 1);
    assert_int_equal(f->told[0].downs, 0);
}

static void when_one_is_taken_off_the_other_counts(void **state)
{
    Fixture *f = *state;
    MockDevice *first = mock_add_device(f->hci0, ADDRESS_1, "First"), *spare;

    first->bpm = 66;
    fixture_start(f, &TWO, 1);
    wait_until(f->told[0].samples >= 1);
    spare = mock_add_device(f->hci0, ADDRESS_2, "Spare");
    spare->bpm = 77;
    mock_advertise(first, false);
    mock_drop(first);
    wait_until(f->told[0].ups == 2 && f->told[0].bpm == 77);
    mock_advertise(first, true);
    mock_advertise(spare, false);
    mock_drop(spare);
    wait_until(f->told[0].ups == 3 && f->told[0].bpm == 66);
}

static void a_spare_strap_is_nobody_elses(void **state)
{
    Fixture *f = *state;
    const StrapId spares[] = {{.address = ADDRESS_2}};
    const StrapId straps[] = {{.name = "HRM"}, {.address = ADDRESS_1, .spares = spares, .spare_count = 1}};

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    fixture_start(f, straps, 2);
    wait_until(f->told[1].samples >= 5);
    assert_int_equal(f->told[0].ups, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_spare_strap_counts_when_it_is_the_one_heard),
        TEST(the_other_is_let_be_while_one_is_live),
        TEST(when_one_is_taken_off_the_other_counts),
        TEST(a_spare_strap_is_nobody_elses),
    };

    return cmocka_run_group_tests_name("spares", tests, NULL, NULL);
}
