/* SPDX-License-Identifier: MIT
 *
 * Messages received and not yet delivered to the main loop: bounded. While there is room everything
 * is kept in order; beyond it a message replaces the waiting one of its topic, or is dropped. Not
 * thread-safe: the client holds its lock.
 */
#ifndef ZONE1D_MQTT_INBOX_H
#define ZONE1D_MQTT_INBOX_H

#include "mqtt/client.h"

typedef struct {
    char *topic, *payload, *response_topic;
    guint8 *correlation;
    gsize len, correlation_len;
    bool retained;
} InMessage;

/* NULL is fine. */
void in_message_free(InMessage *message);

/* As the user is given it; valid as long as MESSAGE. */
MqttIncoming in_message_view(const InMessage *message);

typedef struct Inbox Inbox;

/* MAX_BYTES counts topics and payloads; a payload over MAX_PAYLOAD bytes is not taken at all. */
Inbox *inbox_new(guint max_messages, gsize max_bytes, gsize max_payload);

/* With what waits in it. NULL is fine. */
void inbox_free(Inbox *inbox);

/* Copies. Returns how many messages were lost by it, 0 to 2. */
guint inbox_push(Inbox *inbox, const MqttIncoming *message);

/* The oldest, now the caller's, or NULL. */
InMessage *inbox_pop(Inbox *inbox);

/* How many messages wait. */
guint inbox_waiting(const Inbox *inbox);

#endif
