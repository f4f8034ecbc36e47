/* SPDX-License-Identifier: MIT */
#include "store/reader.h"

#include "store/database.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(zone1d-store-error, store_error)

#define COLUMNS                                                                                                        \
    "sessions.id, sessions.athlete, started_us, ended_us, corrected_us, target, cap, zone_model, bounds, profile, "    \
    "verdict, reason, compliance, elapsed_ms, valid_ms, above_ms, longest_ms, top_ms, load, rpe, sessions.clock"
#define COLUMN_COUNT 21

struct StoreReader {
    sqlite3 *db;
};

StoreReader *store_reader_open(const char *file, GError **error)
{
    if (access(file, R_OK) != 0 && errno == EACCES) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
                    "%s: not to be read as this user; sudo, or sudo -u zone1d, helps", file);
        return NULL;
    }
    if (!g_file_test(file, G_FILE_TEST_EXISTS)) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_NONE, "%s: there is no such file; no session was stored there",
                    file);
        return NULL;
    }
    g_autofree char *reason = NULL;
    sqlite3 *db = NULL;
    int code = database_open_to_read(file, &db, &reason);
    if (code != SQLITE_OK) {
        g_set_error_literal(error, STORE_ERROR, database_damaged(code) ? STORE_ERROR_DAMAGED : STORE_ERROR_READ,
                            reason);
        return NULL;
    }
    StoreReader *reader = g_new0(StoreReader, 1);
    reader->db = db;
    return reader;
}

void store_reader_free(StoreReader *reader)
{
    if (reader == NULL)
        return;
    sqlite3_close(reader->db);
    g_free(reader);
}

static void set_error(StoreReader *reader, GError **error)
{
    int code = sqlite3_errcode(reader->db);
    g_set_error(error, STORE_ERROR, database_damaged(code) ? STORE_ERROR_DAMAGED : STORE_ERROR_READ, "%s",
                database_words(code));
}

/* ---- one row ---- */

static char *text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text != NULL ? g_utf8_make_valid(text, sqlite3_column_bytes(row, column)) : NULL;
}

static GBytes *bytes_at(sqlite3_stmt *row, int column)
{
    const void *data = sqlite3_column_blob(row, column);
    return data != NULL ? g_bytes_new(data, (gsize)sqlite3_column_bytes(row, column)) : NULL;
}

static StoreRecord *record_of(sqlite3_stmt *row)
{
    StoreRecord *record = store_record_new();
    record->id = text_at(row, 0);
    record->athlete = text_at(row, 1);
    record->started_us = sqlite3_column_int64(row, 2);
    record->ended_us = sqlite3_column_int64(row, 3);
    record->corrected_us = sqlite3_column_int64(row, 4);
    record->target = text_at(row, 5);
    record->cap_bpm = sqlite3_column_int(row, 6);
    record->zone_model = text_at(row, 7);
    record->bounds = text_at(row, 8);
    record->profile = text_at(row, 9);
    record->verdict = text_at(row, 10);
    record->reason = text_at(row, 11);
    if (sqlite3_column_type(row, 12) != SQLITE_NULL)
        record->compliance = sqlite3_column_double(row, 12);
    record->elapsed_ms = sqlite3_column_int64(row, 13);
    record->valid_ms = sqlite3_column_int64(row, 14);
    record->above_ms = sqlite3_column_int64(row, 15);
    record->longest_ms = sqlite3_column_int64(row, 16);
    record->top_ms = sqlite3_column_int64(row, 17);
    record->load = sqlite3_column_double(row, 18);
    record->rpe = sqlite3_column_int(row, 19);
    record->clock = text_at(row, 20);
    return record;
}

static sqlite3_stmt *prepare(StoreReader *reader, const char *text, const char *first)
{
    sqlite3_stmt *statement = database_prepare(reader->db, text);
    if (statement != NULL && first != NULL)
        sqlite3_bind_text(statement, 1, first, -1, SQLITE_STATIC);
    return statement;
}

GPtrArray *store_reader_list(StoreReader *reader, const char *athlete, unsigned limit, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)store_record_free);
    sqlite3_stmt *row = prepare(reader, "SELECT " COLUMNS " FROM sessions WHERE ?1 IS NULL OR athlete = ?1"
                                        " ORDER BY started_us DESC, serial DESC LIMIT ?2", athlete);
    int code = SQLITE_ERROR;
    if (row != NULL) {
        sqlite3_bind_int64(row, 2, limit > 0 ? (gint64)limit : -1);
        while ((code = sqlite3_step(row)) == SQLITE_ROW)
            g_ptr_array_add(records, record_of(row));
    }
    if (code != SQLITE_DONE)
        set_error(reader, error);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? g_steal_pointer(&records) : NULL;
}

StoreRecord *store_reader_get(StoreReader *reader, const char *id, const char *athlete, GError **error)
{
    bool last = strcmp(id, "last") == 0;
    sqlite3_stmt *row =
        last ? prepare(reader, "SELECT " COLUMNS ", json, summary FROM sessions WHERE ended_us IS NOT NULL"
                               " AND (?1 IS NULL OR athlete = ?1) ORDER BY started_us DESC, serial DESC LIMIT 1",
                       athlete)
             : prepare(reader, "SELECT " COLUMNS ", json, summary FROM sessions WHERE id = ?1", id);
    int code = row != NULL ? sqlite3_step(row) : SQLITE_ERROR;
    StoreRecord *record = NULL;
    if (code == SQLITE_ROW) {
        record = record_of(row);
        record->json = text_at(row, COLUMN_COUNT);
        record->summary = bytes_at(row, COLUMN_COUNT + 1);
    } else if (code == SQLITE_DONE) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_NONE, last ? "no session has ended yet"
                                                               : "there is no session '%s'; see zone1ctl sessions", id);
    } else {
        set_error(reader, error);
    }
    sqlite3_finalize(row);
    return record;
}

StoreRecord *store_reader_orphan(StoreReader *reader, const char *athlete)
{
    sqlite3_stmt *row = prepare(reader, "SELECT " COLUMNS " FROM sessions WHERE athlete = ?1 AND ended_us IS NULL"
                                        " AND NOT EXISTS (SELECT 1 FROM states WHERE states.session = sessions.id)"
                                        " ORDER BY serial DESC LIMIT 1", athlete);
    StoreRecord *record = row != NULL && sqlite3_step(row) == SQLITE_ROW ? record_of(row) : NULL;
    sqlite3_finalize(row);
    return record;
}

GPtrArray *store_reader_unended(StoreReader *reader)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)store_record_free);
    sqlite3_stmt *row = prepare(reader, "SELECT " COLUMNS " FROM sessions WHERE serial IN"
                                        " (SELECT max(serial) FROM sessions WHERE ended_us IS NULL GROUP BY athlete)",
                                NULL);
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW)
        g_ptr_array_add(records, record_of(row));
    sqlite3_finalize(row);
    return records;
}

StoreSaved *store_reader_saved(StoreReader *reader, const char *athlete)
{
    sqlite3_stmt *row = prepare(reader, "SELECT " COLUMNS ", states.clock, saved_ms, saved_us, state FROM states"
                                        " JOIN sessions ON sessions.id = states.session"
                                        " WHERE states.athlete = ?1 AND ended_us IS NULL", athlete);
    StoreSaved *saved = NULL;
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        saved = g_new0(StoreSaved, 1);
        saved->record = record_of(row);
        saved->clock = text_at(row, COLUMN_COUNT);
        saved->saved_ms = sqlite3_column_int64(row, COLUMN_COUNT + 1);
        saved->saved_us = sqlite3_column_int64(row, COLUMN_COUNT + 2);
        saved->state = bytes_at(row, COLUMN_COUNT + 3);
        if (saved->state == NULL)
            saved->state = g_bytes_new(NULL, 0);
    }
    sqlite3_finalize(row);
    return saved;
}

void store_saved_free(StoreSaved *saved)
{
    if (saved == NULL)
        return;
    store_record_free(saved->record);
    g_bytes_unref(saved->state);
    g_free(saved->clock);
    g_free(saved);
}

static void news_free(gpointer data)
{
    StoreNews *news = data;
    g_free(news->athlete);
    g_ptr_array_unref(news->sessions);
    store_record_free(news->last);
    g_free(news);
}

static StoreNews *add_news(StoreReader *reader, GPtrArray *all, const char *athlete)
{
    StoreNews *news = g_new0(StoreNews, 1);
    news->athlete = g_strdup(athlete);
    news->sessions = g_ptr_array_new_with_free_func(g_free);
    news->last = store_reader_get(reader, "last", athlete, NULL);
    g_ptr_array_add(all, news);
    return news;
}

bool store_news_has(const StoreNews *news, const char *id)
{
    g_autofree char *digest = id != NULL ? database_digest(id) : NULL;
    for (guint i = 0; digest != NULL && i < news->sessions->len; i++)
        if (strcmp(news->sessions->pdata[i], digest) == 0)
            return true;
    return false;
}

GPtrArray *store_reader_news(StoreReader *reader)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(news_free);
    sqlite3_stmt *row = prepare(reader, "SELECT athlete, session FROM removed ORDER BY athlete", NULL);
    StoreNews *news = NULL;
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        g_autofree char *athlete = text_at(row, 0);
        if (news == NULL || strcmp(news->athlete, athlete) != 0)
            news = add_news(reader, all, athlete);
        g_ptr_array_add(news->sessions, text_at(row, 1));
    }
    sqlite3_finalize(row);
    return all;
}

StoreNote *store_reader_note(StoreReader *reader, const char *key)
{
    sqlite3_stmt *row = prepare(reader, "SELECT key, clock, at_us, data FROM notes WHERE key = ?1", key);
    StoreNote *note = NULL;
    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        note = g_new0(StoreNote, 1);
        *note = (StoreNote){text_at(row, 0), text_at(row, 1), sqlite3_column_int64(row, 2), text_at(row, 3)};
    }
    sqlite3_finalize(row);
    return note;
}

/* ---- the track ---- */

/* As a Sample has room for 255 RR intervals, hours of them would be much memory. */
typedef struct {
    int64_t t_ms;
    double speed_mps;
    guint rr_from;
    guint16 bpm;
    guint8 rr_count, contact;
    bool is_mark, is_target;
    guint8 mark;
    Target target;
} Entry;

struct StoreTrack {
    GArray *entries, *rr_ms;
    guint damaged;
};

static void keep(StoreTrack *track, const TrackEntry *entry)
{
    const Sample *sample = &entry->sample;
    Entry kept = {.t_ms = sample->t_ms,
                  .speed_mps = sample->speed_mps,
                  .rr_from = track->rr_ms->len,
                  .bpm = sample->bpm,
                  .rr_count = (guint8)sample->rr_count,
                  .contact = (guint8)sample->contact,
                  .is_mark = entry->is_mark,
                  .is_target = entry->is_target,
                  .mark = (guint8)entry->mark,
                  .target = entry->target};
    g_array_append_val(track->entries, kept);
    if (sample->rr_count > 0)
        g_array_append_vals(track->rr_ms, sample->rr_ms, sample->rr_count);
}

/* A chunk counts whole or not at all, and only when it follows on the one before. */
static void take_chunk(StoreTrack *track, const uint8_t *bytes, gsize size)
{
    const guint entries = track->entries->len, beats = track->rr_ms->len;
    int64_t last_ms = entries > 0 ? g_array_index(track->entries, Entry, entries - 1).t_ms : INT64_MIN;
    TrackReader reader = track_read(bytes, size);
    TrackEntry entry;
    TrackResult result;
    while ((result = track_next(&reader, &entry)) == TRACK_ENTRY) {
        if (entry.sample.t_ms < last_ms) {
            result = TRACK_DAMAGED;
            break;
        }
        last_ms = entry.sample.t_ms;
        keep(track, &entry);
    }
    if (result != TRACK_DAMAGED)
        return;
    track->damaged++;
    g_array_set_size(track->entries, entries);
    g_array_set_size(track->rr_ms, beats);
}

StoreTrack *store_reader_track(StoreReader *reader, const char *id, GError **error)
{
    g_autoptr(StoreTrack) track = g_new0(StoreTrack, 1);
    track->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    track->rr_ms = g_array_new(FALSE, FALSE, sizeof(double));
    sqlite3_stmt *row = prepare(reader, "SELECT data FROM chunks JOIN sessions ON serial = session WHERE id = ?1"
                                        " ORDER BY seq", id);
    int code = SQLITE_ERROR;
    while (row != NULL && (code = sqlite3_step(row)) == SQLITE_ROW)
        take_chunk(track, sqlite3_column_blob(row, 0), (gsize)sqlite3_column_bytes(row, 0));
    if (code != SQLITE_DONE)
        set_error(reader, error);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? g_steal_pointer(&track) : NULL;
}

void store_track_free(StoreTrack *track)
{
    if (track == NULL)
        return;
    g_array_unref(track->entries);
    g_array_unref(track->rr_ms);
    g_free(track);
}

guint store_track_count(const StoreTrack *track) { return track->entries->len; }

guint store_track_damaged(const StoreTrack *track) { return track->damaged; }

void store_track_get(const StoreTrack *track, guint index, TrackEntry *ret)
{
    const Entry *entry = &g_array_index(track->entries, Entry, index);
    ret->is_mark = entry->is_mark;
    ret->is_target = entry->is_target;
    ret->target = entry->target;
    ret->mark = (SessionCommand)entry->mark;
    ret->sample = (Sample){.t_ms = entry->t_ms,
                           .bpm = entry->bpm,
                           .contact = (Contact)entry->contact,
                           .speed_mps = entry->speed_mps,
                           .rr_count = entry->rr_count};
    if (entry->rr_count > 0)
        memcpy(ret->sample.rr_ms, &g_array_index(track->rr_ms, double, entry->rr_from),
               entry->rr_count * sizeof(double));
}
