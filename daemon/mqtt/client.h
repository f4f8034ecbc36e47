/* SPDX-License-Identifier: MIT
 *
 * The publisher: one thread that owns Paho, and a bounded queue on either side of it. The main loop never waits for the
 * network: it calls Paho for one thing alone, a live message while nothing is being connected (mqtt/gate.h).
 * Everything here is called on, and every callback comes on, the thread of the default main context. One process may
 * hold several clients.
 *
 * Delivery is MQTT's "at least once" for QoS 1: a message that was on its way when the link broke is
 * sent again. The order of MQTT_KEEP messages is kept over reconnections, and with a spool over restarts
 * of the process, however it ended; what was on its way then is sent again, too.
 *
 * The process should ignore SIGPIPE: Paho writes to sockets that may be gone.
 */
#ifndef ZONE1D_MQTT_CLIENT_H
#define ZONE1D_MQTT_CLIENT_H

#include <glib.h>
#include <stdbool.h>

#define MQTT_OUT_MAX_MESSAGES 1000            /* waiting MQTT_KEEP messages */
#define MQTT_OUT_MAX_BYTES (8 * 1024 * 1024)  /* their topics and payloads */
#define MQTT_OUT_MAX_PAYLOAD (256 * 1024)     /* a larger one is refused */
#define MQTT_OUT_MAX_LATEST 1024              /* topics of waiting MQTT_LATEST messages: some for each athlete */
#define MQTT_IN_MAX_MESSAGES 1000             /* received and not yet delivered */
#define MQTT_IN_MAX_BYTES (4 * 1024 * 1024)
#define MQTT_IN_MAX_PAYLOAD (64 * 1024)       /* a larger one is dropped */
#define MQTT_IN_MAX_CORRELATION 256           /* bytes; a request with more has none */
#define MQTT_PASSWORD_MAX_BYTES 1024

typedef struct MqttClient MqttClient;

typedef struct {
    bool on;
    const char *ca_file;          /* PEM: the authorities that are trusted; NULL: those of the system */
    const char *certificate_file; /* PEM: what this side shows of itself, with its chain; NULL: nothing */
    const char *key_file;         /* PEM, without a password; NULL: it stands in certificate_file */
    bool any_name;                /* the certificate may be for another name than the host's */
} MqttTls;

typedef struct {
    const char *host;          /* name or address, IPv6 without brackets; or the absolute path of a Unix socket */
    unsigned port;
    MqttTls tls;
    const char *username;      /* NULL: none */
    const char *password_file; /* NULL: none; read anew at every connection, without one line end at its end */
    const char *client_id;
    const char *status_topic;  /* retained "online" after each connection, "offline" as last will (5 s after the link
                                  broke, MQTT 5) and at the stop. NULL: neither */
    unsigned keepalive_s;      /* 0: the default, 10 */
    const char *spool_path;    /* where MQTT_KEEP messages are kept on disk while the broker is away; NULL: nowhere */
    bool quiet;                /* a second connection of the same program: its troubles are the first one's */
} MqttOptions;

/* A message as it came. All of it ends with the callback it is given to. */
typedef struct {
    const char *topic;   /* UTF-8, no NUL in it */
    const char *payload; /* LEN bytes of anything, and a NUL behind them */
    gsize len;
    bool retained;              /* the broker had it stored, it is not new */
    const char *response_topic; /* MQTT 5: where an answer is wanted; NULL: nowhere. Whoever sent it chose it */
    const guint8 *correlation;  /* MQTT 5: goes back with the answer; NULL: nothing */
    gsize correlation_len;
} MqttIncoming;

typedef struct {
    /* Connected, and the retained "online" is on its way: publish what is retained. NULL is fine. */
    void (*connected)(void *user);
    void (*disconnected)(void *user);
    /* A message of a subscription. */
    void (*message)(void *user, const MqttIncoming *message);
} MqttEvents;

typedef enum {
    MQTT_LIVE,   /* dropped while the broker is away; of one topic only the newest waits, and behind its like alone */
    MQTT_LATEST, /* the same, in order with what is kept (state: not before the device is announced that it is of) */
    MQTT_KEEP,   /* kept in order while the broker is away; of one retained topic only the newest (session, summary) */
} MqttKind;

/* Why OPTIONS can never work with the libraries of this machine (static; a sentence that begins in lower case), or
 * NULL. Any thread; does not block. */
const char *mqtt_options_fault(const MqttOptions *options);

/* Starts the thread and the first attempt; never fails for a missing broker (said once, retried for
 * ever with backoff). OPTIONS and EVENTS are copied. No callback comes before the main loop runs. */
MqttClient *mqtt_client_new(const MqttOptions *options, const MqttEvents *events, void *user);

/* Queues PAYLOAD for TOPIC (both copied). QOS 0 or 1. EXPIRY_S is the MQTT 5 message expiry, 0 for
 * none. Never blocks. An empty PAYLOAD with RETAIN clears the topic. */
void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload,
                         int qos, bool retain, unsigned expiry_s);

/* Takes the LIVE or LATEST message of TOPIC back that has not been sent yet; false when none waits: it is on its way,
 * or was dropped. What comes in its place can tell, so, what that would have told. */
bool mqtt_client_take_back(MqttClient *client, const char *topic);

/* The answer to REQUEST, at once and after a short break too (it expires after a minute): QoS 1 to TOPIC, with
 * the request's correlation data. TOPIC and PAYLOAD are copied, REQUEST is not kept. */
void mqtt_client_answer(MqttClient *client, const MqttIncoming *request, const char *topic, const char *payload);

/* Subscribes now and after every later connection. A filter given twice takes the newer QOS (0..2).
 * When more arrives than is taken, only the newest of a topic is kept; else it is dropped and counted. */
void mqtt_client_subscribe(MqttClient *client, const char *filter, int qos);

/* The same for what is new only: what the broker has stored for FILTER is not asked for (MQTT 5, retain
 * handling 2; a broker of 3.1.1 sends it all the same, marked as retained). */
void mqtt_client_subscribe_new(MqttClient *client, const char *filter, int qos);

/* Takes the subscription of FILTER back, if there is one. What had arrived before may still be told. */
void mqtt_client_unsubscribe(MqttClient *client, const char *filter);

/* Connected, and not yet lost. */
bool mqtt_client_connected(const MqttClient *client);

/* False when the publisher thread has been stuck for longer than a stalled resolver or connect can
 * explain, 90 s (for the watchdog). A broker that is away is not such a case. */
bool mqtt_client_healthy(const MqttClient *client);

/* Counters since the start, for tests and status. */
typedef struct {
    guint64 published;    /* handed to the network */
    guint64 acknowledged; /* QoS 0: written, QoS 1: acknowledged */
    guint64 replaced;     /* by a newer one of the same topic while waiting */
    guint64 dropped;      /* LATEST without a broker, KEEP over the limit, refused by the broker or here */
    guint64 received;
    guint64 in_dropped;   /* oversize, or over the limit and not taken in time */
    guint64 connections;
    guint queued;         /* waiting or unacknowledged now */
    gsize held_bytes;     /* MQTT_KEEP messages that wait now, their topics and payloads */
    guint spooled;        /* of them on disk now */
} MqttStats;
void mqtt_client_stats(const MqttClient *client, MqttStats *ret);

/* Flushes what is queued, leaves a retained "offline" acknowledged by the broker and disconnects; what
 * cannot be delivered goes to disk, if there is a spool. Gives up after TIMEOUT_MS whatever the network
 * does. The thread is not waited for: it frees the rest within a second, or, stuck, whenever it comes
 * back; it does not keep the process from exiting. No callback comes afterwards. Not from a callback of
 * the same client. NULL is fine. */
void mqtt_client_free(MqttClient *client, unsigned timeout_ms);

#endif
