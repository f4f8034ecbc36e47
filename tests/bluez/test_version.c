/* SPDX-License-Identifier: MIT
 *
 * BlueZ's version out of an adapter's Modalias of any content.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bluez/version.h"

static void the_version_is_read(void **state)
{
    BluezVersion version;

    (void)state;
    assert_true(bluez_version_parse("usb:v1D6Bp0246d0542", &version));
    assert_int_equal(version.major, 5);
    assert_int_equal(version.minor, 66);
    assert_true(bluez_version_parse("usb:v1d6bp0246d0557", &version));
    assert_int_equal(version.minor, 87);
}

static void anything_else_is_refused(void **state)
{
    static const char *const OTHERS[] = {"", "usb", "usb:v1D6Bp0246d", "usb:v1D6Bp0246d054", "usb:v1D6Bp0246d05421",
                                         "usb:v1D6Bp0246d05g2", "usb:v1D6Bp0247d0542", "bluetooth:v000Fp1200d1436",
                                         "usb:v1D6Bp0246d0000"};
    BluezVersion version = {1, 2};

    (void)state;
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        assert_false(bluez_version_parse(OTHERS[i], &version));
    assert_int_equal(version.major, 1);
}

static void what_is_known_of_a_version_is_said(void **state)
{
    (void)state;
    assert_non_null(strstr(bluez_version_warning((BluezVersion){5, 87}), "crashes"));
    assert_non_null(strstr(bluez_version_warning((BluezVersion){5, 66}), "AcquireNotify"));
    assert_non_null(strstr(bluez_version_warning((BluezVersion){5, 82}), "AcquireNotify"));
    assert_non_null(strstr(bluez_version_warning((BluezVersion){5, 55}), "AutoEnable"));
    assert_null(bluez_version_warning((BluezVersion){5, 86}));
    assert_null(bluez_version_warning((BluezVersion){6, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(what_is_known_of_a_version_is_said),
    };

    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
