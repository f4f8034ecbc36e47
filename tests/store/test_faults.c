/* SPDX-License-Identifier: MIT
 *
 * A disk that is full, read-only, slow, or fails in call N for every N: nothing is lost, the file stays sound, and it
 * is said once when it begins and once when it is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shim_vfs.h"
#include "store_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#define T_US (G_GINT64_CONSTANT(1764000000) * G_USEC_PER_SEC)

static const StoreStamp stamp = {.clock = "boot", .ms = 5000, .wall_us = T_US};

static int setup(void **state)
{
    *state = folder_new();
    log_keep();
    shim_fail(0, SQLITE_OK, 0);
    return 0;
}

static int teardown(void **state)
{
    shim_fail(0, SQLITE_OK, 0);
    shim_hold(0); /* or a test that failed meanwhile would hold up all that follow */
    folder_remove(*state);
    g_free(*state);
    return 0;
}

static void save(Store *store, const StoreRecord *record, int from_s, int count)
{
    GBytes *chunk = chunk_new(from_s, count), *state = g_bytes_new_static("state", 5);
    store_save(store, record, chunk, state, &stamp);
    g_bytes_unref(chunk);
    g_bytes_unref(state);
}

/* A session of 400 s in a hundred steps of 4; every fourth is waited for. */
static void run_session(Store *store, const char *id, int steps)
{
    StoreRecord *record = record_new(id, "anna", T_US);
    for (int i = 0; i < steps; i++) {
        save(store, record, i * 4, 4);
        store_flush(store, PATIENCE_MS);
    }
    record_end(record, 400);
    store_finish(store, record, NULL, &stamp);
    store_record_free(record);
}

static void assert_whole(const char *folder, const char *id, guint samples)
{
    g_autofree char *sound = integrity(folder);
    assert_string_equal(sound, "ok");
    g_autofree char *file = database_in(folder);
    g_autoptr(StoreReader) reader = store_reader_open(file, NULL);
    g_autoptr(StoreRecord) record = store_reader_get(reader, id, NULL, NULL);
    assert_string_equal(record->verdict, "strict");
    g_autoptr(StoreTrack) track = store_reader_track(reader, id, NULL);
    assert_int_equal(store_track_count(track), samples);
    assert_int_equal(store_track_damaged(track), 0);
}

/* Flushes until nothing fails any more. */
static void settle(Store *store)
{
    for (int i = 0; i < 20 && !store_flush(store, PATIENCE_MS); i++)
        ;
    assert_true(store_flush(store, PATIENCE_MS));
}

static unsigned fail_call(unsigned at, int code)
{
    g_autofree char *folder = folder_new();
    log_keep();
    shim_fail(at, code, 0);
    Store *store = store_in(folder);
    run_session(store, "a-1", 5);
    settle(store);
    int failed = shim_failed();
    shim_fail(0, SQLITE_OK, 0);
    assert_true(store_free(store, PATIENCE_MS));
    assert_whole(folder, "a-1", 20);
    assert_true(log_count("cannot be stored") <= 1 && log_count("stored again") == log_count("cannot be stored"));
    folder_remove(folder);
    return failed != 0;
}

/* One call fails, every one in its turn: the next try writes what this one could not. */
static void fail_every_call(int code)
{
    unsigned at = 1;
    while (fail_call(at, code))
        at++;
    print_message("# each of %u calls has failed once\n", at - 1);
    assert_true(at > 40);
}

static void test_call_n_fails_for_every_n(void **state)
{
    (void)state;
    fail_every_call(SQLITE_IOERR_WRITE);
}

static void test_the_disk_is_full_in_call_n_for_every_n(void **state)
{
    (void)state;
    fail_every_call(SQLITE_FULL);
}

static void test_a_lasting_fault(void **state)
{
    const struct {
        int code;
        const char *words;
    } faults[] = {{SQLITE_FULL, "the disk is full"}, {SQLITE_READONLY, "read-only"}, {SQLITE_IOERR_WRITE, "an error"}};
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *id = g_strdup_printf("a-%zu", i);
        log_keep();
        Store *store = store_in(*state);
        shim_fail(1, faults[i].code, 1);
        run_session(store, id, 10);
        assert_false(store_flush(store, PATIENCE_MS));
        assert_false(store_flush(store, PATIENCE_MS));
        assert_int_equal(log_count(faults[i].words), 1);
        assert_int_equal(log_count("stored again"), 0);
        shim_fail(0, SQLITE_OK, 0);
        settle(store);
        assert_int_equal(log_count("stored again; nothing was lost"), 1);
        assert_true(store_free(store, PATIENCE_MS));
        assert_whole(*state, id, 40);
    }
}

/* Hours of a full disk: the samples that find no room go, the session does not, and it is said how much. */
static void test_the_queue_is_bounded(void **state)
{
    Store *store = store_in(*state);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    StoreStats stats;
    shim_fail(1, SQLITE_FULL, 1);
    for (int i = 0; i < 300; i++)
        save(store, record, i * 4000, 4000);
    record_end(record, 400);
    store_finish(store, record, NULL, &stamp);
    store_stats(store, &stats);
    assert_true(stats.given_up_bytes > 0 && stats.waiting_bytes <= STORE_MAX_WAITING_BYTES);
    shim_fail(0, SQLITE_OK, 0);
    settle(store);
    assert_int_equal(log_count("found no room"), 1);
    assert_true(store_free(store, PATIENCE_MS));
    assert_int_equal(ask_number(*state, "SELECT count(*) FROM sessions WHERE verdict = 'strict'"), 1);
    store_record_free(record);
}

/* While the disk takes its time, nobody who hands something over waits for it. */
static void test_a_busy_disk_keeps_nobody_waiting(void **state)
{
    Store *store = store_in(*state);
    StoreStats before, after;
    settle(store); /* what a start begins with is done */
    shim_hold(1);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    save(store, record, 0, 4);
    shim_await_held();
    store_stats(store, &before);
    for (int i = 1; i <= 100; i++)
        save(store, record, i * 4, 4);
    store_stats(store, &after);
    /* All were handed over while that disk wrote nothing. */
    assert_int_equal(after.transactions, before.transactions);
    assert_int_equal(after.waiting, 100);
    shim_hold(0);
    record_end(record, 400);
    store_finish(store, record, NULL, &stamp);
    settle(store);
    assert_true(store_free(store, PATIENCE_MS));
    assert_whole(*state, "a-1", 404);
    store_record_free(record);
}

/* The process may not write beyond so many bytes: what a real file system says when it has no more. */
static void test_a_real_limit(void **state)
{
    Store *store = store_in(*state);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY};
    const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 20; i++) {
        save(store, record, i * 1000, 1000);
        store_flush(store, PATIENCE_MS);
    }
    assert_false(store_flush(store, PATIENCE_MS));
    assert_true(log_count("cannot be stored") >= 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    record_end(record, 400);
    store_finish(store, record, NULL, &stamp);
    settle(store);
    assert_true(store_free(store, PATIENCE_MS));
    assert_int_equal(log_count("stored again; nothing was lost"), log_count("cannot be stored"));
    assert_whole(*state, "a-1", 20000);
    store_record_free(record);
}

/* An hour of a strap with RR intervals at the default interval: what an SD card has to bear. */
static void test_bytes_an_hour(void **state)
{
    Store *store = store_in(*state);
    StoreRecord *record = record_new("a-1", "anna", T_US);
    static guint8 bytes[6000]; /* as large as a session's state, and never the same */
    const uint64_t bytes_before = shim_bytes(), syncs_before = shim_syncs();
    StoreStats stats;
    for (int i = 0; i < 900; i++) {
        for (gsize at = 0; at < sizeof bytes; at += 64)
            bytes[at]++;
        /* The state once a minute, as an athlete hands it over. */
        GBytes *chunk = chunk_new(i * 4, 4), *saved = i % 15 == 0 ? g_bytes_new(bytes, sizeof bytes) : NULL;
        store_save(store, record, chunk, saved, &stamp);
        assert_true(store_flush(store, PATIENCE_MS));
        g_bytes_unref(chunk);
        if (saved != NULL)
            g_bytes_unref(saved);
    }
    store_stats(store, &stats);
    record_end(record, 3600);
    store_finish(store, record, NULL, &stamp);
    assert_true(store_free(store, PATIENCE_MS));
    const double mib = (double)(shim_bytes() - bytes_before) / 1048576;
    print_message("# one hour at 1 Hz with RR: %.1f MiB written, %d transactions, %d syncs\n", mib,
                  (int)stats.transactions, (int)(shim_syncs() - syncs_before));
    assert_int_equal(stats.transactions, 900);
    assert_true(mib < 10);
    /* Each transaction is on the disk before the next: so a power cut takes one of them. */
    assert_true(shim_syncs() - syncs_before >= 900);
    store_record_free(record);
    assert_whole(*state, "a-1", 3600);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_call_n_fails_for_every_n),
        TEST(test_the_disk_is_full_in_call_n_for_every_n),
        TEST(test_a_lasting_fault),
        TEST(test_the_queue_is_bounded),
        TEST(test_a_busy_disk_keeps_nobody_waiting),
        TEST(test_a_real_limit),
        TEST(test_bytes_an_hour),
    };
    shim_install();
    return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
