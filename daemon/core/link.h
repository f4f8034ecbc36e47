/* SPDX-License-Identifier: MIT
 *
 * The connection policy of one strap: (event, now) -> actions. Pure: no clock, no I/O, no
 * allocation; the shell tells what happened, carries out what is asked and calls again with
 * LINK_EV_TIME when link_deadline_ms has come. Every state that waits for somebody else has a deadline.
 *
 *   WANTED -seen-> QUEUED -granted-> CONNECTING -ok-> RESOLVING -ready-> SUBSCRIBING -ok-> LIVE
 *     ^               |                  |               |                   |             |
 *     |            not fresh           error, deadline: DISCONNECTING <------+-- silence --+
 *     +---------------+                                       |
 *     +------------ BACKOFF <---------- disconnected ---------+        (docs/bluez.md has it whole)
 *
 * A strap in WANTED costs nobody anything: only one that was heard just now is ever connected, for a
 * Connect to an absent device hangs for 20 s and more and holds up the adapter.
 * NOW_MS is on any one monotonic clock and never goes back.
 */
#ifndef ZONE1D_CORE_LINK_H
#define ZONE1D_CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#define LINK_NEVER INT64_MAX

typedef enum {
    LINK_WANTED,        /* not heard; discovery should run */
    LINK_QUEUED,        /* heard; waits for the adapter's one connect at a time */
    LINK_CONNECTING,    /* Connect is pending */
    LINK_RESOLVING,     /* connected; services or the characteristic's object are missing */
    LINK_SUBSCRIBING,   /* StartNotify is pending */
    LINK_LIVE,          /* notifications are subscribed */
    LINK_DISCONNECTING, /* Disconnect is pending, or the property still says connected */
    LINK_BACKOFF,       /* waits before the next try; discovery should run */
    LINK_STATE_COUNT,
} LinkState;

typedef enum {
    LINK_EV_TIME,              /* time has passed */
    LINK_EV_SEEN,              /* the strap was heard now */
    LINK_EV_STALE,             /* found connected at first sight: a link nobody here made */
    LINK_EV_GRANTED,           /* discovery has stopped and the adapter is this strap's */
    LINK_EV_CONNECT_OK,        /* Connect succeeded */
    LINK_EV_CONNECT_FAILED,    /* Connect failed; most causes pass */
    LINK_EV_CONNECT_BUSY,      /* Connect failed: no slot is free, or the adapter is busy */
    LINK_EV_CONNECTED,         /* the property Connected became true */
    LINK_EV_DISCONNECTED,      /* it became false */
    LINK_EV_READY,             /* services resolved and the characteristic's object is there */
    LINK_EV_UNREADY,           /* one of the two is not any more */
    LINK_EV_SUBSCRIBE_OK,      /* StartNotify succeeded */
    LINK_EV_SUBSCRIBE_PENDING, /* StartNotify said that an earlier one is still in progress */
    LINK_EV_SUBSCRIBE_FAILED,
    LINK_EV_NOTIFICATION,      /* a value arrived, of any content */
    LINK_EV_DISCONNECT_DONE,   /* Disconnect was answered, well or not */
    LINK_EV_REFUSED,           /* the device turned out, or was declared, not to be this strap: hang up, find it */
    LINK_EV_GONE,              /* the device's object has vanished: find it again */
    LINK_EV_RESET,             /* its adapter, bluetoothd or the bus has gone */
    LINK_EV_COUNT,
} LinkEvent;

/* What to do, a bit set, carried out from the lowest bit to the highest. */
enum {
    LINK_DO_DOWN = 1u << 0,       /* tell: the link is lost */
    LINK_DO_DISCONNECT = 1u << 1, /* call Disconnect; answer with DISCONNECT_DONE */
    LINK_DO_REMOVE = 1u << 2,     /* call RemoveDevice unless it is paired: BlueZ's idea of it is broken */
    LINK_DO_RELEASE = 1u << 3,    /* give back the adapter, or leave its queue */
    LINK_DO_QUEUE = 1u << 4,      /* ask for the adapter; answer with GRANTED */
    LINK_DO_CONNECT = 1u << 5,    /* call Connect */
    LINK_DO_SUBSCRIBE = 1u << 6,  /* call StartNotify */
    LINK_DO_UP = 1u << 7,         /* tell: the link is up */
};

/* Why a try failed or a link was lost, the last time. */
typedef enum {
    LINK_WHY_NONE,
    LINK_WHY_CONNECT_FAILED,
    LINK_WHY_BUSY,
    LINK_WHY_CONNECT_TIMEOUT,
    LINK_WHY_UNRESOLVED,
    LINK_WHY_SUBSCRIBE_FAILED,
    LINK_WHY_SUBSCRIBE_TIMEOUT,
    LINK_WHY_SILENT,
    LINK_WHY_DISCONNECTED,
    LINK_WHY_STALE,
    LINK_WHY_STUCK,
    LINK_WHY_GONE,
    LINK_WHY_RESET,
    LINK_WHY_REFUSED,
    LINK_WHY_COUNT,
} LinkWhy;

/* All in ms. link_timing_default gives the ones to use; tests make them shorter. */
typedef struct {
    int64_t fresh_ms;        /* a strap heard longer ago than this is not connected */
    int64_t queue_ms;        /* longest wait in the queue */
    int64_t connect_ms;      /* until there is a link, or Connect is answered */
    int64_t discover_ms;     /* from the link until Connect is answered */
    int64_t resolve_ms;      /* until services and characteristic are there */
    int64_t subscribe_ms;    /* until StartNotify is answered */
    int64_t silence_ms;      /* a live strap's longest silence */
    int64_t disconnect_ms;   /* until a Disconnect has taken effect */
    int64_t settled_ms;      /* live for this long: earlier failures are forgotten */
    int64_t away_ms;         /* searched for so long and not heard: when it is heard, failures are forgotten */
    int64_t backoff_min_ms;  /* first wait; doubles with each failure */
    int64_t backoff_max_ms;  /* longest wait */
    int64_t backoff_slow_ms; /* longest wait after many failures that hold up others: time-outs, no slot */
    unsigned slow_after;     /* so many in a row */
} LinkTiming;

/* Caller-owned; start with link_init. Read the public fields freely, write none. */
typedef struct {
    LinkState state;
    LinkWhy why;
    unsigned failures; /* in a row */
    uint64_t drops;    /* times a live link was lost */
    int64_t live_since_ms;
    int64_t notified_ms; /* last notification, or the moment of going live */
    /* private */
    LinkTiming timing;
    uint32_t random;
    int64_t deadline_ms, seen_ms, present_ms;
    bool seen, connected, ready, disconnect_done, stuck;
    unsigned unresolved;
} Link;

/* The waits of normal work; docs/bluez.md gives the reason of each. */
LinkTiming link_timing_default(void);

/* SEED makes the jitter: give each strap another one. */
void link_init(Link *link, const LinkTiming *timing, uint32_t seed);

/* Moves on and returns the LINK_DO_ bits to carry out. Any event is fine in any state. */
unsigned link_event(Link *link, LinkEvent event, int64_t now_ms);

/* When LINK_EV_TIME is due; LINK_NEVER when nothing is awaited. */
int64_t link_deadline_ms(const Link *link);

/* Should discovery run for this strap? */
bool link_searching(const Link *link);

/* Words for logs and tests. Static storage. */
const char *link_state_name(LinkState state);
const char *link_why_text(LinkWhy why);

#endif
