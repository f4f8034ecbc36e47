/* SPDX-License-Identifier: MIT
 *
 * `zone1ctl watch`: one athlete, live, on a terminal or as lines. Main thread, default main context.
 */
#ifndef ZONE1D_CTL_WATCH_H
#define ZONE1D_CTL_WATCH_H

#include "ctl/place.h"

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *athlete; /* NULL: the first that is heard of */
    const char *group;   /* of watch_group_run */
    const Place *place;        /* where the broker is; resolved */
    bool until_finished;       /* end with the first session that ends while watching */
    int total_s;               /* length of the recording being replayed; 0: not known */
    char *hint;                /* for the last row; NULL: none; the caller's */
} WatchOptions;

/* Watches until q, Ctrl-C, a signal, or the session's end. Returns the exit status: 0, or 1 when
 * UNTIL_FINISHED was asked for and no verdict came, unless q ended it. */
int watch_run(const WatchOptions *options);

/* The same for a group: until q, Ctrl-C, a signal, or the end of the group's session when UNTIL_FINISHED. The table
 * of verdicts comes last. */
int watch_group_run(const WatchOptions *options);

#endif
