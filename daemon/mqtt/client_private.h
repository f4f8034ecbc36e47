/* SPDX-License-Identifier: MIT
 *
 * What the two halves of the client share: client.c (the main loop's side) and publisher.c (the
 * thread's side).
 */
#ifndef ZONE1D_MQTT_CLIENT_PRIVATE_H
#define ZONE1D_MQTT_CLIENT_PRIVATE_H

#include "mqtt/client.h"
#include "mqtt/inbox.h"
#include "mqtt/link.h"
#include "mqtt/options.h"
#include "mqtt/outbox.h"
#include "mqtt/spool.h"

#include <pthread.h>

#define FLIGHT_WINDOW 8   /* kept messages and subscriptions that Paho has at a time */
#define FLIGHT_LATEST 8   /* latest ones, over when they are written: more would pile up behind a stalled link */
#define FLIGHT_ONLINE 16  /* two more for the status, which must not wait for a place */
#define FLIGHT_OFFLINE 17
#define FLIGHT_COUNT 18
#define FLIGHT_LIMIT_US (30 * G_USEC_PER_SEC) /* without an answer for so long a link is not worth keeping */
#define REFUSED_MAX 256

typedef struct {
    char *filter;
    int qos;
    bool only_new;
    guint64 sent_for; /* the connection it was last sent on; 0: none */
    bool gone;        /* to be taken back there, and forgotten */
} Subscription;

/* One command in Paho's hands. The outcome is written by Paho's threads under the client's lock. */
typedef struct {
    LinkToken token; /* first: the outcome finds the flight by it */
    MqttClient *client;
    bool used, settled;
    LinkOutcome outcome;
    int code;
    gint64 sent_us;
    OutMessage *message; /* of the outbox; NULL for a subscription or the status */
    char *what;          /* topic or filter, for the log */
} Flight;

/* What the main loop gives to Paho by itself (direct.c); all but the token's function under the client's lock. */
typedef struct {
    LinkToken token; /* first: the outcome finds it; one for all, since none is told apart */
    MqttClient *client;
    Link *link;      /* NULL: none is up */
    bool in_hand;    /* the main loop is in Paho with it, without the lock */
    guint flying;    /* not yet written */
    gint64 heard_us; /* when one was written last, or flies since none did */
} Direct;

/* What Paho's threads tell of the one link there is; cleared before each attempt. */
typedef struct {
    bool connected, refused, lost, disconnected;
    int refused_code, go_code;
} LinkReport;

struct MqttClient {
    gint references; /* main side, thread; atomic */
    /* constant after the start */
    MqttOptions *options;
    char *place; /* of the broker, for the log */
    MqttEvents events;
    void *user;

    /* Not GMutex and GCond: the thread sanitizer does not see into GLib's. */
    pthread_mutex_t lock; /* never held while Paho or a callback of the user is called */
    pthread_cond_t wake;  /* for the thread; like the next on the monotonic clock */
    pthread_cond_t ended; /* for mqtt_client_free */
    pthread_cond_t out_of_hand; /* for direct_close */
    /* under the lock */
    bool woken, stopping, abandoned, finished;
    gint64 stop_deadline_us;
    gint64 beat_us; /* the thread's sign of life */
    bool up;
    guint64 connection; /* number of the current or last one */
    Outbox *outbox;
    Inbox *inbox;
    GPtrArray *subscriptions; /* Subscription* */
    Flight flights[FLIGHT_COUNT];
    bool handing_over; /* the thread is in Paho with a message that is not among the waiting any more */
    Direct direct;
    LinkReport report;
    MqttStats stats;
    bool overflow_said;
    GHashTable *refused_said; /* topics and filters whose refusal was logged; REFUSED_MAX at most */

    /* the thread only */
    Spool *spool; /* NULL: none */
    bool spool_loaded;
    gint64 spool_retry_us;
    GArray *spool_gone; /* guint64: numbers that need not wait any more, and that is not on disk yet */

    /* main side only */
    GThread *thread;
    GSource *bridge; /* thread -> main loop; set ready from any thread; NULL once the client is being freed */
    bool told_up;
    guint64 told_connection;
};

/* Takes SUBSCRIPTION out of the list, and frees it. The lock is held. */
void mqtt_client_drop_subscription_locked(MqttClient *client, Subscription *subscription);

/* Publisher thread only, without the lock: what is sent and what becomes of it (flights.c). */

/* Sends subscriptions first, then what waits, as far as the window goes. */
void flights_send(MqttClient *client, Link *link);

/* WHICH: FLIGHT_ONLINE or FLIGHT_OFFLINE. False when it cannot be sent. */
bool flights_send_status(MqttClient *client, Link *link, guint which);

/* Gives what came to its end back. False when an answer is overdue: the link is not worth keeping. */
bool flights_collect(MqttClient *client, gint64 now_us);

/* After link_close: nothing is on its way any more. */
void flights_clear(MqttClient *client);

/* Of both ways. Under the lock. */
guint flights_count_locked(const MqttClient *client);

/* What is live goes from the main loop to Paho without a turn of the thread, when nothing waits that it would overtake
 * (direct.c): a thread that is woken costs as much as the message. */

/* Main side, connected; MESSAGE is LIVE or LATEST and stays the caller's. The lock is held, and let go meanwhile.
 * False: it was not sent, and waits like all others. */
bool direct_send_locked(MqttClient *client, const OutMessage *message);

/* None of those that fly has been written for longer than a link is worth keeping. */
bool direct_is_overdue_locked(const MqttClient *client, gint64 now_us);

/* The thread: LINK is up; it is not any more, and about to be closed; it is closed. */
void direct_open_locked(MqttClient *client, Link *link);
void direct_close(MqttClient *client);
void direct_clear(MqttClient *client);

/* Body of the thread; DATA is the client, a reference of which it gives back. */
gpointer publisher_run(gpointer data);

/* For mqtt_client_wait_until: on the monotonic clock. */
void mqtt_condition_init(pthread_cond_t *condition);

/* Waits on CONDITION of the client, whose lock is held. False when DEADLINE_US (monotonic) has come. */
bool mqtt_client_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, gint64 deadline_us);

/* Makes the thread look. The lock is held. */
void mqtt_client_wake_locked(MqttClient *client);

/* Makes the main loop look: bridge to the callbacks. The lock is held. */
void mqtt_client_notify_locked(MqttClient *client);

/* Gives one of the two references back; the last one frees. */
void mqtt_client_unref(MqttClient *client);

#endif
