/* SPDX-License-Identifier: MIT
 *
 * Much at once, and for long: 64 straps, a storm of notifications, nonsense of any size, a thousand
 * connections; with what is published meanwhile (published.h), and what is held in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "published.h"

#include <stdlib.h>

/* What allocators and queues may differ by. */
#define FLAT_BYTES 32768
/* A connection that loses more than this for good has a leak. */
#define LEAK_BYTES 20

static void sixty_four_straps_at_once(void **state)
{
    Fixture *f = *state;
    unsigned before;

    f->timing.link.silence_ms = 5000;
    f->mock->beat_ms = 500;
    for (unsigned i = 0; i < FIXTURE_MAX_STRAPS; i++)
        published_strap(f->hci0, i);
    published_start(f, FIXTURE_MAX_STRAPS, NULL);
    wait_until(published_live_count() == FIXTURE_MAX_STRAPS);
    before = published_shown(FIXTURE_MAX_STRAPS - 1)->rates;
    wait_until(published_shown(FIXTURE_MAX_STRAPS - 1)->rates >= before + 3);
    assert_int_equal(published_live_count(), FIXTURE_MAX_STRAPS);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
}

typedef struct {
    MockDevice *device;
    unsigned left;
} Storm;

/* 1,000 a second, as far as this machine can. */
static gboolean blow(gpointer user)
{
    Storm *storm = user;

    for (unsigned i = 0; i < 10 && storm->left > 0; i++, storm->left--) {
        guint8 packet[] = {0x06, (guint8)(storm->device->bpm + storm->device->sent % storm->device->walk)};

        mock_notify(storm->device, packet, sizeof packet);
    }
    return storm->left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void notification_storm(void **state)
{
    enum { STORM = 4000, OTHERS = 4 };
    Fixture *f = *state;
    Storm storm = {.left = STORM};
    MockDevice *others[OTHERS];
    unsigned taken, missing[OTHERS], rates[OTHERS];
    size_t bytes;
    gint64 begun_us;

    f->timing.link.silence_ms = 5000;
    storm.device = published_strap(f->hci0, 0);
    for (unsigned i = 0; i < OTHERS; i++)
        others[i] = published_strap(f->hci0, i + 1);
    published_start(f, OTHERS + 1, NULL);
    wait_until(published_live_count() == OTHERS + 1);
    for (unsigned i = 0; i < OTHERS; i++) {
        missing[i] = others[i]->sent - f->told[i + 1].samples; /* on their way, or of before the link was up */
        rates[i] = published_shown(i + 1)->rates;
    }
    taken = f->told[0].samples;
    bytes = memory_allocated_bytes();
    begun_us = g_get_monotonic_time();
    g_timeout_add(10, blow, &storm);
    wait_until(storm.left == 0);
    for (unsigned i = 0; i < OTHERS; i++) {
        assert_true(others[i]->sent - f->told[i + 1].samples < missing[i] + 20);
        assert_true(published_shown(i + 1)->rates > rates[i] + 2);
        assert_true(f->told[i + 1].up);
    }
    wait_until(f->told[0].samples + bluez_source_excess(f->source, 0) >= STORM);
    taken = f->told[0].samples - taken;
    assert_true(taken <= 20 + 20 * (1 + (g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC));
    assert_int_equal(f->told[0].downs, 0);
    fixture_run_ms(200);
    print_message("# storm: %d in %.1f s, %u taken; %+zd bytes held\n", STORM,
                  (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC, taken,
                  (gssize)(memory_allocated_bytes() - bytes));
    assert_true(memory_allocated_bytes() < bytes + FLAT_BYTES);
}

static void properties_of_wrong_types_and_sizes(void **state)
{
    static const char *const KEYS[] = {"Address", "Name", "Adapter", "Connected", "ServicesResolved", "Paired",
                                       "RSSI", "Value", "UUID", "Powered", "Discovering", ""};
    Fixture *f = *state;
    MockDevice *device = published_strap(f->hci0, 0);
    g_autofree char *text = g_strnfill(100000, 'x'), *characteristic = mock_characteristic_path(device);
    const char *paths[] = {device->path, f->hci0->path, characteristic};
    const char *interfaces[] = {"org.bluez.Device1", "org.bluez.Adapter1", "org.bluez.GattCharacteristic1"};

    f->timing.link.silence_ms = 5000; /* the megabytes take their time on a busy machine */
    published_start(f, 1, NULL);
    published_wait_live(f, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(KEYS) * G_N_ELEMENTS(paths); i++) {
        const char *key = KEYS[i / 3];
        GVariant *values[] = {g_variant_new_int64(-1), g_variant_new_string(text), g_variant_new("(a{sv}s)", NULL, ""),
                              g_variant_new_strv(NULL, 0)};

        for (size_t j = 0; j < G_N_ELEMENTS(values); j++) {
            GVariantBuilder changed;

            g_variant_builder_init(&changed, G_VARIANT_TYPE("a{sv}"));
            g_variant_builder_add(&changed, "{sv}", key, values[j]);
            mock_emit(f->mock, paths[i % 3], "org.freedesktop.DBus.Properties", "PropertiesChanged",
                      g_variant_new("(sa{sv}as)", interfaces[i % 3], &changed, NULL));
        }
    }
    for (unsigned i = 0; i < 3; i++)
        published_wait_live(f, 0);
    assert_int_equal(f->told[0].downs, 0);
}

/* A live strap is dropped as soon as its rate was published on this link; true when it was. */
static bool drop_if_shown(const Fixture *f, unsigned athlete, MockDevice *device)
{
    static Told at_drop[FIXTURE_MAX_STRAPS];
    const Told *told = &f->told[athlete];

    if (!told->up || told->ups == at_drop[athlete].ups || told->samples == at_drop[athlete].samples ||
        published_shown(athlete)->hr_bpm == 0)
        return false;
    at_drop[athlete] = *told;
    mock_drop(device);
    return true;
}

typedef struct {
    size_t bytes;
    unsigned fds;
} Held;

static Held held_in_peace(const Fixture *f, MockDevice *const *devices, unsigned count)
{
    Held held;

    wait_until(published_live_count() == count);
    for (unsigned i = 0; i < count; i++)
        devices[i]->phantom = true;
    fixture_run_ms(200); /* what is on its way arrives */
    held = (Held){.bytes = memory_allocated_bytes(), .fds = memory_open_fds()};
    for (unsigned i = 0; i < count; i++) {
        assert_true(f->told[i].up);
        devices[i]->phantom = false;
    }
    return held;
}

static void make_connections(const Fixture *f, MockDevice **devices, unsigned count, unsigned connections)
{
    for (unsigned made = 0; made < connections;) {
        for (unsigned i = 0; i < count; i++)
            made += drop_if_shown(f, i, devices[i]) ? 1 : 0;
        assert_true(fixture_round(g_get_monotonic_time()));
    }
}

static int by_size(const void *one, const void *other)
{
    gssize a = *(const gssize *)one, b = *(const gssize *)other;

    return (a > b) - (a < b);
}

enum { WARM = 100, STRETCHES = 5, CONNECTIONS = 200, STRAPS = 8 };

/* What each stretch of CONNECTIONS adds to what is held, in bytes. */
static void measure_growth(const Fixture *f, MockDevice **devices, gssize growth[STRETCHES])
{
    Held before = held_in_peace(f, devices, STRAPS);

    for (unsigned i = 0; i < STRETCHES; i++) {
        Held after;

        make_connections(f, devices, STRAPS, CONNECTIONS);
        after = held_in_peace(f, devices, STRAPS);
        growth[i] = (gssize)(after.bytes - before.bytes);
        assert_int_equal(after.fds, before.fds);
        before = after;
    }
}

/* One after the other on one adapter; several, because one strap is let through no more than 20 times a second.
 * A leak shows in each stretch; a table or a buffer that has grown or shrunk shows in one: the median tells them
 * apart, in both directions. The allocator's own caches, which count what was freed as held, are switched off by
 * meson.build: they came and went by more than a leak would have been. */
static void a_thousand_connections(void **state)
{
    Fixture *f = *state;
    MockDevice *devices[STRAPS];
    gssize growth[STRETCHES];

    f->timing.link.backoff_min_ms = f->timing.link.backoff_max_ms = f->timing.link.backoff_slow_ms = 2;
    f->timing.link.settled_ms = 0;
    f->timing.link.silence_ms = 5000;
    f->mock->beat_ms = 5;
    f->mock->resolve_gap_ms = f->mock->stop_ms = 1;
    for (unsigned i = 0; i < STRAPS; i++)
        devices[i] = published_strap(f->hci0, i);
    published_start(f, STRAPS, NULL);
    make_connections(f, devices, STRAPS, WARM);
    measure_growth(f, devices, growth);
    for (unsigned i = 0; i < STRETCHES; i++)
        print_message("# %d connections: %+zd bytes\n", CONNECTIONS, growth[i]);
    qsort(growth, STRETCHES, sizeof growth[0], by_size);
    assert_true(growth[STRETCHES / 2] < CONNECTIONS * LEAK_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, published_setup, published_teardown)
        T(sixty_four_straps_at_once),
        T(notification_storm),
        T(properties_of_wrong_types_and_sizes),
        T(a_thousand_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
