/* SPDX-License-Identifier: MIT
 *
 * Straps that are bound by their serial number, against a scripted bluetoothd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bluez/serials.h"
#include "fixture.h"
#include "mock_values.h"

#define ADDRESS_3 "00:AA:01:00:00:03"

static const StrapId BY_SERIAL = {.serial = "1a2b3c4d"};
static const StrapId PROBING = {.serial = "1A2B3C4D", .probes = true};

static MockDevice *add(Fixture *f, const char *address, const char *name, const char *serial)
{
    MockDevice *device = mock_add_device(f->hci0, address, name);

    if (serial != NULL)
        mock_add_value(device, 0x2a25, serial, false);
    return device;
}

static void the_name_says_which_one_to_try_and_the_number_decides(void **state)
{
    Fixture *f = *state;
    MockDevice *mine = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "1A2B3C4D");
    MockDevice *other = add(f, ADDRESS_2, "Polar H10 99999999", "99999999");

    fixture_start(f, &BY_SERIAL, 1);
    wait_until(f->told[0].samples >= 3);
    fixture_run_ms(300);
    assert_int_equal(mine->connect.calls, 1);
    assert_int_equal(other->connect.calls, 0);
}

/* Its name says one thing and it another: nothing of it is subscribed, told, or tried again. */
static void a_name_is_no_proof(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "55555555");

    fixture_start(f, &BY_SERIAL, 1);
    wait_until(device->connect.calls == 1 && device->disconnect.calls == 1);
    fixture_run_ms(600);
    assert_int_equal(device->connect.calls, 1);
    assert_int_equal(device->start_notify.calls, 0);
    assert_int_equal(f->told[0].ups, 0);
    assert_int_equal(bluez_source_link(f->source, 0)->failures, 0);
}

static void the_right_one_is_taken_after_a_wrong_one(void **state)
{
    Fixture *f = *state;
    MockDevice *wrong = add(f, ADDRESS_1, "HRM 1A2B3C4D", "00000001"), *right;

    fixture_start(f, &BY_SERIAL, 1);
    wait_until(wrong->disconnect.calls == 1);
    right = add(f, ADDRESS_2, "1A2B3C4D", "1A2B3C4D ");
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(wrong->connect.calls, 1);
    assert_int_equal(right->connect.calls, 1);
}

static void it_is_read_once_and_known_on_the_way_back(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "1A2B3C4D");

    f->timing.details_start_ms = 60000;
    fixture_start(f, &BY_SERIAL, 1);
    wait_until(f->told[0].samples >= 1);
    mock_drop(device);
    wait_until(f->told[0].ups == 2 && f->told[0].samples >= 2);
    assert_int_equal(device->values[0].read.calls, 1);
}

/* Without a word that strangers may be tried, the number of a strap that hides it in its name is never read. */
static void no_strangers_strap_is_probed_unasked(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "HRM", "1A2B3C4D");

    fixture_start(f, &BY_SERIAL, 1);
    fixture_run_ms(500);
    assert_int_equal(device->connect.calls, 0);
}

static void probing_tries_each_heart_rate_strap_once(void **state)
{
    Fixture *f = *state;
    MockDevice *other = add(f, ADDRESS_1, "HRM", "77777777"), *no_strap = add(f, ADDRESS_2, "Lamp", "1A2B3C4D");
    MockDevice *mine;

    no_strap->hides_service = true;
    fixture_start(f, &PROBING, 1);
    wait_until(other->disconnect.calls == 1);
    mine = add(f, ADDRESS_3, "HRM", "1A2B3C4D");
    wait_until(f->told[0].samples >= 3);
    mock_drop(mine);
    wait_until(f->told[0].ups == 2);
    assert_int_equal(other->connect.calls, 1);
    assert_int_equal(no_strap->connect.calls, 0);
}

/* A number that comes late, fails once, and then is told. */
static void a_number_that_is_not_read_at_once_is_read_in_the_end(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "1A2B3C4D");

    device->resolve_early = true;
    device->values[0].read = (MockScript){.fail_times = 1, .error = "org.bluez.Error.Failed", .text = "no"};
    fixture_start(f, &BY_SERIAL, 1);
    wait_until(f->told[0].samples >= 1);
    assert_true(device->values[0].read.calls >= 2);
}

static void a_number_that_hangs_is_given_up(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "1A2B3C4D");

    device->values[0].read.hang_times = 1;
    fixture_start(f, &BY_SERIAL, 1);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 2);
}

static void a_strap_without_a_number_is_left_after_three_tries(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", NULL);

    fixture_start(f, &BY_SERIAL, 1);
    wait_until(device->disconnect.calls == SERIALS_TRIES);
    fixture_run_ms(500);
    assert_int_equal(device->connect.calls, SERIALS_TRIES);
    assert_int_equal(f->told[0].ups, 0);
}

/* What somebody else's subscription lets through is not believed before the number is read. */
static void values_of_an_unread_strap_do_not_count(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "55555555");
    const guint8 packet[] = {0x06, 99};

    device->values[0].read.hang_times = 1;
    fixture_start(f, &BY_SERIAL, 1);
    wait_until(device->values[0].read.calls == 1);
    mock_notify(device, packet, sizeof packet);
    wait_until(device->values[0].read.calls == 2 && device->disconnect.calls == 2);
    assert_int_equal(f->told[0].samples, 0);
    assert_int_equal(f->told[0].ups, 0);
}

/* A name may change on the way: what was chosen for it is still to be verified. */
static void a_change_of_name_does_not_spare_the_number(void **state)
{
    Fixture *f = *state;
    MockDevice *device = add(f, ADDRESS_1, "Polar H10 1A2B3C4D", "55555555");

    f->mock->resolve_gap_ms = 200;
    fixture_start(f, &BY_SERIAL, 1);
    wait_until(device->connect.calls == 1);
    mock_property(device, "Name", g_variant_new_string("Something else"));
    wait_until(device->disconnect.calls == 1);
    assert_int_equal(device->start_notify.calls, 0);
}

static void two_athletes_find_theirs_by_number(void **state)
{
    Fixture *f = *state;
    const StrapId straps[] = {{.serial = "11111111", .probes = true}, {.serial = "22222222", .probes = true}};
    MockDevice *second = add(f, ADDRESS_1, "HRM", "22222222"), *first = add(f, ADDRESS_2, "HRM", "11111111");

    first->bpm = 61;
    second->bpm = 62;
    fixture_start(f, straps, 2);
    wait_until(f->told[0].samples >= 1 && f->told[1].samples >= 1);
    assert_int_equal(f->told[0].bpm, 61);
    assert_int_equal(f->told[1].bpm, 62);
}

static void what_is_known_has_a_limit(void **state)
{
    Serials *serials = serials_new();

    (void)state;
    for (unsigned i = 0; i <= SERIALS_MAX; i++) {
        g_autofree char *address = g_strdup_printf("00:00:00:00:%02X:%02X", i >> 8, i & 0xff);

        serials_learn(serials, address, "x");
    }
    assert_null(serials_known(serials, "00:00:00:00:00:00"));
    assert_string_equal(serials_known(serials, "00:00:00:00:00:01"), "x");
    serials_free(serials);
}

static void a_hint_is_the_last_word_of_a_name(void **state)
{
    (void)state;
    assert_true(serials_name_hints("Polar H10 1A2B3C4D", "1a2b3c4d"));
    assert_true(serials_name_hints("1A2B3C4D", "1a2b3c4d"));
    assert_true(serials_name_hints("COOSPO-12345", "12345"));
    assert_false(serials_name_hints("Polar H10 1A2B3C4D", "2b3c4d"));
    assert_false(serials_name_hints("Polar H10 1", "1"));
    assert_false(serials_name_hints("1A2B3C4D Polar", "1a2b3c4d"));
    assert_false(serials_name_hints(NULL, "1a2b3c4d"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_name_says_which_one_to_try_and_the_number_decides),
        TEST(a_name_is_no_proof),
        TEST(the_right_one_is_taken_after_a_wrong_one),
        TEST(it_is_read_once_and_known_on_the_way_back),
        TEST(no_strangers_strap_is_probed_unasked),
        TEST(probing_tries_each_heart_rate_strap_once),
        TEST(a_number_that_is_not_read_at_once_is_read_in_the_end),
        TEST(a_number_that_hangs_is_given_up),
        TEST(a_strap_without_a_number_is_left_after_three_tries),
        TEST(values_of_an_unread_strap_do_not_count),
        TEST(a_change_of_name_does_not_spare_the_number),
        TEST(two_athletes_find_theirs_by_number),
        cmocka_unit_test(what_is_known_has_a_limit),
        cmocka_unit_test(a_hint_is_the_last_word_of_a_name),
    };

    return cmocka_run_group_tests_name("serials", tests, NULL, NULL);
}
