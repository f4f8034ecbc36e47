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

    mqtt_client_publish(client, MQTT_LATEST, "zone1d/athlete/anna/live", "{\"hr\":128}", 0, false, 5);
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
        cmocka_unit_test(live_carries_its_expiry),
        cmocka_unit_test(refuses_what_cannot_be_sent),
        cmocka_unit_test(oversize_is_not_taken),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
