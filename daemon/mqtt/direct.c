/* SPDX-License-Identifier: MIT */
#include "mqtt/client_private.h"

#define FLYING_MAX 8 /* more would pile up behind a stalled link; the next ones wait, and only the newest of a topic */

/* On Paho's threads, under Paho's mutex. */
static void on_outcome(LinkToken *token, LinkOutcome outcome, int code)
{
    Direct *direct = (Direct *)(void *)token;
    MqttClient *client = direct->client;
    (void)code;
    pthread_mutex_lock(&client->lock);
    direct->flying--;
    direct->heard_us = g_get_monotonic_time();
    if (outcome == LINK_DONE)
        client->stats.acknowledged++;
    else
        client->stats.dropped++;
    if (client->stopping)
        mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

void direct_open_locked(MqttClient *client, Link *link)
{
    client->direct.token.outcome = on_outcome;
    client->direct.client = client;
    client->direct.link = link;
}

/* Live messages stand behind their like alone, the latest behind all that is in order. */
static bool would_overtake_locked(const MqttClient *client, const OutMessage *message)
{
    const OutLane lane = message->kind == MQTT_LIVE ? LANE_LIVE : LANE_ORDER;
    return client->handing_over || outbox_peek(client->outbox, lane) != NULL;
}

bool direct_send_locked(MqttClient *client, const OutMessage *message)
{
    Direct *direct = &client->direct;
    Link *link = direct->link;
    if (link == NULL || client->stopping || direct->flying >= FLYING_MAX ||
        would_overtake_locked(client, message))
        return false;
    direct->in_hand = true;
    if (direct->flying++ == 0)
        direct->heard_us = g_get_monotonic_time();
    pthread_mutex_unlock(&client->lock);
    const bool sent = link_publish_at_once(link, message, &direct->token);
    pthread_mutex_lock(&client->lock);
    direct->in_hand = false;
    if (sent)
        client->stats.published++;
    else
        direct->flying--;
    pthread_cond_signal(&client->out_of_hand);
    return sent;
}

bool direct_is_overdue_locked(const MqttClient *client, gint64 now_us)
{
    return client->direct.flying > 0 && now_us - client->direct.heard_us > FLIGHT_LIMIT_US;
}

void direct_close(MqttClient *client)
{
    pthread_mutex_lock(&client->lock);
    client->direct.link = NULL;
    while (client->direct.in_hand)
        pthread_cond_wait(&client->out_of_hand, &client->lock);
    pthread_mutex_unlock(&client->lock);
}

void direct_clear(MqttClient *client)
{
    pthread_mutex_lock(&client->lock);
    client->stats.dropped += client->direct.flying;
    client->direct.flying = 0;
    pthread_mutex_unlock(&client->lock);
}
