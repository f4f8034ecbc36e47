/* SPDX-License-Identifier: MIT
 *
 * Straps that several adapters hear, against a scripted bluetoothd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#define LIMIT {.fail_times = 99, .error = "org.bluez.Error.Failed", .text = "le-connection-concurrent-connection-limit"}

static void a_full_adapter_is_left_for_one_that_is_not(void **state)
{
    Fixture *f = *state;
    MockAdapter *hci1 = mock_add_adapter(f->mock, "hci1", true);
    MockDevice *other = mock_add_device(f->hci0, "00:AA:01:00:00:03", "Speaker"), *near, *far;

    other->in_tree = other->connected = true;
    near = mock_add_device(f->hci0, ADDRESS_1, NULL);
    near->connect = (MockScript)LIMIT;
    fixture_start_one(f);
    wait_until(near->connect.calls >= 1);
    far = mock_add_device(hci1, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(far->connect.calls, 1);
    assert_string_equal(f->told[0].info.adapter, "hci1");
}

static void a_full_adapter_is_tried_on_when_there_is_no_other(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    MockDevice *other = mock_add_device(f->hci0, "00:AA:01:00:00:03", "Speaker");

    other->in_tree = other->connected = true;
    device->connect = (MockScript)LIMIT;
    device->connect.fail_times = 3;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 4);
}

static void the_version_is_said_once_for_each_bluetoothd(void **state)
{
    Fixture *f = *state;

    f->hci0->modalias = "usb:v1D6Bp0246d0542";
    mock_add_adapter(f->mock, "hci1", true)->modalias = "usb:v1D6Bp0246d0542";
    fixture_start_one(f);
    wait_until(f->hci0->discovering);
    assert_int_equal(fixture_versions_said, 1);
    mock_power(f->hci0, false);
    mock_power(f->hci0, true);
    wait_until(f->hci0->discovering);
    assert_int_equal(fixture_versions_said, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_adapter_is_left_for_one_that_is_not),
        TEST(a_full_adapter_is_tried_on_when_there_is_no_other),
        TEST(the_version_is_said_once_for_each_bluetoothd),
    };

    return cmocka_run_group_tests_name("adapters", tests, NULL, NULL);
}
