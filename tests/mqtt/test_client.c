/* SPDX-License-Identifier: MIT
 *
 * The client against a real broker: what is published arrives, and the status tells the truth.
 */
#include "broker.h"
#include "listener.h"
#include "observer.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
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

static void assert_status(const char *expected)
{
    char *status = broker_subscribe(broker, STATUS, 1, 10, NULL);
    assert_string_equal(status, expected);
    g_free(status);
}

static void publishes(void **state)
{
    (void)state;
    Listener *listener = listener_new(broker_port(broker), "zone1d/#");
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    assert_true(mqtt_client_connected(client));
    assert_true(mqtt_client_healthy(client));

    mqtt_client_publish(client, MQTT_LIVE, "zone1d/athlete/anna/live", "{\"hr\":128}", 0, false, 5);
    mqtt_client_publish(client, MQTT_KEEP, "zone1d/athlete/anna/session", "{}", 1, true, 0);
    assert_true(listener_wait(listener, 3));
    assert_string_equal(listener_line(listener, 0), STATUS " online");
    assert_string_equal(listener_line(listener, 1), "zone1d/athlete/anna/live {\"hr\":128}");
    assert_string_equal(listener_line(listener, 2), "zone1d/athlete/anna/session {}");
    assert_true(wait_acknowledged(client, 2));
    assert_status("online\n");

    mqtt_client_free(client, STOP_MS);
    assert_status("offline\n");
    assert_true(listener_wait(listener, 4));
    assert_string_equal(listener_line(listener, 3), STATUS " offline");
    assert_int_equal(observer->disconnected, 0);
    observer_free(observer);
    listener_free(listener);
}

static void subscribes_and_tells_what_was_stored(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "viewer", NULL);
    broker_publish(broker, "zone1d/athlete/anna/session", "{}", true);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "zone1d/athlete/+/session", 1);
    assert_true(wait_messages(observer, 1));
    broker_publish(broker, "zone1d/athlete/ben/session", "{\"a\":1}", false);
    assert_true(wait_messages(observer, 2));
    assert_string_equal(observer->topics->pdata[0], "zone1d/athlete/anna/session");
    assert_true(g_array_index(observer->retained, gboolean, 0));
    assert_string_equal(observer->topics->pdata[1], "zone1d/athlete/ben/session");
    assert_string_equal(observer_payload(observer, 1), "{\"a\":1}");
    assert_false(g_array_index(observer->retained, gboolean, 1));
    mqtt_client_subscribe(client, "zone1d/late", 0);
    broker_publish(broker, "zone1d/athlete/anna/session", "", true);
    assert_true(wait_messages(observer, 3));
    assert_string_equal(observer_payload(observer, 2), "");
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

static void live_carries_its_expiry(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    const char *const arguments[] = {"-V", "mqttv5", "-F", "%j", NULL};
    assert_true(wait_connected(observer, 1));
    /* Retained here so that it waits for the subscriber. */
    mqtt_client_publish(client, MQTT_LATEST, "zone1d/expiring", "{}", 0, true, 600);
    assert_true(wait_acknowledged(client, 1));
    char *json = broker_subscribe(broker, "zone1d/expiring", 1, 10, arguments);
    assert_non_null(strstr(json, "\"message-expiry-interval\":"));
    g_free(json);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

static void what_is_taken_back_is_not_told_any_more(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "viewer", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_unsubscribe(client, "back/never");
    mqtt_client_subscribe(client, "back/before", 1);
    mqtt_client_unsubscribe(client, "back/before");
    mqtt_client_subscribe(client, "back/a", 1);
    mqtt_client_subscribe(client, "back/b", 1);
    broker_publish(broker, "back/a", "1", true);
    assert_true(wait_messages(observer, 1));
    mqtt_client_unsubscribe(client, "back/a");
    mqtt_client_subscribe(client, "back/asked", 1); /* is asked for after that */
    broker_publish(broker, "back/asked", "2", true);
    assert_true(wait_messages(observer, 2));
    broker_publish(broker, "back/before", "x", true);
    broker_publish(broker, "back/a", "x", true);
    broker_publish(broker, "back/b", "3", false);
    assert_true(wait_messages(observer, 3));
    assert_string_equal(observer_payload(observer, 2), "3");
    mqtt_client_subscribe(client, "back/a", 1); /* and again, with what is stored */
    assert_true(wait_messages(observer, 4));
    assert_string_equal(observer_payload(observer, 3), "x");
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

static void what_is_stored_is_not_asked_for_where_only_news_count(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", NULL);
    broker_publish(broker, "zone1d/athlete/anna/set/session", "start", true);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe_new(client, "zone1d/athlete/+/set/#", 1);
    mqtt_client_subscribe(client, "zone1d/subscribed", 1);
    broker_publish(broker, "zone1d/subscribed", "x", true);
    assert_true(wait_messages(observer, 1));
    assert_string_equal(observer->topics->pdata[0], "zone1d/subscribed");
    broker_publish(broker, "zone1d/athlete/anna/set/session", "stop", false);
    assert_true(wait_messages(observer, 2));
    assert_string_equal(observer_payload(observer, 1), "stop");
    broker_publish(broker, "zone1d/athlete/anna/set/session", "", true);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

/* mosquitto_rr asks as MQTT 5 means it: with a response topic and correlation data. */
static void answers_where_it_was_asked_to(void **state)
{
    (void)state;
    g_autofree char *port = g_strdup_printf("%u", broker_port(broker));
    const char *argv[] = {"mosquitto_rr", "-V", "5", "-h", "127.0.0.1", "-p", port, "-t", "zone1d/ask", "-e",
                          "answers/here", "-D", "publish", "correlation-data", "0815", "-F", "%D %p", "-m", "{}",
                          "-W", "60", NULL};
    gint out = -1;
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe_new(client, "zone1d/ask", 1);
    assert_true(wait_connected(observer, 1));
    assert_true(g_spawn_async_with_pipes(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                                         NULL, &out, NULL, NULL));
    assert_true(wait_messages(observer, 1));
    assert_string_equal(observer->response_topic, "answers/here");
    assert_string_equal(observer->correlation, "0815");
    const MqttIncoming request = {.correlation = (const guint8 *)"0815", .correlation_len = 4};
    mqtt_client_answer(client, &request, observer->response_topic, "{\"status\":\"ok\"}");
    g_autoptr(GIOChannel) channel = g_io_channel_unix_new(out);
    g_autofree char *text = NULL;
    g_io_channel_set_close_on_unref(channel, TRUE);
    assert_int_equal(g_io_channel_read_to_end(channel, &text, NULL, NULL), G_IO_STATUS_NORMAL);
    assert_string_equal(text, "0815 {\"status\":\"ok\"}\n");
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
}

static void reaches_an_ipv6_address(void **state)
{
    (void)state;
    unsigned port = broker_free_port();
    char *extra = g_strdup_printf("listener %u ::1\n", port);
    Broker *both = broker_new(extra);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(port, "six", STATUS);
    options.host = "::1";
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    broker_free(both);
    g_free(extra);
}

/* Paho from 1.3.15 on may know Unix sockets: then it is reached there, else the start is refused. */
static void reaches_a_unix_socket_or_says_why_not(void **state)
{
    (void)state;
    Broker *both = broker_new("listener 0 @/socket\n");
    char *socket = broker_file(both, "socket", NULL);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(0, "unix", STATUS);
    options.host = socket;
    const char *fault = mqtt_options_fault(&options);
    if (fault == NULL) {
        MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
        assert_true(wait_connected(observer, 1));
        mqtt_client_free(client, STOP_MS);
    } else {
        assert_non_null(strstr(fault, "cannot connect to a Unix socket"));
    }
    g_print("# Unix sockets: %s\n", fault == NULL ? "Paho has them" : fault);
    options.tls.on = true;
    assert_string_equal(mqtt_options_fault(&options), "TLS does not go with a Unix socket");
    options.host = "::1";
    assert_non_null(strstr(mqtt_options_fault(&options), "for an IPv6 address"));
    options.tls.any_name = true;
    assert_null(mqtt_options_fault(&options));
    observer_free(observer);
    broker_free(both);
    g_free(socket);
}

static void refuses_what_cannot_be_sent(void **state)
{
    (void)state;
    char *large = g_strnfill(MQTT_OUT_MAX_PAYLOAD + 1, 'x');
    Observer *observer = observer_new();
    MqttStats stats;
    MqttOptions options = observer_options(broker_port(broker), "gateway-test", STATUS);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    mqtt_client_publish(client, MQTT_KEEP, "zone1d/#", "x", 1, false, 0);
    mqtt_client_publish(client, MQTT_KEEP, "", "x", 1, false, 0);
    mqtt_client_publish(client, MQTT_KEEP, "zone1d/\xff", "x", 1, false, 0);
    mqtt_client_publish(client, MQTT_KEEP, "zone1d/large", large, 1, false, 0);
    mqtt_client_stats(client, &stats);
    assert_int_equal(stats.dropped, 4);
    assert_int_equal(stats.queued, 0);
    mqtt_client_free(client, STOP_MS);
    mqtt_client_free(NULL, STOP_MS);
    observer_free(observer);
    g_free(large);
}

static void oversize_is_not_taken(void **state)
{
    (void)state;
    char *large = g_strnfill(MQTT_IN_MAX_PAYLOAD + 1, 'x');
    Observer *observer = observer_new();
    MqttStats stats;
    MqttOptions options = observer_options(broker_port(broker), "viewer", NULL);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "in/#", 1);
    assert_true(wait_connected(observer, 1));
    broker_publish(broker, "in/large", large, true);
    broker_publish(broker, "in/small", "x", true);
    assert_true(wait_messages(observer, 1));
    assert_string_equal(observer->topics->pdata[0], "in/small");
    mqtt_client_stats(client, &stats);
    assert_int_equal(stats.received, 2);
    assert_int_equal(stats.in_dropped, 1);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    g_free(large);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishes),
        cmocka_unit_test(subscribes_and_tells_what_was_stored),
        cmocka_unit_test(what_is_taken_back_is_not_told_any_more),
        cmocka_unit_test(live_carries_its_expiry),
        cmocka_unit_test(what_is_stored_is_not_asked_for_where_only_news_count),
        cmocka_unit_test(answers_where_it_was_asked_to),
        cmocka_unit_test(reaches_an_ipv6_address),
        cmocka_unit_test(reaches_a_unix_socket_or_says_why_not),
        cmocka_unit_test(refuses_what_cannot_be_sent),
        cmocka_unit_test(oversize_is_not_taken),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
