/* SPDX-License-Identifier: MIT
 *
 * A proof that the broker can be used: reached, encrypted, logged in to, published to and listened to,
 * each as a line for people. It uses a connection of its own, under the client id with "-check" behind it
 * (the gateway's would be taken over), without a last will, and publishes one message that is not
 * retained to <prefix>/gateway/<gw>/check and to <prefix>/athlete/<a>/check. An access list that goes by the
 * client id (%c) is therefore not proved. A mosquitto with an access list grants every subscription and then
 * delivers what is allowed: what comes back from gateway/<gw>/check proves listening there, and no more.
 *
 * Everything here is called on, and every callback comes on, the thread of the default main context;
 * what blocks is done by a thread of the proof's own.
 */
#ifndef ZONE1D_MQTT_PROOF_H
#define ZONE1D_MQTT_PROOF_H

#include "mqtt/client.h"

typedef enum {
    PROOF_OK,
    PROOF_HINT, /* it works; something could be better, or cannot be told */
    PROOF_BAD,  /* the text says what to do */
} ProofLevel;

typedef struct {
    const char *prefix, *gateway_id;
    const char *const *athlete_ids;     /* ended by NULL */
    const char *const *command_filters; /* what the gateway subscribes to; ended by NULL */
} ProofTopics;

typedef struct {
    /* TEXT is one line without a line end, and ends with the call. */
    void (*line)(void *user, ProofLevel level, const char *text);
    /* The last call; ALL_WELL: no line was BAD. */
    void (*done)(void *user, bool all_well);
} ProofEvents;

typedef struct Proof Proof;

/* Starts. OPTIONS (status topic and spool are not used), TOPICS and EVENTS are copied. A minute at most. */
Proof *proof_start(const MqttOptions *options, const ProofTopics *topics, const ProofEvents *events, void *user);

/* At any time; no callback comes afterwards. Does not wait. NULL is fine. */
void proof_free(Proof *proof);

#endif
