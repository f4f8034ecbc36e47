/* SPDX-License-Identifier: MIT
 *
 * Messages change the view; a timer shows it, at most ten times a second and only when it differs.
 */
#include "ctl/watch.h"

#include "ctl/lines.h"
#include "ctl/notes.h"
#include "ctl/terminal.h"
#include "ctl/view.h"
#include "mqtt/client.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHOW_INTERVAL_MS 100
#define SUMMARY_PATIENCE_MS 5000 /* a session that ended brings its summary within this, or was dropped */
#define CLOSE_TIMEOUT_MS 1000

typedef struct {
    const WatchOptions *options;
    GMainLoop *loop;
    MqttClient *client;
    Terminal *terminal; /* NULL: plain lines */
    Lines lines;
    View view;
    unsigned connections;
    unsigned came_with;      /* the connection with which the watched athlete's last summary was first asked for */
    char *old_id;            /* of the session that had ended before */
    gint64 session_ended_ms; /* 0: none, or its summary has come */
    bool left;               /* by the key q: nobody waits for the verdict any more */
} Watch;

static gint64 now_ms(void)
{
    return g_get_monotonic_time() / 1000;
}

static void take_live(Watch *watch, const void *payload, gsize size)
{
    LiveReport live;
    if (!report_parse_live(payload, size, &live))
        return;
    bool had_session = watch->view.have_live && session_is_running(watch->view.live.session);
    bool has_session = session_is_running(live.session);
    if (has_session)
        watch->session_ended_ms = 0;
    else if (had_session)
        watch->session_ended_ms = now_ms();
    view_take_live(&watch->view, &live, now_ms());
}

/* The one that is retained when it is first asked for is of a session that we did not see. */
static void take_summary(Watch *watch, const void *payload, gsize size, bool retained)
{
    SummaryReport summary;
    if (!report_parse_summary(payload, size, &summary))
        return;
    bool old = watch->old_id == NULL ? retained && watch->connections <= watch->came_with
                                     : strcmp(watch->old_id, summary.id) == 0;
    g_free(watch->old_id);
    watch->old_id = g_strdup(summary.id);
    if (old)
        return;
    watch->view.last = summary;
    watch->view.have_last = true;
    watch->session_ended_ms = 0;
    if (watch->options->until_finished)
        g_main_loop_quit(watch->loop);
}

static void subscribe_athlete(Watch *watch, const char *athlete, const char *leaf)
{
    g_autofree char *topic = g_strdup_printf("%s/athlete/%s/%s", watch->options->place->topics, athlete, leaf);
    mqtt_client_subscribe(watch->client, topic, 1);
}

static void settle_on(Watch *watch, const char *athlete)
{
    g_strlcpy(watch->view.athlete, athlete, sizeof watch->view.athlete);
    watch->came_with = MAX(watch->connections, 1);
    subscribe_athlete(watch, athlete, "session/last");
}

/* True when TOPIC is LEAF of the athlete that is watched; the first one heard is, when none was named. */
static bool is_ours(Watch *watch, const char *topic, const char *leaf)
{
    g_autofree char *athlete = report_athlete_of(topic, watch->options->place->topics, leaf);
    if (athlete == NULL)
        return false;
    if (watch->view.athlete[0] == '\0')
        settle_on(watch, athlete);
    return strcmp(watch->view.athlete, athlete) == 0;
}

static void on_message(void *user, const MqttIncoming *message)
{
    Watch *watch = user;
    if (is_ours(watch, message->topic, "live"))
        take_live(watch, message->payload, message->len);
    else if (is_ours(watch, message->topic, "session/last"))
        take_summary(watch, message->payload, message->len, message->retained);
    else if (g_str_has_suffix(message->topic, "/status"))
        watch->view.gateway = strcmp(message->payload, "online") == 0 ? GATEWAY_ONLINE : GATEWAY_OFFLINE;
}

static void on_connected(void *user)
{
    Watch *watch = user;
    watch->connections++;
    watch->view.broker_up = watch->view.broker_was_up = true;
}

static void on_disconnected(void *user)
{
    Watch *watch = user;
    watch->view.broker_up = false;
    watch->view.gateway = GATEWAY_UNKNOWN;
}

static void subscribe(Watch *watch)
{
    const char *athlete = watch->options->athlete;
    g_autofree char *status = g_strdup_printf("%s/gateway/+/status", watch->options->place->topics);
    mqtt_client_subscribe(watch->client, status, 1);
    subscribe_athlete(watch, athlete != NULL ? athlete : "+", "live");
    if (athlete != NULL)
        settle_on(watch, athlete);
}

static void connect_broker(Watch *watch)
{
    const WatchOptions *options = watch->options;
    g_autofree char *client_id = g_strdup_printf("zone1ctl-%d-%08x", (int)getpid(), g_random_int());
    MqttOptions mqtt = options->place->mqtt;
    mqtt.client_id = client_id;
    MqttEvents events = {.connected = on_connected, .disconnected = on_disconnected, .message = on_message};
    watch->client = mqtt_client_new(&mqtt, &events, watch);
    subscribe(watch);
}

static void show(Watch *watch)
{
    notes_last(watch->view.note, sizeof watch->view.note);
    if (watch->terminal == NULL) {
        lines_show(&watch->lines, &watch->view, now_ms());
        return;
    }
    g_autoptr(Frame) frame = terminal_frame(watch->terminal);
    view_draw(&watch->view, now_ms(), frame);
    if (!terminal_show(watch->terminal, frame))
        g_main_loop_quit(watch->loop);
}

static gboolean on_tick(gpointer user)
{
    Watch *watch = user;
    show(watch);
    if (watch->options->until_finished && watch->session_ended_ms > 0 &&
        now_ms() - watch->session_ended_ms > SUMMARY_PATIENCE_MS)
        g_main_loop_quit(watch->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean on_quit_signal(gpointer user)
{
    Watch *watch = user;
    g_main_loop_quit(watch->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean on_resize(gpointer user)
{
    Watch *watch = user;
    if (watch->terminal != NULL) {
        terminal_forget(watch->terminal);
        show(watch);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean on_key(int fd, GIOCondition condition, gpointer user)
{
    Watch *watch = user;
    char keys[32];
    ssize_t count = (condition & G_IO_IN) != 0 ? read(fd, keys, sizeof keys) : 0;
    for (ssize_t i = 0; i < count; i++)
        watch->left = watch->left || keys[i] == 'q' || keys[i] == 'Q';
    if (count > 0 && !watch->left)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(watch->loop);
    return G_SOURCE_REMOVE;
}

static void print_verdict(const Watch *watch)
{
    if (watch->view.have_last) {
        g_autofree char *verdict = view_verdict(&watch->view.last, watch->view.athlete);
        fputs(verdict, stdout);
    } else if (watch->session_ended_ms > 0) {
        fputs("no verdict: the session ended without a summary (under 3 minutes of valid heart rate are dropped)\n",
              stdout);
    }
    fflush(stdout);
}

int watch_run(const WatchOptions *options)
{
    g_autofree char *broker = g_strdup_printf("%s:%u", options->place->mqtt.host, options->place->mqtt.port);
    Watch watch = {.options = options, .loop = g_main_loop_new(NULL, FALSE)};
    view_init(&watch.view, broker, options->athlete, options->total_s);
    watch.view.since_ms = now_ms();
    g_strlcpy(watch.view.hint, options->hint != NULL ? options->hint : "", sizeof watch.view.hint);
    guint sources[] = {
        g_unix_signal_add(SIGINT, on_quit_signal, &watch),  g_unix_signal_add(SIGTERM, on_quit_signal, &watch),
        g_unix_signal_add(SIGHUP, on_quit_signal, &watch),  g_unix_signal_add(SIGWINCH, on_resize, &watch),
        g_timeout_add(SHOW_INTERVAL_MS, on_tick, &watch),
    };
    if (terminal_fits(STDOUT_FILENO))
        watch.terminal = terminal_open(STDIN_FILENO, STDOUT_FILENO);
    if (watch.terminal != NULL && isatty(STDIN_FILENO))
        g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_key, &watch);
    connect_broker(&watch);
    g_main_loop_run(watch.loop);

    terminal_close(watch.terminal);
    print_verdict(&watch);
    mqtt_client_free(watch.client, CLOSE_TIMEOUT_MS);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    lines_clear(&watch.lines);
    g_free(watch.old_id);
    g_main_loop_unref(watch.loop);
    return options->until_finished && !watch.view.have_last && !watch.left ? 1 : 0;
}
