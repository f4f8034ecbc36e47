/* SPDX-License-Identifier: MIT
 *
 * What is around the straps goes and comes back: bluetoothd, the bus, adapters; strangers; nonsense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <string.h>

static LinkState state_of(const Fixture *fixture) { return bluez_source_link(fixture->source, 0)->state; }

static void bluetoothd_comes_back(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    fixture_kill_bluetoothd(f);
    wait_until(f->told[0].downs == 1);
    assert_int_equal(state_of(f), LINK_WANTED);
    fixture_run_ms(100);
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].ups == 2 && f->told[0].samples >= 2);
}

/* Kills bluetoothd while the strap is in STATE, which SCRIPT makes last. */
static void survive_in(Fixture *f, LinkState state, void (*script)(MockDevice *device))
{
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    f->timing.link.backoff_min_ms = state == LINK_BACKOFF ? 5000 : 10;
    script(device);
    fixture_start_one(f);
    wait_until(state_of(f) == state);
    fixture_run_ms(30);
    fixture_kill_bluetoothd(f);
    wait_until(state_of(f) == LINK_WANTED);
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
}

static void hang_connect(MockDevice *device) { device->connect.hang_times = 1; }

static void bluetoothd_goes_while_connecting(void **state) { survive_in(*state, LINK_CONNECTING, hang_connect); }

static void hang_resolve(MockDevice *device) { device->never_resolve = true; }

static void bluetoothd_goes_while_resolving(void **state) { survive_in(*state, LINK_RESOLVING, hang_resolve); }

static void hang_subscribe(MockDevice *device) { device->start_notify.hang_times = 1; }

static void bluetoothd_goes_while_subscribing(void **state)
{
    survive_in(*state, LINK_SUBSCRIBING, hang_subscribe);
}

static void hang_disconnect(MockDevice *device)
{
    device->never_resolve = true;
    device->disconnect.hang_times = 1000;
}

static void bluetoothd_goes_while_disconnecting(void **state)
{
    survive_in(*state, LINK_DISCONNECTING, hang_disconnect);
}

static void fail_connect(MockDevice *device)
{
    device->connect = (MockScript){.fail_times = 1, .error = "org.bluez.Error.Failed", .text = "no"};
}

static void bluetoothd_goes_while_backing_off(void **state) { survive_in(*state, LINK_BACKOFF, fail_connect); }

static void bluetoothd_that_does_not_tell_its_objects_is_asked_again(void **state)
{
    Fixture *f = *state;

    f->mock->hang_objects = true;
    f->timing.call_ms = 100;
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    fixture_run_ms(250);
    f->mock->hang_objects = false;
    wait_until(f->told[0].samples >= 1);
}

static void bluetoothd_may_come_last(void **state)
{
    Fixture *f = *state;

    fixture_kill_bluetoothd(f);
    fixture_start_one(f);
    fixture_run_ms(300);
    assert_int_equal(fixture_warnings, 1); /* not at every try */
    assert_non_null(strstr(fixture_last_warning, "bluetoothd is not running"));
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
}

static void the_bus_comes_back(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    private_bus_kill(f->bus);
    wait_until(f->told[0].downs == 1);
    fixture_kill_bluetoothd(f);
    fixture_run_ms(100);
    private_bus_start(f->bus);
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].ups == 2 && f->told[0].samples >= 2);
}

static void the_bus_goes_while_connecting(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect.hang_times = 1;
    fixture_start_one(f);
    wait_until(device->connect.calls == 1);
    private_bus_kill(f->bus);
    fixture_kill_bluetoothd(f);
    wait_until(state_of(f) == LINK_WANTED);
    private_bus_start(f->bus);
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
}

static void the_bus_may_come_last(void **state)
{
    Fixture *f = *state;

    fixture_kill_bluetoothd(f);
    private_bus_kill(f->bus);
    fixture_start_one(f);
    fixture_run_ms(300);
    assert_int_equal(fixture_warnings, 1);
    assert_non_null(strstr(fixture_last_warning, "no system bus"));
    private_bus_start(f->bus);
    fixture_start_bluetoothd(f);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
}

static void an_adapter_switched_off_and_on_is_used_again(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    mock_power(f->hci0, false);
    wait_until(f->told[0].downs == 1);
    fixture_run_ms(200);
    assert_false(f->hci0->discovering);
    mock_power(f->hci0, true);
    wait_until(f->told[0].ups == 2);
}

static void an_adapter_that_is_off_is_left_off_and_waited_for(void **state)
{
    Fixture *f = *state;

    mock_power(f->hci0, false);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(fixture_warnings == 1);
    fixture_run_ms(200);
    assert_int_equal(fixture_warnings, 1);
    assert_non_null(strstr(fixture_last_warning, "switched off"));
    assert_false(f->hci0->powered);
    mock_power(f->hci0, true);
    wait_until(f->told[0].samples >= 1);
}

static void an_adapter_may_come_last_and_go_and_return(void **state)
{
    Fixture *f = *state;

    mock_remove_adapter(f->hci0);
    fixture_start_one(f);
    wait_until(fixture_warnings == 1);
    assert_non_null(strstr(fixture_last_warning, "has no adapter"));
    f->hci0 = mock_add_adapter(f->mock, "hci7", true);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].samples >= 1);
    mock_remove_adapter(f->hci0);
    wait_until(f->told[0].downs == 1);
    f->hci0 = mock_add_adapter(f->mock, "hci8", true);
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    wait_until(f->told[0].ups == 2);
}

static void discovery_that_does_not_start_is_tried_again(void **state)
{
    Fixture *f = *state;

    f->hci0->start_discovery =
        (MockScript){.fail_times = 4, .error = "org.bluez.Error.Failed", .text = "Operation failed"};
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
}

static void a_strangers_strap_is_never_connected(void **state)
{
    Fixture *f = *state;
    MockDevice *strangers[] = {
        mock_add_device(f->hci0, ADDRESS_2, "HRM"), mock_add_device(f->hci0, "00:AA:01:00:00:03", NULL),
        mock_add_device(f->hci0, "00:AA:01:00:00:04", ADDRESS_1),
    };

    mock_add_device(f->hci0, ADDRESS_1, "HRM");
    fixture_start(f, (StrapId[]){{.address = ADDRESS_1}, {.name = "HRM 2"}, {.address = NULL}}, 3);
    wait_until(f->told[0].samples >= 1);
    wait_until(f->hci0->discovering); /* the second strap is missing */
    fixture_run_ms(300);
    for (size_t i = 0; i < G_N_ELEMENTS(strangers); i++)
        assert_int_equal(strangers[i]->connect.calls, 0);
}

static void two_athletes_never_share_a_strap(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, "HRM");
    fixture_start(f, (StrapId[]){{.name = "HRM"}, {.name = "HRM"}}, 2);
    wait_until(f->told[0].samples + f->told[1].samples >= 1);
    fixture_run_ms(300);
    assert_int_equal(f->told[0].ups + f->told[1].ups, 1);
    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    wait_until(f->told[0].samples >= 1 && f->told[1].samples >= 1);
}

static void the_paired_one_of_two_of_a_name_is_preferred(void **state)
{
    Fixture *f = *state;
    MockDevice *other = mock_add_device(f->hci0, ADDRESS_2, "HRM");
    MockDevice *mine = mock_add_device(f->hci0, ADDRESS_1, "HRM");

    mock_advertise(mine, false);
    mine->in_tree = mine->paired = true;
    fixture_start(f, &(StrapId){.name = "HRM"}, 1);
    wait_until(other->in_tree);
    fixture_run_ms(200);
    mock_advertise(mine, true);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(mine->connect.calls, 1);
    assert_int_equal(other->connect.calls, 0);
}

static void two_straps_are_live_at_once(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, NULL)->bpm = 101;
    mock_add_device(f->hci0, ADDRESS_2, NULL)->bpm = 102;
    fixture_start(f, (StrapId[]){{.address = ADDRESS_1}, {.address = ADDRESS_2}}, 2);
    wait_until(f->told[0].up && f->told[1].up && f->told[0].samples >= 3 && f->told[1].samples >= 3);
    assert_int_equal(f->told[0].bpm, 101);
    assert_int_equal(f->told[1].bpm, 102);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
}

static void malformed_packets_are_counted_and_harmless(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    guint8 *huge = g_malloc0(70000);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    mock_notify(device, huge, 0);
    mock_notify(device, (const guint8[]){0x01, 0x50}, 2);
    memset(huge, 0xff, 70000);
    huge[1] = 77, huge[2] = 0;
    mock_notify(device, huge, 70000);
    wait_until(bluez_source_malformed(f->source, 0) == 2);
    wait_until(f->told[0].samples >= 10);
    assert_int_equal(f->told[0].downs, 0);
    g_free(huge);
}

static void wrong_types_and_absurd_sizes_are_harmless(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    g_autofree char *characteristic = mock_characteristic_path(device), *text = g_strnfill(100000, 'x');
    const char *keys[] = {"Address", "Name", "Adapter", "Connected", "ServicesResolved", "Paired", "RSSI", ""};

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        mock_property(device, keys[i], g_variant_new_uint32(7));
        mock_property(device, keys[i], g_variant_new_string(text));
        mock_property(device, keys[i], g_variant_new("(a{sv}s)", NULL, "x"));
    }
    mock_property(device, text, g_variant_new_boolean(TRUE));
    mock_emit(f->mock, characteristic, "org.freedesktop.DBus.Properties", "PropertiesChanged", NULL);
    mock_emit(f->mock, device->path, "org.freedesktop.DBus.Properties", "PropertiesChanged", g_variant_new("(s)", "x"));
    mock_emit(f->mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", g_variant_new("(i)", 1));
    mock_emit(f->mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", g_variant_new("(o)", "/"));
    mock_emit(f->mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
              g_variant_new("(oas)", "/org/bluez/hci0/dev_none", NULL));
    f->told[0].samples = 0;
    wait_until(f->told[0].samples >= 3);
    assert_int_equal(f->told[0].downs, 0);
}

static void signals_of_anybody_else_are_not_believed(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    g_autoptr(GDBusConnection) stranger = g_dbus_connection_new_for_address_sync(
        f->bus->address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL,
        NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    for (int i = 0; i < 10; i++) { /* to every connection there is */
        g_autofree char *name = g_strdup_printf(":1.%d", i);
        const char *interfaces[] = {"org.bluez.Device1", NULL};

        g_dbus_connection_emit_signal(stranger, name, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
                                      g_variant_new("(o^as)", device->path, interfaces), NULL);
        g_dbus_connection_emit_signal(stranger, name, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus",
                                      "NameOwnerChanged", g_variant_new("(sss)", "org.bluez", "", ""), NULL);
    }
    g_dbus_connection_flush_sync(stranger, NULL, NULL);
    f->told[0].samples = 0;
    wait_until(f->told[0].samples >= 10);
    assert_int_equal(f->told[0].downs, 0);
    g_dbus_connection_close_sync(stranger, NULL, NULL);
}

static void the_timer_comes_once_and_can_be_cleared(void **state)
{
    Fixture *f = *state;

    fixture_start_one(f);
    source_set_timer(f->source, source_now_ms(f->source) - 5);
    wait_until(f->timers == 1);
    source_set_timer(f->source, source_now_ms(f->source) + 50);
    source_set_timer(f->source, SOURCE_NEVER);
    fixture_run_ms(120);
    assert_int_equal(f->timers, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(bluetoothd_comes_back),
        T(bluetoothd_goes_while_connecting),
        T(bluetoothd_goes_while_resolving),
        T(bluetoothd_goes_while_subscribing),
        T(bluetoothd_goes_while_disconnecting),
        T(bluetoothd_goes_while_backing_off),
        T(bluetoothd_that_does_not_tell_its_objects_is_asked_again),
        T(bluetoothd_may_come_last),
        T(the_bus_comes_back),
        T(the_bus_goes_while_connecting),
        T(the_bus_may_come_last),
        T(an_adapter_switched_off_and_on_is_used_again),
        T(an_adapter_that_is_off_is_left_off_and_waited_for),
        T(an_adapter_may_come_last_and_go_and_return),
        T(discovery_that_does_not_start_is_tried_again),
        T(a_strangers_strap_is_never_connected),
        T(two_athletes_never_share_a_strap),
        T(the_paired_one_of_two_of_a_name_is_preferred),
        T(two_straps_are_live_at_once),
        T(malformed_packets_are_counted_and_harmless),
        T(wrong_types_and_absurd_sizes_are_harmless),
        T(signals_of_anybody_else_are_not_believed),
        T(the_timer_comes_once_and_can_be_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
