/* SPDX-License-Identifier: MIT
 *
 * The database: its versions, what goes in and comes out, what is deleted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/database.h"
#include "store_fixture.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define T_US (G_GINT64_CONSTANT(1764000000) * G_USEC_PER_SEC)
#define DAY_US (24 * 3600 * G_GINT64_CONSTANT(1000000))

static const StoreStamp stamp = {.clock = "boot", .ms = 5000, .wall_us = T_US};

static int setup(void **state)
{
    *state = folder_new();
    log_keep();
    return 0;
}

static int teardown(void **state)
{
    folder_remove(*state);
    g_free(*state);
    return 0;
}

static StoreReader *reader_in(const char *folder)
{
    g_autofree char *file = database_in(folder);
    g_autoptr(GError) error = NULL;
    StoreReader *reader = store_reader_open(file, &error);
    assert_null(error);
    return reader;
}

static void put_session(Store *store, const char *id, const char *athlete, gint64 started_us)
{
    StoreRecord *record = record_new(id, athlete, started_us);
    GBytes *chunk = chunk_new(0, 4), *more = chunk_new(4, 396), *state = g_bytes_new_static("state", 5);
    store_save(store, record, chunk, state, &stamp);
    record_end(record, 400);
    store_finish(store, record, more, &stamp);
    assert_true(store_flush(store, PATIENCE_MS));
    g_bytes_unref(chunk);
    g_bytes_unref(more);
    g_bytes_unref(state);
    store_record_free(record);
}

static void test_what_goes_in_comes_out(void **state)
{
    Store *store = store_in(*state);
    put_session(store, "a-1", "anna", T_US);
    put_session(store, "b-1", "bob", T_US + DAY_US);
    assert_true(store_free(store, PATIENCE_MS));
    g_autoptr(StoreReader) reader = reader_in(*state);
    g_autoptr(GPtrArray) all = store_reader_list(reader, NULL, 0, NULL);
    g_autoptr(GPtrArray) annas = store_reader_list(reader, "anna", 0, NULL);
    g_autoptr(GPtrArray) one = store_reader_list(reader, NULL, 1, NULL);
    assert_true(all->len == 2 && annas->len == 1 && one->len == 1);
    assert_string_equal(((StoreRecord *)all->pdata[0])->id, "b-1");
    g_autoptr(StoreRecord) last = store_reader_get(reader, "last", "anna", NULL);
    assert_string_equal(last->id, "a-1");
    assert_string_equal(last->verdict, "strict");
    assert_true(last->ended_us == T_US + 400 * G_USEC_PER_SEC && last->compliance == 100 && last->valid_ms == 400000);
    assert_string_equal(last->bounds, "120,133,146,159,172");
    assert_string_equal(last->profile, "max 185, rest 55");
    assert_null(store_reader_saved(reader, "anna"));
    g_autoptr(StoreTrack) track = store_reader_track(reader, "a-1", NULL);
    assert_int_equal(store_track_count(track), 400);
    TrackEntry entry;
    store_track_get(track, 399, &entry);
    assert_true(entry.sample.t_ms == 399000 && entry.sample.bpm == 120 && entry.sample.rr_count == 2);
    assert_true(entry.sample.rr_ms[0] == 500 && entry.sample.rr_ms[1] == (512 + 395 % 7) * 1000.0 / 1024);
}

static void test_a_running_session_and_its_state(void **state)
{
    Store *store = store_in(*state);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    GBytes *one = g_bytes_new_static("one", 3), *two = g_bytes_new_static("two", 3);
    store_save(store, record, NULL, one, &stamp);
    store_save(store, record, NULL, two, &stamp);
    assert_true(store_flush(store, PATIENCE_MS));
    StoreReader *reader = reader_in(*state); /* while the store is open */
    StoreSaved *saved = store_reader_saved(reader, "anna");
    assert_string_equal(saved->record->id, "a-1");
    assert_true(g_bytes_equal(saved->state, two) && saved->saved_ms == 5000 && saved->record->ended_us == 0);
    store_saved_free(saved);
    assert_null(store_reader_get(reader, "last", NULL, NULL)); /* it has not ended */
    store_drop(store, "anna", "a-1");
    assert_true(store_flush(store, PATIENCE_MS));
    assert_null(store_reader_saved(reader, "anna"));
    assert_null(store_reader_get(reader, "a-1", NULL, NULL));
    store_reader_free(reader);
    store_record_free(record);
    g_bytes_unref(one);
    g_bytes_unref(two);
    store_free(store, PATIENCE_MS);
}

static void test_ids_are_unique(void **state)
{
    Store *store = store_in(*state);
    put_session(store, "a-1", "anna", T_US);
    store_free(store, PATIENCE_MS);
    store = store_in(*state);
    g_autofree char *second = store_new_id(store, "a-1", "anna"), *third = store_new_id(store, "a-1", "anna");
    assert_string_equal(second, "a-1-2");
    assert_string_equal(third, "a-1-3");
    store_free(store, PATIENCE_MS);
}

/* A database as VERSION made it, with a session in it. */
static void make_version(const char *folder, int version)
{
    g_autofree char *file = database_in(folder);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_true(database_make_version(db, version));
    assert_int_equal(database_run(db, "INSERT INTO sessions (id, athlete, started_us, ended_us, target, cap,"
                                      " zone_model,"
                                      " bounds, profile, verdict) VALUES ('old', 'anna', 1764000000000000,"
                                      " 1764000400000000, 'recovery', 132, 'hrr', '120,133', '', 'kept')"),
                     SQLITE_OK);
    sqlite3_close(db);
}

static void bring_up_to_date(int version)
{
    g_autofree char *folder = folder_new();
    make_version(folder, version);
    assert_int_equal(ask_number(folder, "PRAGMA user_version"), version);
    Store *store = store_in(folder);
    put_session(store, "new", "anna", T_US + DAY_US);
    store_note(store, "new", NULL, 7, "one");
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(folder, "PRAGMA user_version"), DATABASE_VERSION);
    g_autoptr(StoreReader) reader = reader_in(folder);
    g_autoptr(StoreRecord) old = store_reader_get(reader, "old", NULL, NULL);
    assert_string_equal(old->verdict, "kept");
    assert_true(old->corrected_us == 0 && old->started_us == T_US);
    g_autoptr(StoreNote) note = store_reader_note(reader, "new");
    assert_string_equal(note->data, "one");
    g_autofree char *sound = integrity(folder);
    assert_string_equal(sound, "ok");
    folder_remove(folder);
}

static void test_each_earlier_version_is_brought_up_to_date(void **state)
{
    (void)state;
    for (int version = 1; version < DATABASE_VERSION; version++)
        bring_up_to_date(version);
}

static void test_an_old_database_is_not_read_before_that(void **state)
{
    make_version(*state, 1);
    g_autofree char *file = database_in(*state);
    g_autoptr(GError) error = NULL;
    assert_null(store_reader_open(file, &error));
    assert_non_null(strstr(error->message, "older zone1d"));
}

static void test_a_newer_database_is_let_be(void **state)
{
    g_autofree char *file = database_in(*state);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(database_run(db, "PRAGMA user_version = 999"), SQLITE_OK);
    sqlite3_close(db);
    Store *store = store_in(*state);
    assert_int_equal(log_count("newer zone1d"), 1);
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(*state, "PRAGMA user_version"), 999);
}

static void damage(const char *folder, gsize from, gsize len)
{
    g_autofree char *file = database_in(folder);
    g_autofree char *bytes = NULL;
    gsize size;
    assert_true(g_file_get_contents(file, &bytes, &size, NULL));
    for (gsize i = from; i < size && i < from + len; i++)
        bytes[i] = (char)(i * 7);
    assert_true(g_file_set_contents(file, bytes, (gssize)size, NULL));
}

static void test_a_damaged_file_is_set_aside(void **state)
{
    const gsize places[][2] = {{0, 64}, {4096, 2000}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        Store *store = store_in(*state);
        put_session(store, "a-1", "anna", T_US);
        store_free(store, PATIENCE_MS);
        damage(*state, places[i][0], places[i][1]);
        store = store_in(*state);
        g_autofree char *name = g_strdup_printf("zone1d.db.damaged-%zu", i + 1);
        g_autofree char *aside = g_build_filename(*state, name, NULL);
        assert_int_equal(log_count(name), 1);
        assert_true(g_file_test(aside, G_FILE_TEST_EXISTS));
        put_session(store, "a-2", "anna", T_US);
        store_free(store, PATIENCE_MS);
        assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 1);
    }
}

/* What was asked to be gone is in no byte of the files any more. */
static void assert_nowhere(const char *folder, const char *word)
{
    static const char *const names[] = {"zone1d.db", "zone1d.db-wal"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_autofree char *bytes = NULL;
        gsize size;
        if (g_file_get_contents(path, &bytes, &size, NULL))
            assert_null(memmem(bytes, size, word, strlen(word)));
    }
}

static void test_to_forget_is_to_forget(void **state)
{
    Store *store = store_in(*state);
    put_session(store, "secret-a", "anna-secret", T_US);
    put_session(store, "secret-b", "bob", T_US);
    put_session(store, "c", "bob", T_US);
    store_forget(store, "anna-secret");
    store_delete(store, "secret-b");
    assert_true(store_flush(store, PATIENCE_MS));
    assert_nowhere(*state, "secret");
    store_free(store, PATIENCE_MS);
    assert_nowhere(*state, "secret");
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 1);
    assert_int_equal(ask_number(*state, "SELECT count(DISTINCT session) FROM chunks"), 1);
}

static bool trusted(void) { return true; }
static bool not_trusted(void) { return false; }

static void test_old_ones_go_while_the_clock_is_right(void **state)
{
    const gint64 now_us = g_get_real_time();
    StoreOptions options = {.folder = *state, .interval_s = 1, .keep_days = 30, .keep_samples_days = 10,
                            .clock_trusted = not_trusted};
    Store *store = store_new(&options);
    put_session(store, "ancient", "anna", now_us - 31 * DAY_US);
    put_session(store, "old", "anna", now_us - 11 * DAY_US);
    put_session(store, "new", "anna", now_us - 9 * DAY_US);
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 3);
    options.clock_trusted = trusted;
    store = store_new(&options);
    put_session(store, "today", "anna", now_us);
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 3);
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions WHERE id = 'ancient'"), 0);
    assert_int_equal(ask_number(*state, "SELECT count(DISTINCT session) FROM chunks"), 2);
}

static void test_how_long_is_kept_may_change(void **state)
{
    const gint64 now_us = g_get_real_time();
    StoreOptions options = {.folder = *state, .interval_s = 1, .clock_trusted = trusted};
    Store *store = store_new(&options);
    put_session(store, "old", "anna", now_us - 31 * DAY_US);
    put_session(store, "new", "anna", now_us - 29 * DAY_US);
    assert_true(store_flush(store, PATIENCE_MS));
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 2);
    options.keep_days = 30;
    store_configure(store, &options);
    put_session(store, "today", "anna", now_us);
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions"), 2);
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions WHERE id = 'old'"), 0);
}

static void test_a_clock_that_was_set(void **state)
{
    Store *store = store_in(*state);
    put_session(store, "a-1", "anna", T_US);
    store_correct_clock(store, "another", DAY_US);
    store_correct_clock(store, "boot", DAY_US);
    assert_true(store_flush(store, PATIENCE_MS));
    g_autoptr(StoreReader) reader = reader_in(*state);
    g_autoptr(StoreRecord) record = store_reader_get(reader, "a-1", NULL, NULL);
    assert_true(record->started_us == T_US + DAY_US && record->corrected_us == DAY_US);
    assert_true(record->ended_us == record->started_us + 400 * G_USEC_PER_SEC);
    assert_non_null(strstr(record->json, "\"started_at\":\"2025-11-25T16:00:00.000Z\""));
    assert_non_null(strstr(record->json, "\"compliance\":100.0"));
    store_free(store, PATIENCE_MS);
}

/* A copy made while it is written to, put in the place of the database of another machine. */
static void test_a_backup_is_a_store(void **state)
{
    g_autofree char *elsewhere = folder_new(), *file = database_in(*state), *copy = database_in(elsewhere);
    Store *store = store_in(*state);
    put_session(store, "a-1", "anna", T_US);
    sqlite3 *db = NULL;
    sqlite3_stmt *vacuum = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &vacuum, NULL), SQLITE_OK);
    sqlite3_bind_text(vacuum, 1, copy, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(vacuum), SQLITE_DONE);
    sqlite3_finalize(vacuum);
    sqlite3_close(db);
    store_free(store, PATIENCE_MS);
    store = store_in(elsewhere);
    put_session(store, "a-2", "anna", T_US + DAY_US);
    store_free(store, PATIENCE_MS);
    assert_int_equal(ask_number(elsewhere, "SELECT count(*) FROM sessions WHERE summary IS NOT NULL"), 2);
    folder_remove(elsewhere);
}

static void test_hostile_chunks_are_left_out(void **state)
{
    Store *store = store_in(*state);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    GBytes *good = chunk_new(10, 4), *early = chunk_new(0, 4), *bad = g_bytes_new_static("\x01\xff\xff", 3);
    store_save(store, record, good, NULL, &stamp);
    store_save(store, record, early, NULL, &stamp);
    store_save(store, record, bad, NULL, &stamp);
    assert_true(store_flush(store, PATIENCE_MS));
    g_autoptr(StoreReader) reader = reader_in(*state);
    g_autoptr(StoreTrack) track = store_reader_track(reader, "a-1", NULL);
    assert_int_equal(store_track_count(track), 4);
    assert_int_equal(store_track_damaged(track), 2);
    g_bytes_unref(good);
    g_bytes_unref(early);
    g_bytes_unref(bad);
    store_record_free(record);
    store_free(store, PATIENCE_MS);
}

static void assert_private(const char *path)
{
    GStatBuf status;
    assert_int_equal(g_stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_nobody_else_may_read_it(void **state)
{
    const mode_t before = umask(0);
    Store *store = store_in(*state);
    put_session(store, "a-1", "anna", T_US);
    assert_true(store_flush(store, PATIENCE_MS));
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(store_file(store), endings[i], NULL);
        assert_private(path);
    }
    umask(before);
    store_free(store, PATIENCE_MS);
}

static void test_notes(void **state)
{
    Store *store = store_in(*state);
    store_note(store, "a", "boot-1", 5, "first");
    store_note(store, "a", "boot-1", 6, "second");
    store_note(store, "b", "boot-0", 7, "other");
    store_note(store, "c", NULL, 8, "gone");
    store_correct_clock(store, "boot-1", 100);
    store_note(store, "c", NULL, 0, NULL);
    assert_true(store_flush(store, PATIENCE_MS));
    g_autoptr(StoreReader) reader = reader_in(*state);
    g_autoptr(StoreNote) moved = store_reader_note(reader, "a"), other = store_reader_note(reader, "b");
    assert_true(moved->at_us == 106 && other->at_us == 7);
    assert_string_equal(moved->data, "second");
    assert_string_equal(moved->clock, "boot-1");
    assert_null(store_reader_note(reader, "c"));
    store_free(store, PATIENCE_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_goes_in_comes_out),
        TEST(test_a_running_session_and_its_state),
        TEST(test_ids_are_unique),
        TEST(test_each_earlier_version_is_brought_up_to_date),
        TEST(test_an_old_database_is_not_read_before_that),
        TEST(test_a_newer_database_is_let_be),
        TEST(test_a_damaged_file_is_set_aside),
        TEST(test_to_forget_is_to_forget),
        TEST(test_old_ones_go_while_the_clock_is_right),
        TEST(test_how_long_is_kept_may_change),
        TEST(test_a_clock_that_was_set),
        TEST(test_a_backup_is_a_store),
        TEST(test_hostile_chunks_are_left_out),
        TEST(test_nobody_else_may_read_it),
        TEST(test_notes),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
