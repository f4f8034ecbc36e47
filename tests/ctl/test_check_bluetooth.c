/* SPDX-License-Identifier: MIT
 *
 * What zone1ctl check says of bluetoothd and its adapters, which are made up here.
 */
#include "ctl/check.h"
#include "ctl/notes.h"
#include "mock_bluez.h"
#include "private_bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    PrivateBus *bus;
    MockBluez *mock; /* NULL: bluetoothd does not run */
    GString *said;
} Machine;

static void on_line(void *user, CheckLevel level, const char *area, const char *text)
{
    g_string_append_printf(((Machine *)user)->said, "%d %s: %s\n", (int)level, area, text);
}

static int setup(void **state)
{
    Machine *machine = g_new0(Machine, 1);

    machine->bus = private_bus_new();
    machine->mock = mock_bluez_new(machine->bus->address);
    machine->said = g_string_new(NULL);
    *state = machine;
    return 0;
}

static int teardown(void **state)
{
    Machine *machine = *state;

    mock_bluez_free(machine->mock);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    private_bus_free(machine->bus);
    g_string_free(machine->said, TRUE);
    g_free(machine);
    return 0;
}

static const char *said_of(Machine *machine)
{
    g_string_truncate(machine->said, 0);
    check_bluetooth(on_line, machine);
    return machine->said->str;
}

static void an_adapter_that_is_on_is_fine(void **state)
{
    Machine *machine = *state;

    mock_add_adapter(machine->mock, "hci0", true)->modalias = "usb:v1D6Bp0246d0558"; /* 5.88 */
    assert_string_equal(said_of(machine), "0 bluez: BlueZ 5.88\n0 adapter: hci0 is on, with 0 links\n");
}

static void an_adapter_that_is_off_is_told_with_what_to_do(void **state)
{
    Machine *machine = *state;

    mock_add_adapter(machine->mock, "hci0", true)->modalias = "usb:v1D6Bp0246d0557";
    mock_add_adapter(machine->mock, "hci1", false);
    assert_non_null(strstr(said_of(machine), "1 bluez: BlueZ 5.87: it crashes when a strap drops out"));
    assert_non_null(strstr(machine->said->str, "0 adapter: hci0 is on"));
    assert_non_null(strstr(machine->said->str, "2 adapter: hci1 is off: bluetoothctl power on"));
}

static void a_version_that_is_not_told_is_a_hint(void **state)
{
    Machine *machine = *state;

    mock_add_adapter(machine->mock, "hci0", true);
    assert_non_null(strstr(said_of(machine), "1 bluez: its version is not known\n"));
}

static void no_adapter_is_bad(void **state)
{
    assert_true(g_str_has_prefix(said_of(*state), "2 adapter: "));
    assert_non_null(strstr(((Machine *)*state)->said->str, "apt install bluez, systemctl enable --now bluetooth"));
}

static void no_bluetoothd_is_bad(void **state)
{
    Machine *machine = *state;

    mock_bluez_free(machine->mock);
    machine->mock = NULL;
    assert_non_null(strstr(said_of(machine), "2 adapter: Bluetooth: bluetoothd is not running"));
    assert_non_null(strstr(machine->said->str, "systemctl enable --now bluetooth"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(an_adapter_that_is_on_is_fine),
        T(an_adapter_that_is_off_is_told_with_what_to_do),
        T(a_version_that_is_not_told_is_a_hint),
        T(no_adapter_is_bad),
        T(no_bluetoothd_is_bad),
    };

    notes_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
