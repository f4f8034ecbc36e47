/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <string.h>

unsigned fixture_warnings, fixture_versions_said;
char fixture_last_warning[256];

static void on_sample(void *user, unsigned athlete, const Sample *sample)
{
    Fixture *fixture = user;

    fixture->told[athlete].samples++;
    fixture->told[athlete].bpm = sample->bpm;
    fixture->samples_while_down += fixture->told[athlete].up ? 0 : 1;
    if (fixture->next != NULL)
        fixture->next->sample(fixture->next_user, athlete, sample);
}

static void on_link(void *user, unsigned athlete, bool up, int64_t now_ms)
{
    Fixture *fixture = user;
    Told *told = &fixture->told[athlete];

    g_assert_true(told->up != up);
    told->up = up;
    told->ups += up ? 1 : 0;
    told->downs += up ? 0 : 1;
    told->down_us = up ? told->down_us : g_get_monotonic_time();
    if (fixture->next != NULL)
        fixture->next->link(fixture->next_user, athlete, up, now_ms);
}

static void keep_text(char *kept, size_t size, const char *text)
{
    g_assert_true(text == NULL || g_utf8_validate(text, -1, NULL));
    g_strlcpy(kept, text != NULL ? text : "", size);
}

static void on_strap(void *user, unsigned athlete, const StrapInfo *info, int64_t now_ms)
{
    Told *told = &((Fixture *)user)->told[athlete];

    (void)now_ms;
    told->infos++;
    told->info = *info;
    keep_text(told->location, sizeof told->location, info->location);
    keep_text(told->maker, sizeof told->maker, info->maker);
    keep_text(told->model, sizeof told->model, info->model);
    keep_text(told->serial, sizeof told->serial, info->serial);
    keep_text(told->firmware, sizeof told->firmware, info->firmware);
}

static void on_timer(void *user, int64_t now_ms)
{
    Fixture *fixture = user;

    fixture->timers++;
    if (fixture->next != NULL)
        fixture->next->timer(fixture->next_user, now_ms);
}

static const SourceEvents EVENTS = {.sample = on_sample, .link = on_link, .strap = on_strap, .timer = on_timer};

BluezTiming fixture_timing(void)
{
    return (BluezTiming){
        .link =
            {
                .fresh_ms = 2000,
                .queue_ms = 5000,
                .connect_ms = 500,
                .discover_ms = 500,
                .resolve_ms = 400,
                .subscribe_ms = 400,
                .silence_ms = 400,
                .disconnect_ms = 250,
                .settled_ms = 200,
                .backoff_min_ms = 10,
                .backoff_max_ms = 80,
                .backoff_slow_ms = 160,
                .slow_after = 3,
                .away_ms = 300,
            },
        .bus_retry_min_ms = 20,
        .bus_retry_max_ms = 100,
        .service_retry_min_ms = 20,
        .service_retry_max_ms = 100,
        .scan_cycle_ms = 120,
        .scan_retry_min_ms = 20,
        .scan_retry_max_ms = 100,
        .no_adapter_ms = 100,
        .prefer_ms = 20000,
        .prefer_random_ms = 300,
        .call_ms = 1000,
        .details_start_ms = 10,
        .details_gap_ms = 5,
        .battery_again_ms = 100,
        .look_every_ms = 300,
        .look_ms = 250,
        .gone_ms = 1500,
        .guest_gone_ms = 500,
    };
}

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    (void)user;
    for (gsize i = 0; level == G_LOG_LEVEL_MESSAGE && i < count; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0 && g_str_has_prefix(fields[i].value, "Bluetooth: BlueZ "))
            fixture_versions_said++;
    for (gsize i = 0; level == G_LOG_LEVEL_WARNING && i < count; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0) {
            fixture_warnings++;
            g_strlcpy(fixture_last_warning, fields[i].value, sizeof fixture_last_warning);
        }
    /* What ends the program is always said. */
    if (g_getenv("ZONE1D_TEST_VERBOSE") == NULL && (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) == 0)
        return G_LOG_WRITER_HANDLED;
    return g_log_writer_standard_streams(level, fields, count, NULL);
}

int fixture_setup(void **state)
{
    static bool once;
    Fixture *fixture = g_new0(Fixture, 1);

    if (!once)
        g_log_set_writer_func(write_log, NULL, NULL);
    once = true;
    fixture_warnings = fixture_versions_said = 0;
    fixture->bus = private_bus_new();
    fixture->timing = fixture_timing();
    fixture_start_bluetoothd(fixture);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    Fixture *fixture = *state;

    source_free(fixture->source);
    mock_bluez_free(fixture->mock);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    private_bus_free(fixture->bus);
    g_assert_cmpuint(fixture->samples_while_down, ==, 0);
    g_free(fixture);
    return 0;
}

unsigned fixture_slowness(void)
{
    const char *text = g_getenv("ZONE1D_TEST_SLOWNESS");
    return text != NULL ? CLAMP((unsigned)g_ascii_strtoull(text, NULL, 10), 1, 100) : 1;
}

/* No longer than the real one, which suits every machine. */
static int64_t stretched_ms(int64_t ms, int64_t real_ms)
{
    return MIN(ms * fixture_slowness(), MAX(ms, real_ms));
}

/* An answer, and to be heard, takes as much longer as the machine is slow; what is waited for on purpose does not. */
static BluezTiming on_this_machine(BluezTiming timing)
{
    const BluezTiming real = bluez_timing_default();
    LinkTiming *link = &timing.link;
    link->connect_ms = stretched_ms(link->connect_ms, real.link.connect_ms);
    link->discover_ms = stretched_ms(link->discover_ms, real.link.discover_ms);
    link->resolve_ms = stretched_ms(link->resolve_ms, real.link.resolve_ms);
    link->subscribe_ms = stretched_ms(link->subscribe_ms, real.link.subscribe_ms);
    link->silence_ms = stretched_ms(link->silence_ms, real.link.silence_ms);
    link->disconnect_ms = stretched_ms(link->disconnect_ms, real.link.disconnect_ms);
    timing.call_ms = (unsigned)stretched_ms(timing.call_ms, real.call_ms);
    timing.scan_cycle_ms = (unsigned)stretched_ms(timing.scan_cycle_ms, real.scan_cycle_ms);
    timing.details_start_ms = (unsigned)stretched_ms(timing.details_start_ms, real.details_start_ms);
    return timing;
}

Source *fixture_source(Fixture *fixture, const StrapId *straps, unsigned count)
{
    const BluezTiming timing = on_this_machine(fixture->timing);
    Source *source = bluez_source_new_timed(straps, count, &EVENTS, fixture, &timing);

    if (fixture->options != NULL)
        bluez_source_set_options(source, fixture->options);
    return source;
}

void fixture_start(Fixture *fixture, const StrapId *straps, unsigned count)
{
    fixture->source = fixture_source(fixture, straps, count);
    source_start(fixture->source);
}

void fixture_start_one(Fixture *fixture) { fixture_start(fixture, &(StrapId){.address = ADDRESS_1}, 1); }

void fixture_kill_bluetoothd(Fixture *fixture)
{
    mock_bluez_free(fixture->mock);
    fixture->mock = NULL;
    fixture->hci0 = NULL;
}

void fixture_start_bluetoothd(Fixture *fixture)
{
    fixture->mock = mock_bluez_new(fixture->bus->address);
    fixture->mock->beat_ms *= fixture_slowness(); /* else many straps are more than it can take */
    fixture->hci0 = mock_add_adapter(fixture->mock, "hci0", true);
}

static gboolean do_nothing(gpointer user)
{
    (void)user;
    return G_SOURCE_CONTINUE;
}

bool fixture_round(gint64 start_us)
{
    guint tick = g_timeout_add(10, do_nothing, NULL);

    g_main_context_iteration(NULL, TRUE);
    g_source_remove(tick);
    return g_get_monotonic_time() - start_us < FIXTURE_PATIENCE_MS * (gint64)1000 * fixture_slowness();
}

void fixture_run_ms(unsigned ms)
{
    gint64 start_us = g_get_monotonic_time();

    while (g_get_monotonic_time() - start_us < ms * (gint64)1000)
        fixture_round(start_us);
}
