/* SPDX-License-Identifier: MIT
 *
 * What must hold for any session. Random ones, each from its seed: ZONE1D_SEED runs that one alone.
 */
#include "core/names.h"
#include "core/session.h"
#include "core/session_state.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static SessionStateTally tally;

#define SESSIONS 200
#define STEPS 1500

typedef struct {
    uint64_t state;
} Random;

static uint32_t draw(Random *r, uint32_t below)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return (uint32_t)((r->state >> 24) % below);
}

static void begin(Session *session)
{
    AthleteProfile profile = {.max_bpm = 185, .rest_bpm = 55, .sex = SEX_FEMALE};
    SessionConfig config = {.rules = verdict_rules_default(), .auto_start = true, .speed_cap_mm_s = 2450};
    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    config.target = (Target){.kind = TARGET_ZONE, .zone = 1}; /* with a floor */
    assert_true(session_init(session, &config));
}

/* A heart that wanders, a strap with every fault, an athlete who presses buttons. */
static void set_any_target(Session *session, unsigned kind, unsigned number, int64_t now_ms)
{
    const Target target = {.kind = (TargetKind)kind, .zone = (int)number, .cap_bpm = 100 + 10 * (int)number};
    unsigned events;
    session_set_target(session, &target, now_ms, &events);
}

static void random_step(Session *session, Random *r, int64_t *now_ms, int *bpm)
{
    unsigned events;
    *now_ms += draw(r, 20) == 0 ? (int64_t)draw(r, 20000) : 900 + (int64_t)draw(r, 200);
    *bpm += (int)draw(r, 7) - 3;
    *bpm = *bpm < 60 ? 60 : *bpm > 180 ? 180 : *bpm;
    Sample sample = {.t_ms = *now_ms, .bpm = (uint16_t)*bpm, .contact = CONTACT_DETECTED, .speed_mps = NAN};
    if (draw(r, 2) == 0)
        sample.speed_mps = 2.5;
    sample.rr_count = draw(r, 4);
    for (unsigned i = 0; i < sample.rr_count; i++)
        sample.rr_ms[i] = 60000.0 / *bpm + (double)draw(r, 60) - 30;
    switch (draw(r, 60)) {
    case 0:
        sample.bpm = 0;
        break;
    case 1:
        sample.bpm = (uint16_t)draw(r, 65536);
        break;
    case 2:
        sample.contact = CONTACT_NOT_DETECTED;
        break;
    case 3:
        session_link(session, draw(r, 2) == 1, *now_ms);
        return;
    case 4:
        session_command(session, (SessionCommand)draw(r, 4), *now_ms, &events);
        return;
    case 5:
        session_advance(session, *now_ms);
        return;
    case 6:
        *now_ms += draw(r, 10) == 0 ? 400000 : 0;
        return;
    case 7:
        session_set_speed(session, 1 + draw(r, 40) / 10.0, *now_ms);
        return;
    case 8:
        session_set_rpe(session, (int)draw(r, 12));
        return;
    case 9:
        set_any_target(session, draw(r, 4), draw(r, 8), *now_ms);
        return;
    default:
        break;
    }
    session_sample(session, &sample);
}

static void check_summary(const Summary *summary)
{
    const Totals *totals = &summary->totals;
    int64_t in_zones_ms = 0;
    for (size_t i = 0; i <= ZONES_MAX; i++)
        in_zones_ms += totals->zone_ms[i];
    uint64_t counted = 0;
    for (size_t i = 0; i < SAMPLE_VALIDITY_COUNT; i++)
        counted += summary->invalid[i];
    assert_int_equal(totals->valid_ms + totals->unknown_ms + totals->paused_ms, totals->elapsed_ms);
    assert_int_equal(totals->elapsed_ms, summary->end_ms - summary->start_ms);
    assert_int_equal(in_zones_ms, totals->valid_ms);
    assert_int_equal(counted, summary->samples);
    assert_true(totals->above_ms <= totals->valid_ms);
    assert_true(totals->longest_ms <= totals->above_ms);
    assert_true(totals->speed_ms <= totals->valid_ms);
    assert_true(totals->above_pace_ms <= totals->speed_ms);
    assert_true(totals->pace_longest_ms <= totals->above_pace_ms);
    assert_true((totals->pace_excursions == 0) == (totals->above_pace_ms == 0));
    assert_true(totals_in_target_ms(totals) >= 0);
    if (summary->target_changes == 0 && summary->floor_bpm == summary->zones.lower_bpm[0])
        assert_true(totals->below_floor_ms == totals->zone_ms[ZONE_BELOW]);
    assert_true((totals->excursions == 0) == (totals->above_ms == 0));
    assert_true((totals->peak_over_bpm > 0) == (totals->above_ms > 0));
}

static void check(const Session *session, int64_t now_ms)
{
    Summary summary;
    Live live;
    if (session_summary(session, now_ms, &summary))
        check_summary(&summary);
    session_live(session, now_ms, &live);
    assert_true((live.hr_bpm != 0) <= (live.signal == SIGNAL_LIVE));
    assert_true((live.zone == ZONE_NONE) == (live.hr_bpm == 0));
    assert_true(session_deadline_ms(session) > session->at_ms);
}

typedef void (*Property)(uint64_t seed);

static void for_all(Property property)
{
    const char *one = getenv("ZONE1D_SEED");
    if (one != NULL) {
        property(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SESSIONS; seed++)
        property(seed);
}

static void identities_hold(uint64_t seed)
{
    Random r = {seed * 0x9e3779b97f4a7c15u};
    Session session;
    int64_t now_ms = 1000000;
    int bpm = 120;
    begin(&session);
    for (int step = 0; step < STEPS; step++) {
        random_step(&session, &r, &now_ms, &bpm);
        check(&session, now_ms);
    }
}

static void test_identities_hold(void **state)
{
    (void)state;
    for_all(identities_hold);
}

/* The two differ in nothing that anybody can see. */
static void assert_same(const Session *a, const Session *b, int64_t now_ms, int64_t shift_ms)
{
    Summary left, right;
    Live la, lb;
    bool known = session_summary(a, now_ms, &left);
    assert_int_equal(known, session_summary(b, now_ms + shift_ms, &right));
    if (known) {
        right.start_ms -= shift_ms;
        right.end_ms -= shift_ms;
        assert_int_equal(left.start_ms, right.start_ms);
        assert_int_equal(left.end_ms, right.end_ms);
        assert_memory_equal(&left.totals, &right.totals, sizeof left.totals);
        assert_memory_equal(left.invalid, right.invalid, sizeof left.invalid);
        assert_int_equal(left.alpha1_in_z1, right.alpha1_in_z1);
        assert_int_equal(left.alpha1_low_in_z1, right.alpha1_low_in_z1);
        assert_string_equal(left.verdict.reason, right.verdict.reason);
        assert_int_equal(left.rpe, right.rpe);
    }
    session_live(a, now_ms, &la);
    session_live(b, now_ms + shift_ms, &lb);
    assert_int_equal(la.hr_bpm, lb.hr_bpm);
    assert_int_equal(la.signal, lb.signal);
    assert_int_equal(la.status, lb.status);
    assert_int_equal(la.advice, lb.advice);
    assert_true(la.speed_mps == lb.speed_mps || (isnan(la.speed_mps) && isnan(lb.speed_mps)));
    assert_memory_equal(&la.hrv, &lb.hrv, sizeof la.hrv);
}

/* Saved and restored again and again, on a clock that starts anew each time. */
static void a_split_changes_nothing(uint64_t seed)
{
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    Random whole_r = {seed * 0x9e3779b97f4a7c15u}, split_r = whole_r, splits = {seed + 77};
    Session whole, split;
    int64_t whole_ms = 1000000, split_ms = 1000000, shift_ms = 0;
    int whole_bpm = 120, split_bpm = 120;
    begin(&whole);
    begin(&split);
    for (int step = 0; step < STEPS; step++) {
        random_step(&whole, &whole_r, &whole_ms, &whole_bpm);
        random_step(&split, &split_r, &split_ms, &split_bpm);
        if (draw(&splits, 50) == 0 && split.state != SESSION_FINISHED) {
            int64_t move_ms = (int64_t)draw(&splits, 1000000) - 500000;
            size_t len = session_save(&split, bytes, sizeof bytes);
            assert_true(len > 0);
            memset(&split, 0xa5, sizeof split);
            assert_int_equal(session_restore(&split, bytes, len, move_ms, &tally), SESSION_STATE_OK);
            shift_ms += move_ms;
            split_ms += move_ms;
        }
        assert_same(&whole, &split, whole_ms, shift_ms);
    }
}

static void test_a_split_changes_nothing(void **state)
{
    (void)state;
    for_all(a_split_changes_nothing);
}

/* A steady heart, sampled once a second; of the samples in HIDE_FROM..HIDE_TO none comes. */
static Totals steady(uint64_t seed, int hide_from, int hide_to)
{
    Random r = {seed * 0x9e3779b97f4a7c15u};
    Session session;
    Summary summary;
    int bpm = 130;
    begin(&session);
    for (int t_s = 0; t_s < 1000; t_s++) {
        bpm += (int)draw(&r, 3) - 1;
        Sample sample = {.t_ms = t_s * 1000, .bpm = (uint16_t)bpm, .speed_mps = NAN};
        if (t_s < hide_from || t_s >= hide_to)
            session_sample(&session, &sample);
    }
    assert_true(session_summary(&session, 999000, &summary));
    check_summary(&summary);
    return summary.totals;
}

static void a_gap_moves_time_only_to_unknown(uint64_t seed)
{
    Random r = {seed + 5};
    int from = 100 + (int)draw(&r, 500), length = 1 + (int)draw(&r, 200);
    Totals whole = steady(seed, 0, 0), gap = steady(seed, from, from + length);
    assert_int_equal(gap.elapsed_ms, whole.elapsed_ms);
    assert_int_equal(whole.unknown_ms, 0);
    int64_t lost_ms = length + 1 > 5 ? (length + 1 - 5) * 1000 : 0;
    assert_int_equal(gap.unknown_ms, lost_ms);
    assert_int_equal(gap.valid_ms, whole.valid_ms - lost_ms);
}

static void test_a_gap_moves_time_only_to_unknown(void **state)
{
    (void)state;
    for_all(a_gap_moves_time_only_to_unknown);
}

static void test_damaged_states_are_refused(void **state)
{
    (void)state;
    static uint8_t bytes[SESSION_STATE_MAX_BYTES], broken[SESSION_STATE_MAX_BYTES];
    Session session, before, target;
    tally = (SessionStateTally){0};
    Random r = {99};
    int64_t now_ms = 0;
    int bpm = 120;
    begin(&session);
    for (int step = 0; step < 100; step++)
        random_step(&session, &r, &now_ms, &bpm);
    size_t len = session_save(&session, bytes, sizeof bytes);
    print_message("# a saved session of %zu bytes\n", len);
    assert_int_equal(session_save(&session, broken, len - 1), 0);
    memset(&before, 0x5a, sizeof before);
    for (int i = 0; i < 3000; i++) {
        memcpy(broken, bytes, len);
        size_t cut = draw(&r, 4) == 0 ? draw(&r, (uint32_t)len) : len;
        if (cut == len)
            broken[draw(&r, (uint32_t)len)] ^= (uint8_t)(1u << draw(&r, 8));
        memcpy(&target, &before, sizeof target);
        assert_int_not_equal(session_restore(&target, broken, cut, 0, &tally), SESSION_STATE_OK);
        assert_memory_equal(&target, &before, sizeof target);
    }
    assert_int_equal(tally.count[SESSION_STATE_NOT_ONE] + tally.count[SESSION_STATE_DAMAGED] +
                         tally.count[SESSION_STATE_VERSION] + tally.count[SESSION_STATE_ABSURD],
                     3000);
    bytes[4]++;
    assert_int_equal(session_restore(&target, bytes, len, 0, &tally), SESSION_STATE_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identities_hold),
        cmocka_unit_test(test_a_split_changes_nothing),
        cmocka_unit_test(test_a_gap_moves_time_only_to_unknown),
        cmocka_unit_test(test_damaged_states_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
