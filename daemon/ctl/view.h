/* SPDX-License-Identifier: MIT
 *
 * What `zone1ctl watch` shows, from what it knows: pure, no clock, no terminal, no network.
 * The one rule: a heart rate is shown only while it is known to be live now.
 */
#ifndef ZONE1D_CTL_VIEW_H
#define ZONE1D_CTL_VIEW_H

#include "ctl/frame.h"
#include "ctl/report.h"

#define VIEW_SILENCE_MS 5000 /* without a message for this long nothing is shown as live */
#define VIEW_PATIENCE_MS 10000 /* for so long nobody wonders where the first heart rate is */
#define VIEW_DETAIL 208
#define VIEW_MIN_ROWS 12
#define VIEW_MIN_COLUMNS 40
#define STRIP_COLUMN_S 10 /* seconds of the session to one column of the strip */
#define STRIP_COLUMNS 120

typedef enum { GATEWAY_UNKNOWN, GATEWAY_ONLINE, GATEWAY_OFFLINE } GatewayState;

typedef struct {
    char broker[80];      /* "host:port" */
    bool broker_up;
    bool broker_was_up;
    char note[200];       /* why the broker is not up, when more is known; empty otherwise */
    GatewayState gateway;
    char athlete[33];     /* empty until one is known */
    gint64 since_ms;      /* when the waiting began, on the caller's monotonic clock */
    bool have_live;
    gint64 live_at_ms;    /* when the newest message came, on the caller's monotonic clock */
    LiveReport live;      /* the newest message, when have_live */
    int total_s;          /* length of the recording that is replayed; 0: not known */
    char hint[120];       /* for the last row; empty: none */
    bool have_last;
    SummaryReport last;   /* the session that ended while we watched, when have_last */
    gint64 strip_at;      /* number of the strip's newest column; the strip ends there */
    gint8 strip[STRIP_COLUMNS]; /* by number modulo STRIP_COLUMNS: highest zone, or ZONE_NONE */
} View;

/* Nothing known yet. BROKER and ATHLETE (NULL: the first that is heard) are copied. */
void view_init(View *view, const char *broker, const char *athlete, int total_s);

/* Takes a message over that came at NOW_MS. */
void view_take_live(View *view, const LiveReport *live, gint64 now_ms);

/* Why no heart rate can be shown: a headline of a few words, and in *ret_detail (SIZE bytes;
 * VIEW_DETAIL are enough) a sentence. NULL while the rate is live. Static storage. */
const char *view_fault(const View *view, gint64 now_ms, char *ret_detail, gsize size);

/* True while the first heart rate is still to come and nothing speaks against it: no fault, although
 * view_fault says that there is none yet. */
bool view_waits(const View *view, gint64 now_ms);

/* What to do, in words: "ease off", "hold this" ...; "" when there is nothing to say. */
const char *view_advice(const LiveReport *live);

/* Draws VIEW as it stands at NOW_MS; any size, of use from VIEW_MIN_COLUMNS x VIEW_MIN_ROWS on. */
void view_draw(const View *view, gint64 now_ms, Frame *frame);

/* The same as one line of plain text, without '\n'. Caller frees. */
char *view_line(const View *view, gint64 now_ms);

/* The verdict with its totals, several lines, the first of them "verdict: kept (95.4 % ...)".
 * Caller frees. */
char *view_verdict(const SummaryReport *summary, const char *athlete);

#endif
