/* SPDX-License-Identifier: MIT
 *
 * What athletes are told to do over MQTT: athlete/<a>/set (JSON) and athlete/<a>/set/<key> (plain), read.
 * The bytes are hostile: everything is checked before anything is done. Pure but for allocation; any
 * thread.
 */
#ifndef ZONE1D_MQTT_COMMANDS_H
#define ZONE1D_MQTT_COMMANDS_H

#include "core/session.h"

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

#define COMMAND_MAX_BYTES 4096      /* a longer payload is refused */
#define COMMAND_MAX_TRANSACTION 64  /* bytes */
#define COMMAND_MAX_SPEED_KMH 54.0  /* COMPLIANCE_MAX_SPEED_MPS */

/* In the order in which they are carried out when several come together. */
typedef enum {
    COMMAND_TARGET,  /* "recovery", "easy", "z1".."z8", "z5a".."z5c", "cap:BPM" */
    COMMAND_CAP,     /* bpm 80..200: the target cap:BPM */
    COMMAND_SPEED,   /* km/h 0..54, the treadmill's; "none": not known any more */
    COMMAND_SESSION, /* "start", "stop", "pause", "resume" */
    COMMAND_RPE,     /* 1..10; 0 takes it back */
    COMMAND_KEY_COUNT,
} CommandKey;

typedef struct {
    bool given[COMMAND_KEY_COUNT];
    Target target; /* of COMMAND_TARGET or COMMAND_CAP, which never come together */
    double speed_kmh; /* NAN: not known any more */
    SessionCommand session;
    int rpe;
    char transaction[COMMAND_MAX_TRANSACTION + 1]; /* goes back with the results; "" for none */
} CommandSet;

/* What is wrong: a key of the payload as it stands there (cut, printable; "" for all of it), and a clause. */
typedef struct {
    char key[33];
    char text[120];
} CommandFault;

/* "target", "cap" ... Static storage. */
const char *command_key_name(CommandKey key);

/* LEN bytes of PAYLOAD as the value of KEY, a word of the topic. False, with *ret_fault, when it cannot be
 * taken; of *ret only the transaction counts then. */
bool command_parse_plain(const char *key, const char *payload, gsize len, CommandSet *ret, CommandFault *ret_fault);

/* The same of a JSON object of such keys, and "transaction", a text. One fault, and nothing of it counts. */
bool command_parse_json(const char *payload, gsize len, CommandSet *ret, CommandFault *ret_fault);

/* A JSON value as a request's "transaction": text or a whole number, at most COMMAND_MAX_TRANSACTION bytes;
 * false, and RET "", for anything else. NULL is none, and fine. */
bool command_take_transaction(const cJSON *value, char ret[COMMAND_MAX_TRANSACTION + 1]);

#endif
