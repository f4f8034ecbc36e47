/* SPDX-License-Identifier: MIT
 *
 * Between a client and a broker, for faults that a real broker cannot be asked for: a TCP relay on a
 * free loopback port, with a thread of its own.
 */
#ifndef ZONE1D_TESTS_RELAY_H
#define ZONE1D_TESTS_RELAY_H

#include <glib.h>

typedef enum {
    RELAY_PASS,
    RELAY_SILENT,    /* accepts, and neither reads nor answers */
    RELAY_STALL,     /* links that stand carry nothing any more; new ones are as in SILENT */
    RELAY_MUTE,      /* what the broker says does not come through; what is said to it does */
    RELAY_HANG_UP,   /* closes what stands and what comes */
    RELAY_REFUSE_V5, /* answers MQTT 5 as a broker that knows 3.1.1 only; else as PASS */
    RELAY_TAKE_OVER, /* tells what stands, in MQTT 5, that another client took over, and closes it; else as PASS */
    RELAY_GREET,     /* says "HTTP/1.1 400" to everybody */
    RELAY_TRICKLE,   /* as PASS, a byte at a time */
    RELAY_REFUSE,    /* answers CONNECT with the code of relay_refuse */
} RelayMode;

typedef struct Relay Relay;

/* To 127.0.0.1:BROKER_PORT. */
Relay *relay_new(unsigned broker_port, RelayMode mode);

/* Where it listens. */
unsigned relay_port(const Relay *relay);

/* From now on. */
void relay_set(Relay *relay, RelayMode mode);

/* REFUSE from now on, with reason CODE, as a broker of MQTT 5 or one that knows 3.1.1 only. */
void relay_refuse(Relay *relay, guint8 code, gboolean mqtt5);

/* How many connections were accepted so far. */
guint relay_accepted(Relay *relay);

/* Closes everything. */
void relay_free(Relay *relay);

#endif
