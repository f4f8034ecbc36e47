/* SPDX-License-Identifier: MIT */
#include "store/job.h"

#include <math.h>
#include <string.h>

typedef enum {
    TEXT_BEGIN,
    TEXT_COMMIT,
    TEXT_ROLLBACK,
    TEXT_ENSURE,
    TEXT_CHUNK,
    TEXT_STATE,
    TEXT_FINISH,
    TEXT_END_STATE,
    TEXT_DELETE_CHUNKS,
    TEXT_DELETE,
    TEXT_DELETE_STATE,
    TEXT_FORGET_CHUNKS,
    TEXT_FORGET,
    TEXT_FORGET_STATE,
    TEXT_CORRECT,
    TEXT_EXPIRE_CHUNKS,
    TEXT_EXPIRE,
    TEXT_REMOVED,
    TEXT_REMOVED_BY_AGE,
    TEXT_TOLD,
    TEXT_FORGET_REMOVED,
    TEXT_NOTE,
    TEXT_NOTE_GOES,
    TEXT_CORRECT_NOTES,
    TEXT_COUNT,
} TextId;

#define SESSION_COLUMNS "id, athlete, started_us, target, cap, zone_model, bounds, profile, clock"

static const char *const texts[TEXT_COUNT] = {
    [TEXT_BEGIN] = "BEGIN IMMEDIATE",
    [TEXT_COMMIT] = "COMMIT",
    [TEXT_ROLLBACK] = "ROLLBACK",
    [TEXT_ENSURE] = "INSERT INTO sessions (" SESSION_COLUMNS ", corrected_us)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING",
    /* Not INSERT ... SELECT: that one would be put together in a table of its own first, since it reads chunks, too. */
    [TEXT_CHUNK] = "INSERT INTO chunks (session, seq, data) VALUES ((SELECT serial FROM sessions WHERE id = ?1),"
                   " (SELECT ifnull(max(seq), 0) + 1 FROM chunks"
                   " WHERE session = (SELECT serial FROM sessions WHERE id = ?1)), ?2)",
    [TEXT_STATE] = "INSERT INTO states (athlete, session, clock, saved_ms, saved_us, state)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (athlete) DO UPDATE SET session = excluded.session,"
                   " clock = excluded.clock, saved_ms = excluded.saved_ms, saved_us = excluded.saved_us,"
                   " state = excluded.state",
    [TEXT_FINISH] = "UPDATE sessions SET started_us = ?2, ended_us = ?3, corrected_us = ?4, target = ?5, cap = ?6,"
                    " zone_model = ?7, bounds = ?8, profile = ?9, verdict = ?10, reason = ?11, compliance = ?12,"
                    " elapsed_ms = ?13, valid_ms = ?14, above_ms = ?15, longest_ms = ?16, top_ms = ?17, load = ?18,"
                    " rpe = ?19, json = ?20, summary = ?21 WHERE id = ?1",
    [TEXT_END_STATE] = "DELETE FROM states WHERE athlete = ?1 AND session = ?2",
    [TEXT_DELETE_CHUNKS] = "DELETE FROM chunks WHERE session IN (SELECT serial FROM sessions WHERE id = ?1)",
    [TEXT_DELETE] = "DELETE FROM sessions WHERE id = ?1",
    [TEXT_DELETE_STATE] = "DELETE FROM states WHERE session = ?1",
    [TEXT_FORGET_CHUNKS] = "DELETE FROM chunks WHERE session IN (SELECT serial FROM sessions WHERE athlete = ?1)",
    [TEXT_FORGET] = "DELETE FROM sessions WHERE athlete = ?1",
    [TEXT_FORGET_STATE] = "DELETE FROM states WHERE athlete = ?1",
    [TEXT_CORRECT] = "UPDATE sessions SET started_us = started_us + ?2, ended_us = ended_us + ?2,"
                     " corrected_us = corrected_us + ?2, json = json_set(json, '$.started_at',"
                     " strftime('%Y-%m-%dT%H:%M:%fZ', (started_us + ?2) / 1000000.0, 'unixepoch')) WHERE clock = ?1",
    [TEXT_EXPIRE_CHUNKS] = ("DELETE FROM chunks WHERE session IN"
                            " (SELECT serial FROM sessions WHERE ended_us IS NOT NULL AND ended_us < ?1)"),
    [TEXT_EXPIRE] = "DELETE FROM sessions WHERE ended_us IS NOT NULL AND ended_us < ?1",
    [TEXT_REMOVED] = "INSERT OR IGNORE INTO removed (session, athlete) SELECT digest(id), athlete FROM sessions"
                     " WHERE id = ?1",
    [TEXT_REMOVED_BY_AGE] = "INSERT OR IGNORE INTO removed (session, athlete) SELECT digest(id), athlete FROM sessions"
                            " WHERE ended_us IS NOT NULL AND ended_us < ?1",
    [TEXT_TOLD] = "DELETE FROM removed WHERE session = ?1",
    [TEXT_FORGET_REMOVED] = "DELETE FROM removed WHERE athlete = ?1",
    [TEXT_NOTE] = "INSERT OR REPLACE INTO notes (key, clock, data, at_us) VALUES (?1, ?2, ?3, ?4)",
    [TEXT_NOTE_GOES] = "DELETE FROM notes WHERE key = ?1",
    [TEXT_CORRECT_NOTES] = "UPDATE notes SET at_us = at_us + ?2 WHERE clock = ?1",
};

struct JobWriter {
    sqlite3 *db;
    sqlite3_stmt *statements[TEXT_COUNT];
};

void job_free(Job *job)
{
    if (job == NULL)
        return;
    store_record_free(job->record);
    if (job->chunk != NULL)
        g_bytes_unref(job->chunk);
    if (job->state != NULL)
        g_bytes_unref(job->state);
    g_free(job->athlete);
    g_free(job->id);
    g_free(job->clock);
    store_note_free(job->note);
    g_free(job);
}

gsize job_bytes(const Job *job)
{
    gsize bytes = sizeof *job + (job->note != NULL && job->note->data != NULL ? strlen(job->note->data) : 0);
    bytes += (job->record != NULL ? sizeof *job->record + 300 : 0);
    bytes += job->chunk != NULL ? g_bytes_get_size(job->chunk) : 0;
    return bytes + (job->state != NULL ? g_bytes_get_size(job->state) : 0);
}

JobWriter *job_writer_new(sqlite3 *db)
{
    JobWriter *writer = g_new0(JobWriter, 1);
    writer->db = db;
    return writer;
}

void job_writer_free(JobWriter *writer)
{
    if (writer == NULL)
        return;
    for (int i = 0; i < TEXT_COUNT; i++)
        sqlite3_finalize(writer->statements[i]);
    g_free(writer);
}

/* ---- statements ---- */

/* NULL when it cannot be prepared; run tells why. */
static sqlite3_stmt *statement(JobWriter *writer, TextId id)
{
    if (writer->statements[id] == NULL)
        writer->statements[id] = database_prepare(writer->db, texts[id]);
    return writer->statements[id];
}

static int run(JobWriter *writer, TextId id)
{
    sqlite3_stmt *one = statement(writer, id);
    if (one == NULL)
        return sqlite3_errcode(writer->db) != SQLITE_OK ? sqlite3_errcode(writer->db) : SQLITE_ERROR;
    int code = sqlite3_step(one);
    sqlite3_reset(one);
    sqlite3_clear_bindings(one);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* What is bound lives until the statement has run. A failed bind (out of memory) shows as a NOT NULL that fails. */
static void bind_text(sqlite3_stmt *one, int at, const char *text)
{
    if (text != NULL)
        sqlite3_bind_text(one, at, text, -1, SQLITE_STATIC);
}

static void bind_bytes(sqlite3_stmt *one, int at, GBytes *bytes)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    sqlite3_bind_blob64(one, at, data, size, SQLITE_STATIC);
}

static int run_with_text(JobWriter *writer, TextId id, const char *text, const char *second)
{
    sqlite3_stmt *one = statement(writer, id);
    bind_text(one, 1, text);
    bind_text(one, 2, second);
    return run(writer, id);
}

static int run_with_time(JobWriter *writer, TextId id, gint64 time_us)
{
    sqlite3_stmt *one = statement(writer, id);
    sqlite3_bind_int64(one, 1, time_us);
    return run(writer, id);
}

/* ---- jobs ---- */

static int ensure(JobWriter *writer, const Job *job)
{
    sqlite3_stmt *one = statement(writer, TEXT_ENSURE);
    const StoreRecord *record = job->record;
    const char *const words[] = {record->target, NULL, record->zone_model, record->bounds, record->profile, job->clock};
    bind_text(one, 1, record->id);
    bind_text(one, 2, record->athlete);
    sqlite3_bind_int64(one, 3, record->started_us);
    for (int i = 0; i < (int)G_N_ELEMENTS(words); i++)
        bind_text(one, 4 + i, words[i]);
    sqlite3_bind_int(one, 5, record->cap_bpm);
    sqlite3_bind_int64(one, 10, record->corrected_us);
    return run(writer, TEXT_ENSURE);
}

static int add_chunk(JobWriter *writer, const Job *job)
{
    if (job->chunk == NULL)
        return SQLITE_OK;
    sqlite3_stmt *one = statement(writer, TEXT_CHUNK);
    bind_text(one, 1, job->record->id);
    bind_bytes(one, 2, job->chunk);
    return run(writer, TEXT_CHUNK);
}

static int set_state(JobWriter *writer, const Job *job)
{
    if (job->state == NULL)
        return SQLITE_OK;
    sqlite3_stmt *one = statement(writer, TEXT_STATE);
    bind_text(one, 1, job->record->athlete);
    bind_text(one, 2, job->record->id);
    bind_text(one, 3, job->clock);
    sqlite3_bind_int64(one, 4, job->saved_ms);
    sqlite3_bind_int64(one, 5, job->saved_us);
    bind_bytes(one, 6, job->state);
    return run(writer, TEXT_STATE);
}

static int save(JobWriter *writer, const Job *job)
{
    int code = ensure(writer, job);
    if (code == SQLITE_OK)
        code = add_chunk(writer, job);
    return code == SQLITE_OK ? set_state(writer, job) : code;
}

static void bind_outcome(sqlite3_stmt *one, const StoreRecord *record)
{
    const gint64 times_ms[] = {record->elapsed_ms, record->valid_ms, record->above_ms, record->longest_ms,
                               record->top_ms};
    bind_text(one, 10, record->verdict);
    bind_text(one, 11, record->reason);
    if (!isnan(record->compliance))
        sqlite3_bind_double(one, 12, record->compliance);
    for (int i = 0; i < (int)G_N_ELEMENTS(times_ms); i++)
        sqlite3_bind_int64(one, 13 + i, times_ms[i]);
    sqlite3_bind_double(one, 18, record->load);
    if (record->rpe > 0)
        sqlite3_bind_int(one, 19, record->rpe);
    bind_text(one, 20, record->json);
    if (record->summary != NULL)
        bind_bytes(one, 21, record->summary);
}

static int amend(JobWriter *writer, const Job *job)
{
    const StoreRecord *record = job->record;
    sqlite3_stmt *one = statement(writer, TEXT_FINISH);
    const char *const words[] = {record->target, NULL, record->zone_model, record->bounds, record->profile};
    bind_text(one, 1, record->id);
    sqlite3_bind_int64(one, 2, record->started_us);
    sqlite3_bind_int64(one, 3, record->ended_us);
    sqlite3_bind_int64(one, 4, record->corrected_us);
    for (int i = 0; i < (int)G_N_ELEMENTS(words); i++)
        bind_text(one, 5 + i, words[i]);
    sqlite3_bind_int(one, 6, record->cap_bpm);
    bind_outcome(one, record);
    const int code = run(writer, TEXT_FINISH);
    return code == SQLITE_OK ? run_with_text(writer, TEXT_END_STATE, record->athlete, record->id) : code;
}

static int finish(JobWriter *writer, const Job *job)
{
    int code = ensure(writer, job);
    if (code == SQLITE_OK)
        code = add_chunk(writer, job);
    return code == SQLITE_OK ? amend(writer, job) : code;
}

static int delete_session(JobWriter *writer, const char *id)
{
    int code = run_with_text(writer, TEXT_DELETE_CHUNKS, id, NULL);
    if (code == SQLITE_OK)
        code = run_with_text(writer, TEXT_DELETE, id, NULL);
    return code == SQLITE_OK ? run_with_text(writer, TEXT_DELETE_STATE, id, NULL) : code;
}

/* One that others may have been told of. */
static int delete_known(JobWriter *writer, const char *id)
{
    const int code = run_with_text(writer, TEXT_REMOVED, id, NULL);
    return code == SQLITE_OK ? delete_session(writer, id) : code;
}

static int forget(JobWriter *writer, const char *athlete)
{
    int code = run_with_text(writer, TEXT_FORGET_CHUNKS, athlete, NULL);
    if (code == SQLITE_OK)
        code = run_with_text(writer, TEXT_FORGET, athlete, NULL);
    if (code == SQLITE_OK)
        code = run_with_text(writer, TEXT_FORGET_REMOVED, athlete, NULL);
    return code == SQLITE_OK ? run_with_text(writer, TEXT_FORGET_STATE, athlete, NULL) : code;
}

static int correct(JobWriter *writer, const Job *job)
{
    static const TextId ids[] = {TEXT_CORRECT, TEXT_CORRECT_NOTES};
    int code = SQLITE_OK;
    for (gsize i = 0; code == SQLITE_OK && i < G_N_ELEMENTS(ids); i++) {
        sqlite3_stmt *one = statement(writer, ids[i]);
        bind_text(one, 1, job->clock);
        sqlite3_bind_int64(one, 2, job->delta_us);
        code = run(writer, ids[i]);
    }
    return code;
}

static int keep_note(JobWriter *writer, const StoreNote *note)
{
    if (note->data == NULL)
        return run_with_text(writer, TEXT_NOTE_GOES, note->key, NULL);
    sqlite3_stmt *one = statement(writer, TEXT_NOTE);
    bind_text(one, 1, note->key);
    bind_text(one, 2, note->clock);
    bind_text(one, 3, note->data);
    sqlite3_bind_int64(one, 4, note->at_us);
    return run(writer, TEXT_NOTE);
}

static int expire(JobWriter *writer, const Job *job)
{
    int code = SQLITE_OK;
    gint64 samples_us = MAX(job->samples_us, job->sessions_us);
    if (samples_us > 0)
        code = run_with_time(writer, TEXT_EXPIRE_CHUNKS, samples_us);
    if (code == SQLITE_OK && job->sessions_us > 0)
        code = run_with_time(writer, TEXT_REMOVED_BY_AGE, job->sessions_us);
    return code == SQLITE_OK && job->sessions_us > 0 ? run_with_time(writer, TEXT_EXPIRE, job->sessions_us) : code;
}

static int write_job(JobWriter *writer, const Job *job)
{
    switch (job->kind) {
    case JOB_SAVE:
        return save(writer, job);
    case JOB_FINISH:
        return finish(writer, job);
    case JOB_AMEND:
        return amend(writer, job);
    case JOB_DROP:
        return delete_session(writer, job->id);
    case JOB_DELETE:
        return delete_known(writer, job->id);
    case JOB_LOOK:
        return SQLITE_OK;
    case JOB_TOLD:
        return run_with_text(writer, TEXT_TOLD, job->id, NULL);
    case JOB_FORGET:
        return forget(writer, job->athlete);
    case JOB_CORRECT:
        return correct(writer, job);
    case JOB_EXPIRE:
        return expire(writer, job);
    case JOB_NOTE:
        return keep_note(writer, job->note);
    }
    return SQLITE_ERROR;
}

/* Whether what goes must not be found in the file any more: health data that somebody asked to be gone. */
static bool must_vanish(const GList *jobs)
{
    for (; jobs != NULL; jobs = jobs->next) {
        JobKind kind = ((const Job *)jobs->data)->kind;
        if (kind == JOB_DELETE || kind == JOB_FORGET)
            return true;
    }
    return false;
}

int job_writer_write(JobWriter *writer, const GList *jobs)
{
    bool vanish = must_vanish(jobs);
    int code = run(writer, TEXT_BEGIN);
    for (const GList *one = jobs; one != NULL && code == SQLITE_OK; one = one->next)
        code = write_job(writer, one->data);
    if (code == SQLITE_OK)
        code = run(writer, TEXT_COMMIT);
    if (code != SQLITE_OK && sqlite3_get_autocommit(writer->db) == 0)
        run(writer, TEXT_ROLLBACK);
    /* The old content would stay in the log until it is written over. A busy reader delays that, no more. */
    if (code == SQLITE_OK && vanish)
        database_run(writer->db, "PRAGMA wal_checkpoint(TRUNCATE)");
    return code;
}
