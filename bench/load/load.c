/* SPDX-License-Identifier: MIT
 *
 * Puts one program under load and measures it: bench_load [OPTIONS] -- PROGRAM [ARGUMENTS]
 *
 * The mock of org.bluez on a bus of its own (DBUS_SYSTEM_BUS_ADDRESS of the program), straps that send, a subscriber at
 * the broker. One JSON object on standard output; exit status 1 when the program ends early or no messages come.
 */
#include "measure.h"
#include "private_bus.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#define PATIENCE_S 120

static struct {
    int straps, port;
    double rate, seconds, settle, search, hold;
    char *topic, *start;
    gboolean rr, callgrind;
} options = {.straps = 1, .rate = 1, .seconds = 10, .settle = 2, .hold = 30};

static const GOptionEntry ENTRIES[] = {
    {"straps", 0, 0, G_OPTION_ARG_INT, &options.straps, "how many", "N"},
    {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &options.rate, "notifications a second of each", "HZ"},
    {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "that are measured", "S"},
    {"settle", 0, 0, G_OPTION_ARG_DOUBLE, &options.settle, "before, with all straps heard", "S"},
    {"search", 0, 0, G_OPTION_ARG_DOUBLE, &options.search, "then look for the largest rate held, up to this", "HZ"},
    {"hold", 0, 0, G_OPTION_ARG_DOUBLE, &options.hold, "for so long", "S"},
    {"callgrind", 0, 0, G_OPTION_ARG_NONE, &options.callgrind, "the program runs under callgrind", NULL},
    {"port", 0, 0, G_OPTION_ARG_INT, &options.port, "of the broker on 127.0.0.1", "PORT"},
    {"topic", 0, 0, G_OPTION_ARG_STRING, &options.topic, "filter of the messages with a rate", "FILTER"},
    {"start", 0, 0, G_OPTION_ARG_STRING, &options.start, "topic that is told \"start\", * the strap's number", "TOPIC"},
    {"rr", 0, 0, G_OPTION_ARG_NONE, &options.rr, "the messages tell RR intervals", NULL},
    G_OPTION_ENTRY_NULL,
};

static void add_measure(cJSON *to, const char *name, const Measure *measure)
{
    const ProcessAccount *after = &measure->after;
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"seconds", measure->seconds},       {"sent", (double)measure->sent},   {"messages", (double)measure->messages},
        {"lost", (double)measure->lost},     {"cpu_us", measure->cpu_us},       {"waits_s", measure->waits},
        {"p50_us", measure->p50_us},         {"p99_us", measure->p99_us},       {"told_bytes", measure->told_bytes},
        {"wire_bytes", measure->wire_bytes}, {"threads", after->threads},       {"fds", after->fds},
        {"rss_kib", after->rss_kib},         {"peak_kib", after->peak_kib},
    };
    cJSON *object = cJSON_AddObjectToObject(to, name);

    for (size_t i = 0; i < G_N_ELEMENTS(figures); i++)
        cJSON_AddNumberToObject(object, figures[i].name, figures[i].value);
}

static void add_threads(cJSON *to, const Measure *measure)
{
    cJSON *object = cJSON_AddObjectToObject(to, "threads_waits_s");
    GHashTableIter iter;
    gpointer name, waits;

    g_hash_table_iter_init(&iter, measure->thread_waits);
    while (g_hash_table_iter_next(&iter, &name, &waits))
        cJSON_AddNumberToObject(object, name, *(const double *)waits);
}

static void print_and_free(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    g_print("%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

/* True once messages of all straps have come. */
static bool wait_for_all(const Bench *bench)
{
    gint64 until_us = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;

    while (book_heard(bench->book) < bench->straps) {
        if (!process_runs(bench->pid) || g_get_monotonic_time() > until_us) {
            g_printerr("bench_load: messages of %u straps out of %u came%s\n", book_heard(bench->book), bench->straps,
                       process_runs(bench->pid) ? "" : ", and the program has ended");
            return false;
        }
        bench_run_s(0.02);
    }
    return true;
}

static void start_sessions(const Bench *bench)
{
    for (unsigned i = 0; options.start != NULL && i < bench->straps; i++) {
        g_autofree char *number = g_strdup_printf("%u", i);
        g_auto(GStrv) parts = g_strsplit(options.start, "*", 2);
        g_autofree char *topic = g_strjoinv(number, parts);

        ear_say(bench->ear, topic, "start");
        bench_run_s(0.005); /* a person is not faster */
    }
}

static bool measure_all(const Bench *bench, gint64 from_us)
{
    Measure steady = {0}, most = {0};
    cJSON *found;

    if (!wait_for_all(bench))
        return false;
    start_sessions(bench);
    bench_run_s(options.settle);
    bench_measure(bench, options.rate, options.seconds, &steady);
    found = cJSON_CreateObject();
    cJSON_AddNumberToObject(found, "straps", bench->straps);
    cJSON_AddNumberToObject(found, "rate", options.rate);
    cJSON_AddNumberToObject(found, "first_ms", (double)(book_first_us(bench->book) - from_us) / 1e3);
    add_threads(found, &steady);
    add_measure(found, "steady", &steady);
    g_hash_table_unref(steady.thread_waits);
    if (options.search > 0) {
        cJSON_AddNumberToObject(found, "held_s", bench_search(bench, options.search, options.hold, &most));
        add_measure(found, "held", &most);
    }
    print_and_free(found);
    return process_runs(bench->pid);
}

static bool run(char **argv)
{
    PrivateBus *bus = private_bus_new();
    MockBluez *mock = mock_bluez_new(bus->address);
    MockAdapter *adapter;
    Bench bench = {.straps = (unsigned)options.straps, .rr = options.rr, .callgrind = options.callgrind};
    gint64 from_us;
    bool good;

    mock->whole = true;
    mock->beat_ms = 0;
    mock->resolve_gap_ms = mock->stop_ms = 1;
    adapter = mock_add_adapter(mock, "hci0", true);
    bench.book = book_new(bench.straps);
    bench.ear = ear_new((unsigned)options.port, options.topic, bench.book);
    bench.player = player_new(adapter, bench.straps, bench.book);
    player_set_rate(bench.player, options.rate, false);
    from_us = g_get_monotonic_time();
    bench.pid = process_start(argv);
    good = measure_all(&bench, from_us);
    process_end(bench.pid, 10000);
    player_free(bench.player);
    ear_free(bench.ear);
    mock_bluez_free(mock);
    private_bus_free(bus);
    book_free(bench.book);
    return good;
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("-- PROGRAM [ARGUMENTS]");
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, ENTRIES, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("bench_load: %s\n", error->message);
        return 2;
    }
    argv += argc > 1 && g_str_equal(argv[1], "--") ? 2 : 1;
    if (argv[0] == NULL || options.topic == NULL || options.straps < 1 || options.straps > BOOK_MAX_STRAPS) {
        g_printerr("bench_load: a program, --topic and 1 to %d straps, please; see --help\n", BOOK_MAX_STRAPS);
        return 2;
    }
    return run(argv) ? 0 : 1;
}
