/* SPDX-License-Identifier: MIT
 *
 * A day in a minute: bench_day PORT [HOURS]
 *
 * The whole gateway, with a broker at 127.0.0.1:PORT and a store in a folder below the current one, and 8 straps whose
 * clock is as fast as the machine; beside each athlete a bare session of the core that is told the same. Each hour the
 * totals must be the same, and in the end nothing may be held that was not held when it was warm.
 * Prints one JSON object; exit status 1 when something drifts.
 */
#include "athlete.h"
#include "bluez/bluez_source.h"
#include "gateway.h"
#include "mqtt/client.h"
#include "store/store.h"

#include <dirent.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STRAPS 8
#define HOUR_MS 3600000
#define WARM_HOURS 4 /* until SQLite's cache is as large as it gets */
#define FLUSH_MS 300000 /* so often everything handed to the store is written: it has no more time than that */
#define GAP_EVERY_MS 5400000
#define GAP_MS 90000
#define FLAT_BYTES 65536
#define FLAT_RSS_KIB 1024

typedef struct {
    size_t heap_bytes;
    unsigned rss_kib, fds;
} Held;

static struct {
    const SourceClass *class; /* BlueZ's own */
    Source *source;
    int64_t now_ms, timer_ms;
    gint64 wall_us;
    Athlete *athletes[STRAPS];
    unsigned athlete_count;
    Store *store;
    Session bare[STRAPS];
    guint64 samples;
    bool away[STRAPS];
} day = {.now_ms = 1000, .timer_ms = SOURCE_NEVER};

Source *__real_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);
Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);
Athlete *__real_athlete_new(const AthleteContext *context, const AthleteConfig *config);
Athlete *__wrap_athlete_new(const AthleteContext *context, const AthleteConfig *config);
Store *__real_store_new(const StoreOptions *options);
Store *__wrap_store_new(const StoreOptions *options);

/* ---- a source whose clock is ours ---- */

static void start(Source *source) { (void)source; }

static int64_t now_ms(const Source *source)
{
    (void)source;
    return day.now_ms;
}

static int64_t wall_us(const Source *source)
{
    (void)source;
    return day.wall_us + day.now_ms * 1000;
}

static void set_timer(Source *source, int64_t at_ms)
{
    (void)source;
    day.timer_ms = at_ms;
}

static bool healthy(const Source *source)
{
    (void)source;
    return true;
}

static void destroy(Source *source) { day.class->free(source); }

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user)
{
    static const SourceClass class = {.start = start, .now_ms = now_ms, .wall_us = wall_us, .set_timer = set_timer,
                                      .healthy = healthy, .free = destroy};

    day.source = __real_bluez_source_new(straps, count, events, user);
    day.class = day.source->class;
    day.source->class = &class;
    return day.source;
}

Athlete *__wrap_athlete_new(const AthleteContext *context, const AthleteConfig *config)
{
    const SessionConfig session = {.zones = config->zones, .target = config->target, .rules = context->config->rules,
                                   .auto_start = true, .speed_cap_mm_s = config->speed_cap_mm_s};
    unsigned index = day.athlete_count++;

    g_assert_true(session_init(&day.bare[index], &session));
    day.athletes[index] = __real_athlete_new(context, config);
    return day.athletes[index];
}

Store *__wrap_store_new(const StoreOptions *options)
{
    day.store = __real_store_new(options);
    return day.store;
}

/* ---- the day ---- */

/* All timers that are due before AT_MS, each at its time. */
static void go_to(int64_t at_ms)
{
    while (day.timer_ms <= at_ms) {
        day.now_ms = MAX(day.now_ms, day.timer_ms);
        day.timer_ms = SOURCE_NEVER;
        day.source->events->timer(day.source->user, day.now_ms);
    }
    day.now_ms = at_ms;
}

static void tell_link(unsigned strap, bool up)
{
    day.away[strap] = !up;
    day.source->events->link(day.source->user, strap, up, day.now_ms);
    session_link(&day.bare[strap], up, day.now_ms);
}

/* A rate that wanders through the zones in minutes, and the beats that belong to it. */
static void tell_sample(unsigned strap)
{
    const double t_s = (double)day.now_ms / 1000;
    const int bpm = (int)(128 + 14 * sin(t_s / (60 + 7 * strap)) + 4 * sin(t_s / 11));
    const Sample sample = {.t_ms = day.now_ms, .bpm = (uint16_t)bpm, .contact = CONTACT_DETECTED,
                           .speed_mps = (double)NAN, .rr_count = 2,
                           .rr_ms = {60000.0 / bpm + 6 * sin(t_s), 60000.0 / bpm + 6 * sin(t_s + 0.5)}};

    day.samples++;
    day.source->events->sample(day.source->user, strap, &sample);
    session_sample(&day.bare[strap], &sample);
}

/* One strap after the other is away for a while. */
static void tell_second(int64_t second_ms)
{
    for (unsigned strap = 0; strap < STRAPS; strap++) {
        const int64_t into_ms = (second_ms + strap * (GAP_EVERY_MS / STRAPS)) % GAP_EVERY_MS;
        const bool away = second_ms > GAP_MS && into_ms < GAP_MS;

        go_to(second_ms + strap * (1000 / STRAPS));
        if (away != day.away[strap])
            tell_link(strap, !away);
        if (!away)
            tell_sample(strap);
    }
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static unsigned count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        closedir(dir);
    return count;
}

/* With nothing on its way. */
static Held held_now(void)
{
    g_autofree char *text = NULL;
    const char *rss;
    Held held = {.fds = count_fds()};

    store_flush(day.store, 60000);
    for (int i = 0; i < 50; i++) { /* what waits for the broker goes */
        g_usleep(10000);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
    held.heap_bytes = mallinfo2().uordblks;
    if (g_file_get_contents("/proc/self/status", &text, NULL, NULL) && (rss = strstr(text, "VmRSS:")) != NULL)
        held.rss_kib = (unsigned)g_ascii_strtoull(rss + 6 + strspn(rss + 6, " \t"), NULL, 10);
    return held;
}

static bool same_totals(unsigned strap)
{
    Summary ours, bare;
    bool known = athlete_summary(day.athletes[strap], day.now_ms, &ours);

    if (!known || !session_summary(&day.bare[strap], day.now_ms, &bare))
        return false;
    const Totals *a = &ours.totals, *b = &bare.totals;
    return ours.start_ms == bare.start_ms && ours.samples == bare.samples && a->elapsed_ms == b->elapsed_ms &&
           a->valid_ms == b->valid_ms && a->unknown_ms == b->unknown_ms && a->above_ms == b->above_ms &&
           a->longest_ms == b->longest_ms && a->excursions == b->excursions && a->hr_bpm_ms == b->hr_bpm_ms &&
           a->overshoot_bpm_ms == b->overshoot_bpm_ms &&
           memcmp(a->zone_ms, b->zone_ms, sizeof a->zone_ms) == 0 &&
           fabs(a->trimp_edwards - b->trimp_edwards) < 1e-6 * (1 + a->trimp_edwards);
}

static unsigned drifted(void)
{
    unsigned count = 0;

    for (unsigned strap = 0; strap < STRAPS; strap++)
        count += same_totals(strap) ? 0 : 1;
    return count;
}

/* True when nothing has drifted. */
static bool live_through(unsigned hours)
{
    Held first = {0}, last = {0};
    unsigned wrong = 0;
    int64_t start_ms = 2000;

    for (unsigned strap = 0; strap < STRAPS; strap++)
        tell_link(strap, true);
    for (unsigned hour = 1; hour <= hours; hour++) {
        for (int64_t ms = 0; ms < HOUR_MS; ms += 1000, start_ms += 1000) {
            tell_second(start_ms);
            if (ms % FLUSH_MS == 0)
                store_flush(day.store, 60000);
        }
        wrong += drifted();
        last = held_now();
        first = hour <= WARM_HOURS ? last : first;
        g_printerr("hour %2u: %zu KiB allocated, %u KiB resident, %u descriptors, %u totals wrong\n", hour,
                   last.heap_bytes / 1024, last.rss_kib, last.fds, wrong);
    }
    g_print("{\"hours\": %u, \"straps\": %d, \"samples\": %" G_GUINT64_FORMAT ", \"heap_growth\": %td, "
            "\"rss_growth_kib\": %d, \"fds\": %u, \"fds_growth\": %d, \"drifted\": %u}\n",
            hours, STRAPS, day.samples, (ptrdiff_t)(last.heap_bytes - first.heap_bytes),
            (int)last.rss_kib - (int)first.rss_kib, last.fds, (int)last.fds - (int)first.fds, wrong);
    return wrong == 0 && last.fds <= first.fds && last.heap_bytes < first.heap_bytes + FLAT_BYTES &&
           last.rss_kib < first.rss_kib + FLAT_RSS_KIB;
}

static Config *make_config(unsigned port, const char *folder)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    g_string_printf(text, "[gateway]\nname = day\nstate-dir = %s\n[mqtt]\nhost = 127.0.0.1\nport = %u\n", folder, port);
    for (unsigned i = 0; i < STRAPS; i++)
        g_string_append_printf(text,
                               "[athlete a%u]\nstrap = 00:AA:05:00:00:%02X\nmax = 190\nrest = 60\ngroup = all\n", i, i);
    Config *config = config_parse(text->str, text->len, "day.conf", &error);
    g_assert_no_error(error);
    return config;
}

static void remove_folder(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_remove(path);
    }
    if (dir != NULL)
        g_dir_close(dir);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_autofree char *here = g_get_current_dir(), *folder = g_build_filename(here, "day-XXXXXX", NULL);
    unsigned port = argc > 1 ? (unsigned)g_ascii_strtoull(argv[1], NULL, 10) : 0;
    unsigned hours = argc > 2 ? (unsigned)g_ascii_strtoull(argv[2], NULL, 10) : 24;
    bool good;

    if (port == 0 || hours == 0) {
        g_printerr("usage: bench_day PORT [HOURS]\n");
        return 2;
    }
    g_assert_nonnull(g_mkdtemp(folder));
    day.wall_us = g_get_real_time();
    g_autoptr(Config) config = make_config(port, folder);
    g_autoptr(Gateway) gateway = gateway_new(config, false);
    gateway_open_store(gateway);
    gateway_run_bluez(gateway);
    good = live_through(hours);
    g_clear_pointer(&gateway, gateway_free);
    remove_folder(folder);
    return good ? 0 : 1;
}
