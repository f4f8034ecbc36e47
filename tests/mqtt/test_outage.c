/* SPDX-License-Identifier: MIT
 *
 * The broker goes and comes back, the client dies, two clients quarrel.
 */
#include "broker.h"
#include "listener.h"
#include "observer.h"
#include "relay.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define STATUS "zone1d/gateway/test/status"
#define STOP_MS 20000 /* never reached; the sanitizers are slow */

static const char *program;
static Broker *broker;

static int start_broker(void **state)
{
    (void)state;
    broker = broker_new(NULL);
    return 0;
}

static int stop_broker(void **state)
{
    (void)state;
    broker_free(broker);
    return 0;
}

static void keep(MqttClient *client, const char *topic, const char *payload, bool retain)
{
    mqtt_client_publish(client, MQTT_KEEP, topic, payload, 1, retain, 0);
}

static guint index_of(const Listener *listener, const char *line)
{
    for (guint i = 0; i < listener_count(listener); i++)
        if (strcmp(listener_line(listener, i), line) == 0)
            return i;
    return G_MAXUINT;
}

static void assert_once_in_order(const Listener *listener, const char *const *lines)
{
    for (guint last = 0; *lines != NULL; lines++) {
        assert_int_equal(listener_times(listener, *lines), 1);
        assert_true(index_of(listener, *lines) >= last);
        last = index_of(listener, *lines);
    }
}

/* The client's way to the broker is closed by a relay until the listener is back: nothing is missed. */
static void broker_killed_and_back(void **state)
{
    (void)state;
    const char *const expected[] = {STATUS " online", "z/event 1", "z/event 2", "z/event 3", "z/session new", NULL};
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "z/set/#", 1);
    assert_true(wait_connected(observer, 1));

    relay_set(relay, RELAY_HANG_UP);
    broker_kill(broker);
    assert_true(wait_disconnected(observer, 1));
    assert_false(mqtt_client_connected(client));
    keep(client, "z/event", "1", false);
    keep(client, "z/session", "old", true);
    keep(client, "z/event", "2", false);
    mqtt_client_publish(client, MQTT_LIVE, "z/live/before", "stale", 0, false, 5);
    keep(client, "z/event", "3", false);
    keep(client, "z/session", "new", true);

    broker_start(broker);
    Listener *listener = listener_new(broker_port(broker), "#");
    gint64 back_us = g_get_monotonic_time();
    relay_set(relay, RELAY_PASS);
    assert_true(wait_connected(observer, 2));
    g_print("# back after %.1f s\n", (double)(g_get_monotonic_time() - back_us) / 1e6);
    mqtt_client_publish(client, MQTT_LIVE, "z/live", "fresh", 0, false, 5);
    assert_true(listener_wait_line(listener, "z/live fresh", 1));
    assert_true(wait_acknowledged(client, 5));
    assert_once_in_order(listener, expected);
    assert_int_equal(listener_times(listener, "z/live/before stale"), 0);
    assert_int_equal(listener_times(listener, "z/session old"), 0);

    broker_publish(broker, "z/set/cap", "134", false);
    assert_true(wait_messages(observer, 1));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    listener_free(listener);
    relay_free(relay);
}

static gboolean on_child_says(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    (void)channel;
    (void)condition;
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static bool is_true(gconstpointer subject, guint64 value)
{
    (void)value;
    return *(const bool *)subject;
}

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* This program again, as a client that lives until it is killed; returns when it is connected. */
static GPid start_child(void)
{
    char *port = g_strdup_printf("%u", broker_port(broker));
    const char *arguments[] = {program, "--live", port, NULL};
    GPid pid = 0;
    int fd = -1;
    bool said = false;
    assert_true(g_spawn_async_with_pipes(NULL, (char **)(guintptr)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                         die_with_parent, NULL, &pid, NULL, &fd, NULL, NULL));
    GIOChannel *channel = g_io_channel_unix_new(fd);
    g_io_channel_set_close_on_unref(channel, TRUE);
    g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_child_says, &said);
    assert_true(wait_until(is_true, &said, 0));
    g_io_channel_unref(channel);
    g_free(port);
    return pid;
}

static void kill_child(GPid pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static int live(unsigned port)
{
    Observer *observer = observer_new();
    MqttOptions options = observer_options(port, "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    if (!wait_connected(observer, 1) || write(STDOUT_FILENO, "up\n", 3) != 3)
        return 1;
    while (client != NULL)
        g_main_context_iteration(NULL, TRUE);
    return 0;
}

static void will_tells_of_a_killed_client(void **state)
{
    (void)state;
    broker_publish(broker, STATUS, "", true); /* forgets the test before */
    Listener *listener = listener_new(broker_port(broker), STATUS);
    GPid child = start_child();
    assert_true(listener_wait_line(listener, STATUS " online", 1));
    kill_child(child);
    child = start_child(); /* within the will's delay: nobody is told */
    assert_true(listener_wait_line(listener, STATUS " online", 2));
    assert_int_equal(listener_times(listener, STATUS " offline"), 0);
    kill_child(child);
    gint64 killed_us = g_get_monotonic_time();
    assert_true(listener_wait_line(listener, STATUS " offline", 1));
    g_print("# offline %.1f s after the kill\n", (double)(g_get_monotonic_time() - killed_us) / 1e6);
    assert_int_equal(listener_times(listener, STATUS " online"), 2);
    assert_int_equal(listener_times(listener, STATUS " offline"), 1);
    listener_free(listener);
}

/* This broker just hangs up; that it happens again and again gives it away. */
static void taken_over_by_the_same_client_id(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    const char *const arguments[] = {"-i", "gateway-test", "-V", "mqttv5", NULL};
    log_clear();
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(wait_connected(observer, i));
        g_free(broker_subscribe(broker, "nothing", 1, 1, arguments));
        assert_true(wait_disconnected(observer, i));
    }
    assert_int_equal(log_count("is lost"), 2);
    assert_int_equal(log_count("client id gateway-test seems to take over"), 1);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

static void takeover_that_the_broker_tells(void **state)
{
    (void)state;
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    log_clear();
    assert_true(wait_connected(observer, 1));
    guint before = relay_accepted(relay);
    relay_set(relay, RELAY_TAKE_OVER);
    assert_true(wait_disconnected(observer, 1));
    assert_true(log_wait("client id gateway-test took over"));
    /* It does not snatch the connection back at once: the backoff is at half its limit. */
    relay_set(relay, RELAY_PASS);
    run_for_ms(3000);
    assert_int_equal(relay_accepted(relay), before);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    program = argv[0];
    if (argc == 3 && strcmp(argv[1], "--live") == 0)
        return live((unsigned)strtoul(argv[2], NULL, 10));
    log_capture();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broker_killed_and_back),
        cmocka_unit_test(will_tells_of_a_killed_client),
        cmocka_unit_test(taken_over_by_the_same_client_id),
        cmocka_unit_test(takeover_that_the_broker_tells),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
