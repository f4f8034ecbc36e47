/* SPDX-License-Identifier: MIT */
#include "store_fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

static GMutex lock;
static GPtrArray *lines;

char *folder_new(void)
{
    g_autofree char *here = g_get_current_dir();
    char *folder = g_build_filename(here, "store-XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(folder));
    return folder;
}

void folder_remove(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
}

Store *store_in(const char *folder)
{
    const StoreOptions options = {.folder = folder, .interval_s = 1};
    return store_new(&options);
}

char *database_in(const char *folder) { return g_build_filename(folder, "zone1d.db", NULL); }

StoreRecord *record_new(const char *id, const char *athlete, gint64 started_us)
{
    StoreRecord *record = store_record_new();
    const AthleteProfile profile = {.max_bpm = 185, .rest_bpm = 55};
    const Target target = {.kind = TARGET_RECOVERY};
    ZoneTable zones;
    g_assert_true(zones_build(&profile, &zones) == ZONES_OK);
    record->id = g_strdup(id);
    record->athlete = g_strdup(athlete);
    record->started_us = started_us;
    store_record_describe(record, &zones, &target, 132);
    return record;
}

GBytes *chunk_new(int from_s, int count)
{
    g_autofree uint8_t *bytes = g_malloc((gsize)(count + 1) * TRACK_MAX_ENTRY_BYTES);
    TrackWriter writer = {.bytes = bytes, .size = (gsize)(count + 1) * TRACK_MAX_ENTRY_BYTES};
    for (int i = 0; i < count; i++) {
        Sample sample = {.bpm = 120, .contact = CONTACT_DETECTED, .speed_mps = (double)NAN, .rr_count = 2};
        sample.rr_ms[0] = 512 * 1000.0 / 1024;
        sample.rr_ms[1] = (512 + i % 7) * 1000.0 / 1024;
        g_assert_true(track_add_sample(&writer, (from_s + i) * 1000, &sample));
    }
    return g_bytes_new(bytes, writer.len);
}

void record_end(StoreRecord *record, int seconds)
{
    Summary summary = {.end_ms = seconds * 1000};
    const AthleteProfile profile = {.max_bpm = 185, .rest_bpm = 55};
    const VerdictRules rules = verdict_rules_default();
    g_assert_true(zones_build(&profile, &summary.zones) == ZONES_OK);
    summary.cap_bpm = 132;
    summary.totals.elapsed_ms = summary.totals.valid_ms = summary.totals.zone_ms[1] = seconds * 1000;
    verdict_judge(&summary.totals, &rules, &summary.verdict);
    store_record_take(record, &summary);
    record->ended_us = record->started_us + (gint64)seconds * G_USEC_PER_SEC;
    g_free(record->json);
    record->json = g_strdup_printf("{\"id\":\"%s\",\"started_at\":null,\"compliance\":100.0}", record->id);
}

static sqlite3_stmt *ask(const char *folder, const char *sql, sqlite3 **ret_db)
{
    g_autofree char *file = database_in(folder);
    sqlite3_stmt *row = NULL;
    g_assert_true(sqlite3_open(file, ret_db) == SQLITE_OK);
    sqlite3_busy_timeout(*ret_db, PATIENCE_MS);
    g_assert_true(sqlite3_prepare_v2(*ret_db, sql, -1, &row, NULL) == SQLITE_OK);
    g_assert_true(sqlite3_step(row) == SQLITE_ROW);
    return row;
}

char *integrity(const char *folder)
{
    sqlite3 *db;
    sqlite3_stmt *row = ask(folder, "PRAGMA integrity_check", &db);
    char *text = g_strdup((const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    sqlite3_close(db);
    return text;
}

gint64 ask_number(const char *folder, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *row = ask(folder, sql, &db);
    gint64 number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

static GLogWriterOutput keep_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    if ((level & G_LOG_FLAG_FATAL) != 0)
        return g_log_writer_default(level, fields, count, user);
    for (gsize i = 0; i < count; i++) {
        if (strcmp(fields[i].key, "MESSAGE") != 0)
            continue;
        g_mutex_lock(&lock);
        g_ptr_array_add(lines, g_strdup(fields[i].value));
        g_mutex_unlock(&lock);
    }
    return G_LOG_WRITER_HANDLED;
}

void log_keep(void)
{
    if (lines != NULL) {
        g_ptr_array_set_size(lines, 0);
        return;
    }
    lines = g_ptr_array_new_with_free_func(g_free);
    g_log_set_writer_func(keep_line, NULL, NULL);
}

unsigned log_count(const char *words)
{
    unsigned count = 0;
    g_mutex_lock(&lock);
    for (guint i = 0; i < lines->len; i++)
        count += strstr(lines->pdata[i], words) != NULL;
    g_mutex_unlock(&lock);
    return count;
}
