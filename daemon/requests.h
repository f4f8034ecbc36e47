/* SPDX-License-Identifier: MIT
 *
 * Requests to the gateway itself: gateway/<gw>/request/<command>, a JSON object (or nothing), answered on
 * gateway/<gw>/response/<command>, and where MQTT 5 says that an answer is wanted. Every request is answered,
 * now or later; "transaction" goes back with the answer. The bytes are hostile. Main thread.
 */
#ifndef ZONE1D_REQUESTS_H
#define ZONE1D_REQUESTS_H

#include "config.h"
#include "mqtt/client.h"

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

#define REQUESTS_MAX_PENDING 32 /* more at a time are refused */
#define REQUESTS_MAX_BYTES 4096 /* a longer one is refused */

typedef struct Requests Requests;
typedef struct Request Request;

/* ARGS is an object, the request as it came; it ends with the call. REQUEST is the handler's, to be answered by
 * exactly one of the two calls below, from within the call or later. */
typedef void (*RequestHandler)(void *user, Request *request, const cJSON *args);

/* CONFIG and CLIENT outlive it. Subscribes. */
Requests *requests_new(const Config *config, MqttClient *client);

/* What is pending is never answered; answering it later is fine, and does nothing. NULL is fine. */
void requests_free(Requests *requests);

/* COMMAND is a static string of [a-z-]. */
void requests_add(Requests *requests, const char *command, RequestHandler handler, void *user);

/* True when MESSAGE was a request to this gateway (then it is answered, or ignored because it was retained). */
bool requests_take(Requests *requests, const MqttIncoming *message);

/* Answers {"status":"ok","data":DATA}. DATA is taken over; NULL is an empty object. Frees REQUEST. */
void request_succeed(Request *request, cJSON *data);

/* Answers {"status":"error","error":...}: a sentence without a full stop. Frees REQUEST. */
void request_fail(Request *request, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Requests that were refused as such (not JSON, no such command, too many), since the start. */
guint64 requests_refused(const Requests *requests);

/* May an answer go to TOPIC, which a stranger chose? Not into our own tree, where it would look like ours. Pure. */
bool requests_may_answer_to(const Config *config, const char *topic);

/* The text of ARGS' member KEY, or NULL when there is none, or it is no text of 1..MAX_BYTES. Ends with ARGS. */
const char *request_text(const cJSON *args, const char *key, gsize max_bytes);

#endif
