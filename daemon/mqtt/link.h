/* SPDX-License-Identifier: MIT
 *
 * One connection through Paho, from its attempt to its end: a Paho handle of its own each time, so
 * that nothing of a lost connection (unsent messages, late callbacks, file descriptors that Paho's
 * poll still knows by number) reaches the next one. The only place that knows MQTTAsync.h.
 *
 * All calls but link_publish_at_once come from the thread that owns the link, without a lock that the events take:
 * Paho calls them under its own mutex. They come on Paho's threads (during link_close on the caller's); they copy what
 * they need and call nothing of the link.
 */
#ifndef ZONE1D_MQTT_LINK_H
#define ZONE1D_MQTT_LINK_H

#include "mqtt/outbox.h"

#define LINK_WILL_DELAY_S 5 /* MQTT 5: a short break is no "offline" */
#define LINK_CONNECT_TIMEOUT_S 10

typedef enum {
    LINK_DONE,     /* QoS 0: written; QoS 1 and subscriptions: acknowledged */
    LINK_REFUSED,  /* by the broker, code is its reason */
    LINK_FAILED,   /* not delivered, nobody knows why; the connection is usually lost */
} LinkOutcome;

/* Part of what the caller keeps for each thing it sends; must outlive the link (Paho may hold on to
 * it until link_close). */
typedef struct LinkToken LinkToken;
struct LinkToken {
    /* What was sent with it came to its end. */
    void (*outcome)(LinkToken *token, LinkOutcome outcome, int code);
};

typedef struct {
    void (*connected)(void *user);
    /* CODE is the broker's, 0 when it gave none. */
    void (*refused)(void *user, int code);
    /* The broker says why it hangs up (MQTT 5); `lost` follows. */
    void (*told_to_go)(void *user, int code);
    void (*lost)(void *user);
    void (*message)(void *user, const MqttIncoming *message); /* its payload need not end with a NUL */
    void (*disconnected)(void *user); /* link_disconnect is complete */
} LinkEvents;

typedef struct {
    const char *uri; /* tcp://, ssl:// (with tls) or unix:// */
    const MqttTls *tls;
    bool mqtt5;
    const char *client_id, *username, *password; /* the latter two may be NULL */
    const char *will_topic;                      /* NULL: no will */
    unsigned keepalive_s;
} LinkOptions;

typedef struct Link Link;

/* Whether Paho was built with them (1.3.15 and later may be). Any thread; does not wait. */
bool link_knows_unix_sockets(void);

/* Starts connecting; `connected` or `refused` follows. NULL, with the reason in *ret_text (static),
 * when not even that is possible. OPTIONS are copied; EVENTS and USER must outlive the link. */
Link *link_open(const LinkOptions *options, const LinkEvents *events, void *user, const char **ret_text);

/* False: not taken, no outcome follows. */
bool link_publish(Link *link, const OutMessage *message, LinkToken *token);

/* The same for a message of QoS 0, without waiting and from any thread, as long as the link is connected and nobody
 * closes it. False, too, while another link of the process is being made (mqtt/gate.h). */
bool link_publish_at_once(Link *link, const OutMessage *message, LinkToken *token);
/* ONLY_NEW: with MQTT 5, what is stored for FILTER is not asked for. */
bool link_subscribe(Link *link, const char *filter, int qos, bool only_new, LinkToken *token);
bool link_unsubscribe(Link *link, const char *filter, LinkToken *token);
bool link_disconnect(Link *link);

/* Ends it at once, orderly or not; no event comes afterwards. Takes up to about a second, in which
 * Paho's threads end. NULL is fine. */
void link_close(Link *link);

#endif
