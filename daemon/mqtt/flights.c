/* SPDX-License-Identifier: MIT */
#include "mqtt/client_private.h"
#include "mqtt/reason.h"

#include <string.h>

static bool send_subscription(MqttClient *client, Link *link);
static bool send_message(MqttClient *client, Link *link);
static Flight *free_flight_locked(MqttClient *client, guint from, guint count);
static void start_flight_locked(MqttClient *client, Flight *flight, OutMessage *message, const char *what);
static void on_outcome(LinkToken *token, LinkOutcome outcome, int code);
static void settle_locked(MqttClient *client, Flight *flight);
static void end_flight(Flight *flight);

void flights_send(MqttClient *client, Link *link)
{
    while (send_subscription(client, link))
        ;
    while (send_message(client, link))
        ;
}

static Subscription *unsent_locked(const MqttClient *client)
{
    for (guint i = 0; i < client->subscriptions->len; i++) {
        Subscription *subscription = client->subscriptions->pdata[i];
        if (subscription->sent_for != client->connection || subscription->gone)
            return subscription;
    }
    return NULL;
}

/* Or what takes one back. True when one was sent and there may be another. */
static bool send_subscription(MqttClient *client, Link *link)
{
    pthread_mutex_lock(&client->lock);
    Subscription *subscription = unsent_locked(client);
    Flight *flight = subscription != NULL ? free_flight_locked(client, 0, FLIGHT_WINDOW) : NULL;
    if (flight == NULL) {
        pthread_mutex_unlock(&client->lock);
        return false;
    }
    subscription->sent_for = client->connection;
    start_flight_locked(client, flight, NULL, subscription->filter);
    char *filter = g_strdup(subscription->filter);
    const int qos = subscription->qos;
    const bool only_new = subscription->only_new, gone = subscription->gone;
    if (gone)
        mqtt_client_drop_subscription_locked(client, subscription);
    pthread_mutex_unlock(&client->lock);
    bool sent = gone ? link_unsubscribe(link, filter, &flight->token)
                     : link_subscribe(link, filter, qos, only_new, &flight->token);
    if (!sent)
        on_outcome(&flight->token, LINK_FAILED, 0);
    g_free(filter);
    return sent;
}

/* Kept messages and those that are over when written have places of their own. */
static Flight *flight_for_locked(MqttClient *client, const OutMessage *message)
{
    if (message == NULL)
        return NULL;
    return message->kind == MQTT_KEEP ? free_flight_locked(client, 0, FLIGHT_WINDOW)
                                      : free_flight_locked(client, FLIGHT_WINDOW, FLIGHT_LATEST);
}

/* In order; but a live rate does not wait until what is kept has been acknowledged, nor does that wait for rates.
 * The message stays valid without the lock: only this thread settles what is on its way. */
static bool send_message(MqttClient *client, Link *link)
{
    pthread_mutex_lock(&client->lock);
    OutLane lane = outbox_first(client->outbox);
    Flight *flight = flight_for_locked(client, outbox_peek(client->outbox, lane));
    if (flight == NULL) {
        lane = LANE_COUNT - 1 - lane;
        flight = flight_for_locked(client, outbox_peek(client->outbox, lane));
    }
    if (flight == NULL) {
        client->overflow_said &= outbox_waiting(client->outbox) > 0;
        pthread_mutex_unlock(&client->lock);
        return false;
    }
    OutMessage *message = outbox_take(client->outbox, lane);
    start_flight_locked(client, flight, message, message->topic);
    client->stats.published++;
    client->handing_over = true;
    pthread_mutex_unlock(&client->lock);
    bool sent = link_publish(link, message, &flight->token);
    pthread_mutex_lock(&client->lock);
    client->handing_over = false;
    pthread_mutex_unlock(&client->lock);
    if (!sent)
        on_outcome(&flight->token, LINK_FAILED, 0);
    return sent;
}

bool flights_send_status(MqttClient *client, Link *link, guint which)
{
    static char online[] = "online", offline[] = "offline";
    char *word = which == FLIGHT_ONLINE ? online : offline;
    Flight *flight = &client->flights[which];
    OutMessage status = {.kind = MQTT_KEEP, .topic = (char *)(guintptr)client->options->status_topic,
                         .payload = word, .len = strlen(word), .qos = 1, .retain = true};
    pthread_mutex_lock(&client->lock);
    start_flight_locked(client, flight, NULL, client->options->status_topic);
    pthread_mutex_unlock(&client->lock);
    bool sent = link_publish(link, &status, &flight->token);
    if (!sent)
        on_outcome(&flight->token, LINK_FAILED, 0);
    return sent;
}

static Flight *free_flight_locked(MqttClient *client, guint from, guint count)
{
    for (guint i = from; i < from + count; i++)
        if (!client->flights[i].used)
            return &client->flights[i];
    return NULL;
}

static void start_flight_locked(MqttClient *client, Flight *flight, OutMessage *message, const char *what)
{
    end_flight(flight);
    flight->token.outcome = on_outcome;
    flight->client = client;
    flight->message = message;
    flight->what = g_strdup(what);
    flight->sent_us = g_get_monotonic_time();
    flight->used = true;
}

/* A message that was to be written and no more is given back when the thread looks next; for that alone, nobody is
 * woken. */
static bool is_awaited_locked(const MqttClient *client, const Flight *flight)
{
    const bool plain = flight->message != NULL && flight->message->kind != MQTT_KEEP;
    return flight->outcome != LINK_DONE || !plain || client->stopping || outbox_waiting(client->outbox) > 0;
}

/* On Paho's threads, under Paho's mutex. */
static void on_outcome(LinkToken *token, LinkOutcome outcome, int code)
{
    Flight *flight = (Flight *)(void *)token;
    MqttClient *client = flight->client;
    pthread_mutex_lock(&client->lock);
    if (flight->used && !flight->settled) {
        flight->settled = true;
        flight->outcome = outcome;
        flight->code = code;
        if (is_awaited_locked(client, flight))
            mqtt_client_wake_locked(client);
    }
    pthread_mutex_unlock(&client->lock);
}

bool flights_collect(MqttClient *client, gint64 now_us)
{
    pthread_mutex_lock(&client->lock);
    bool in_time = !direct_is_overdue_locked(client, now_us);
    for (guint i = 0; i < FLIGHT_COUNT; i++) {
        Flight *flight = &client->flights[i];
        if (flight->used && flight->settled && flight->outcome != LINK_FAILED)
            settle_locked(client, flight);
        else if (flight->used && now_us - flight->sent_us > FLIGHT_LIMIT_US)
            in_time = false;
    }
    pthread_mutex_unlock(&client->lock);
    return in_time;
}

/* Once for a topic: what is refused now is refused a minute later, too. */
static void log_refusal_locked(MqttClient *client, const Flight *flight)
{
    bool said = g_hash_table_contains(client->refused_said, flight->what) ||
                g_hash_table_size(client->refused_said) >= REFUSED_MAX;
    if (!said)
        g_hash_table_add(client->refused_said, g_strdup(flight->what));
    g_log_structured(G_LOG_DOMAIN, said ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_WARNING, "MESSAGE",
                     "MQTT: the broker refuses %s: %s", flight->what, reason_words(flight->code));
}

/* What failed without a reason stays in its place: the link is lost, and it waits for the next one. */
static void settle_locked(MqttClient *client, Flight *flight)
{
    if (flight->outcome == LINK_DONE)
        client->stats.acknowledged += flight->message != NULL;
    else {
        client->stats.dropped += flight->message != NULL;
        log_refusal_locked(client, flight);
    }
    if (flight->message != NULL)
        outbox_settle(client->outbox, flight->message);
    end_flight(flight);
}

static void end_flight(Flight *flight)
{
    g_free(flight->what);
    flight->what = NULL;
    flight->message = NULL;
    flight->used = flight->settled = false;
}

void flights_clear(MqttClient *client)
{
    pthread_mutex_lock(&client->lock);
    for (guint i = 0; i < FLIGHT_COUNT; i++) {
        Flight *flight = &client->flights[i];
        if (flight->used && flight->settled && flight->outcome != LINK_FAILED)
            settle_locked(client, flight);
        end_flight(flight);
    }
    client->stats.dropped += outbox_link_lost(client->outbox);
    pthread_mutex_unlock(&client->lock);
}

guint flights_count_locked(const MqttClient *client)
{
    guint count = client->direct.flying;
    for (guint i = 0; i < FLIGHT_COUNT; i++)
        count += client->flights[i].used;
    return count;
}
