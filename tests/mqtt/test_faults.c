/* SPDX-License-Identifier: MIT
 *
 * Brokers that refuse, speak an older version, stall or flood.
 */
#include "broker.h"
#include "listener.h"
#include "mqtt/reason.h"
#include "observer.h"
#include "relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#define STATUS "zone1d/gateway/test/status"
#define STOP_MS 20000 /* never reached; the sanitizers are slow */

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

static bool broker_logged(const Broker *which, const char *text)
{
    char *path = broker_file(which, "log", NULL), *log = NULL;
    bool found = g_file_get_contents(path, &log, NULL, NULL) && strstr(log, text) != NULL;
    g_free(log);
    g_free(path);
    return found;
}

static void falls_back_to_3_1_1(void **state)
{
    (void)state;
    Relay *relay = relay_new(broker_port(broker), RELAY_REFUSE_V5);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "old-broker", STATUS);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "old/#", 1);
    assert_true(wait_connected(observer, 1));
    mqtt_client_publish(client, MQTT_KEEP, "old/topic", "{}", 1, true, 600);
    assert_true(wait_messages(observer, 1));
    assert_int_equal(log_count("(MQTT 3.1.1)"), 1);
    assert_true(broker_logged(broker, "as old-broker (p2,"));
    mqtt_client_free(client, STOP_MS);
    char *status = broker_subscribe(broker, STATUS, 1, 10, NULL);
    assert_string_equal(status, "offline\n");
    g_free(status);
    observer_free(observer);
    relay_free(relay);
}

/* Once for each reason, not for each attempt, and connected by itself as soon as it can be. */
static void says_each_trouble_once(void **state)
{
    (void)state;
    Relay *relay = relay_new(broker_port(broker), RELAY_GREET);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "troubled", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(log_wait("does not speak MQTT"));
    while (relay_accepted(relay) < 2)
        run_for_ms(50);
    relay_set(relay, RELAY_HANG_UP);
    assert_true(log_wait("hangs up without an answer"));
    assert_int_equal(log_count("does not speak MQTT"), 1);
    relay_set(relay, RELAY_PASS);
    assert_true(wait_connected(observer, 1));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
}

static void refused_until_the_password_is_right(void **state)
{
    (void)state;
    Broker *guarded = broker_new("allow_anonymous false\npassword_file @/users\n");
    char *password = broker_file(guarded, "password", "wrong\n");
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(guarded), "known", STATUS);
    options.username = "gateway";
    options.password_file = password;
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(log_wait("refuses the connection: not authorised"));
    assert_int_equal(observer->connected, 0);
    g_free(broker_file(guarded, "password", "right\n"));
    assert_true(wait_connected(observer, 1));
    assert_int_equal(log_count("not authorised"), 1);
    assert_int_equal(log_count("unencrypted"), 0);
    assert_int_equal(log_count("right"), 0);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    broker_free(guarded);
    g_free(password);
}

static const guint8 codes_v3[] = {1, 2, 3, 4, 5};
/* All that a CONNACK may have but 0x84, which makes the client try 3.1.1. MQTT 5, table 3-1. */
static const guint8 codes_v5[] = {0x80, 0x81, 0x82, 0x83, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C,
                                  0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F};

typedef struct {
    Relay *relay;
    MqttClient *client;
    Observer *observer;
    char *words;
} Refused;

static Refused be_refused(guint8 code, bool mqtt5)
{
    Refused refused = {.relay = relay_new(0, RELAY_REFUSE), .observer = observer_new()};
    MqttOptions options = observer_options(relay_port(refused.relay), "refused", NULL);
    refused.words =
        g_strdup_printf(":%u: it refuses the connection: %s; trying on", options.port, reason_refused(code));
    relay_refuse(refused.relay, code, mqtt5);
    refused.client = mqtt_client_new(&options, &observer_events, refused.observer);
    return refused;
}

static void every_refusal_is_said_in_words(void **state)
{
    (void)state;
    Refused refused[G_N_ELEMENTS(codes_v3) + G_N_ELEMENTS(codes_v5)];
    log_clear();
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        bool old = i < G_N_ELEMENTS(codes_v3);
        refused[i] = be_refused(old ? codes_v3[i] : codes_v5[i - G_N_ELEMENTS(codes_v3)], !old);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        assert_true(log_wait(refused[i].words));
    assert_int_equal(log_count("gives a reason unknown"), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        mqtt_client_free(refused[i].client, STOP_MS);
        observer_free(refused[i].observer);
        relay_free(refused[i].relay);
        g_free(refused[i].words);
    }
}

static void unreadable_password_is_said(void **state)
{
    (void)state;
    char *password = broker_file(broker, "no-such-file", NULL);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "unready", NULL);
    options.username = "gateway";
    options.password_file = password;
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(log_wait("the password cannot be read: "));
    g_free(broker_file(broker, "no-such-file", "any\n"));
    assert_true(wait_connected(observer, 1));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    g_free(password);
}

static void forbidden_topic_is_said_and_the_rest_goes_on(void **state)
{
    (void)state;
    Broker *guarded = broker_new("acl_file @/rights\n");
    Observer *observer = observer_new();
    MqttStats stats;
    MqttOptions options = observer_options(broker_port(guarded), "limited", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    for (int i = 0; i < 3; i++)
        mqtt_client_publish(client, MQTT_KEEP, "forbidden/topic", "x", 1, false, 0);
    mqtt_client_publish(client, MQTT_KEEP, "allowed/topic", "x", 1, false, 0);
    assert_true(wait_acknowledged(client, 1));
    assert_true(log_wait("refuses forbidden/topic: not authorised"));
    mqtt_client_stats(client, &stats);
    assert_int_equal(stats.acknowledged, 1);
    assert_int_equal(stats.dropped, 3);
    assert_int_equal(log_count("refuses forbidden/topic"), 1); /* said once, not for each message */
    assert_int_equal(stats.queued, 0);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    broker_free(guarded);
}

/* Nothing gets through for a while: what piles up is bounded, and afterwards comes in order. */
static void stalled_link_stays_bounded(void **state)
{
    (void)state;
    char text[16];
    MqttStats stats;
    Listener *listener = listener_new(broker_port(broker), "stall/#");
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "stalled", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    relay_set(relay, RELAY_STALL);
    for (unsigned i = 0; i < 2 * MQTT_OUT_MAX_MESSAGES; i++) {
        g_snprintf(text, sizeof text, "%u", i);
        mqtt_client_publish(client, MQTT_KEEP, "stall/event", text, 1, false, 0);
        mqtt_client_publish(client, MQTT_LIVE, "stall/live", text, 0, false, 5);
    }
    mqtt_client_stats(client, &stats);
    assert_true(stats.queued <= MQTT_OUT_MAX_MESSAGES + 32);
    assert_true(stats.dropped > 0);
    assert_int_equal(log_count("more messages wait for the broker than are kept"), 1);
    relay_set(relay, RELAY_PASS);
    g_snprintf(text, sizeof text, "%u", 2 * MQTT_OUT_MAX_MESSAGES - 1);
    char *last_event = g_strconcat("stall/event ", text, NULL), *last_live = g_strconcat("stall/live ", text, NULL);
    assert_true(listener_wait_line(listener, last_event, 1));
    assert_true(listener_wait_line(listener, last_live, 1));
    guint64 before = 0;
    for (guint i = 0; i < listener_count(listener); i++) {
        const char *line = listener_line(listener, i);
        if (!g_str_has_prefix(line, "stall/event "))
            continue;
        guint64 number = g_ascii_strtoull(line + strlen("stall/event "), NULL, 10);
        assert_true(i == 0 || number >= before);
        before = number;
    }
    g_free(last_event);
    g_free(last_live);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
    listener_free(listener);
}

/* As many kept messages as may be on their way are, and none is acknowledged: a live rate does not wait for that. */
static void live_does_not_wait_for_acknowledgements(void **state)
{
    (void)state;
    char text[16];
    Listener *listener = listener_new(broker_port(broker), "unacknowledged/#");
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "unacknowledged", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    relay_set(relay, RELAY_MUTE);
    for (unsigned i = 0; i < 100; i++)
        mqtt_client_publish(client, MQTT_KEEP, "unacknowledged/event", "kept", 1, false, 0);
    for (unsigned i = 0; i < 40; i++) {
        g_snprintf(text, sizeof text, "live %u", i);
        mqtt_client_publish(client, MQTT_LIVE, "unacknowledged/live", text, 0, false, 5);
    }
    assert_true(listener_wait_line(listener, "unacknowledged/live live 39", 1));
    relay_set(relay, RELAY_PASS);
    assert_true(listener_wait_line(listener, "unacknowledged/event kept", 100));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
    listener_free(listener);
}

/* A relay has a port of its own, so its one connection of this process is the client's. */
static unsigned undelayed_to(unsigned port)
{
    unsigned count = 0;
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in peer = {0};
        int on = 0;
        socklen_t len = sizeof peer, on_len = sizeof on;
        if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == port && getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &on_len) == 0)
            count += on != 0;
    }
    return count;
}

/* Else a heart rate behind an event waits until the broker has acknowledged that, in TCP. */
static void small_messages_are_not_kept_back(void **state)
{
    (void)state;
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "at-once", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    assert_int_equal(undelayed_to(relay_port(relay)), 1);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
}

/* The main loop takes nothing for a while: what waits for it is bounded, and the newest is among it. */
static void flood_stays_bounded(void **state)
{
    (void)state;
    MqttStats stats;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "flooded", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "flood/#", 0);
    assert_true(wait_connected(observer, 1));
    broker_publish(broker, "flood/first", "x", true);
    assert_true(wait_messages(observer, 1));
    broker_publish_many(broker, "flood/many", 3 * MQTT_IN_MAX_MESSAGES);
    do {
        g_usleep(10000);
        mqtt_client_stats(client, &stats);
    } while (stats.received < 3 * MQTT_IN_MAX_MESSAGES + 1);
    assert_true(wait_messages(observer, (guint)(stats.received - stats.in_dropped)));
    assert_int_equal(observer->payloads->len, stats.received - stats.in_dropped);
    assert_true(observer->payloads->len <= MQTT_IN_MAX_MESSAGES + 1);
    char *newest = g_strdup_printf("%d", 3 * MQTT_IN_MAX_MESSAGES - 1);
    assert_string_equal(observer_payload(observer, observer->payloads->len - 1), newest);
    g_free(newest);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    log_capture();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(falls_back_to_3_1_1),
        cmocka_unit_test(says_each_trouble_once),
        cmocka_unit_test(refused_until_the_password_is_right),
        cmocka_unit_test(every_refusal_is_said_in_words),
        cmocka_unit_test(unreadable_password_is_said),
        cmocka_unit_test(forbidden_topic_is_said_and_the_rest_goes_on),
        cmocka_unit_test(stalled_link_stays_bounded),
        cmocka_unit_test(small_messages_are_not_kept_back),
        cmocka_unit_test(live_does_not_wait_for_acknowledgements),
        cmocka_unit_test(flood_stays_bounded),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
