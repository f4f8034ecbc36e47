/* SPDX-License-Identifier: MIT
 *
 * What one strap and its object in BlueZ can do wrong, with what is published meanwhile (published.h:
 * never a rate that was not sent just now) and the way back. docs/bluez.md has the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "published.h"

#include <string.h>

static LinkState state_of(const Fixture *fixture) { return bluez_source_link(fixture->source, 0)->state; }

static MockDevice *start_live(Fixture *f)
{
    MockDevice *device = published_strap(f->hci0, 0);

    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    return device;
}

/* The first connection meets what SCRIPT lays in its way; live without any help in the end. */
static MockDevice *start_with(Fixture *f, void (*script)(MockDevice *device))
{
    MockDevice *device = published_strap(f->hci0, 0);

    script(device);
    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    return device;
}

/* A live link is lost; the way back meets what SCRIPT lays in it. Lost is said, and then live. */
static void return_with(Fixture *f, void (*script)(MockDevice *device))
{
    MockDevice *device = start_live(f);

    script(device);
    mock_drop(device);
    wait_until(published_is_lost(0));
    published_wait_live(f, 0);
}

static void abort_connects(MockDevice *device)
{
    device->connect = (MockScript){
        .fail_times = 6, .error = "org.bluez.Error.Failed", .text = "le-connection-abort-by-local"};
}

static void connect_aborts_by_local(void **state)
{
    MockDevice *device = start_with(*state, abort_connects);

    assert_int_equal(device->connect.calls, 7);
}

static void connect_aborts_on_the_way_back(void **state) { return_with(*state, abort_connects); }

static void hang_connects(MockDevice *device) { device->connect.hang_times = 2; }

static void connect_never_answers(void **state)
{
    MockDevice *device = start_with(*state, hang_connects);

    assert_int_equal(device->connect.calls, 3);
}

static void connect_never_answers_on_the_way_back(void **state) { return_with(*state, hang_connects); }

static void flicker_connects(MockDevice *device)
{
    abort_connects(device);
    device->flicker = true;
}

static void connected_flickers(void **state)
{
    Fixture *f = *state;

    start_with(f, flicker_connects);
    assert_int_equal(f->told[0].ups, 1);
}

static void connected_flickers_on_the_way_back(void **state) { return_with(*state, flicker_connects); }

static void resolve_early(MockDevice *device) { device->resolve_early = true; }

static void services_resolved_before_the_objects(void **state) { return_with(*state, resolve_early); }

static void resolve_late(MockDevice *device) { device->resolve_early = false; }

static void objects_before_services_resolved(void **state) { return_with(*state, resolve_late); }

static void no_heart_rate_measurement(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);
    unsigned connects = device->connect.calls;

    device->no_measurement = true;
    mock_drop(device);
    wait_until(published_is_lost(0));
    wait_until(device->connect.calls >= connects + 3);
    assert_true(published_is_lost(0));
    device->no_measurement = false;
    published_wait_live(f, 0);
}

static void refuse_subscriptions(MockDevice *device)
{
    device->start_notify = (MockScript){.fail_times = 3, .error = "org.bluez.Error.Failed", .text = "ATT error: 0x0e"};
}

static void start_notify_fails(void **state) { return_with(*state, refuse_subscriptions); }

static void hang_subscriptions(MockDevice *device) { device->start_notify.hang_times = 2; }

static void start_notify_pends_for_ever(void **state) { return_with(*state, hang_subscriptions); }

/* An earlier subscription stands: values come although StartNotify says InProgress. */
static void start_notify_already_running(void **state)
{
    Fixture *f = *state;
    MockDevice *device = published_strap(f->hci0, 0);

    device->start_notify = (MockScript){
        .fail_times = 1, .error = "org.bluez.Error.InProgress", .text = "In Progress"};
    device->notifies_anyway = true;
    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    assert_int_equal(device->connect.calls, 1);
}

static void connected_is_a_phantom(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);

    device->phantom = true;
    wait_until(published_is_lost(0));
    assert_int_equal(bluez_source_link(f->source, 0)->why, LINK_WHY_SILENT);
    device->phantom = false;
    published_wait_live(f, 0);
}

/* With the waits of normal work the link outlives the rate: stale by its age, lost only later. */
static void a_silent_link_goes_stale_before_it_is_lost(void **state)
{
    Fixture *f = *state;
    MockDevice *device;

    f->timing.link.silence_ms = 6500;
    device = start_live(f);
    device->phantom = true;
    wait_until(published_shown(0)->hr_bpm == 0);
    assert_string_equal(published_shown(0)->signal, "stale");
    assert_true(f->told[0].up);
    wait_until(published_is_lost(0));
    device->phantom = false;
    published_wait_live(f, 0);
}

static void vanishes_from_the_tree(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);

    mock_remove_device(device);
    wait_until(f->told[0].downs == 1);
    published_wait_live(f, 0);
}

static void forget_object(MockDevice *device)
{
    device->connect = (MockScript){
        .fail_times = 3, .error = "org.freedesktop.DBus.Error.UnknownObject", .text = "no such object"};
}

static void connect_says_unknown_object(void **state) { return_with(*state, forget_object); }

static void lose_early(MockDevice *device) { device->drop_in = MOCK_STEP_CONNECT, device->drop_times = 3; }

static void disconnected_while_connecting(void **state) { return_with(*state, lose_early); }

static void lose_resolving(MockDevice *device) { device->drop_in = MOCK_STEP_RESOLVE, device->drop_times = 3; }

static void disconnected_while_resolving(void **state) { return_with(*state, lose_resolving); }

static void lose_subscribing(MockDevice *device) { device->drop_in = MOCK_STEP_SUBSCRIBE, device->drop_times = 3; }

static void disconnected_while_subscribing(void **state) { return_with(*state, lose_subscribing); }

static void disconnected_while_live(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);

    for (unsigned i = 1; i <= 3; i++) {
        mock_drop(device);
        wait_until(f->told[0].downs == i);
        assert_true(published_is_lost(0));
        published_wait_live(f, 0);
    }
}

/* It is cut for its silence, and goes by itself while Disconnect is pending. */
static void disconnected_while_disconnecting(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);

    device->phantom = true;
    device->disconnect.hang_times = 1;
    wait_until(state_of(f) == LINK_DISCONNECTING && device->disconnect.calls == 1);
    mock_drop(device);
    device->phantom = false;
    assert_true(published_is_lost(0));
    published_wait_live(f, 0);
}

/* Of a private address: the same name comes back under another one, and the old one is never heard again. */
static void random_address_changed(void **state)
{
    Fixture *f = *state;
    MockDevice *old = mock_add_device(f->hci0, ADDRESS_1, "HRM"), *new;

    old->random_address = true;
    published_start(f, 1, "HRM");
    published_wait_live(f, 0);
    mock_advertise(old, false);
    mock_drop(old);
    new = mock_add_device(f->hci0, ADDRESS_2, "HRM");
    new->random_address = true;
    new->bpm = old->bpm + 5;
    wait_until(published_is_lost(0));
    wait_until(published_shown(0)->hr_bpm == (int)new->bpm);
    assert_int_equal(old->connect.calls, 1);
}

/* The strap that was live is the athlete's; its namesake, heard all the while, is not taken for it. */
static void same_name_twice(void **state)
{
    Fixture *f = *state;
    MockDevice *mine = mock_add_device(f->hci0, ADDRESS_1, "HRM"), *other;

    published_start(f, 1, "HRM");
    published_wait_live(f, 0);
    other = mock_add_device(f->hci0, ADDRESS_2, "HRM");
    other->bpm = mine->bpm + 5;
    mock_drop(mine);
    wait_until(published_is_lost(0));
    published_wait_live(f, 0);
    assert_int_equal(other->connect.calls, 0);
    assert_int_equal(published_shown(0)->hr_bpm, mine->bpm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, published_setup, published_teardown)
        T(connect_aborts_by_local),
        T(connect_aborts_on_the_way_back),
        T(connect_never_answers),
        T(connect_never_answers_on_the_way_back),
        T(connected_flickers),
        T(connected_flickers_on_the_way_back),
        T(services_resolved_before_the_objects),
        T(objects_before_services_resolved),
        T(no_heart_rate_measurement),
        T(start_notify_fails),
        T(start_notify_pends_for_ever),
        T(start_notify_already_running),
        T(connected_is_a_phantom),
        T(a_silent_link_goes_stale_before_it_is_lost),
        T(vanishes_from_the_tree),
        T(connect_says_unknown_object),
        T(disconnected_while_connecting),
        T(disconnected_while_resolving),
        T(disconnected_while_subscribing),
        T(disconnected_while_live),
        T(disconnected_while_disconnecting),
        T(random_address_changed),
        T(same_name_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
