/* SPDX-License-Identifier: MIT
 *
 * The table of docs/verdict.md, from the kept recordings.
 */
#include "core/names.h"
#include "recording.h"
#include "../verdict_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Summary judge(const VerdictRow *row)
{
    g_autofree char *path = g_build_filename(g_getenv("ZONE1D_TEST_DATA"), row->file, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) recording = recording_load(path, &error);
    assert_non_null(recording);
    AthleteProfile profile = {.max_bpm = row->max_bpm, .rest_bpm = row->rest_bpm};
    SessionConfig config = {.rules = verdict_rules_default()};
    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    Session session;
    assert_true(session_init(&session, &config));
    Sample sample;
    unsigned events;
    recording_get(recording, 0, &sample);
    assert_true(session_command(&session, SESSION_CMD_START, sample.t_ms, &events));
    for (gsize i = 0; i < recording_count(recording); i++) {
        recording_get(recording, i, &sample);
        session_sample(&session, &sample);
    }
    assert_true(session_command(&session, SESSION_CMD_STOP, sample.t_ms, &events));
    return *session_finished(&session);
}

static void test_row(void **state)
{
    const VerdictRow *row = *state;
    Summary summary = judge(row);
    const Totals *totals = &summary.totals;
    print_message("# %s max %d: %s, %s\n", row->file, row->max_bpm, verdict_name(summary.verdict.verdict),
                  summary.verdict.reason);
    assert_int_equal(summary.cap_bpm, row->cap_bpm);
    assert_int_equal(totals->valid_ms, row->valid_s * 1000);
    assert_int_equal(totals->above_ms, row->above_s * 1000);
    assert_true(totals_compliance(totals) == row->compliance);
    assert_int_equal(totals->excursions, row->excursions);
    assert_int_equal(totals->longest_ms, row->longest_s * 1000);
    assert_int_equal(summary.verdict.verdict, row->verdict);
    assert_int_equal(totals->valid_ms + totals->unknown_ms, totals->elapsed_ms);
}

int main(void)
{
    struct CMUnitTest tests[G_N_ELEMENTS(verdict_table)];
    for (gsize i = 0; i < G_N_ELEMENTS(verdict_table); i++)
        tests[i] = (struct CMUnitTest){verdict_table[i].file, test_row, NULL, NULL, (void *)&verdict_table[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
