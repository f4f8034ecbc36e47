/* SPDX-License-Identifier: MIT
 *
 * One question to a gateway over MQTT, and its answer (docs/mqtt.md, commands and requests). Runs the default main
 * context until the answer is there. Main thread.
 */
#ifndef ZONE1D_CTL_ASK_H
#define ZONE1D_CTL_ASK_H

#include "ctl/place.h"

#include <cjson/cJSON.h>

#define ASK_PATIENCE_MS 10000

#define ASK_ERROR (ask_error_quark())
GQuark ask_error_quark(void);
typedef enum {
    ASK_ERROR_UNREACHABLE, /* no broker, no gateway, no answer */
    ASK_ERROR_REFUSED,     /* the gateway's answer is an error; the message is its sentence */
} AskErrorCode;

/* Sends OBJECT (taken over; a transaction is added) as request COMMAND of PLACE's gateway, or of the only one that
 * is online. The answer's "data", the caller's; NULL with *error. PATIENCE_MS: how long the answer may take once the
 * broker is there. */
cJSON *ask_gateway(const Place *place, const char *command, cJSON *object, unsigned patience_ms, GError **error);

/* Sets KEY of the athlete or group ID (KIND says which of the two words) to VALUE, a word. False with *error. */
bool ask_set(const Place *place, const char *kind, const char *id, const char *key, const char *value, GError **error);

/* Says *error on standard error as COMMAND's, and frees it. Returns the exit status that belongs to it:
 * ASK_EXIT_STATUSES, for --help. */
int ask_report(const char *command, GError *error);
#define ASK_EXIT_STATUSES                                                                                              \
    "Exit status: 0 done, 1 refused, 64 wrong usage, 69 no answer from the broker or from zone1d, 78 wrong "          \
    "configuration."

#endif
