/* SPDX-License-Identifier: MIT
 *
 * A folder for a database, sessions to put into it, and what the log says.
 */
#ifndef ZONE1D_TESTS_STORE_FIXTURE_H
#define ZONE1D_TESTS_STORE_FIXTURE_H

#include "store/reader.h"
#include "store/store.h"

#define PATIENCE_MS 60000

/* An empty folder below the working directory, gone with folder_remove. */
char *folder_new(void);
void folder_remove(const char *folder);

/* The store in FOLDER, interval 1 s. */
Store *store_in(const char *folder);

/* The database's path; caller frees. */
char *database_in(const char *folder);

/* A session as it is when it begins. */
StoreRecord *record_new(const char *id, const char *athlete, gint64 started_us);

/* COUNT samples, a second apart, from FROM_S of the session on, with two RR intervals each. */
GBytes *chunk_new(int from_s, int count);

/* RECORD with an outcome, ended SECONDS after its start. */
void record_end(StoreRecord *record, int seconds);

/* "ok", or what PRAGMA integrity_check says; caller frees. */
char *integrity(const char *folder);

/* The one number that SQL (without values) gives. */
gint64 ask_number(const char *folder, const char *sql);

/* From now on the log is kept; how many of its lines hold WORDS. */
void log_keep(void);
unsigned log_count(const char *words);

#endif
