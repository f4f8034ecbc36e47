/* SPDX-License-Identifier: MIT
 *
 * The view as plain lines, for pipes, logs and terminals that cannot be drawn on. Main thread.
 */
#ifndef ZONE1D_CTL_LINES_H
#define ZONE1D_CTL_LINES_H

#include "ctl/view.h"

#define LINES_INTERVAL_MS 1000   /* one line in this time at most */
#define LINES_HEARTBEAT_MS 10000 /* and one in this time at least, while anything changes */

typedef struct {
    gint64 written_ms; /* 0: nothing yet */
    char *line;        /* the last one written */
    char *state;       /* what of it calls for a line at once */
} Lines;

/* True, and a line in *ret_line (caller frees), when one is due at NOW_MS. LINES starts out zeroed. */
bool lines_due(Lines *lines, const View *view, gint64 now_ms, char **ret_line);

/* Writes the line that is due, if any, to standard output. */
void lines_show(Lines *lines, const View *view, gint64 now_ms);

/* Frees what LINES holds. */
void lines_clear(Lines *lines);

#endif
