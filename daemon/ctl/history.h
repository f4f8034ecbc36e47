/* SPDX-License-Identifier: MIT
 *
 * What the commands on stored sessions share: where the database is, and how to fail.
 */
#ifndef ZONE1D_CTL_HISTORY_H
#define ZONE1D_CTL_HISTORY_H

#include "store/reader.h"

/* Parses ENTRIES and --state-dir, --help; SUMMARY and the exit statuses stand in the help. Between LEAST and MOST
 * arguments must be left; ARGUMENTS names them. False after a message. */
bool history_options(int *argc, char ***argv, const GOptionEntry *entries, const char *arguments, const char *summary,
                     int least, int most);

/* The database: in --state-dir, else $STATE_DIRECTORY, else /var/lib/zone1d. Caller frees. */
char *history_file(void);

/* The database, open; NULL after a message, with *ret_status the exit status. */
StoreReader *history_open(int *ret_status);

/* Says ERROR and returns its exit status. */
int history_fail(const GError *error);

/* Session ID (or "last") that has ended; NULL after a message, likewise. */
StoreRecord *history_ended(StoreReader *reader, const char *id, const char *athlete, int *ret_status);

/* "2026-11-23 18:20" in local time. Caller frees. */
char *history_date(gint64 wall_us);

#endif
