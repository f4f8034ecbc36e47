/* SPDX-License-Identifier: MIT
 *
 * An athlete and the store: what is kept of a session, and how it comes back after a restart, a crash, a reboot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/session_state.h"
#include "keeping_fixture.h"
#include "store/database.h"

#include <math.h>
#include <string.h>

#define BREAK_LIMIT_MS 300000
#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)

static void test_a_session_is_kept_as_it_is_published(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 400, 125);
    keeping_stop(fixture);
    const Published *last = newest("session/last");
    g_autoptr(StoreRecord) record = keeping_stored(fixture, "last");
    assert_string_equal(record->id, word(last, "id"));
    assert_string_equal(record->json, last->payload);
    assert_true(record->valid_ms == 389000 && record->compliance == 100 && record->cap_bpm == 132);
    assert_true(record->ended_us - record->started_us == 389 * G_USEC_PER_SEC);
    g_autofree char *file = database_in(kept_in);
    g_autoptr(StoreReader) reader = store_reader_open(file, NULL);
    g_autoptr(StoreTrack) track = store_reader_track(reader, record->id, NULL);
    TrackEntry target, first, end;
    store_track_get(track, 0, &target);
    assert_true(target.is_target && target.target.kind == TARGET_RECOVERY);
    store_track_get(track, 1, &first);
    store_track_get(track, store_track_count(track) - 1, &end);
    assert_true(first.sample.t_ms == -1000); /* the one that held at the start */
    assert_true(end.sample.t_ms == 389000 && end.sample.rr_count == 1 && end.sample.rr_ms[0] == 480);
    assert_int_equal(store_track_count(track), 392);
}

static void test_nothing_stays_of_a_dropped_one(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 100, 125);
    keeping_flush(fixture);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM sessions"), 1);
    keeping_stop(fixture);
    keeping_flush(fixture);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM sessions"), 0);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM chunks"), 0);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM states"), 0);
}

/* A crash, and a start two minutes later: one session, and two minutes of it unknown. */
static void test_a_session_goes_on_after_a_crash(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 301, 125);
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    keeping_crash(fixture);
    fixture->now_ms += 2 * MINUTE_MS;
    keeping_begin(fixture, "boot-1", true);
    assert_string_equal(word(newest("session"), "state"), "active");
    assert_string_equal(word(newest("session"), "id"), id);
    samples(fixture, fixture->now_ms + 1000, 300, 125);
    keeping_stop(fixture);
    g_autoptr(StoreRecord) record = keeping_stored(fixture, "last");
    assert_string_equal(record->id, id);
    assert_string_equal(word(newest("session/last"), "id"), id);
    assert_true(record->elapsed_ms == fixture->now_ms - 10000);
    /* The last samples before the crash, 5 s at most, may be lost with it. */
    assert_in_range(record->elapsed_ms - record->valid_ms, 2 * MINUTE_MS - 5000, 2 * MINUTE_MS + 5000);
    assert_int_equal(log_count("goes on after a break"), 1);
}

static void test_at_most_5_s_are_lost_whenever_it_happens(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 200, 125);
    for (int i = 0; i < 40; i++) {
        samples(fixture, fixture->now_ms + 1000, 3 + i % 7, 125);
        const double known_s = number(newest("live"), "valid_s");
        keeping_crash(fixture);
        keeping_begin(fixture, "boot-1", true);
        Summary summary;
        assert_true(athlete_summary(fixture->athlete, T0_MS + fixture->now_ms, &summary));
        assert_true(known_s * 1000 - (double)summary.totals.valid_ms <= 5000);
        assert_true(summary.totals.elapsed_ms == fixture->now_ms - 10000);
    }
    keeping_stop(fixture);
    keeping_flush(fixture);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM sessions"), 1);
}

static void test_a_clean_stop_loses_nothing(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 203, 125);
    Summary before, after;
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
    athlete_summary(fixture->athlete, T0_MS + fixture->now_ms, &before);
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-1", true);
    athlete_summary(fixture->athlete, T0_MS + fixture->now_ms, &after);
    assert_memory_equal(&before.totals.valid_ms, &after.totals.valid_ms, sizeof after.totals.valid_ms);
}

/* Up to when the next handing over is just done. */
static void run_to_save(Fixture *fixture)
{
    const int64_t every_ms = 4000, now_ms = T0_MS + fixture->now_ms;
    run_to(fixture, (now_ms / every_ms + 1) * every_ms - T0_MS);
}

static GBytes *judged(Fixture *fixture)
{
    Summary summary;
    uint8_t bytes[SUMMARY_MAX_BYTES];
    assert_true(athlete_summary(fixture->athlete, T0_MS + fixture->now_ms, &summary));
    return g_bytes_new(bytes, summary_save(&summary, bytes, sizeof bytes));
}

static void give_rpe(Fixture *fixture, int rpe)
{
    const CommandSet set = {.given[COMMAND_RPE] = true, .rpe = rpe};
    assert_null(athlete_set(fixture->athlete, COMMAND_RPE, &set, T0_MS + fixture->now_ms));
}

/* What may be told between two samples; some of it is in no sample. */
static void tell_something(Fixture *fixture, int which)
{
    const int64_t now_ms = T0_MS + fixture->now_ms;
    const CommandSet speed = {.speed_kmh = 8 + which % 3};
    const CommandSet target = {.target = {.kind = TARGET_ZONE, .zone = 1 + which % 2}};
    if (which % 4 == 1)
        assert_null(athlete_set(fixture->athlete, COMMAND_SPEED, &speed, now_ms));
    if (which % 5 == 2)
        athlete_link(fixture->athlete, false, now_ms);
    if (which % 6 == 3)
        assert_null(athlete_set(fixture->athlete, COMMAND_TARGET, &target, now_ms));
    if (which % 8 == 0)
        give_rpe(fixture, which % 11);
    if (which % 7 >= 4)
        athlete_command(fixture->athlete, which % 7 == 4 ? SESSION_CMD_PAUSE : SESSION_CMD_RESUME, now_ms);
}

/* The state is older than the samples that were handed over after it: all of it is as if it had been saved just now. */
static void test_what_was_sampled_since_the_state_counts(void **state)
{
    Fixture *fixture = *state;
    int older = 0;
    samples(fixture, 0, 300, 125);
    for (int i = 0; i < 60; i++) {
        for (int j = 0; j < 3 + i % 40; j++)
            sample_at(fixture, fixture->now_ms + 700 + j * 37, (i + j) % 23 == 7 ? 0 : 115 + (i * 7 + j * 3) % 30);
        tell_something(fixture, i);
        samples(fixture, fixture->now_ms + 1000, i % 30, 120 + i % 20);
        run_to_save(fixture);
        g_autoptr(GBytes) before = judged(fixture);
        keeping_crash(fixture);
        older += ask_number(kept_in, "SELECT saved_ms FROM states") < T0_MS + fixture->now_ms - 4000;
        keeping_begin(fixture, "boot-1", true);
        g_autoptr(GBytes) after = judged(fixture);
        assert_true(g_bytes_equal(before, after));
    }
    assert_in_range(older, 20, 59); /* both happened: it was older, and it was not */
}

/* Samples that no session could have had after its state, as a damaged file may tell: of an hour later. */
static void store_strange_samples(Fixture *fixture, const char *id)
{
    enum { COUNT = 400, EACH_BYTES = 64 };
    static uint8_t bytes[COUNT * EACH_BYTES];
    TrackWriter chunk = {.bytes = bytes, .size = sizeof bytes};
    const Sample sample = {.bpm = 125, .contact = CONTACT_DETECTED, .speed_mps = (double)NAN};
    const StoreStamp stamp = {.clock = "boot-1", .ms = T0_MS + fixture->now_ms};
    g_autoptr(StoreRecord) record = keeping_stored(fixture, id);
    for (int i = 0; i < COUNT; i++)
        track_add_sample(&chunk, 60 * MINUTE_MS + i * 1000, &sample);
    g_autoptr(GBytes) all = g_bytes_new(bytes, chunk.len);
    store_save(fixture->context.store, record, all, NULL, &stamp);
}

static void test_samples_that_end_it_do_not_make_another_of_it(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 301, 125);
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
    const double known_s = number(newest("live"), "valid_s");
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    store_strange_samples(fixture, id);
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-1", true);
    Summary summary;
    assert_true(athlete_summary(fixture->athlete, T0_MS + fixture->now_ms, &summary));
    assert_string_equal(word(newest("session"), "id"), id);
    assert_string_equal(word(newest("session"), "state"), "active");
    assert_true((double)summary.totals.valid_ms == known_s * 1000);
    assert_int_equal(log_count("no continuation of it"), 1);
    samples(fixture, fixture->now_ms + 1000, 60, 125);
    keeping_stop(fixture);
    const cJSON *curve = cJSON_GetObjectItem(newest("session/last")->json, "curve");
    assert_in_range(cJSON_GetArraySize(curve), 30, 36);
    assert_true(cJSON_IsNumber(cJSON_GetArrayItem(curve, 33)));
}

/* Too long a break: it ended with its last heart rate, and its verdict is told now. */
static void test_a_longer_break_ends_it(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 401, 125);
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
    keeping_crash(fixture);
    fixture->now_ms += BREAK_LIMIT_MS;
    keeping_begin(fixture, "boot-1", true);
    assert_string_equal(word(newest("session/last"), "id"), id);
    assert_true(number(newest("session/last"), "valid_s") == 390);
    assert_string_equal(word(newest("session"), "state"), "finished");
    g_autoptr(StoreRecord) record = keeping_stored(fixture, id);
    assert_true(record->ended_us == WALL0_US + 400 * G_USEC_PER_SEC);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM states"), 0);
}

/* A reboot: the monotonic clock begins anew, GAP_MS of wall time later. */
static void reboot(Fixture *fixture, int64_t gap_ms, bool trusted)
{
    const int64_t before_ms = fixture->now_ms, up_ms = 20000;
    keeping_crash(fixture);
    fixture->now_ms = up_ms;
    fixture->wall_shift_us += (before_ms + gap_ms - up_ms) * 1000;
    keeping_begin(fixture, "boot-2", trusted);
}

static void test_a_session_goes_on_after_a_reboot(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 301, 125);
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    reboot(fixture, MINUTE_MS, true);
    samples(fixture, fixture->now_ms + 1000, 300, 125);
    keeping_stop(fixture);
    g_autoptr(StoreRecord) record = keeping_stored(fixture, "last");
    assert_string_equal(record->id, id);
    assert_true(record->started_us == WALL0_US + 10 * G_USEC_PER_SEC);
    assert_true(record->elapsed_ms == 290000 + MINUTE_MS + 300000);
    assert_true(record->valid_ms == 290000 + 5000 + 299000);
}

static void test_when_nobody_knows_how_long_it_was_it_ends(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 401, 125);
    run_to_save(fixture); /* the state is older */
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    reboot(fixture, MINUTE_MS, false);
    assert_int_equal(log_count("for how long nobody knows"), 1);
    g_autoptr(StoreRecord) record = keeping_stored(fixture, id);
    assert_true(record->ended_us == WALL0_US + 400 * G_USEC_PER_SEC && record->valid_ms == 390000);
    assert_string_equal(word(newest("session/last"), "id"), id);
}

/* The clock is behind what it was: it is not believed, whatever the system says of it. */
static void test_a_clock_that_went_back_is_not_believed(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 401, 125);
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
    reboot(fixture, -60 * MINUTE_MS, true);
    assert_int_equal(log_count("for how long nobody knows"), 1);
    assert_true(number(newest("session/last"), "valid_s") == 390);
}

static void change_state(const char *sql)
{
    g_autofree char *file = database_in(kept_in);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(database_run(db, sql), SQLITE_OK);
    sqlite3_close(db);
}

/* A saved state that is not to be trusted: the samples are, and the verdict is made of them. */
static void test_a_damaged_state_is_refused_and_rebuilt(void **state)
{
    Fixture *fixture = *state;
    static const char *const damages[] = {"UPDATE states SET state = zeroblob(length(state))",
                                          "UPDATE states SET state = substr(state, 1, 500)", "DELETE FROM states"};
    samples(fixture, 0, 400, 125);
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        samples(fixture, fixture->now_ms + 1000, 400, 125);
        athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
        g_autofree char *id = g_strdup(word(newest("session"), "id"));
        const double known_s = number(newest("live"), "valid_s");
        keeping_crash(fixture);
        change_state(damages[i]);
        log_keep();
        keeping_begin(fixture, "boot-1", true);
        assert_int_equal(log_count("not to be trusted"), i < 2);
        assert_string_equal(word(newest("session/last"), "id"), id);
        assert_true(number(newest("session/last"), "valid_s") == known_s);
        g_autoptr(StoreRecord) record = keeping_stored(fixture, id);
        assert_string_equal(record->verdict, "strict");
        assert_string_equal(word(newest("session"), "state"), "finished");
        assert_string_equal(word(newest("session"), "id"), id);
        assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM states"), 0);
    }
}

/* No battery for the clock: the session begins in 1970 as far as anybody knows, and the network tells better. */
static void test_a_clock_that_is_set_in_mid_session(void **state)
{
    Fixture *fixture = *state;
    const gint64 off_us = -WALL0_US + 100 * G_USEC_PER_SEC;
    fixture->wall_shift_us = off_us;
    samples(fixture, 0, 200, 125);
    assert_string_equal(word(newest("session"), "id"), "19700101T000150Z-anna");
    fixture->wall_shift_us = 0;
    store_correct_clock(fixture->context.store, "boot-1", -off_us);
    athlete_correct_clock(fixture->athlete, -off_us, T0_MS + fixture->now_ms);
    assert_string_equal(word(newest("session"), "started_at"), "2025-11-24T16:00:10.000Z");
    samples(fixture, fixture->now_ms + 1000, 200, 125);
    keeping_stop(fixture);
    assert_string_equal(word(newest("session/last"), "id"), "19700101T000150Z-anna");
    assert_string_equal(word(newest("session/last"), "started_at"), "2025-11-24T16:00:10.000Z");
    g_autoptr(StoreRecord) record = keeping_stored(fixture, "last");
    assert_true(record->started_us == WALL0_US + 10 * G_USEC_PER_SEC && record->corrected_us == -off_us);
}

/* Set just now, and then a reboot: how long that took is known by the clock as it is set. */
static void test_a_clock_that_is_set_just_before_a_reboot(void **state)
{
    Fixture *fixture = *state;
    const gint64 off_us = -WALL0_US + 100 * G_USEC_PER_SEC;
    fixture->wall_shift_us = off_us;
    samples(fixture, 0, 200, 125);
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms); /* by itself it comes in a minute */
    g_autofree char *id = g_strdup(word(newest("session"), "id"));
    fixture->wall_shift_us = 0;
    store_correct_clock(fixture->context.store, "boot-1", -off_us);
    athlete_correct_clock(fixture->athlete, -off_us, T0_MS + fixture->now_ms);
    samples(fixture, fixture->now_ms + 1000, 9, 125);
    reboot(fixture, MINUTE_MS, true);
    assert_int_equal(log_count("for how long nobody knows"), 0);
    assert_string_equal(word(newest("session"), "id"), id);
    assert_string_equal(word(newest("session"), "state"), "active");
}

/* A restart before the clock is set: what this boot labelled is labelled anew, what another did stays. */
static void test_a_clock_that_is_set_after_a_restart(void **state)
{
    Fixture *fixture = *state;
    const gint64 off_us = -WALL0_US + 100 * G_USEC_PER_SEC;
    fixture->wall_shift_us = off_us;
    samples(fixture, 0, 800, 175);
    keeping_stop(fixture);
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-1", false);
    assert_string_equal(word(newest("session/last"), "started_at"), "1970-01-01T00:01:50.000Z");
    assert_null(word(newest("advice"), "advice"));
    fixture->wall_shift_us = 0;
    store_correct_clock(fixture->context.store, "boot-1", -off_us);
    athlete_correct_clock(fixture->athlete, -off_us, T0_MS + fixture->now_ms);
    assert_string_equal(word(newest("session/last"), "started_at"), "2025-11-24T16:00:10.000Z");
    assert_string_equal(word(newest("session"), "started_at"), "2025-11-24T16:00:10.000Z");
    assert_string_equal(word(newest("advice"), "ended_at"), "2025-11-24T16:13:19.000Z");
    g_autoptr(StoreRecord) record = keeping_stored(fixture, "last");
    assert_string_equal(record->json, newest("session/last")->payload);
    keeping_crash(fixture);
    keeping_begin(fixture, "boot-2", false);
    athlete_correct_clock(fixture->athlete, DAY_US, T0_MS + fixture->now_ms);
    assert_string_equal(newest("session/last")->payload, record->json);
    assert_string_equal(word(newest("session"), "started_at"), "2025-11-24T16:00:10.000Z");
    assert_string_equal(word(newest("advice"), "ended_at"), "2025-11-24T16:13:19.000Z");
}

static void test_session_last_is_there_again(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 400, 125);
    keeping_stop(fixture);
    g_autofree char *before = g_strdup(newest("session/last")->payload);
    keeping_crash(fixture);
    fixture->now_ms += MINUTE_MS;
    keeping_begin(fixture, "boot-1", true);
    assert_int_equal(published("session/last", fixture->now_ms, INT64_MAX), 1);
    assert_string_equal(newest("session/last")->payload, before);
}

/* JSON without the two fields that it sets. */
static char *without_rpe(const char *json)
{
    cJSON *object = cJSON_Parse(json);
    cJSON_DeleteItemFromObject(object, "rpe");
    cJSON_DeleteItemFromObject(object, "rpe_easy");
    char *printed = cJSON_PrintUnformatted(object), *text = g_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(object);
    return text;
}

static void test_how_hard_it_felt_can_be_told_after_a_restart(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 400, 125);
    keeping_stop(fixture);
    g_autofree char *before = without_rpe(newest("session/last")->payload);
    g_autofree char *id = g_strdup(word(newest("session/last"), "id"));
    keeping_crash(fixture);
    fixture->now_ms += 60 * MINUTE_MS;
    keeping_begin(fixture, "boot-1", true);
    give_rpe(fixture, 2);
    g_autofree char *after = without_rpe(newest("session/last")->payload);
    assert_string_equal(after, before);
    assert_true(number(newest("session/last"), "rpe") == 2 && number(newest("session"), "rpe") == 2);
    g_autoptr(StoreRecord) record = keeping_stored(fixture, id);
    assert_int_equal(record->rpe, 2);
    assert_string_equal(record->json, newest("session/last")->payload);
    assert_int_equal(ask_number(kept_in, "SELECT count(*) FROM sessions"), 1);
}

static void test_a_pause_is_kept(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 300, 125);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_PAUSE, T0_MS + fixture->now_ms));
    samples(fixture, fixture->now_ms + 1000, 60, 125);
    keeping_crash(fixture);
    change_state("DELETE FROM states"); /* so that it is judged from its track alone */
    keeping_begin(fixture, "boot-1", true);
    assert_in_range((int)(number(newest("session/last"), "paused_s")), 55, 60);
    assert_true(number(newest("session/last"), "valid_s") == 289);
}

/* The zones were changed while it was away: what ran keeps its own to the end, the next has the new ones. */
static void test_the_configuration_of_its_day(void **state)
{
    Fixture *fixture = *state;
    samples(fixture, 0, 300, 125);
    keeping_crash(fixture);
    fixture->config->athletes[0].target = (Target){.kind = TARGET_CAP, .cap_bpm = 111};
    keeping_begin(fixture, "boot-1", true);
    assert_true(number(newest("session"), "cap") == 132);
    samples(fixture, fixture->now_ms + 1000, 20, 125);
    keeping_stop(fixture);
    assert_true(number(newest("session/last"), "cap") == 132);
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_START, T0_MS + fixture->now_ms));
    assert_true(number(newest("session"), "cap") == 111);
    assert_string_equal(word(newest("session"), "target"), "cap:111");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, keeping_setup, keeping_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_session_is_kept_as_it_is_published),
        TEST(test_nothing_stays_of_a_dropped_one),
        TEST(test_a_session_goes_on_after_a_crash),
        TEST(test_at_most_5_s_are_lost_whenever_it_happens),
        TEST(test_a_clean_stop_loses_nothing),
        TEST(test_what_was_sampled_since_the_state_counts),
        TEST(test_samples_that_end_it_do_not_make_another_of_it),
        TEST(test_a_longer_break_ends_it),
        TEST(test_a_session_goes_on_after_a_reboot),
        TEST(test_when_nobody_knows_how_long_it_was_it_ends),
        TEST(test_a_clock_that_went_back_is_not_believed),
        TEST(test_a_damaged_state_is_refused_and_rebuilt),
        TEST(test_a_clock_that_is_set_in_mid_session),
        TEST(test_a_clock_that_is_set_just_before_a_reboot),
        TEST(test_a_clock_that_is_set_after_a_restart),
        TEST(test_session_last_is_there_again),
        TEST(test_how_hard_it_felt_can_be_told_after_a_restart),
        TEST(test_a_pause_is_kept),
        TEST(test_the_configuration_of_its_day),
    };
    return cmocka_run_group_tests_name("keeping", tests, NULL, NULL);
}
