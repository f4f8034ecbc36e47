/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <stdlib.h>

#define DRAIN_S 1.0
#define PROBE_S 3.0
#define FIRST_RATE 256.0
#define MAX_TRIES 3 /* of the whole time */

static gboolean stop(gpointer user)
{
    *(bool *)user = true;
    return G_SOURCE_REMOVE;
}

void bench_run_s(double seconds)
{
    bool done = false;

    g_timeout_add((guint)(seconds * 1000), stop, &done);
    while (!done)
        g_main_context_iteration(NULL, TRUE);
}

static int by_value(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

    return (x > y) - (x < y);
}

static double percentile(const GArray *sorted, double share)
{
    guint rank = (guint)(share * sorted->len + 0.999999);

    return sorted->len > 0 ? (double)g_array_index(sorted, gint64, MAX(rank, 1) - 1) : 0;
}

/* By the broker's own account, which it gives once a second. */
static double wire_rate(const Bench *bench)
{
    EarBytes from = ear_bytes_first(bench->ear), to = ear_bytes(bench->ear);
    double seconds = (double)(to.at_us - from.at_us) / 1e6;

    return seconds > 0 ? (double)(to.bytes - from.bytes) / seconds : 0;
}

/* Counts from 0 (-z), or writes down what was counted (-d). */
static void tell_callgrind(const Bench *bench, const char *what)
{
    g_autofree char *pid = g_strdup_printf("%d", (int)bench->pid);
    const char *argv[] = {"callgrind_control", what, pid, NULL};
    GError *error = NULL;

    if (bench->callgrind &&
        !g_spawn_sync(NULL, (char **)(guintptr)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                      NULL, NULL, NULL, &error))
        g_error("%s", error->message);
}

/* What of AFTER came since BEFORE, a second. */
static GHashTable *rates(GHashTable *before, GHashTable *after, double seconds)
{
    GHashTable *waits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer name, count;

    g_hash_table_iter_init(&iter, after);
    while (g_hash_table_iter_next(&iter, &name, &count)) {
        double *rate = g_new(double, 1);

        *rate = (GPOINTER_TO_UINT(count) - GPOINTER_TO_UINT(g_hash_table_lookup(before, name))) / seconds;
        g_hash_table_insert(waits, g_strdup(name), rate);
    }
    return waits;
}

static void fill(const Bench *bench, const ProcessAccount *before, gint64 from_us, Measure *ret)
{
    BookCount count;
    double sent, rate;

    process_account(bench->pid, &ret->after);
    book_count(bench->book, &count);
    g_array_sort(count.waits_us, by_value);
    ret->seconds = (double)(g_get_monotonic_time() - from_us) / 1e6;
    ret->sent = count.sent;
    ret->messages = count.messages;
    ret->lost = bench->rr ? count.sent_rr - MIN(count.rr, count.sent_rr) : count.sent - MIN(count.messages, count.sent);
    sent = (double)MAX(count.sent, 1);
    rate = sent / ret->seconds;
    ret->cpu_us = (double)(ret->after.cpu_ns - before->cpu_ns) / 1e3 / sent;
    ret->waits = (double)(ret->after.waits - before->waits) / ret->seconds;
    ret->p50_us = percentile(count.waits_us, 0.50);
    ret->p99_us = percentile(count.waits_us, 0.99);
    ret->told_bytes = (double)count.bytes / sent;
    ret->wire_bytes = wire_rate(bench) / rate;
    book_count_clear(&count);
}

void bench_measure(const Bench *bench, double rate, double seconds, Measure *ret)
{
    ProcessAccount before;
    g_autoptr(GHashTable) threads_before = NULL, threads = NULL;
    gint64 from_us;

    player_set_rate(bench->player, rate, false);
    bench_run_s(1);
    tell_callgrind(bench, "-z");
    threads_before = process_thread_waits(bench->pid);
    process_account(bench->pid, &before);
    book_open(bench->book);
    ear_bytes_from(bench->ear);
    from_us = g_get_monotonic_time();
    bench_run_s(seconds);
    fill(bench, &before, from_us, ret);
    threads = process_thread_waits(bench->pid);
    ret->thread_waits = rates(threads_before, threads, ret->seconds);
    tell_callgrind(bench, "-d");
}

void bench_measure_loss(const Bench *bench, double rate, double seconds, Measure *ret)
{
    ProcessAccount before;
    gint64 from_us;

    *ret = (Measure){0};
    player_set_rate(bench->player, 0, true);
    bench_run_s(DRAIN_S);
    process_account(bench->pid, &before);
    book_open(bench->book);
    ear_bytes_from(bench->ear);
    from_us = g_get_monotonic_time();
    player_set_rate(bench->player, rate, true);
    bench_run_s(seconds);
    player_set_rate(bench->player, 0, true);
    bench_run_s(DRAIN_S);
    fill(bench, &before, from_us, ret);
}

static bool is_held(const Bench *bench, double total, double seconds, Measure *ret)
{
    bench_measure_loss(bench, total / bench->straps, seconds, ret);
    /* The load itself must have been there. */
    return ret->lost == 0 && (double)ret->sent > 0.98 * total * seconds;
}

double bench_search(const Bench *bench, double most, double seconds, Measure *ret)
{
    Measure probe;
    double held = 0, total = FIRST_RATE;

    /* Doubled as long as it goes, then in two steps between what went and what did not. */
    while (total <= most && is_held(bench, total, PROBE_S, &probe)) {
        held = total;
        total *= 2;
    }
    for (double step = held / 2; held > 0 && total <= most && step >= held / 4; step /= 2)
        if (is_held(bench, held + step, PROBE_S, &probe))
            held += step;
    held = held > 0 ? held : FIRST_RATE / 2;
    for (unsigned tries = 0; tries < MAX_TRIES; tries++, held *= 0.75)
        if (is_held(bench, held, seconds, ret))
            return held;
    return 0;
}
