/* SPDX-License-Identifier: MIT */
#include "mqtt/client.h"

#include "mqtt/call.h"
#include "mqtt/client_private.h"
#include "mqtt/topics.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define STUCK_US (90 * G_USEC_PER_SEC)
#define DELIVER_AT_ONCE 64 /* messages in one turn of the main loop */
#define ANSWER_EXPIRY_S 60

static void free_subscription(gpointer data);
static void init_locks(MqttClient *client);
static bool on_call(void *user);
static void tell_connection(MqttClient *client);
static bool deliver_messages(MqttClient *client);

MqttClient *mqtt_client_new(const MqttOptions *options, const MqttEvents *events, void *user)
{
    MqttClient *client = g_new0(MqttClient, 1);
    client->references = 2;
    client->options = mqtt_options_copy(options);
    client->place = mqtt_options_place(options);
    if (events != NULL)
        client->events = *events;
    client->user = user;
    init_locks(client);
    client->outbox = outbox_new(MQTT_OUT_MAX_MESSAGES, MQTT_OUT_MAX_BYTES, MQTT_OUT_MAX_LATEST);
    client->inbox = inbox_new(MQTT_IN_MAX_MESSAGES, MQTT_IN_MAX_BYTES, MQTT_IN_MAX_PAYLOAD);
    client->subscriptions = g_ptr_array_new_with_free_func(free_subscription);
    client->refused_said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    client->beat_us = g_get_monotonic_time();
    if (options->spool_path != NULL)
        client->spool = spool_new(options->spool_path);
    client->spool_gone = g_array_new(FALSE, FALSE, sizeof(guint64));
    client->bridge = call_new("mqtt", on_call, client);
    client->thread = g_thread_new("mqtt", publisher_run, client);
    return client;
}

static void init_locks(MqttClient *client)
{
    pthread_mutex_init(&client->lock, NULL);
    mqtt_condition_init(&client->wake);
    mqtt_condition_init(&client->ended);
    mqtt_condition_init(&client->out_of_hand);
}

void mqtt_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* Whether the user has been told of the connection there is: what he says of it then comes before what is live. */
static bool is_told_locked(const MqttClient *client)
{
    return client->up && client->told_up && client->told_connection == client->connection;
}

static bool fits(const OutMessage *message)
{
    return topic_is_sound(message->topic) && message->len <= MQTT_OUT_MAX_PAYLOAD;
}

/* Takes MESSAGE over. */
static void push(MqttClient *client, OutMessage *message)
{
    guint lost = 1;
    bool warn = false, wake = false;
    const bool fine = fits(message);
    if (!fine)
        g_warning("MQTT: a message is too large or its topic is not valid, and is not sent: %.80s", message->topic);
    message->since_us = g_get_monotonic_time();
    pthread_mutex_lock(&client->lock);
    if (fine && (message->kind == MQTT_KEEP || is_told_locked(client))) {
        lost = outbox_push(client->outbox, g_steal_pointer(&message));
        warn = lost > 0 && !client->overflow_said;
        client->overflow_said |= warn;
        client->woken = wake = true;
    }
    client->stats.dropped += lost;
    pthread_mutex_unlock(&client->lock);
    if (wake) /* not under the lock, which the thread would only run into */
        pthread_cond_signal(&client->wake);
    out_message_free(message);
    if (warn)
        g_warning("MQTT: more messages wait for the broker than are kept (%d): the oldest are dropped",
                  MQTT_OUT_MAX_MESSAGES);
}

static bool send_at_once(MqttClient *client, const OutMessage *message)
{
    if (message->kind == MQTT_KEEP || !fits(message))
        return false;
    pthread_mutex_lock(&client->lock);
    const bool sent = is_told_locked(client) && direct_send_locked(client, message);
    pthread_mutex_unlock(&client->lock);
    return sent;
}

void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload,
                         int qos, bool retain, unsigned expiry_s)
{
    const OutMessage view = {.kind = kind, .topic = (char *)(guintptr)topic, .payload = (char *)(guintptr)payload,
                             .len = strlen(payload), .qos = qos > 0 ? 1 : 0, .retain = retain, .expiry_s = expiry_s};
    if (!send_at_once(client, &view))
        push(client, out_message_new(kind, topic, payload, view.qos, retain, expiry_s));
}

bool mqtt_client_take_back(MqttClient *client, const char *topic)
{
    pthread_mutex_lock(&client->lock);
    const bool taken = outbox_take_back(client->outbox, topic);
    pthread_mutex_unlock(&client->lock);
    return taken;
}

void mqtt_client_answer(MqttClient *client, const MqttIncoming *request, const char *topic, const char *payload)
{
    OutMessage *answer = out_message_new(MQTT_KEEP, topic, payload, 1, false, ANSWER_EXPIRY_S);
    answer->correlation = g_memdup2(request->correlation, request->correlation_len);
    answer->correlation_len = request->correlation_len;
    push(client, answer);
}

static void free_subscription(gpointer data)
{
    Subscription *subscription = data;
    g_free(subscription->filter);
    g_free(subscription);
}

void mqtt_client_drop_subscription_locked(MqttClient *client, Subscription *subscription)
{
    g_ptr_array_remove(client->subscriptions, subscription);
}

static Subscription *find_subscription(const MqttClient *client, const char *filter)
{
    for (guint i = 0; i < client->subscriptions->len; i++) {
        Subscription *subscription = client->subscriptions->pdata[i];
        if (strcmp(subscription->filter, filter) == 0)
            return subscription;
    }
    return NULL;
}

static void subscribe(MqttClient *client, const char *filter, int qos, bool only_new)
{
    pthread_mutex_lock(&client->lock);
    Subscription *subscription = find_subscription(client, filter);
    if (subscription == NULL) {
        subscription = g_new0(Subscription, 1);
        subscription->filter = g_strdup(filter);
        g_ptr_array_add(client->subscriptions, subscription);
    }
    subscription->qos = CLAMP(qos, 0, 2);
    subscription->only_new = only_new;
    subscription->sent_for = 0;
    subscription->gone = false;
    mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

void mqtt_client_subscribe(MqttClient *client, const char *filter, int qos)
{
    subscribe(client, filter, qos, false);
}

void mqtt_client_subscribe_new(MqttClient *client, const char *filter, int qos)
{
    subscribe(client, filter, qos, true);
}

void mqtt_client_unsubscribe(MqttClient *client, const char *filter)
{
    pthread_mutex_lock(&client->lock);
    Subscription *subscription = find_subscription(client, filter);
    if (subscription != NULL && client->up) {
        subscription->gone = true;
        mqtt_client_wake_locked(client);
    } else if (subscription != NULL) {
        mqtt_client_drop_subscription_locked(client, subscription);
    }
    pthread_mutex_unlock(&client->lock);
}

/* Locking changes nothing that a caller can see. */
static pthread_mutex_t *lock_of(const MqttClient *client)
{
    return &((MqttClient *)(guintptr)client)->lock;
}

bool mqtt_client_connected(const MqttClient *client)
{
    pthread_mutex_lock(lock_of(client));
    bool up = client->up;
    pthread_mutex_unlock(lock_of(client));
    return up;
}

bool mqtt_client_healthy(const MqttClient *client)
{
    pthread_mutex_lock(lock_of(client));
    bool healthy = g_get_monotonic_time() - client->beat_us < STUCK_US;
    pthread_mutex_unlock(lock_of(client));
    return healthy;
}

void mqtt_client_stats(const MqttClient *client, MqttStats *ret)
{
    pthread_mutex_lock(lock_of(client));
    *ret = client->stats;
    ret->replaced = outbox_replaced(client->outbox);
    ret->held_bytes = outbox_bytes(client->outbox);
    ret->queued = outbox_waiting(client->outbox) + outbox_on_the_way(client->outbox) + client->direct.flying;
    pthread_mutex_unlock(lock_of(client));
}

void mqtt_client_free(MqttClient *client, unsigned timeout_ms)
{
    if (client == NULL)
        return;
    GSource *bridge = client->bridge;
    g_source_destroy(bridge);
    pthread_mutex_lock(&client->lock);
    client->bridge = NULL;
    client->stopping = true;
    gint64 timeout_us = (gint64)timeout_ms * 1000, deadline_us = g_get_monotonic_time() + timeout_us;
    client->stop_deadline_us = deadline_us - timeout_us / 10; /* the thread shall be through a little earlier */
    mqtt_client_wake_locked(client);
    while (!client->finished && mqtt_client_wait_until(&client->ended, &client->lock, deadline_us))
        ;
    bool finished = client->finished;
    client->abandoned = !finished;
    pthread_mutex_unlock(&client->lock);
    if (!finished && !client->options->quiet)
        g_message("MQTT: the connection to the broker cannot be closed in time and is left as it is");
    g_source_unref(bridge);
    g_thread_unref(client->thread);
    mqtt_client_unref(client);
}

void mqtt_client_unref(MqttClient *client)
{
    if (!g_atomic_int_dec_and_test(&client->references))
        return;
    for (guint i = 0; i < FLIGHT_COUNT; i++)
        g_free(client->flights[i].what);
    g_ptr_array_unref(client->subscriptions);
    g_hash_table_unref(client->refused_said);
    outbox_free(client->outbox);
    inbox_free(client->inbox);
    pthread_cond_destroy(&client->wake);
    pthread_cond_destroy(&client->ended);
    pthread_cond_destroy(&client->out_of_hand);
    pthread_mutex_destroy(&client->lock);
    mqtt_options_free(client->options);
    g_free(client->place);
    spool_free(client->spool);
    g_array_unref(client->spool_gone);
    g_free(client);
}

bool mqtt_client_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, gint64 deadline_us)
{
    struct timespec deadline = {.tv_sec = (time_t)(deadline_us / G_USEC_PER_SEC),
                                .tv_nsec = (long)(deadline_us % G_USEC_PER_SEC * 1000)};
    return pthread_cond_timedwait(condition, lock, &deadline) != ETIMEDOUT;
}

void mqtt_client_wake_locked(MqttClient *client)
{
    client->woken = true;
    pthread_cond_signal(&client->wake);
}

void mqtt_client_notify_locked(MqttClient *client)
{
    if (client->bridge != NULL)
        call_make(client->bridge);
}

static bool on_call(void *user)
{
    tell_connection(user);
    return deliver_messages(user);
}

/* A link that was lost and came back between two turns of the main loop is told as both. */
static void tell_connection(MqttClient *client)
{
    pthread_mutex_lock(&client->lock);
    bool up = client->up;
    guint64 connection = client->connection;
    pthread_mutex_unlock(&client->lock);
    if (client->told_up && (!up || connection != client->told_connection)) {
        client->told_up = false;
        if (client->events.disconnected != NULL)
            client->events.disconnected(client->user);
    }
    if (up && !client->told_up) {
        client->told_up = true;
        client->told_connection = connection;
        if (client->events.connected != NULL)
            client->events.connected(client->user);
    }
}

/* True when there is more. */
static bool deliver_messages(MqttClient *client)
{
    for (guint i = 0; i < DELIVER_AT_ONCE; i++) {
        pthread_mutex_lock(&client->lock);
        InMessage *message = inbox_pop(client->inbox);
        pthread_mutex_unlock(&client->lock);
        if (message == NULL)
            return false;
        const MqttIncoming view = in_message_view(message);
        if (client->events.message != NULL)
            client->events.message(client->user, &view);
        in_message_free(message);
    }
    return true;
}
