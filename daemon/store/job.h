/* SPDX-License-Identifier: MIT
 *
 * What waits to be written, and the writing of it. Internal to store.
 */
#ifndef ZONE1D_STORE_JOB_H
#define ZONE1D_STORE_JOB_H

#include "store/database.h"
#include "store/record.h"

typedef enum {
    JOB_SAVE,
    JOB_FINISH,
    JOB_AMEND, /* a session that has finished; it is not made again when it was deleted meanwhile */
    JOB_DROP,
    JOB_DELETE,
    JOB_FORGET,
    JOB_CORRECT,
    JOB_EXPIRE,
    JOB_NOTE,
    JOB_LOOK, /* whether something was removed that is still to be told; writes nothing */
    JOB_TOLD, /* that the session was removed whose digest is ID */
} JobKind;

typedef struct {
    JobKind kind;
    StoreRecord *record;   /* SAVE, FINISH, AMEND */
    GBytes *chunk, *state; /* may be NULL */
    char *athlete, *id;    /* DROP, DELETE, FORGET, TOLD */
    char *clock;           /* SAVE, FINISH: of the stamp; CORRECT */
    gint64 saved_ms, saved_us;
    gint64 delta_us;                     /* CORRECT */
    StoreNote *note;                     /* NOTE */
    gint64 sessions_us, samples_us;      /* EXPIRE: what ended before goes; 0: nothing does */
} Job;

/* NULL is fine. */
void job_free(Job *job);

/* About how much memory it takes. */
gsize job_bytes(const Job *job);

/* The statements of one connection, prepared when first used. */
typedef struct JobWriter JobWriter;

/* DB outlives it. */
JobWriter *job_writer_new(sqlite3 *db);
void job_writer_free(JobWriter *writer); /* NULL is fine */

/* Writes JOBS (a list of Job) in one transaction: all, and SQLITE_OK, or none. */
int job_writer_write(JobWriter *writer, const GList *jobs);

#endif
