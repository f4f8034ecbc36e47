/* SPDX-License-Identifier: MIT
 *
 * What a strap tells besides its heart rate, against a scripted bluetoothd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fixture.h"
#include "mock_values.h"

typedef struct {
    MockDevice *device;
    MockValue *battery, *location, *maker, *model, *serial, *firmware;
} Rich;

static Rich add_rich(Fixture *f)
{
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, "HRM");

    return (Rich){
        .device = device,
        .battery = mock_add_value(device, 0x2a19, "\x50", true),
        .location = mock_add_value(device, 0x2a38, "\x01", false),
        .maker = mock_add_value(device, 0x2a29, "Maker\x07", false),
        .model = mock_add_value(device, 0x2a24, "H10", false),
        .serial = mock_add_value(device, 0x2a25, "0123AB", false),
        .firmware = mock_add_value(device, 0x2a26, "5.0.0", false),
    };
}

static bool all_known(const Told *told)
{
    return told->info.battery_percent == 80 && strcmp(told->location, "chest") == 0 &&
           strcmp(told->maker, "Maker") == 0 && strcmp(told->model, "H10") == 0 &&
           strcmp(told->serial, "0123AB") == 0 && strcmp(told->firmware, "5.0.0") == 0;
}

static void everything_is_read_once_one_after_the_other(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);
    unsigned samples;

    fixture_start_one(f);
    wait_until(all_known(&f->told[0]) && rich.battery->notifying);
    assert_true(f->told[0].info.connected);
    samples = f->told[0].samples;
    wait_until(f->told[0].samples >= samples + 10);
    for (unsigned i = 0; i < rich.device->value_count; i++)
        assert_int_equal(rich.device->values[i].read.calls, 1);
    assert_int_equal(rich.device->reads_at_once_max, 1);
    assert_int_equal(rich.battery->start_notify.calls, 1);
}

static void the_heart_rate_comes_before_any_of_it(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    f->timing.details_start_ms = 150;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 3);
    assert_int_equal(rich.battery->read.calls, 0);
    wait_until(all_known(&f->told[0]));
}

static void a_battery_that_notifies_is_followed(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    fixture_start_one(f);
    wait_until(rich.battery->notifying);
    mock_change_value(rich.device, rich.battery, "\x14");
    wait_until(f->told[0].info.battery_percent == 20);
    mock_change_value(rich.device, rich.battery, "\xff");
    wait_until(f->told[0].info.battery_percent == -1);
    fixture_run_ms(2 * f->timing.battery_again_ms);
    assert_int_equal(rich.battery->read.calls, 1);
}

static void a_battery_that_does_not_is_read_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, "HRM");
    MockValue *battery = mock_add_value(device, 0x2a19, "\x50", false);

    fixture_start_one(f);
    wait_until(f->told[0].info.battery_percent == 80);
    battery->text = "\x14";
    wait_until(f->told[0].info.battery_percent == 20);
    assert_int_equal(battery->start_notify.calls, 0);
}

static void a_battery_that_refuses_to_notify_is_read_again(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    rich.battery->start_notify = (MockScript){.fail_times = 9, .error = "org.bluez.Error.NotSupported", .text = ""};
    fixture_start_one(f);
    wait_until(rich.battery->start_notify.calls == 1);
    rich.battery->text = "\x14";
    wait_until(f->told[0].info.battery_percent == 20);
    assert_int_equal(rich.battery->start_notify.calls, 1);
}

static void bluez_own_battery_goes_before(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    f->timing.details_start_ms = 150;
    fixture_start_one(f);
    wait_until(f->told[0].up);
    mock_battery1(rich.device, g_variant_new_byte(33));
    wait_until(f->told[0].info.battery_percent == 33);
    wait_until(strcmp(f->told[0].firmware, "5.0.0") == 0);
    assert_int_equal(rich.battery->read.calls, 0);
    mock_battery1(rich.device, g_variant_new_byte(32));
    wait_until(f->told[0].info.battery_percent == 32);
    mock_battery1(rich.device, g_variant_new_string("full")); /* nonsense: no news */
    mock_battery1(rich.device, g_variant_new_byte(101));
    wait_until(f->told[0].info.battery_percent == -1);
    mock_battery1(rich.device, NULL); /* its own is read now */
    wait_until(f->told[0].info.battery_percent == 80);
}

static void a_failure_harms_nothing(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    rich.location->read = (MockScript){.fail_times = 9, .error = "org.bluez.Error.NotPermitted", .text = ""};
    rich.maker->read = (MockScript){.hang_times = 1};
    f->timing.call_ms = 100;
    fixture_start_one(f);
    wait_until(strcmp(f->told[0].firmware, "5.0.0") == 0);
    assert_string_equal(f->told[0].location, "");
    assert_string_equal(f->told[0].maker, "");
    assert_int_equal(f->told[0].downs, 0);
    assert_int_equal(rich.location->read.calls, 1);
}

static void nothing_outlives_the_link(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    fixture_start_one(f);
    wait_until(all_known(&f->told[0]));
    mock_advertise(rich.device, false);
    mock_drop(rich.device);
    wait_until(f->told[0].downs == 1);
    assert_false(f->told[0].info.connected);
    assert_int_equal(f->told[0].info.battery_percent, -1);
    assert_string_equal(f->told[0].model, "");
    assert_null(f->told[0].info.adapter);
    rich.battery->text = "\x0a";
    mock_advertise(rich.device, true);
    wait_until(f->told[0].info.battery_percent == 10);
    assert_string_equal(f->told[0].info.adapter, "hci0");
    assert_int_equal(f->told[0].info.reconnects, 1);
    assert_true(f->told[0].info.lost_ms > 0);
}

static void bluetoothd_takes_all_with_it(void **state)
{
    Fixture *f = *state;

    add_rich(f);
    fixture_start_one(f);
    wait_until(all_known(&f->told[0]));
    fixture_kill_bluetoothd(f);
    wait_until(f->told[0].downs == 1);
    assert_int_equal(f->told[0].info.battery_percent, -1);
    assert_string_equal(f->told[0].maker, "");
    fixture_start_bluetoothd(f);
    add_rich(f);
    wait_until(all_known(&f->told[0]));
}

static void a_value_that_ends_the_link_is_left_alone(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    rich.model->read = (MockScript){.hang_times = 99};
    f->timing.call_ms = 10000;
    fixture_start_one(f);
    for (unsigned i = 1; i <= 2; i++) {
        wait_until(rich.model->read.calls == i);
        mock_drop(rich.device);
        wait_until(f->told[0].downs == i);
    }
    wait_until(strcmp(f->told[0].firmware, "5.0.0") == 0);
    assert_int_equal(rich.model->read.calls, 2);
}

/* Notifies a rate of 100 with energy KJ, until CALLS writes were seen and some packets more. */
static void send_energy(Fixture *f, MockDevice *device, unsigned kj)
{
    guint8 packet[] = {0x08, 100, (guint8)kj, (guint8)(kj >> 8)};
    unsigned samples = f->told[0].samples;

    for (unsigned i = 0; i < 5; i++)
        mock_notify(device, packet, sizeof packet);
    wait_until(f->told[0].samples >= samples + 5);
    fixture_run_ms(50);
}

static void energy_at_its_end_is_reset_once(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);
    MockValue *control = mock_add_value(rich.device, 0x2a39, "", false);

    fixture_start_one(f);
    wait_until(all_known(&f->told[0]));
    assert_false(f->told[0].info.has_energy);
    send_energy(f, rich.device, 0xFFFE);
    assert_true(f->told[0].info.has_energy);
    assert_int_equal(f->told[0].info.energy_kj, 0xFFFE);
    assert_int_equal(control->writes, 0);
    send_energy(f, rich.device, 0xFFFF);
    send_energy(f, rich.device, 0xFFFF);
    assert_int_equal(control->writes, 1);
    assert_int_equal(control->written, 1);
    assert_int_equal(control->read.calls, 0);
}

static void energy_without_a_control_point_is_let_be(void **state)
{
    Fixture *f = *state;
    Rich rich = add_rich(f);

    fixture_start_one(f);
    wait_until(all_known(&f->told[0]));
    send_energy(f, rich.device, 0xFFFF);
    assert_int_equal(f->told[0].downs, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_is_read_once_one_after_the_other),
        TEST(the_heart_rate_comes_before_any_of_it),
        TEST(a_battery_that_notifies_is_followed),
        TEST(a_battery_that_does_not_is_read_again),
        TEST(a_battery_that_refuses_to_notify_is_read_again),
        TEST(bluez_own_battery_goes_before),
        TEST(a_failure_harms_nothing),
        TEST(nothing_outlives_the_link),
        TEST(bluetoothd_takes_all_with_it),
        TEST(a_value_that_ends_the_link_is_left_alone),
        TEST(energy_at_its_end_is_reset_once),
        TEST(energy_without_a_control_point_is_let_be),
    };

    return cmocka_run_group_tests_name("details", tests, NULL, NULL);
}
