/* SPDX-License-Identifier: MIT
 *
 * A first look at the broker before Paho is let at it: resolves the name, connects, with TLS if that is
 * asked for, and asks with an MQTT 5 CONNECT of its own (no client id, no will) which version is spoken.
 * Because of it
 *  - what is wrong is known in words, where Paho only has "-1";
 *  - Paho gets an address, so that no resolver can stall under Paho's mutex (but with TLS, where Paho
 *    needs the name to check the certificate; the resolver has just answered then);
 *  - Paho is never asked for MQTT 5 by a broker that answers as 3.1.1 does: Paho 1.3.12 then frees
 *    uninitialised memory (MQTTPacket_connack leaves properties unset for a two-byte CONNACK).
 * Blocks; any thread but the main loop's.
 */
#ifndef ZONE1D_MQTT_PROBE_H
#define ZONE1D_MQTT_PROBE_H

#include "mqtt/stream.h"

typedef enum {
    PROBE_MQTT5,
    PROBE_MQTT3,       /* answered as a broker that knows 3.1.1 only, or hung up without an answer */
    PROBE_UNREACHABLE, /* ret->why says why */
    PROBE_SILENT,      /* accepted and never answered */
    PROBE_FOREIGN,     /* answered something else than MQTT */
    PROBE_CANCELLED,
} ProbeResult;

typedef struct {
    StreamTarget stream;
    const char *username, *password; /* NULL: none. Sent too, so that the broker logs no refusal */
} ProbeTarget;

typedef struct {
    StreamPeer peer; /* its address is set for MQTT5 and MQTT3 */
    bool hung_up;    /* MQTT3 is a guess */
} ProbeAnswer;

/* Fills *ret in any case; ret->peer.why only where the result says so. */
ProbeResult probe_broker(const ProbeTarget *target, ProbeAnswer *ret);

#endif
