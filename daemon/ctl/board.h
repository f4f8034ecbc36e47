/* SPDX-License-Identifier: MIT
 *
 * What `zone1ctl watch --group` shows: a group's members in a table, who is above first. Pure, no clock, no terminal,
 * no network. A heart rate is shown only while it is known to be live now.
 */
#ifndef ZONE1D_CTL_BOARD_H
#define ZONE1D_CTL_BOARD_H

#include "ctl/frame.h"
#include "ctl/report.h"

#define BOARD_SILENCE_MS 5000 /* without a message for this long nothing is shown as live */

typedef struct {
    char broker[80]; /* "host:port" */
    char group[33];
    bool broker_up;
    bool have_live;
    gint64 live_at_ms; /* when the newest message came, on the caller's monotonic clock */
    GroupReport live;
    bool have_session;
    GroupSessionReport session;
} Board;

/* Nothing known yet. */
void board_init(Board *board, const char *broker, const char *group);

/* Why nobody can be shown, a sentence, static; NULL when they can. */
const char *board_fault(const Board *board, gint64 now_ms);

/* Draws BOARD as it stands at NOW_MS; any size. What does not fit is counted in the last line. */
void board_draw(const Board *board, gint64 now_ms, Frame *frame);

/* The same as one line of plain text, without '\n': how many are in target, and who is above. Caller frees. */
char *board_line(const Board *board, gint64 now_ms);

/* The table of verdicts, a line each, best first; "" when there is none. Caller frees. */
char *board_verdicts(const Board *board);

#endif
