/* SPDX-License-Identifier: MIT
 *
 * The bar of docs/bluez.md, with the waits of normal work: live again within 10 s of the strap, bluetoothd,
 * the adapter or the bus being back, whatever had gone on before and for however long. Each strap has an
 * adapter of its own, so that all faults of straps take their time at once. Prints what each took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "published.h"

#include <string.h>

#define BAR_MS 10000
/* So many tries are in vain before all is well again: the waits between them have grown by then. */
#define VAIN_TRIES 5
/* Longer than every wait before a try to find what is away. */
#define AWAY_MS 7000
#define SHORT_MS 3000

static void abort_connects(MockDevice *device)
{
    device->connect = (MockScript){
        .fail_times = 1000, .error = "org.bluez.Error.Failed", .text = "le-connection-abort-by-local"};
}

static void have_no_slot(MockDevice *device)
{
    device->connect =
        (MockScript){.fail_times = 1000, .error = "org.bluez.Error.Failed", .text = "le-connection-limit"};
}

static void hang_connects(MockDevice *device) { device->connect.hang_times = 1000; }

static void flicker(MockDevice *device)
{
    abort_connects(device);
    device->flicker = true;
}

static void never_resolve(MockDevice *device) { device->never_resolve = true; }

static void have_no_measurement(MockDevice *device) { device->no_measurement = true; }

static void refuse_subscriptions(MockDevice *device)
{
    device->start_notify =
        (MockScript){.fail_times = 1000, .error = "org.bluez.Error.Failed", .text = "ATT error: 0x0e"};
}

static void hang_subscriptions(MockDevice *device) { device->start_notify.hang_times = 1000; }

static void lose_links(MockDevice *device)
{
    device->drop_in = MOCK_STEP_RESOLVE;
    device->drop_times = 1000;
}

/* WORST: the state at whose beginning it is worst to be back: the try that has begun comes to nothing. */
static const struct {
    const char *what;
    void (*script)(MockDevice *device);
    LinkState worst;
} FAULTS[] = {
    {"Connect is aborted by local", abort_connects, LINK_BACKOFF},
    {"no slot is free", have_no_slot, LINK_BACKOFF},
    {"Connect is never answered", hang_connects, LINK_CONNECTING},
    {"Connected flickers", flicker, LINK_BACKOFF},
    {"the services are never resolved", never_resolve, LINK_RESOLVING},
    {"there is no 0x2A37", have_no_measurement, LINK_RESOLVING},
    {"StartNotify fails", refuse_subscriptions, LINK_BACKOFF},
    {"StartNotify is never answered", hang_subscriptions, LINK_SUBSCRIBING},
    {"the link is lost in each try", lose_links, LINK_BACKOFF},
};

typedef struct {
    MockDevice *device;
    unsigned connects, subscribes; /* before its fault */
    gint64 back_us;                /* 0: not yet */
    gint64 took_ms;                /* -1: not live again yet */
} Trial;

static LinkState state_of(const Fixture *f, unsigned athlete)
{
    return bluez_source_link(f->source, athlete)->state;
}

static void time_really(Fixture *f)
{
    f->timing = bluez_timing_default();
    f->mock->beat_ms = 500;
    f->mock->resolve_gap_ms = 200;
    f->mock->stop_ms = 100;
}

static void heal(MockDevice *device)
{
    device->connect = device->start_notify = (MockScript){.calls = device->connect.calls};
    device->flicker = device->never_resolve = device->no_measurement = false;
    device->drop_times = 0;
}

static void judge(const char *what, gint64 took_ms)
{
    print_message("# %s: live again after %.1f s\n", what, (double)took_ms / 1000);
    if (took_ms > BAR_MS)
        fail_msg("%s: %.1f s are too long", what, (double)took_ms / 1000);
}

/* Says whether it is live again. */
static bool step(const Fixture *f, Trial *trial, unsigned athlete)
{
    const MockDevice *device = trial->device;
    unsigned tries = FAULTS[athlete].worst == LINK_SUBSCRIBING ? device->start_notify.calls - trial->subscribes
                                                               : device->connect.calls - trial->connects;

    if (trial->back_us == 0 && tries >= VAIN_TRIES && state_of(f, athlete) == FAULTS[athlete].worst) {
        heal(trial->device);
        trial->back_us = g_get_monotonic_time();
    }
    if (trial->back_us != 0 && trial->took_ms < 0 && published_shown(athlete)->hr_bpm != 0)
        trial->took_ms = (g_get_monotonic_time() - trial->back_us) / 1000;
    return trial->took_ms >= 0;
}

static bool step_all(const Fixture *f, Trial *trials)
{
    unsigned done = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(FAULTS); i++)
        done += step(f, &trials[i], i) ? 1 : 0;
    return done == G_N_ELEMENTS(FAULTS);
}

static void a_strap_that_works_again(void **state)
{
    Fixture *f = *state;
    Trial trials[G_N_ELEMENTS(FAULTS)];

    time_really(f);
    for (unsigned i = 0; i < G_N_ELEMENTS(FAULTS); i++) {
        g_autofree char *name = g_strdup_printf("hci%u", i);

        trials[i] = (Trial){.device = published_strap(i == 0 ? f->hci0 : mock_add_adapter(f->mock, name, true), i),
                            .took_ms = -1};
    }
    published_start(f, G_N_ELEMENTS(FAULTS), NULL);
    wait_until(published_live_count() == G_N_ELEMENTS(FAULTS));
    for (unsigned i = 0; i < G_N_ELEMENTS(FAULTS); i++) {
        trials[i].connects = trials[i].device->connect.calls;
        trials[i].subscribes = trials[i].device->start_notify.calls;
        FAULTS[i].script(trials[i].device);
        mock_drop(trials[i].device);
    }
    wait_until(step_all(f, trials));
    for (unsigned i = 0; i < G_N_ELEMENTS(FAULTS); i++)
        judge(FAULTS[i].what, trials[i].took_ms);
}

static void come_back(Fixture *f)
{
    fixture_start_bluetoothd(f);
    f->mock->beat_ms = 500;
    published_strap(f->hci0, 0);
}

static void judge_since(Fixture *f, const char *what, gint64 back_us)
{
    wait_until(published_shown(0)->hr_bpm != 0);
    judge(what, (g_get_monotonic_time() - back_us) / 1000);
    wait_until(f->told[0].up);
}

static void judge_from_now(Fixture *f, const char *what) { judge_since(f, what, g_get_monotonic_time()); }

static MockDevice *start_live(Fixture *f)
{
    MockDevice *device = published_strap(f->hci0, 0);

    time_really(f);
    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    return device;
}

static void a_strap_that_was_away(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);

    mock_advertise(device, false);
    mock_drop(device);
    wait_until(published_is_lost(0));
    fixture_run_ms(AWAY_MS);
    mock_advertise(device, true);
    judge_from_now(f, "the strap was away");
}

/* Only RemoveDevice frees it from that. */
static void a_strap_that_bluez_holds_for_connected(void **state)
{
    Fixture *f = *state;
    MockDevice *device = start_live(f);
    gint64 back_us;

    device->phantom = device->undying = true;
    fixture_run_ms(SHORT_MS);
    back_us = g_get_monotonic_time();
    wait_until(f->hci0->removed_devices == 1);
    device->phantom = device->undying = false;
    judge_since(f, "the strap was away, and BlueZ held it for connected", back_us);
}

static void what_is_around_it(void **state)
{
    Fixture *f = *state;

    start_live(f);
    mock_power(f->hci0, false);
    fixture_run_ms(AWAY_MS);
    mock_power(f->hci0, true);
    judge_from_now(f, "the adapter was off");
    mock_remove_adapter(f->hci0);
    fixture_run_ms(AWAY_MS);
    f->hci0 = mock_add_adapter(f->mock, "hci0", true);
    published_strap(f->hci0, 0);
    judge_from_now(f, "the adapter was away");
    fixture_kill_bluetoothd(f);
    fixture_run_ms(AWAY_MS);
    come_back(f);
    judge_from_now(f, "bluetoothd was away");
    private_bus_kill(f->bus);
    fixture_kill_bluetoothd(f);
    fixture_run_ms(AWAY_MS);
    private_bus_start(f->bus);
    come_back(f);
    judge_from_now(f, "the bus was away");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, published_setup, published_teardown)
        T(a_strap_that_works_again),
        T(a_strap_that_was_away),
        T(a_strap_that_bluez_holds_for_connected),
        T(what_is_around_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
