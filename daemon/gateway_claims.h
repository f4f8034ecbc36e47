/* SPDX-License-Identifier: MIT
 *
 * Several gateways on one broker: claim/<strap> says which one has a strap that is live, and a strap that another
 * one has is let be. A claim is renewed while the strap is live and counts for 30 s; it is believed for 30 s from its
 * arrival, by our own clock, so that one that a broker of MQTT 3.1.1 keeps for ever locks nothing. Main thread.
 */
#ifndef ZONE1D_GATEWAY_CLAIMS_H
#define ZONE1D_GATEWAY_CLAIMS_H

#include "config_change.h"
#include "mqtt/client.h"

#define CLAIMS_EXPIRY_S 30
#define CLAIMS_RENEW_S 10
#define CLAIMS_MAX 1024 /* of other gateways, remembered at a time */

typedef struct GatewayClaims GatewayClaims;

/* CONFIG and MQTT outlive it. Subscribes. */
GatewayClaims *gateway_claims_new(const Config *config, MqttClient *mqtt);

/* Takes back what is claimed. NULL is fine. */
void gateway_claims_free(GatewayClaims *claims);

/* Athlete ATHLETE's strap, of ADDRESS, is live; NULL: none of theirs is any more. */
void gateway_claims_set(GatewayClaims *claims, unsigned athlete, const char *address);

/* The configuration is another one now, and CHANGE says how. */
void gateway_claims_reload(GatewayClaims *claims, const ConfigChange *change);

/* True when MESSAGE was a claim. NOW_US is monotonic. */
bool gateway_claims_take(GatewayClaims *claims, const MqttIncoming *message, gint64 now_us);

/* Does another gateway have the strap of ADDRESS at NOW_US (monotonic)? */
bool gateway_claims_taken(const GatewayClaims *claims, const char *address, gint64 now_us);

#endif
