/* SPDX-License-Identifier: MIT
 *
 * What a saved session may not say, although its checksum fits: each lie is told by saving a session that
 * was tampered with.
 */
#include "core/session_state.h"
#include "session_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static SessionStateTally tally;

static uint8_t bytes[SESSION_STATE_MAX_BYTES];

static void run_a_while(Fixture *f)
{
    fixture_init(f, "z1", false);
    f->session.config.speed_cap_mm_s = 2000;
    fixture_command(f, SESSION_CMD_START);
    session_set_speed(&f->session, 2.5, f->now_ms);
    fixture_run(f, 30, 120);
    fixture_run(f, 20, 140);
}

static SessionStateResult restored(const Session *session, int64_t shift_ms, Session *ret)
{
    size_t len = session_save(session, bytes, sizeof bytes);
    assert_true(len > 0);
    return session_restore(ret, bytes, len, shift_ms, &tally);
}

static bool lie_about_the_books(Session *s, int which)
{
    Totals *totals = &s->compliance.totals;
    switch (which) {
    case 0:
        totals->elapsed_ms++;
        return true;
    case 1: /* agrees with itself, but not with the clock */
        totals->elapsed_ms += 1000;
        totals->unknown_ms += 1000;
        return true;
    case 2:
        totals->zone_ms[1]++;
        return true;
    case 3:
        totals->longest_ms = totals->above_ms + 1;
        return true;
    case 4:
        totals->below_floor_ms = totals->valid_ms;
        return true;
    case 5:
        totals->speed_ms = totals->valid_ms + 1;
        return true;
    case 6:
        totals->above_pace_ms = totals->speed_ms + 1;
        return true;
    case 7:
        totals->pace_longest_ms = totals->above_pace_ms + 1;
        return true;
    case 8:
        totals->distance_m = NAN;
        return true;
    case 9:
        totals->trimp_edwards = INFINITY;
        return true;
    case 10:
        s->at_last_valid.totals.valid_ms++;
        return true;
    case 11:
        s->last_valid_ms = s->at_ms + 1;
        return true;
    case 12:
        s->start_ms = s->last_valid_ms + 1;
        return true;
    case 13:
        s->compliance.paused = true;
        return true;
    default:
        return false;
    }
}

/* Excursions, rates and what is still to come. */
static bool lie_about_excursions(Session *s, int which)
{
    Totals *totals = &s->compliance.totals;
    int64_t *const times_ms[] = {&s->compliance.above.end_ms, &s->compliance.above_pace.end_ms, &s->strap.newest.t_ms,
                                 &s->strap.usable_t_ms, &s->watch.valid_t_ms};
    const int times = (int)(sizeof times_ms / sizeof times_ms[0]);
    switch (which) {
    case 0:
        totals->excursions = 0;
        return true;
    case 1:
        totals->peak_over_bpm = 0;
        return true;
    case 2:
        totals->longest_ms = 0;
        return true;
    case 3: /* excursions without any time above */
        totals->above_ms = totals->longest_ms = totals->overshoot_bpm_ms = 0;
        totals->peak_over_bpm = 0;
        return true;
    case 4:
        totals->overshoot_bpm_ms = totals->above_ms * totals->peak_over_bpm + 1;
        return true;
    case 5:
        totals->overshoot_bpm_ms = totals->above_ms - 1;
        return true;
    case 6:
        totals->pace_excursions = 0;
        return true;
    case 7:
        totals->above_pace_ms = totals->pace_longest_ms = 0;
        return true;
    case 8:
        totals->hr_max_bpm = 0;
        return true;
    case 9:
        totals->hr_bpm_ms = totals->valid_ms * totals->hr_max_bpm + 1;
        return true;
    case 10:
        totals->hr_bpm_ms = totals->valid_ms * ZONES_MIN_BPM - 1;
        return true;
    case 11:
        s->compliance.above.ms = totals->longest_ms + 1;
        return true;
    default:
        if (which - 12 >= times)
            return false;
        *times_ms[which - 12] = INT64_C(1) << 50;
        return true;
    }
}

static bool lie_about_the_hold(Session *s, int which)
{
    Compliance *compliance = &s->compliance;
    switch (which) {
    case 0:
        compliance->hold_end_ms = INT64_C(1) << 50;
        return true;
    case 1:
        compliance->hold_end_ms = s->last_valid_ms + COMPLIANCE_HOLD_MS + 1;
        return true;
    case 2:
        compliance->hold_end_ms = s->start_ms;
        return true;
    case 3:
        compliance->bpm = 0;
        return true;
    case 4:
        compliance->given_end_ms = s->at_ms + COMPLIANCE_SPEED_HOLD_MS + 1;
        return true;
    case 5:
        s->given_speed_end_ms = s->at_ms + COMPLIANCE_SPEED_HOLD_MS + 1;
        return true;
    case 6:
        s->strap.newest.bpm = 0;
        return true;
    default:
        return false;
    }
}

/* The books at the last valid sample, each more than those of now, which agree with themselves. */
static bool lie_about_the_past(Session *s, int which)
{
    Totals *then = &s->at_last_valid.totals;
    int64_t *const more_ms[] = {&then->above_ms, &then->overshoot_bpm_ms, &then->hr_bpm_ms, &then->speed_ms};
    double *const more[] = {&then->trimp_edwards, &then->trimp_banister, &then->distance_m};
    const int times = (int)(sizeof more_ms / sizeof more_ms[0]), reals = (int)(sizeof more / sizeof more[0]);
    if (which < times)
        *more_ms[which] += 1;
    else if (which < times + reals)
        *more[which - times] += 0.5;
    else if (which == times + reals)
        then->excursions++;
    else if (which == times + reals + 1)
        then->pace_excursions++;
    else if (which == times + reals + 2)
        then->peak_over_bpm++;
    else if (which == times + reals + 3)
        then->hr_max_bpm++;
    else if (which == times + reals + 4)
        s->at_last_valid.samples++;
    else if (which == times + reals + 5)
        s->at_last_valid.invalid[SAMPLE_SPIKE]++;
    else if (which == times + reals + 6)
        s->invalid[SAMPLE_VALID] = s->samples + 1;
    else if (which > times + reals + 7)
        return false;
    else { /* unknown time that has become valid */
        then->unknown_ms += 1000;
        then->valid_ms -= 1000;
        then->zone_ms[1] -= 1000;
        then->hr_bpm_ms -= 120000;
    }
    return true;
}

static bool lie_about_the_rest(Session *s, int which)
{
    switch (which) {
    case 0:
        s->config.zones.lower_bpm[1] = s->config.zones.lower_bpm[2];
        return true;
    case 1:
        s->config.zones.count = ZONES_MAX + 1;
        return true;
    case 2:
        s->config.zones.rest_bpm = 110;
        s->config.zones.max_bpm = 110;
        return true;
    case 3:
        s->config.target.zone = 6;
        return true;
    case 4:
        s->config.rules.kept_compliance = NAN;
        return true;
    case 5:
        s->config.speed_cap_mm_s = -1;
        return true;
    case 6:
        s->rpe = SESSION_MAX_RPE + 1;
        return true;
    case 7:
        s->given_speed_mps = COMPLIANCE_MAX_SPEED_MPS + 1;
        return true;
    case 8:
        s->hrv.window_artefacts++;
        return true;
    case 9:
        s->validity.base_bpm = 251;
        return true;
    case 10:
        s->at_ms = INT64_MAX;
        return true;
    case 11:
        s->start_ms = INT64_MIN;
        return true;
    case 12:
        s->state = (SessionState)(SESSION_FINISHED + 1);
        return true;
    case 13:
        s->config.rules.slipped_compliance = s->config.rules.kept_compliance + 0.1;
        return true;
    default:
        return false;
    }
}

static int count_refused(bool (*lie)(Session *, int))
{
    Fixture f;
    Session before, after;
    memset(&before, 0x5a, sizeof before);
    int which = 0;
    for (;; which++) {
        run_a_while(&f);
        memcpy(&after, &before, sizeof after);
        if (!lie(&f.session, which))
            return which;
        if (restored(&f.session, 0, &after) != SESSION_STATE_ABSURD)
            fail_msg("lie %d was believed", which);
        assert_memory_equal(&after, &before, sizeof after);
    }
}

static void test_lies_are_refused(void **state)
{
    (void)state;
    Fixture f;
    Session after;
    run_a_while(&f);
    assert_int_equal(restored(&f.session, 0, &after), SESSION_STATE_OK);
    assert_int_equal(count_refused(lie_about_the_books), 14);
    assert_int_equal(count_refused(lie_about_excursions), 17);
    assert_int_equal(count_refused(lie_about_the_hold), 7);
    assert_int_equal(count_refused(lie_about_the_past), 15);
    assert_int_equal(count_refused(lie_about_the_rest), 14);
}

static void test_times_that_no_clock_has_after_the_shift(void **state)
{
    (void)state;
    static const int64_t shifts_ms[] = {INT64_MAX, INT64_MIN, INT64_C(1) << 52, -(INT64_C(1) << 52) - 1};
    Fixture f;
    Session after;
    run_a_while(&f);
    for (size_t i = 0; i < sizeof shifts_ms / sizeof shifts_ms[0]; i++)
        assert_int_equal(restored(&f.session, shifts_ms[i], &after), SESSION_STATE_ABSURD);
    assert_int_equal(restored(&f.session, -f.now_ms, &after), SESSION_STATE_OK);
}

static void test_a_finished_session_is_over(void **state)
{
    (void)state;
    Fixture f;
    Session after;
    Summary summary;
    run_a_while(&f);
    fixture_run(&f, 200, 120);
    fixture_command(&f, SESSION_CMD_STOP);
    assert_int_equal(restored(&f.session, 0, &after), SESSION_STATE_OK);
    assert_int_equal(after.state, SESSION_IDLE);
    assert_false(session_summary(&after, f.now_ms, &summary)); /* it has been published and kept elsewhere */
}

static void test_every_result_has_its_words(void **state)
{
    (void)state;
    for (int result = 0; result < SESSION_STATE_RESULT_COUNT; result++)
        assert_string_not_equal(session_state_result_text((SessionStateResult)result), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies_are_refused),
        cmocka_unit_test(test_times_that_no_clock_has_after_the_shift),
        cmocka_unit_test(test_a_finished_session_is_over),
        cmocka_unit_test(test_every_result_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
