/* SPDX-License-Identifier: MIT
 *
 * The database file: opened, brought to the newest schema, set aside when it is damaged. Internal to store.
 * One connection belongs to one thread at a time.
 */
#ifndef ZONE1D_STORE_DATABASE_H
#define ZONE1D_STORE_DATABASE_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

#define DATABASE_FILE "zone1d.db"
/* PRAGMA user_version. 1: without what the clock's correction needs; 2: without notes;
 * 3: without what was deleted and is still to be told */
#define DATABASE_VERSION 4
#define DATABASE_BUSY_MS 5000

/* Opens (or makes) FILE for writing and brings its schema up to date, all or nothing. SQLITE_OK and *ret,
 * or the error, with a sentence in *ret_reason (caller frees). SQLITE_MISMATCH: made by a newer zone1d. */
int database_open(const char *file, sqlite3 **ret, char **ret_reason);

/* Opens FILE for reading; it may be in use. *ret_reason likewise. */
int database_open_to_read(const char *file, sqlite3 **ret, char **ret_reason);

/* Whether CODE says that the file's content is not to be trusted. */
bool database_damaged(int code);

/* Moves FILE and what belongs to it out of the way. Returns the new name, or NULL and says why in
 * *ret_reason; caller frees both. */
char *database_set_aside(const char *file, char **ret_reason);

/* Runs TEXT, one or more statements without values. Returns SQLite's code. */
int database_run(sqlite3 *db, const char *text);

/* The statement TEXT, prepared, or NULL when it cannot be: then sqlite3_errcode tells. */
sqlite3_stmt *database_prepare(sqlite3 *db, const char *text);

/* What is kept of the id of a session that was removed: enough to know it again, and no more. Caller frees. In
 * statements on a connection that writes: digest(id). */
char *database_digest(const char *id);

/* What CODE means to people, as a clause. Static storage. */
const char *database_words(int code);

/* The ids of all sessions, with the athletes whose they are, as a table of the caller's. */
GHashTable *database_ids(sqlite3 *db);

/* For tests: the schema as VERSION made it. False when there was no such version. */
bool database_make_version(sqlite3 *db, int version);

#endif
