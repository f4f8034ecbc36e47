/* SPDX-License-Identifier: MIT
 *
 * Messages change the board; a timer shows it, on a terminal at most ten times a second, else as a line when that
 * differs from the last one.
 */
#include "ctl/watch.h"

#include "ctl/board.h"
#include "ctl/terminal.h"
#include "mqtt/client.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHOW_INTERVAL_MS 100
#define LINE_INTERVAL_MS 1000
#define CLOSE_TIMEOUT_MS 1000

typedef struct {
    const WatchOptions *options;
    GMainLoop *loop;
    MqttClient *client;
    Terminal *terminal; /* NULL: plain lines */
    Board board;
    char *line; /* the last one written */
    gint64 line_ms;
    bool was_active; /* a session of the group was seen to run */
} Watch;

static gint64 now_ms(void) { return g_get_monotonic_time() / 1000; }

static void take_session(Watch *watch, const MqttIncoming *message)
{
    Board *board = &watch->board;
    if (!report_parse_group_session(message->payload, message->len, &board->session))
        return;
    board->have_session = true;
    if (board->session.state == SESSION_FINISHED && watch->was_active && watch->options->until_finished)
        g_main_loop_quit(watch->loop);
    watch->was_active |= board->session.state == SESSION_ACTIVE;
}

static void on_message(void *user, const MqttIncoming *message)
{
    Watch *watch = user;
    if (g_str_has_suffix(message->topic, "/session")) {
        take_session(watch, message);
    } else if (report_parse_group(message->payload, message->len, &watch->board.live)) {
        watch->board.have_live = true;
        watch->board.live_at_ms = now_ms();
    }
}

static void on_connected(void *user) { ((Watch *)user)->board.broker_up = true; }

static void on_disconnected(void *user) { ((Watch *)user)->board.broker_up = false; }

static void show_line(Watch *watch)
{
    if (now_ms() - watch->line_ms < LINE_INTERVAL_MS || (watch->line == NULL && !watch->board.broker_up))
        return;
    char *line = board_line(&watch->board, now_ms());
    if (g_strcmp0(line, watch->line) != 0) {
        puts(line);
        fflush(stdout);
        watch->line_ms = now_ms();
    }
    g_free(watch->line);
    watch->line = line;
}

static gboolean on_tick(gpointer user)
{
    Watch *watch = user;
    if (watch->terminal == NULL) {
        show_line(watch);
        return G_SOURCE_CONTINUE;
    }
    g_autoptr(Frame) frame = terminal_frame(watch->terminal);
    board_draw(&watch->board, now_ms(), frame);
    if (!terminal_show(watch->terminal, frame))
        g_main_loop_quit(watch->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean on_quit_signal(gpointer user)
{
    g_main_loop_quit(((Watch *)user)->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean on_resize(gpointer user)
{
    Watch *watch = user;
    if (watch->terminal != NULL)
        terminal_forget(watch->terminal);
    return on_tick(user);
}

static gboolean on_key(int fd, GIOCondition condition, gpointer user)
{
    char keys[32];
    ssize_t count = (condition & G_IO_IN) != 0 ? read(fd, keys, sizeof keys) : 0;
    bool quit = count <= 0;
    for (ssize_t i = 0; i < count; i++)
        quit = quit || keys[i] == 'q' || keys[i] == 'Q';
    if (!quit)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(((Watch *)user)->loop);
    return G_SOURCE_REMOVE;
}

static void connect_broker(Watch *watch)
{
    static const char *const leaves[] = {"live", "session"};
    const Place *place = watch->options->place;
    g_autofree char *client_id = g_strdup_printf("zone1ctl-%d-%08x", (int)getpid(), g_random_int());
    MqttOptions mqtt = place->mqtt;
    const MqttEvents events = {.connected = on_connected, .disconnected = on_disconnected, .message = on_message};
    mqtt.client_id = client_id;
    watch->client = mqtt_client_new(&mqtt, &events, watch);
    for (gsize i = 0; i < G_N_ELEMENTS(leaves); i++) {
        g_autofree char *topic = g_strdup_printf("%s/group/%s/%s", place->topics, watch->options->group, leaves[i]);
        mqtt_client_subscribe(watch->client, topic, 1);
    }
}

int watch_group_run(const WatchOptions *options)
{
    const MqttOptions *mqtt = &options->place->mqtt;
    g_autofree char *broker = g_strdup_printf("%s:%u", mqtt->host, mqtt->port);
    g_autofree Watch *watch = g_new0(Watch, 1);
    watch->options = options;
    watch->loop = g_main_loop_new(NULL, FALSE);
    board_init(&watch->board, broker, options->group);
    guint sources[] = {
        g_unix_signal_add(SIGINT, on_quit_signal, watch), g_unix_signal_add(SIGTERM, on_quit_signal, watch),
        g_unix_signal_add(SIGHUP, on_quit_signal, watch), g_unix_signal_add(SIGWINCH, on_resize, watch),
        g_timeout_add(SHOW_INTERVAL_MS, on_tick, watch),
    };
    if (terminal_fits(STDOUT_FILENO))
        watch->terminal = terminal_open(STDIN_FILENO, STDOUT_FILENO);
    if (watch->terminal != NULL && isatty(STDIN_FILENO))
        g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_key, watch);
    connect_broker(watch);
    g_main_loop_run(watch->loop);
    terminal_close(watch->terminal);
    g_autofree char *verdicts = board_verdicts(&watch->board);
    fputs(verdicts, stdout);
    mqtt_client_free(watch->client, CLOSE_TIMEOUT_MS);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    g_free(watch->line);
    g_main_loop_unref(watch->loop);
    return fflush(stdout) == 0 ? 0 : 1;
}
