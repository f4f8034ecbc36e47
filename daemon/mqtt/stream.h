/* SPDX-License-Identifier: MIT
 *
 * A short connection of our own to the broker, for the probe: TCP or a Unix socket, with TLS or
 * without. Every call gives up after STREAM_TIMEOUT_MS, and sooner when it is cancelled. Blocks; any
 * thread but the main loop's.
 */
#ifndef ZONE1D_MQTT_STREAM_H
#define ZONE1D_MQTT_STREAM_H

#include "mqtt/client.h"
#include "mqtt/resolve.h"
#include "mqtt/tls.h"

#include <netinet/in.h>

#define STREAM_TIMEOUT_MS 5000 /* for each address to connect, for the handshake, and for each answer */

typedef struct {
    const char *host; /* name, address, or the absolute path of a Unix socket */
    Resolver *resolver; /* of that host and the port; NULL for a Unix socket */
    const MqttTls *tls;
    bool (*cancelled)(void *user); /* asked at least every 50 ms */
    void *user;
} StreamTarget;

typedef enum {
    STREAM_FINE,
    STREAM_ENDED,     /* the other side hung up */
    STREAM_FAILED,    /* why says it */
    STREAM_TIMED_OUT,
    STREAM_CANCELLED,
} StreamResult;

typedef struct {
    char address[INET6_ADDRSTRLEN + 18]; /* numeric; IPv6 in brackets, as in a URI; a Unix socket's is "" */
    bool loopback;                       /* this machine; a Unix socket too */
    char tls[16];                        /* "TLSv1.3"; "" without */
    bool needs_hand;                     /* FAILED: nothing but a change of the settings or certificates helps */
    char why[TLS_REASON_BYTES];
} StreamPeer;

typedef struct Stream Stream;

/* Connects. *ret is set when FINE (end it with stream_close), *peer always. */
StreamResult stream_open(const StreamTarget *target, Stream **ret, StreamPeer *peer);

/* All LEN bytes. */
StreamResult stream_write(Stream *stream, const void *bytes, gsize len);

/* Exactly LEN bytes. */
StreamResult stream_read(Stream *stream, void *bytes, gsize len);

/* NULL is fine. */
void stream_close(Stream *stream);

#endif
