/* SPDX-License-Identifier: MIT */
#include "observer.h"

#include <string.h>

static void on_connected(void *user)
{
    Observer *observer = user;
    observer->connected++;
}

static void on_disconnected(void *user)
{
    Observer *observer = user;
    observer->disconnected++;
}

static void on_message(void *user, const MqttIncoming *message)
{
    Observer *observer = user;
    gboolean stored = message->retained;
    g_ptr_array_add(observer->topics, g_strdup(message->topic));
    g_ptr_array_add(observer->payloads, g_strndup(message->payload, message->len));
    g_free(observer->response_topic);
    g_free(observer->correlation);
    observer->response_topic = g_strdup(message->response_topic);
    observer->correlation = g_strndup((const char *)message->correlation, message->correlation_len);
    g_array_append_val(observer->retained, stored);
}

const MqttEvents observer_events = {
    .connected = on_connected,
    .disconnected = on_disconnected,
    .message = on_message,
};

Observer *observer_new(void)
{
    Observer *observer = g_new0(Observer, 1);
    observer->topics = g_ptr_array_new_with_free_func(g_free);
    observer->payloads = g_ptr_array_new_with_free_func(g_free);
    observer->retained = g_array_new(FALSE, FALSE, sizeof(gboolean));
    return observer;
}

void observer_free(Observer *observer)
{
    g_ptr_array_unref(observer->topics);
    g_ptr_array_unref(observer->payloads);
    g_array_unref(observer->retained);
    g_free(observer->response_topic);
    g_free(observer->correlation);
    g_free(observer);
}

MqttOptions observer_options(unsigned port, const char *client_id, const char *status_topic)
{
    MqttOptions options = {.host = "127.0.0.1", .port = port, .client_id = client_id, .status_topic = status_topic};
    return options;
}

static bool is_connected(gconstpointer subject, guint64 value)
{
    return ((const Observer *)subject)->connected >= value;
}

static bool is_disconnected(gconstpointer subject, guint64 value)
{
    return ((const Observer *)subject)->disconnected >= value;
}

static bool has_messages(gconstpointer subject, guint64 value)
{
    return ((const Observer *)subject)->payloads->len >= value;
}

static bool is_acknowledged(gconstpointer subject, guint64 value)
{
    MqttStats stats;
    mqtt_client_stats(subject, &stats);
    return stats.acknowledged >= value;
}

bool wait_connected(const Observer *observer, unsigned times)
{
    return wait_until(is_connected, observer, times);
}

bool wait_disconnected(const Observer *observer, unsigned times)
{
    return wait_until(is_disconnected, observer, times);
}

bool wait_messages(const Observer *observer, guint count)
{
    return wait_until(has_messages, observer, count);
}

bool wait_acknowledged(const MqttClient *client, guint64 count)
{
    return wait_until(is_acknowledged, client, count);
}

guint observer_count(const Observer *observer, const char *payload)
{
    guint count = 0;
    for (guint i = 0; i < observer->payloads->len; i++)
        count += strcmp(observer->payloads->pdata[i], payload) == 0;
    return count;
}

const char *observer_payload(const Observer *observer, guint index)
{
    return index < observer->payloads->len ? observer->payloads->pdata[index] : "";
}
