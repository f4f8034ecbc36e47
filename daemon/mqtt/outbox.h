/* SPDX-License-Identifier: MIT
 *
 * What waits to be published, and what is on its way: bounded, in order, coalesced by topic. Not
 * thread-safe: the client holds its lock. No I/O.
 */
#ifndef ZONE1D_MQTT_OUTBOX_H
#define ZONE1D_MQTT_OUTBOX_H

#include "mqtt/client.h"

typedef struct {
    MqttKind kind;
    char *topic;
    char *payload;
    gsize len;
    int qos;
    bool retain;
    unsigned expiry_s;
    guint8 *correlation; /* of the request that it answers; NULL: of none */
    gsize correlation_len;
    gint64 since_us;      /* monotonic time at which it was given */
    guint64 spool_number; /* in the spool; 0: not there */
    guint64 order;        /* in which the outbox was given its messages; 0: before all of them */
} OutMessage;

/* TOPIC and PAYLOAD (ended by a NUL) are copied. */
OutMessage *out_message_new(MqttKind kind, const char *topic, const char *payload, int qos, bool retain,
                            unsigned expiry_s);

/* NULL is fine. */
void out_message_free(OutMessage *message);

typedef struct Outbox Outbox;

/* Limits: of waiting KEEP messages, of their bytes, and of topics with a waiting LIVE or LATEST message. */
Outbox *outbox_new(guint max_messages, gsize max_bytes, guint max_latest);

/* With everything in it. NULL is fine. */
void outbox_free(Outbox *outbox);

/* LIVE messages wait apart from the others, which keep their order. */
typedef enum { LANE_LIVE, LANE_ORDER, LANE_COUNT } OutLane;

/* Takes MESSAGE over. LIVE and LATEST replace the waiting one of their topic where that stands; retained KEEP
 * goes to the end and the older one of its topic goes. Over a limit KEEP drops the oldest that is not
 * retained (the oldest of all if there is none), LIVE and LATEST are dropped themselves. Returns how many messages
 * were lost by a limit. */
guint outbox_push(Outbox *outbox, OutMessage *message);

/* Where the one is that has waited longest; whichever when none waits. */
OutLane outbox_first(const Outbox *outbox);

/* The next of LANE to send, still the outbox's, or NULL. */
const OutMessage *outbox_peek(const Outbox *outbox, OutLane lane);

/* The same; it is on its way now. Stays the outbox's until outbox_settle or outbox_link_lost. */
OutMessage *outbox_take(Outbox *outbox, OutLane lane);

/* Forgets the LIVE or LATEST message of TOPIC that waits, as if a newer one had come; false when none does. */
bool outbox_take_back(Outbox *outbox, const char *topic);

/* It arrived, or never will: forget it. */
void outbox_settle(Outbox *outbox, OutMessage *message);

/* The link broke: what was on its way waits again, in its old order and before all else, unless a
 * newer one of its retained topic waits; LIVE and LATEST messages are dropped. Returns how many were dropped. */
guint outbox_link_lost(Outbox *outbox);

/* What an earlier process left, in order, goes before all that waits; MESSAGES (OutMessage*) is empty
 * afterwards. One that is retained is dropped when a newer one of its topic waits, or RETAINED is false.
 * Returns how many were lost by a limit. */
guint outbox_restore(Outbox *outbox, GPtrArray *messages, bool retained);

/* Calls VISIT for every KEEP message in order, first those on their way, until it returns false. It may
 * change the spool_number. */
void outbox_visit_kept(const Outbox *outbox, bool (*visit)(OutMessage *message, void *user), void *user);

/* Moves the spool_numbers of messages that were forgotten since (guint64) to the end of NUMBERS. */
void outbox_take_gone(Outbox *outbox, GArray *numbers);

/* Of all that waits as KEEP: topics, payloads and what keeps them. */
gsize outbox_bytes(const Outbox *outbox);

/* How many messages wait. */
guint outbox_waiting(const Outbox *outbox);

/* How many were taken and are not settled. */
guint outbox_on_the_way(const Outbox *outbox);

/* How many ever gave way to a newer one of their topic. */
guint64 outbox_replaced(const Outbox *outbox);

#endif
