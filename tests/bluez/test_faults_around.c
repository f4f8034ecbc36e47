/* SPDX-License-Identifier: MIT
 *
 * What is around the straps goes wrong: adapters, bluetoothd, the bus; with what is published meanwhile
 * (published.h) and the way back. docs/bluez.md has the table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "published.h"

static LinkState state_of(const Fixture *fixture) { return bluez_source_link(fixture->source, 0)->state; }

static MockDevice *start_live(Fixture *f)
{
    MockDevice *device = published_strap(f->hci0, 0);

    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    return device;
}

static void adapter_removed_and_returned(void **state)
{
    Fixture *f = *state;

    start_live(f);
    mock_remove_adapter(f->hci0);
    wait_until(published_is_lost(0));
    f->hci0 = mock_add_adapter(f->mock, "hci0", true);
    published_strap(f->hci0, 0);
    published_wait_live(f, 0);
}

static void adapter_powered_off_and_on(void **state)
{
    Fixture *f = *state;

    start_live(f);
    mock_power(f->hci0, false);
    wait_until(published_is_lost(0));
    fixture_run_ms(100);
    mock_power(f->hci0, true);
    published_wait_live(f, 0);
}

/* It is no reason to touch a link that stands, and it is there when the first one goes. */
static void second_adapter_appears(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);
    MockAdapter *hci1 = mock_add_adapter(f->mock, "hci1", true);
    MockDevice *on_hci1 = published_strap(hci1, 0);

    for (unsigned i = 0; i < 3; i++)
        published_wait_live(f, 0);
    assert_int_equal(f->told[0].downs, 0);
    assert_int_equal(on_hci1->connect.calls, 0);
    mock_advertise(device, false);
    mock_remove_adapter(f->hci0);
    wait_until(published_is_lost(0));
    published_wait_live(f, 0);
    assert_int_equal(on_hci1->connect.calls, 1);
}

static unsigned connected_on(const MockAdapter *adapter)
{
    unsigned links = 0;

    for (guint i = 0; i < adapter->mock->devices->len; i++) {
        const MockDevice *device = adapter->mock->devices->pdata[i];

        links += device->adapter == adapter && device->connected ? 1 : 0;
    }
    return links;
}

static void several_adapters_share_the_straps(void **state)
{
    enum { COUNT = 8, ADAPTERS = 4 };
    Fixture *f = *state;
    MockAdapter *adapters[ADAPTERS] = {f->hci0};

    f->timing.link.silence_ms = 3000;
    for (unsigned i = 1; i < ADAPTERS; i++) {
        g_autofree char *name = g_strdup_printf("hci%u", i);
        adapters[i] = mock_add_adapter(f->mock, name, true);
    }
    /* They do not all hear at the same time. */
    adapters[ADAPTERS - 1]->start_discovery =
        (MockScript){.fail_times = 1, .error = "org.bluez.Error.Failed", .text = "Operation failed"};
    for (unsigned i = 0; i < COUNT * ADAPTERS; i++)
        published_strap(adapters[i % ADAPTERS], i / ADAPTERS);
    published_start(f, COUNT, NULL);
    wait_until(published_live_count() == COUNT);
    for (unsigned i = 0; i < ADAPTERS; i++)
        assert_int_equal(connected_on(adapters[i]), COUNT / ADAPTERS);
}

/* An adapter with nothing to do that hears nobody holds nobody up. */
static void an_adapter_that_hears_nothing_is_not_waited_for(void **state)
{
    Fixture *f = *state;

    mock_add_adapter(f->mock, "hci1", true);
    for (unsigned i = 0; i < 3; i++)
        published_strap(f->hci0, i);
    published_start(f, 3, NULL);
    wait_until(published_live_count() == 3);
}

/* ---- bluetoothd and the bus, gone in each step of the way ---- */

static void hang_nowhere(MockDevice *device) { device->phantom = false; }

static void be_absent(MockDevice *device) { mock_advertise(device, false); }

static void hang_connect(MockDevice *device) { device->connect.hang_times = 1000; }

static void hang_resolve(MockDevice *device) { device->never_resolve = true; }

static void hang_subscribe(MockDevice *device) { device->start_notify.hang_times = 1000; }

static void hang_disconnect(MockDevice *device)
{
    device->never_resolve = true;
    device->disconnect.hang_times = 1000;
}

static void fail_connect(MockDevice *device)
{
    device->connect = (MockScript){.fail_times = 1000, .error = "org.bluez.Error.Failed", .text = "no"};
}

static const struct {
    LinkState state;
    void (*script)(MockDevice *device);
} STEPS[] = {
    {LINK_WANTED, be_absent},          {LINK_CONNECTING, hang_connect},       {LINK_RESOLVING, hang_resolve},
    {LINK_SUBSCRIBING, hang_subscribe}, {LINK_DISCONNECTING, hang_disconnect}, {LINK_BACKOFF, fail_connect},
    {LINK_LIVE, hang_nowhere},
};

static void bring_back(Fixture *f)
{
    fixture_start_bluetoothd(f);
    f->mock->beat_ms = 60;
    published_strap(f->hci0, 0);
}

/* Of a link that was live once: in each step of its way back, everything goes by GO and comes by COME. */
static void go_in_each_step(Fixture *f, void (*go)(Fixture *f), void (*come)(Fixture *f))
{
    MockDevice *device = start_live(f);

    for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
        STEPS[i].script(device);
        if (STEPS[i].state != LINK_LIVE)
            mock_drop(device);
        wait_until(state_of(f) == STEPS[i].state && (STEPS[i].state != LINK_WANTED || f->hci0->discovering));
        go(f);
        wait_until(published_is_lost(0) && state_of(f) == LINK_WANTED);
        come(f);
        published_wait_live(f, 0);
        device = f->mock->devices->pdata[0];
    }
}

static void bluetoothd_gone_in_each_step(void **state)
{
    go_in_each_step(*state, fixture_kill_bluetoothd, bring_back);
}

static void kill_bus(Fixture *f)
{
    private_bus_kill(f->bus);
    fixture_kill_bluetoothd(f);
}

static void bring_bus_back(Fixture *f)
{
    private_bus_start(f->bus);
    bring_back(f);
}

static void bus_gone_in_each_step(void **state) { go_in_each_step(*state, kill_bus, bring_bus_back); }

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, published_setup, published_teardown)
        T(adapter_removed_and_returned),
        T(adapter_powered_off_and_on),
        T(second_adapter_appears),
        T(several_adapters_share_the_straps),
        T(an_adapter_that_hears_nothing_is_not_waited_for),
        T(bluetoothd_gone_in_each_step),
        T(bus_gone_in_each_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
