/* SPDX-License-Identifier: MIT
 *
 * mosquitto_sub in the background: what somebody else receives, read on the default main context.
 * (Not a client of our own: Paho shares its threads and its poll between the clients of a process,
 * and a test of one would be a test of two.)
 */
#ifndef ZONE1D_TESTS_LISTENER_H
#define ZONE1D_TESTS_LISTENER_H

#include <glib.h>
#include <stdbool.h>

typedef struct Listener Listener;

/* Subscribed to FILTER with QoS 1 when it returns. */
Listener *listener_new(unsigned port, const char *filter);

guint listener_count(const Listener *listener);

/* "TOPIC PAYLOAD" of message INDEX, prefixed with "R " when it was retained; "" beyond the last. */
const char *listener_line(const Listener *listener, guint index);

/* How many lines are equal to LINE. */
guint listener_times(const Listener *listener, const char *line);

/* Runs the main loop until COUNT messages have come, or LINE has TIMES times; false after 60 s. */
bool listener_wait(const Listener *listener, guint count);
bool listener_wait_line(const Listener *listener, const char *line, guint times);

/* Ends it. NULL is fine. */
void listener_free(Listener *listener);

#endif
