/* SPDX-License-Identifier: MIT */
#include "store/remove.h"

#include "store/job.h"

static bool may_go(const char *file, const char *id, GError **error)
{
    g_autoptr(StoreReader) reader = store_reader_open(file, error);
    g_autoptr(StoreRecord) record = reader != NULL ? store_reader_get(reader, id, NULL, error) : NULL;
    g_autoptr(StoreSaved) saved = record != NULL ? store_reader_saved(reader, record->athlete) : NULL;
    if (saved == NULL || g_strcmp0(saved->record->id, id) != 0)
        return record != NULL;
    g_set_error(error, STORE_ERROR, STORE_ERROR_READ, "session '%s' has not ended yet; end it first", id);
    return false;
}

bool store_remove(const char *file, const char *id, GError **error)
{
    g_autofree char *reason = NULL;
    sqlite3 *db = NULL;
    if (!may_go(file, id, error))
        return false;
    int code = database_open(file, &db, &reason);
    if (code == SQLITE_OK) {
        Job *job = g_new0(Job, 1);
        job->kind = JOB_DELETE;
        job->id = g_strdup(id);
        JobWriter *writer = job_writer_new(db);
        GList jobs = {.data = job};
        code = job_writer_write(writer, &jobs);
        job_writer_free(writer);
        job_free(job);
    }
    if (code != SQLITE_OK)
        g_set_error(error, STORE_ERROR, database_damaged(code) ? STORE_ERROR_DAMAGED : STORE_ERROR_READ, "%s",
                    reason != NULL ? reason : database_words(code));
    sqlite3_close(db);
    return code == SQLITE_OK;
}
