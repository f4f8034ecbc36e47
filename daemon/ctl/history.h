/* SPDX-License-Identifier: MIT
 *
 * What the commands on stored sessions share: where the database is, and how to fail.
 */
#ifndef ZONE1D_CTL_HISTORY_H
#define ZONE1D_CTL_HISTORY_H

#include "ctl/place.h"
#include "store/reader.h"

/* What a command on stored sessions takes. */
typedef struct {
    const GOptionEntry *entries; /* its own options */
    const char *arguments;       /* names of its arguments; NULL: none */
    const char *summary;
    int least, most; /* arguments */
    Place *place;    /* it talks to the gateway too: zeroed, and resolved then; NULL: it does not */
} HistoryCommand;

/* Parses COMMAND's options and --state-dir, --config, --help, and finds out where the database is. False after a
 * message, with *ret_status the exit status. */
bool history_options(int *argc, char ***argv, const HistoryCommand *command, int *ret_status);

/* The database: in --state-dir, else where the configuration says (--config, or /etc/zone1d/zone1d.conf if it is
 * there), else $STATE_DIRECTORY, else /var/lib/zone1d. Lives as long as the program. */
const char *history_file(void);

/* --state-dir was given: perhaps a copy, and no gateway's. */
bool history_is_elsewhere(void);

/* The database, open; NULL after a message, with *ret_status the exit status. */
StoreReader *history_open(int *ret_status);

/* Says ERROR and returns its exit status. */
int history_fail(const GError *error);

/* Session ID (or "last") that has ended; NULL after a message, likewise. */
StoreRecord *history_ended(StoreReader *reader, const char *id, const char *athlete, int *ret_status);

/* "2026-11-23 18:20" in local time. Caller frees. */
char *history_date(gint64 wall_us);

#endif
