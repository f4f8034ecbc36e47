/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/session_state.h"
#include "core/track.h"

#include <math.h>
#include <string.h>

static uint8_t bytes[100000];

static TrackWriter writer_new(void)
{
    memset(bytes, 0xaa, sizeof bytes);
    return (TrackWriter){.bytes = bytes, .size = sizeof bytes};
}

static void test_samples_and_marks_come_back_exactly(void **state)
{
    (void)state;
    TrackWriter writer = writer_new();
    Sample one = {.bpm = 128, .contact = CONTACT_DETECTED, .speed_mps = 2.7777777777777777, .rr_count = 2};
    one.rr_ms[0] = 627 * 1000.0 / 1024; /* as a strap sends them ... */
    one.rr_ms[1] = 65535 * 1000.0 / 1024;
    Sample two = {.bpm = 65535, .contact = CONTACT_UNSUPPORTED, .speed_mps = (double)NAN, .rr_count = 2};
    two.rr_ms[0] = 474.0; /* ... and as a recording does */
    two.rr_ms[1] = (double)NAN;
    assert_true(track_add_sample(&writer, -730, &one));
    assert_true(track_add_mark(&writer, 0, SESSION_CMD_PAUSE));
    assert_true(track_add_mark(&writer, 86400123, SESSION_CMD_RESUME));
    assert_true(track_add_sample(&writer, 86400123, &two));
    TrackReader reader = track_read(bytes, writer.len);
    TrackEntry entry;
    assert_int_equal(track_next(&reader, &entry), TRACK_ENTRY);
    assert_true(!entry.is_mark && entry.sample.t_ms == -730 && entry.sample.bpm == 128);
    assert_true(entry.sample.contact == CONTACT_DETECTED && entry.sample.speed_mps == one.speed_mps);
    assert_memory_equal(entry.sample.rr_ms, one.rr_ms, 2 * sizeof(double));
    assert_int_equal(track_next(&reader, &entry), TRACK_ENTRY);
    assert_true(entry.is_mark && entry.mark == SESSION_CMD_PAUSE && entry.sample.t_ms == 0);
    assert_int_equal(track_next(&reader, &entry), TRACK_ENTRY);
    assert_true(entry.is_mark && entry.mark == SESSION_CMD_RESUME && entry.sample.t_ms == 86400123);
    assert_int_equal(track_next(&reader, &entry), TRACK_ENTRY);
    assert_true(entry.sample.bpm == 65535 && isnan(entry.sample.speed_mps) && entry.sample.rr_count == 2);
    assert_true(entry.sample.rr_ms[0] == 474.0 && entry.sample.rr_ms[1] == 0);
    assert_int_equal(track_next(&reader, &entry), TRACK_END);
}

static void test_a_second_takes_about_ten_bytes(void **state)
{
    (void)state;
    TrackWriter writer = writer_new();
    for (int i = 0; i < 1000; i++) {
        Sample sample = {.bpm = 130, .contact = CONTACT_DETECTED, .speed_mps = (double)NAN, .rr_count = 2};
        sample.rr_ms[0] = sample.rr_ms[1] = 472 * 1000.0 / 1024;
        assert_true(track_add_sample(&writer, i * 1000, &sample));
    }
    assert_true(writer.len <= 1000 * 10 + 1);
}

static void test_the_limits(void **state)
{
    (void)state;
    TrackWriter writer = writer_new();
    Sample most = {.bpm = 1, .speed_mps = 1, .rr_count = SAMPLE_MAX_RR};
    for (unsigned i = 0; i < SAMPLE_MAX_RR; i++)
        most.rr_ms[i] = 0.1 + i;
    writer.size = TRACK_MAX_ENTRY_BYTES;
    assert_false(track_add_sample(&writer, 0, &most));
    assert_int_equal(writer.len, 0);
    writer.size = TRACK_MAX_ENTRY_BYTES + 1;
    assert_false(track_add_sample(&writer, TRACK_TIME_LIMIT_MS + 1, &most));
    assert_true(track_add_sample(&writer, -TRACK_TIME_LIMIT_MS, &most));
    assert_true(writer.len <= writer.size);
    writer.size = sizeof bytes;
    assert_true(track_add_sample(&writer, -TRACK_TIME_LIMIT_MS - 0, &most));
    assert_true(track_add_sample(&writer, TRACK_TIME_LIMIT_MS, &most));
    assert_true(track_add_sample(&writer, 0, &most)); /* never back: as late as the one before */
    TrackReader reader = track_read(bytes, writer.len);
    TrackEntry entry;
    for (int i = 0; i < 4; i++)
        assert_int_equal(track_next(&reader, &entry), TRACK_ENTRY);
    assert_true(entry.sample.t_ms == TRACK_TIME_LIMIT_MS);
    assert_memory_equal(entry.sample.rr_ms, most.rr_ms, sizeof most.rr_ms);
}

static void test_every_cut_is_found(void **state)
{
    (void)state;
    TrackWriter writer = writer_new();
    Sample sample = {.bpm = 300, .speed_mps = 2.5, .rr_count = 1};
    sample.rr_ms[0] = 480;
    track_add_sample(&writer, 1000, &sample);
    TrackEntry entry;
    for (size_t len = 0; len < writer.len; len++) {
        TrackReader reader = track_read(bytes, len);
        TrackResult result = track_next(&reader, &entry);
        assert_int_equal(result, len == 1 ? TRACK_END : TRACK_DAMAGED);
        assert_int_equal(track_next(&reader, &entry), result);
    }
    bytes[0] = TRACK_FORMAT + 1;
    TrackReader reader = track_read(bytes, writer.len);
    assert_int_equal(track_next(&reader, &entry), TRACK_DAMAGED);
}

/* ---- the summary of a finished session as bytes ---- */

static Summary summary_made(void)
{
    const AthleteProfile profile = {.max_bpm = 195, .rest_bpm = 60, .sex = SEX_FEMALE};
    Summary summary = {.start_ms = 1000, .end_ms = 401000, .rpe = 2, .samples = 401, .cap_bpm = 140};
    assert_true(zones_build(&profile, &summary.zones) == ZONES_OK);
    summary.totals = (Totals){.elapsed_ms = 400000, .valid_ms = 390000, .unknown_ms = 10000, .above_ms = 5000,
                              .longest_ms = 5000, .excursions = 1, .trimp_edwards = 6.5, .hr_max_bpm = 141,
                              .hr_bpm_ms = 390000 * 130, .peak_over_bpm = 1, .overshoot_bpm_ms = 5000};
    summary.totals.zone_ms[1] = 385000;
    summary.totals.zone_ms[2] = 5000;
    summary.hrv = (HrvValues){.rmssd_ms = (double)NAN, .rmssd_session_ms = 8.25, .dfa_a1 = 0.75,
                              .artefact_percent = 1.5, .beats = 800, .artefacts = 12};
    summary.invalid[SAMPLE_SPIKE] = 3;
    const VerdictRules rules = verdict_rules_default();
    verdict_judge(&summary.totals, &rules, &summary.verdict);
    return summary;
}

static void test_a_summary_comes_back(void **state)
{
    (void)state;
    const Summary summary = summary_made();
    Summary back;
    size_t len = summary_save(&summary, bytes, SUMMARY_MAX_BYTES);
    assert_true(len > 0);
    assert_int_equal(summary_restore(&back, bytes, len), SESSION_STATE_OK);
    assert_memory_equal(&back.totals.zone_ms, &summary.totals.zone_ms, sizeof back.totals.zone_ms);
    assert_true(back.cap_bpm == 140 && back.rpe == 2 && back.samples == 401 && back.invalid[SAMPLE_SPIKE] == 3);
    assert_true(back.verdict.verdict == VERDICT_KEPT && back.hrv.beats == 800 && isnan(back.hrv.rmssd_ms));
    assert_string_equal(back.verdict.reason, summary.verdict.reason);
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 1;
        assert_true(summary_restore(&back, bytes, len) != SESSION_STATE_OK);
        bytes[i] ^= 1;
        assert_true(summary_restore(&back, bytes, i) != SESSION_STATE_OK);
    }
    assert_int_equal(summary_save(&summary, bytes, 20), 0);
}

static void test_a_summary_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    Summary summary = summary_made(), back;
    summary.totals.valid_ms++;
    size_t len = summary_save(&summary, bytes, SUMMARY_MAX_BYTES);
    assert_int_equal(summary_restore(&back, bytes, len), SESSION_STATE_ABSURD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_and_marks_come_back_exactly),
        cmocka_unit_test(test_a_second_takes_about_ten_bytes),
        cmocka_unit_test(test_the_limits),
        cmocka_unit_test(test_every_cut_is_found),
        cmocka_unit_test(test_a_summary_comes_back),
        cmocka_unit_test(test_a_summary_that_contradicts_itself_is_refused),
    };
    return cmocka_run_group_tests_name("track", tests, NULL, NULL);
}
