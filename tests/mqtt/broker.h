/* SPDX-License-Identifier: MIT
 *
 * A real mosquitto for tests: on a free loopback port, with a folder of its own below the current
 * one, ended with the test program whatever happens to it. Failures to start end the program.
 */
#ifndef ZONE1D_TESTS_BROKER_H
#define ZONE1D_TESTS_BROKER_H

#include <glib.h>
#include <stdbool.h>

typedef struct Broker Broker;

/* EXTRA: lines of mosquitto.conf, or NULL. Anonymous clients are let in unless EXTRA says
 * "allow_anonymous". Its folder holds `users` (gateway, password "right") and `rights` (an access list
 * that lets everybody at allowed/# only); @ in EXTRA stands for the folder. Returns when it accepts
 * connections. */
Broker *broker_new(const char *extra);

/* On 127.0.0.1. */
unsigned broker_port(const Broker *broker);

/* Nobody listens there now; for a second listener in EXTRA. */
unsigned broker_free_port(void);

/* A file below its folder: writes TEXT to it when that is not NULL; its path, freed with g_free. */
char *broker_file(const Broker *broker, const char *name, const char *text);

/* Ends it (SIGTERM) and waits for that. Its port stays its own. */
void broker_stop(Broker *broker);

/* The same with SIGKILL. */
void broker_kill(Broker *broker);

/* Starts it again on the same port. Nothing is remembered: persistence is off. */
void broker_start(Broker *broker);

/* Ends it, removes its folder. NULL is fine. */
void broker_free(Broker *broker);

/* Runs mosquitto_sub on TOPIC for at most COUNT messages or WAIT_S seconds, with ARGUMENTS (a
 * NULL-ended list, or NULL) added; what it printed, freed with g_free. */
char *broker_subscribe(const Broker *broker, const char *topic, unsigned count, unsigned wait_s,
                       const char *const *arguments);

/* Publishes with mosquitto_pub. */
void broker_publish(const Broker *broker, const char *topic, const char *payload, bool retain);

/* Publishes "0", "1" ... with mosquitto_pub, QoS 0, COUNT messages on one connection. */
void broker_publish_many(const Broker *broker, const char *topic, unsigned count);

/* Its log, for a failing test. */
void broker_print_log(const Broker *broker);

#endif
