/* SPDX-License-Identifier: MIT
 *
 * What a client's callbacks told, and waiting for it on the default main context.
 */
#ifndef ZONE1D_TESTS_OBSERVER_H
#define ZONE1D_TESTS_OBSERVER_H

#include "mqtt/client.h"
#include "waiting.h"

typedef struct {
    unsigned connected, disconnected;
    GPtrArray *topics, *payloads; /* of each message, in order */
    GArray *retained;             /* gboolean */
    char *response_topic, *correlation; /* of the newest; NULL: none */
} Observer;

extern const MqttEvents observer_events;

Observer *observer_new(void);
void observer_free(Observer *observer);

/* Options for a client of 127.0.0.1:PORT with that client id, and a status topic or NULL. */
MqttOptions observer_options(unsigned port, const char *client_id, const char *status_topic);

/* Each runs the main loop until it is so; false after WAIT_MS. */
bool wait_connected(const Observer *observer, unsigned times);
bool wait_disconnected(const Observer *observer, unsigned times);
bool wait_messages(const Observer *observer, guint count);
bool wait_acknowledged(const MqttClient *client, guint64 count);

/* From now on log messages are kept instead of printed (debug ones are not). Once in a program. */
void log_capture(void);

/* How many of them contain TEXT, and forgetting all. */
guint log_count(const char *text);
void log_clear(void);

/* Runs the main loop until one contains TEXT; false after WAIT_MS. */
bool log_wait(const char *text);

/* How often PAYLOAD came. */
guint observer_count(const Observer *observer, const char *payload);
const char *observer_payload(const Observer *observer, guint index);

#endif
