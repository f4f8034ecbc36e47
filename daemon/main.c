/* SPDX-License-Identifier: MIT
 *
 * zone1d: options, signals, exit status.
 */
#include "config.h"
#include "core/names.h"
#include "gateway_reload.h"
#include "log.h"
#include "notify.h"
#include "recording.h"

#include <glib-unix.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#ifndef ZONE1D_VERSION
#define ZONE1D_VERSION "unknown"
#endif
#define DEFAULT_CONFIG "/etc/zone1d/zone1d.conf"
#define HELP_TAIL                                                                    \
    "Exit status: 0 stopped, 64 wrong usage, 65 unreadable recording, 78 wrong configuration.\n" \
    "To see what it publishes: zone1ctl watch\n"

typedef struct {
    char *config_path;
    char *replay_path;
    char *athlete;
    double speed;
    gboolean check_config, version, store;
    int verbosity;
} Options;

typedef struct {
    GMainLoop *loop;
    Gateway *gateway;
    Config *config;
    bool replays;
    const char *athlete_id; /* of the replay */
    int exit_status;
    bool sick; /* the watchdog was not told that all is well the last time */
} Daemon;

static gboolean count_verbose(const char *name, const char *value, gpointer data, GError **error)
{
    (void)name;
    (void)value;
    (void)error;
    ((Options *)data)->verbosity++;
    return TRUE;
}

static bool parse_options(int *argc, char ***argv, Options *options)
{
    /* GOptionEntry wants a function as a data pointer, which ISO C does not convert. */
    const union {
        GOptionArgFunc function;
        gpointer data;
    } counter = {.function = count_verbose};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_path, "Configuration (" DEFAULT_CONFIG ")", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check_config, "Only check the configuration", NULL},
        {"replay", 0, 0, G_OPTION_ARG_FILENAME, &options->replay_path, "Take samples from a recording", "FILE"},
        {"athlete", 0, 0, G_OPTION_ARG_STRING, &options->athlete, "Whose recording (the first athlete's)", "NAME"},
        {"speed", 0, 0, G_OPTION_ARG_DOUBLE, &options->speed, "Replay at N times real time (1); 0: at once", "N"},
        {"store", 0, 0, G_OPTION_ARG_NONE, &options->store, "Store the replayed session too", NULL},
        {"verbose", 'v', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, counter.data,
         "Say more; twice: everything, heart rates and addresses too", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new("- live heart-rate zone and verdict over MQTT");
    GOptionGroup *group = g_option_group_new("zone1d", "", "", options, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_description(context, HELP_TAIL);
    g_autoptr(GError) error = NULL;
    bool fine = g_option_context_parse(context, argc, argv, &error);
    if (fine && *argc > 1)
        g_set_error(&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "'%s': no argument belongs here", (*argv)[1]);
    else if (fine && (!(options->speed >= 0) || isinf(options->speed)))
        g_set_error(&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--speed must be 0 or above");
    if (error != NULL)
        fprintf(stderr, "zone1d: %s; see zone1d --help\n", error->message);
    return error == NULL;
}

static void clear_options(Options *options)
{
    g_free(options->config_path);
    g_free(options->replay_path);
    g_free(options->athlete);
}

/* ---- while it runs ---- */

static gboolean on_stop_signal(gpointer user)
{
    Daemon *zone1d = user;
    notify_send("STOPPING=1");
    g_main_loop_quit(zone1d->loop);
    return G_SOURCE_CONTINUE;
}

/* SIGHUP. systemd (253 and later) wants to know when it began. */
static gboolean on_reload_signal(gpointer user)
{
    Daemon *zone1d = user;
    if (zone1d->replays) {
        g_message("a recording is played: the configuration is not read anew");
        return G_SOURCE_CONTINUE;
    }
    g_autofree char *begins = g_strdup_printf("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
    notify_send(begins);
    const bool taken = gateway_reload_file(zone1d->gateway, zone1d->config);
    notify_send(taken ? "READY=1\nSTATUS=" : "READY=1\nSTATUS=The configuration file is refused: see the log");
    return G_SOURCE_CONTINUE;
}

static gboolean on_watchdog(gpointer user)
{
    Daemon *zone1d = user;
    const bool healthy = gateway_healthy(zone1d->gateway);
    if (healthy)
        notify_send("WATCHDOG=1");
    else if (!zone1d->sick)
        g_warning("a part of zone1d is stuck: the watchdog is left to end it, and systemd starts it again");
    zone1d->sick = !healthy;
    return G_SOURCE_CONTINUE;
}

static void on_replay_done(void *user, const Summary *summary)
{
    Daemon *zone1d = user;
    if (summary != NULL)
        printf("%s: %s: %s (zone model %s%s, cap %d bpm)\n", zone1d->athlete_id, verdict_name(summary->verdict.verdict),
               summary->verdict.reason, zone_model_name(summary->zones.model),
               summary->zones.max_estimated ? ", max estimated" : "", summary->cap_bpm);
    else
        printf("%s: no verdict: under 3 minutes of valid heart rate\n", zone1d->athlete_id);
    fflush(stdout);
    g_main_loop_quit(zone1d->loop);
}

/* Index of the athlete named ID, or of the first one when ID is NULL; -1 when there is none. */
static int find_athlete(const Config *config, const char *id)
{
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (id == NULL || g_strcmp0(config->athletes[i].id, id) == 0)
            return (int)i;
    return -1;
}

static void run(Daemon *zone1d)
{
    unsigned watchdog_ms = notify_watchdog_interval_ms();
    guint watchdog = watchdog_ms > 0 ? g_timeout_add(watchdog_ms, on_watchdog, zone1d) : 0;
    notify_send("READY=1");
    g_main_loop_run(zone1d->loop);
    if (watchdog != 0)
        g_source_remove(watchdog);
}

static int run_daemon(Config *config, const Options *options)
{
    g_autoptr(Recording) recording = NULL;
    g_autoptr(GError) error = NULL;
    int athlete = find_athlete(config, options->athlete);
    if (athlete < 0) {
        fprintf(stderr, "zone1d: no athlete '%s' in %s\n", options->athlete, config->path);
        return EX_USAGE;
    }
    if (options->replay_path != NULL && (recording = recording_load(options->replay_path, &error)) == NULL) {
        fprintf(stderr, "zone1d: %s\n", error->message);
        return EX_DATAERR;
    }
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Daemon zone1d = {.loop = loop, .gateway = gateway_new(config, recording != NULL), .config = config,
                     .replays = recording != NULL,
                     .athlete_id = config->athletes[athlete].id};
    double speed = options->speed > 0 ? options->speed : G_MAXDOUBLE;
    /* Before anything is restored, published or stored: a stop from now on is a clean one. */
    const guint signals[] = {g_unix_signal_add(SIGTERM, on_stop_signal, &zone1d),
                             g_unix_signal_add(SIGINT, on_stop_signal, &zone1d),
                             g_unix_signal_add(SIGHUP, on_reload_signal, &zone1d)};
    /* A recording is somebody's past run: among today's it belongs only when asked for. */
    if (recording == NULL || options->store)
        gateway_open_store(zone1d.gateway);
    if (recording != NULL)
        gateway_run_replay(zone1d.gateway, g_steal_pointer(&recording), (unsigned)athlete, speed, on_replay_done,
                           &zone1d);
    else
        gateway_run_bluez(zone1d.gateway);
    run(&zone1d);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        g_source_remove(signals[i]);
    gateway_free(zone1d.gateway);
    return zone1d.exit_status;
}

static int start(const Options *options)
{
    if (options->version) {
        puts("zone1d " ZONE1D_VERSION);
        return EXIT_SUCCESS;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(options->config_path ? options->config_path : DEFAULT_CONFIG, &error);
    if (config == NULL) {
        fprintf(stderr, "%s\n", error->message);
        if (options->config_path == NULL && g_error_matches(error, CONFIG_ERROR, CONFIG_ERROR_READ))
            fputs("zone1d: give another file with --config FILE; an example comes with zone1d: zone1d.conf\n",
                  stderr);
        return EX_CONFIG;
    }
    const char *fault = gateway_fault(config);
    if (fault != NULL) {
        fprintf(stderr, "%s: [mqtt] host: %s\n", config->path, fault);
        return EX_CONFIG;
    }
    if (options->check_config) {
        const unsigned athletes = config->athlete_count - config->guest_count;
        printf("%s: fine, %u athlete%s", config->path, athletes, athletes == 1 ? "" : "s");
        if (config->guest_count > 0)
            printf(", %u guest%s", config->guest_count, config->guest_count == 1 ? "" : "s");
        puts("");
        return EXIT_SUCCESS;
    }
    return run_daemon(config, options);
}

int main(int argc, char **argv)
{
    Options options = {.speed = 1};
    setlocale(LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe): before any thread */
    signal(SIGPIPE, SIG_IGN);
    int status = EX_USAGE;
    if (parse_options(&argc, &argv, &options)) {
        log_init(options.verbosity);
        status = start(&options);
    }
    clear_options(&options);
    return status;
}
