/* SPDX-License-Identifier: MIT
 *
 * The straps of the configuration against a scripted bluetoothd: what each strap can do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static LinkState state_of(const Fixture *fixture) { return bluez_source_link(fixture->source, 0)->state; }

static void a_strap_is_found_connected_and_heard(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, "HRM");

    device->bpm = 123;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 5);
    assert_int_equal(f->told[0].bpm, 123);
    assert_int_equal(f->told[0].ups, 1);
    assert_int_equal(device->connect.calls, 1);
    assert_int_equal(device->start_notify.calls, 1);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
    assert_true(f->hci0->filter_is_le);
    wait_until(!f->hci0->discovering); /* nobody is missing */
    assert_true(source_healthy(f->source));
}

static void a_strap_is_found_by_its_name(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_2, "Somebody else");
    mock_add_device(f->hci0, ADDRESS_1, "HRM ");
    fixture_start(f, &(StrapId){.name = "HRM"}, 1);
    wait_until(f->told[0].samples >= 1);
}

static void an_address_is_matched_in_any_case(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, "aa:bb:cc:dd:ee:ff", NULL);
    fixture_start(f, &(StrapId){.address = "AA:BB:CC:DD:EE:FF"}, 1);
    wait_until(f->told[0].samples >= 1);
}

static void a_strap_that_comes_later_is_noticed(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    mock_advertise(device, false);
    fixture_start_one(f);
    wait_until(f->hci0->discovering);
    mock_advertise(device, true);
    wait_until(f->told[0].samples >= 1);
}

static void a_strap_known_but_not_heard_is_not_connected(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    mock_advertise(device, false);
    device->in_tree = device->paired = true;
    fixture_start_one(f);
    wait_until(f->hci0->discovering);
    mock_property(device, "Trusted", g_variant_new_boolean(TRUE));
    mock_property(device, "Paired", g_variant_new_boolean(TRUE));
    fixture_run_ms(400);
    assert_int_equal(device->connect.calls, 0);
}

static void discovery_changes_between_filtered_and_open(void **state)
{
    Fixture *f = *state;

    fixture_start_one(f);
    wait_until(f->hci0->discovering && f->hci0->filter_has_uuids);
    wait_until(f->hci0->discovering && !f->hci0->filter_has_uuids);
    wait_until(f->hci0->discovering && f->hci0->filter_has_uuids);
}

static void a_lost_strap_comes_back(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    mock_advertise(device, false);
    mock_drop(device);
    wait_until(f->told[0].downs == 1);
    assert_int_equal(bluez_source_link(f->source, 0)->why, LINK_WHY_DISCONNECTED);
    wait_until(f->hci0->discovering);
    mock_advertise(device, true);
    wait_until(f->told[0].ups == 2 && f->told[0].samples >= 2);
}

static void a_connect_that_aborts_is_tried_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->flicker = true;
    device->connect = (MockScript){
        .fail_times = 5, .error = "org.bluez.Error.Failed", .text = "le-connection-abort-by-local"};
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 6);
}

static void a_connect_without_an_answer_is_cancelled(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect.hang_times = 2;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_true(device->disconnect.calls >= 2);
}

static void a_connect_without_an_answer_does_not_starve_another_strap(void **state)
{
    Fixture *f = *state;
    MockDevice *bad = mock_add_device(f->hci0, ADDRESS_1, NULL);

    mock_add_device(f->hci0, ADDRESS_2, NULL);
    bad->connect.hang_times = 1000;
    fixture_start(f, (StrapId[]){{.address = ADDRESS_1}, {.address = ADDRESS_2}}, 2);
    wait_until(f->told[1].samples >= 1);
    assert_int_equal(f->told[0].samples, 0);
    assert_int_equal(f->mock->pending_max, 1);
}

static void a_connection_that_is_not_announced_counts(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->unannounced = true;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 1);
    mock_drop(device);
    wait_until(f->told[0].downs == 1);
    assert_int_equal(bluez_source_link(f->source, 0)->why, LINK_WHY_DISCONNECTED);
}

static void services_resolved_before_the_objects_are_waited_for(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->resolve_early = true;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 1);
}

static void services_that_never_resolve_lead_to_a_fresh_start(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->never_resolve = true;
    fixture_start_one(f);
    wait_until(f->hci0->removed_devices >= 1);
    assert_true(device->connect.calls >= 3);
    device->never_resolve = false;
    wait_until(f->told[0].samples >= 1);
}

static void a_device_without_the_measurement_is_never_live(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->no_measurement = true;
    fixture_start_one(f);
    wait_until(device->disconnect.calls >= 2);
    assert_int_equal(f->told[0].ups, 0);
    assert_int_equal(device->start_notify.calls, 0);
}

static void a_refused_subscription_is_tried_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->start_notify = (MockScript){
        .fail_times = 2, .error = "org.bluez.Error.NotPermitted", .text = "Notify acquired"};
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->start_notify.calls, 3);
    assert_int_equal(device->connect.calls, 3);
}

static void the_straps_are_free_again_at_the_end(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    source_free(f->source);
    f->source = NULL;
    wait_until(!device->connected);
    assert_int_equal(device->disconnect.calls, 1);
}

static void a_subscription_without_an_answer_is_cut(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->start_notify.hang_times = 1;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->connect.calls, 2);
}

static void a_subscription_already_in_progress_counts_once_values_come(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    const guint8 packet[] = {0x06, 99};

    device->start_notify = (MockScript){
        .fail_times = 1, .error = "org.bluez.Error.InProgress", .text = "In Progress"};
    fixture_start_one(f);
    wait_until(device->start_notify.calls == 1);
    while (f->told[0].ups == 0 && device->connect.calls == 1) {
        mock_notify(device, packet, sizeof packet);
        fixture_run_ms(20);
    }
    assert_int_equal(device->connect.calls, 1);
    assert_true(f->told[0].samples >= 1);
}

static void a_phantom_link_is_cut_and_made_anew(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    device->phantom = true;
    wait_until(f->told[0].downs == 1);
    assert_int_equal(bluez_source_link(f->source, 0)->why, LINK_WHY_SILENT);
    device->phantom = false;
    wait_until(f->told[0].ups == 2);
    assert_true(device->disconnect.calls >= 1);
}

static void a_link_that_cannot_be_cut_is_removed(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    device->phantom = device->undying = true;
    wait_until(f->hci0->removed_devices == 1);
    device->phantom = device->undying = false;
    wait_until(f->told[0].ups == 2 && f->told[0].samples >= 2);
}

static void a_link_of_before_our_time_is_cut_first(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->in_tree = device->connected = device->resolved = device->has_objects = true;
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(device->disconnect.calls, 1);
}

static void a_device_that_leaves_the_tree_is_found_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
    mock_remove_device(device);
    wait_until(f->told[0].downs == 1);
    wait_until(f->told[0].ups == 2);
}

static void a_device_that_leaves_while_connecting_is_found_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect.hang_times = 1;
    fixture_start_one(f);
    wait_until(state_of(f) == LINK_CONNECTING && device->connect.calls == 1);
    mock_remove_device(device);
    wait_until(f->told[0].samples >= 1);
}

static void an_answer_for_a_device_that_left_is_ignored(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect.hang_times = 1;
    fixture_start_one(f);
    wait_until(device->connect.calls == 1);
    mock_advertise(device, false);
    mock_remove_device(device);
    wait_until(state_of(f) == LINK_WANTED || state_of(f) == LINK_BACKOFF);
    mock_answer_held(f->mock);
    fixture_run_ms(100);
    assert_int_equal(device->disconnect.calls, 0);
    mock_advertise(device, true);
    wait_until(f->told[0].samples >= 1);
}

static unsigned count_live(const Fixture *f)
{
    unsigned live = 0;

    for (unsigned i = 0; i < FIXTURE_MAX_STRAPS; i++)
        live += f->told[i].up ? 1 : 0;
    return live;
}

static void many_straps_take_turns(void **state)
{
    enum { COUNT = 24 };
    static char addresses[COUNT][18];
    Fixture *f = *state;
    StrapId ids[COUNT] = {0};

    f->timing.link.silence_ms = 5000;
    f->mock->beat_ms = 500; /* about as real ones: an emulated processor takes no thousand notifications a second */
    for (unsigned i = 0; i < COUNT; i++) {
        g_snprintf(addresses[i], sizeof addresses[i], "00:AA:02:00:00:%02X", i);
        ids[i].address = addresses[i];
        mock_add_device(f->hci0, addresses[i], NULL);
    }
    fixture_start(f, ids, COUNT);
    wait_until(count_live(f) == COUNT);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
}

static void an_unknown_object_is_found_again(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect = (MockScript){
        .fail_times = 2, .error = "org.freedesktop.DBus.Error.UnknownObject", .text = "gone"};
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(a_strap_is_found_connected_and_heard),
        T(a_strap_is_found_by_its_name),
        T(an_address_is_matched_in_any_case),
        T(a_strap_that_comes_later_is_noticed),
        T(a_strap_known_but_not_heard_is_not_connected),
        T(discovery_changes_between_filtered_and_open),
        T(a_lost_strap_comes_back),
        T(a_connect_that_aborts_is_tried_again),
        T(a_connect_without_an_answer_is_cancelled),
        T(a_connect_without_an_answer_does_not_starve_another_strap),
        T(a_connection_that_is_not_announced_counts),
        T(services_resolved_before_the_objects_are_waited_for),
        T(services_that_never_resolve_lead_to_a_fresh_start),
        T(a_device_without_the_measurement_is_never_live),
        T(a_refused_subscription_is_tried_again),
        T(a_subscription_without_an_answer_is_cut),
        T(the_straps_are_free_again_at_the_end),
        T(a_subscription_already_in_progress_counts_once_values_come),
        T(a_phantom_link_is_cut_and_made_anew),
        T(a_link_that_cannot_be_cut_is_removed),
        T(a_link_of_before_our_time_is_cut_first),
        T(a_device_that_leaves_the_tree_is_found_again),
        T(a_device_that_leaves_while_connecting_is_found_again),
        T(an_answer_for_a_device_that_left_is_ignored),
        T(many_straps_take_turns),
        T(an_unknown_object_is_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
