/* SPDX-License-Identifier: MIT
 *
 * What is in the store, read only: for the daemon at its start, and for zone1ctl beside a running daemon. What it
 * reads may have been written by anything: texts are checked to be UTF-8 and bytes are parsed as hostile.
 * One thread at a time.
 */
#ifndef ZONE1D_STORE_READER_H
#define ZONE1D_STORE_READER_H

#include "core/track.h"
#include "store/record.h"

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);
typedef enum {
    STORE_ERROR_NONE,    /* there is no database, or no such session */
    STORE_ERROR_READ,    /* it cannot be read; the message says why */
    STORE_ERROR_DAMAGED, /* what was read makes no sense */
} StoreErrorCode;

typedef struct StoreReader StoreReader;

/* Opens FILE. NULL and *error otherwise. Free with store_reader_free. */
StoreReader *store_reader_open(const char *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void store_reader_free(StoreReader *reader); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreReader, store_reader_free)

/* Sessions, the newest first, as StoreRecord without json and summary: of ATHLETE, or of all for NULL; LIMIT of
 * them at most, 0: all. NULL and *error when they cannot be read. Caller unrefs. */
GPtrArray *store_reader_list(StoreReader *reader, const char *athlete, unsigned limit, GError **error);

/* Session ID, whole; "last" is the newest that has ended (of ATHLETE, or of all for NULL). Caller frees. */
StoreRecord *store_reader_get(StoreReader *reader, const char *id, const char *athlete, GError **error);

/* The newest session of ATHLETE that has not ended but has no saved state either, or NULL. Caller frees. */
StoreRecord *store_reader_orphan(StoreReader *reader, const char *athlete);

/* Sessions of one athlete that are not in the store any more, by whomever they were deleted. */
typedef struct {
    char *athlete;
    GPtrArray *sessions; /* digests of their ids */
    StoreRecord *last;   /* what has ended last of what is still there, whole; NULL: nothing has */
} StoreNews;

/* Whether session ID is among them; ID NULL: no. */
bool store_news_has(const StoreNews *news, const char *id);

/* What was removed and not told yet (store_told), as StoreNews. Caller unrefs. */
GPtrArray *store_reader_news(StoreReader *reader);

/* The note of KEY, or NULL. Caller frees. */
StoreNote *store_reader_note(StoreReader *reader, const char *key);

/* The newest session of each athlete that has not ended, as StoreRecord without json and summary. Caller unrefs. */
GPtrArray *store_reader_unended(StoreReader *reader);

/* A session's samples and marks in order. */
typedef struct StoreTrack StoreTrack;

/* The track of session ID; empty when there is none (any more). Chunks that make no sense are left out and
 * counted. NULL and *error when it cannot be read. */
StoreTrack *store_reader_track(StoreReader *reader, const char *id, GError **error);
void store_track_free(StoreTrack *track); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreTrack, store_track_free)

/* How many entries, and how many chunks were left out. */
guint store_track_count(const StoreTrack *track);
guint store_track_damaged(const StoreTrack *track);

/* Fills *ret with entry INDEX (< count). */
void store_track_get(const StoreTrack *track, guint index, TrackEntry *ret);

/* What was saved of a session in progress. */
typedef struct {
    StoreRecord *record;
    char *clock;
    gint64 saved_ms, saved_us;
    GBytes *state;
} StoreSaved;

/* The saved state of ATHLETE's session, or NULL when there is none. Free with store_saved_free. */
StoreSaved *store_reader_saved(StoreReader *reader, const char *athlete);
void store_saved_free(StoreSaved *saved); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSaved, store_saved_free)

#endif
