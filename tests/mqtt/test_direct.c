/* SPDX-License-Identifier: MIT
 *
 * What is live is sent without a turn of the publisher's thread, never out of its order, and never by a main loop that
 * could have to wait.
 */
#include "broker.h"
#include "listener.h"
#include "mqtt/gate.h"
#include "mqtt/link.h"
#include "observer.h"
#include "relay.h"

#include <MQTTAsync.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define STOP_MS 20000 /* never reached; the sanitizers are slow */
#define ROUNDS 300

static Broker *broker;
static pthread_t main_thread;

/* The publisher's thread is slow on its way to Paho, where the main loop could overtake it. */
int __real_MQTTAsync_sendMessage(MQTTAsync handle, const char *topic, const MQTTAsync_message *message,
                                 MQTTAsync_responseOptions *response);
int __wrap_MQTTAsync_sendMessage(MQTTAsync handle, const char *topic, const MQTTAsync_message *message,
                                 MQTTAsync_responseOptions *response);
int __wrap_MQTTAsync_sendMessage(MQTTAsync handle, const char *topic, const MQTTAsync_message *message,
                                 MQTTAsync_responseOptions *response)
{
    if (!pthread_equal(pthread_self(), main_thread))
        g_usleep(500);
    return __real_MQTTAsync_sendMessage(handle, topic, message, response);
}

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

/* QoS 0, what is kept as well: of different ones the broker does not keep the order. */
static void publish(MqttClient *client, MqttKind kind, const char *topic, unsigned number)
{
    char text[16];
    g_snprintf(text, sizeof text, "%u", number);
    mqtt_client_publish(client, kind, topic, text, 0, false, 5);
}

/* ---- the gate ---- */

static bool is_closed(void)
{
    if (!gate_pass())
        return true;
    gate_passed();
    return false;
}

static void the_gate_counts(void **state)
{
    (void)state;
    assert_false(is_closed());
    gate_close();
    gate_close();
    assert_true(is_closed());
    gate_open();
    assert_true(is_closed());
    gate_open();
    assert_false(is_closed());
}

static gint is_through; /* atomic */

static void *close_it(void *unused)
{
    (void)unused;
    gate_close();
    g_atomic_int_set(&is_through, 1);
    return NULL;
}

static void who_closes_it_waits_for_who_is_passing(void **state)
{
    (void)state;
    pthread_t thread;
    g_atomic_int_set(&is_through, 0);
    assert_true(gate_pass());
    assert_int_equal(pthread_create(&thread, NULL, close_it, NULL), 0);
    while (!is_closed())
        g_usleep(1000);
    assert_int_equal(g_atomic_int_get(&is_through), 0);
    gate_passed();
    pthread_join(thread, NULL);
    assert_true(is_closed());
    gate_open();
}

static void told(void *user) { g_atomic_int_set((gint *)user, 1); }

static void told_code(void *user, int code)
{
    (void)code;
    told(user);
}

static void told_message(void *user, const MqttIncoming *message)
{
    (void)message;
    told(user);
}

static void told_nothing(void *user, int code)
{
    (void)user;
    (void)code;
}

static const LinkEvents link_events = {.connected = told, .refused = told_code, .told_to_go = told_nothing,
                                       .lost = told, .message = told_message, .disconnected = told};

/* While it is being made, until it is there, is refused, or is given up. */
static void a_link_that_is_made_closes_the_gate(void **state)
{
    (void)state;
    static const MqttTls no_tls;
    const RelayMode modes[] = {RELAY_PASS, RELAY_REFUSE, RELAY_SILENT};
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        gint done = 0;
        const char *text = NULL;
        Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
        if (modes[i] == RELAY_REFUSE)
            relay_refuse(relay, 0x87, TRUE);
        else
            relay_set(relay, modes[i]);
        g_autofree char *uri = g_strdup_printf("tcp://127.0.0.1:%u", relay_port(relay));
        const LinkOptions options = {.uri = uri, .tls = &no_tls, .mqtt5 = true, .client_id = "link", .keepalive_s = 10};
        Link *link = link_open(&options, &link_events, &done, &text);
        assert_non_null(link);
        while (modes[i] != RELAY_SILENT && g_atomic_int_get(&done) == 0)
            g_usleep(1000);
        assert_int_equal(is_closed(), modes[i] == RELAY_SILENT);
        link_close(link);
        assert_false(is_closed());
        relay_free(relay);
    }
}

/* ---- the way ---- */

/* How often the publisher's thread went to sleep. */
static long sleeps_of_publisher(void)
{
    long sleeps = -1;
    const char *name;
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename("/proc/self/task", name, "status", NULL), *text = NULL;
        if (!g_file_get_contents(path, &text, NULL, NULL) || !g_str_has_prefix(text, "Name:\tmqtt\n"))
            continue;
        const char *line = strstr(text, "\nvoluntary_ctxt_switches:");
        sleeps = line != NULL ? strtol(strchr(line, ':') + 1, NULL, 10) : -1;
    }
    return sleeps;
}

static void what_is_live_does_not_wake_the_thread(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "direct", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    publish(client, MQTT_LATEST, "direct/state", 0);
    assert_true(wait_acknowledged(client, 1));
    const long before = sleeps_of_publisher();
    assert_true(before >= 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        publish(client, i % 4 == 0 ? MQTT_LATEST : MQTT_LIVE, "direct/live", i);
        assert_true(wait_acknowledged(client, i + 2));
    }
    assert_true(sleeps_of_publisher() - before < ROUNDS / 2); /* it beats once a second by itself */
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

/* Another client of the process connects, and its name hangs in the resolver: then the thread sends. */
static void what_is_live_goes_on_while_the_gate_is_closed(void **state)
{
    (void)state;
    Listener *listener = listener_new(broker_port(broker), "gate/#");
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "direct", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    gate_close();
    const long before = sleeps_of_publisher();
    for (unsigned i = 0; i < 20; i++) {
        publish(client, MQTT_LIVE, "gate/live", i);
        assert_true(wait_acknowledged(client, i + 1));
    }
    assert_true(sleeps_of_publisher() - before >= 10); /* twice, it may not have got to sleep between two */
    gate_open();
    assert_true(listener_wait(listener, 20));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    listener_free(listener);
}

/* The numbers of TOPIC, as they came, never fall; returns the last. */
static guint64 last_in_order(const Listener *listener, const char *topic)
{
    guint64 last = 0;
    for (guint i = 0; i < listener_count(listener); i++) {
        const char *line = listener_line(listener, i);
        if (!g_str_has_prefix(line, topic))
            continue;
        const guint64 number = g_ascii_strtoull(line + strlen(topic) + 1, NULL, 10);
        assert_true(number >= last);
        last = number;
    }
    return last;
}

/* What is kept was published before the state of the same number. */
static void assert_state_after_kept(const Listener *listener)
{
    guint64 kept = 0;
    for (guint i = 0; i < listener_count(listener); i++) {
        const char *line = listener_line(listener, i);
        const guint64 number = g_ascii_strtoull(strchr(line, ' ') + 1, NULL, 10);
        if (g_str_has_prefix(line, "order/kept "))
            kept = number;
        else if (g_str_has_prefix(line, "order/state/"))
            assert_true(kept >= number);
    }
}

/* In a hurry, with both ways in use: by themselves, and because nothing may pass for a moment. */
static void the_order_is_the_same_on_both_ways(void **state)
{
    (void)state;
    char topic[32];
    Listener *listener = listener_new(broker_port(broker), "order/#");
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "direct", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    for (unsigned i = 1; i <= 4 * ROUNDS; i++) {
        /* One of the same topic would take the place of the one before. */
        g_snprintf(topic, sizeof topic, "order/state/%u", i);
        if (i % 3 == 0)
            publish(client, MQTT_KEEP, "order/kept", i);
        if (i % 7 == 0)
            gate_close();
        publish(client, MQTT_LIVE, "order/live", i);
        if (i % 3 == 0)
            publish(client, MQTT_LATEST, topic, i);
        if (i % 7 == 0)
            gate_open();
        if (i % 5 == 0)
            g_main_context_iteration(NULL, FALSE);
        if (i % 100 == 0)
            g_usleep(20000); /* so that it gets behind and catches up by turns */
    }
    g_autofree char *live = g_strdup_printf("order/live %d", 4 * ROUNDS);
    g_autofree char *kept = g_strdup_printf("order/kept %d", 4 * ROUNDS);
    assert_true(listener_wait_line(listener, live, 1));
    assert_true(listener_wait_line(listener, kept, 1));
    assert_true(last_in_order(listener, "order/live") == 4 * ROUNDS);
    assert_true(last_in_order(listener, "order/kept") == 4 * ROUNDS);
    assert_state_after_kept(listener);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    listener_free(listener);
}

/* The link goes while the main loop sends: nothing hangs, and it is sent on the next one. */
static void it_goes_on_after_the_link_was_lost(void **state)
{
    (void)state;
    Listener *listener = listener_new(broker_port(broker), "lost/#");
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "direct", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    unsigned number = 0;
    for (unsigned round = 1; round <= 3; round++) {
        assert_true(wait_connected(observer, round));
        for (unsigned i = 0; i < 50; i++)
            publish(client, MQTT_LIVE, "lost/live", ++number);
        relay_set(relay, RELAY_HANG_UP);
        while (mqtt_client_connected(client))
            publish(client, MQTT_LIVE, "lost/live", ++number);
        assert_true(wait_disconnected(observer, round));
        relay_set(relay, RELAY_PASS);
    }
    assert_true(wait_connected(observer, 4));
    publish(client, MQTT_LIVE, "lost/live", ++number);
    g_autofree char *line = g_strdup_printf("lost/live %u", number);
    assert_true(listener_wait_line(listener, line, 1));
    (void)last_in_order(listener, "lost/live");
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
    listener_free(listener);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    main_thread = pthread_self();
    log_capture();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_counts),
        cmocka_unit_test(who_closes_it_waits_for_who_is_passing),
        cmocka_unit_test(a_link_that_is_made_closes_the_gate),
        cmocka_unit_test(what_is_live_does_not_wake_the_thread),
        cmocka_unit_test(what_is_live_goes_on_while_the_gate_is_closed),
        cmocka_unit_test(the_order_is_the_same_on_both_ways),
        cmocka_unit_test(it_goes_on_after_the_link_was_lost),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
