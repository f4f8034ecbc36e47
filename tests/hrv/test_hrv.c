/* SPDX-License-Identifier: MIT
 *
 * The stream: windows, gaps, artefacts, and hostile input.
 */
#include "core/hrv.h"
#include "recording.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADD(hrv, t_ms, ...)                                                                                            \
    hrv_add((hrv), (t_ms), (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))
#define NO_NUMBER ((double)NAN)

static Hrv hrv;
static double rr[RECORDING_MAX_BEATS];

static HrvValues values_at(int64_t now_ms)
{
    HrvValues values;
    hrv_values(&hrv, now_ms, &values);
    assert_true(hrv_sound(&hrv));
    return values;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Feeds COUNT intervals as a strap would: once a second, those that ended since. Calls EACH after. */
static int64_t feed(int64_t t_ms, const double *beats, size_t count, void (*each)(int64_t, size_t))
{
    double ended_ms = (double)t_ms;
    size_t at = 0;

    while (at < count) {
        size_t first = at;
        t_ms += 1000;
        while (at < count && ended_ms + beats[at] <= (double)t_ms)
            ended_ms += beats[at++];
        hrv_add(&hrv, t_ms, beats + first, at - first);
        if (each != NULL)
            each(t_ms, at);
    }
    return t_ms;
}

/* COUNT good beats around CENTRE_MS: slow swings and a little noise. */
static void make_beats(double *ret, size_t count, double centre_ms, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        ret[i] = centre_ms * (1 + 0.01 * sin((double)i / 7) + 0.001 * random_normal(&seed));
}

/* ---- the stream against the same rules in one go */

static int64_t arrival_ms[RECORDING_MAX_BEATS];
static size_t arrived;
static unsigned alphas_seen, steps_seen;
static int64_t next_step_ms;

static void note_arrivals(int64_t t_ms, size_t so_far)
{
    while (arrived < so_far)
        arrival_ms[arrived++] = t_ms;
}

static double batch_rate(size_t first, size_t i)
{
    double sum = 0;
    size_t count = 0;
    for (size_t k = first; k < i; k++)
        if (rr[k] >= HRV_RR_MIN_MS && rr[k] <= HRV_RR_MAX_MS) {
            sum += rr[k];
            count++;
        }
    return count ? 60000 * (double)count / sum : NO_NUMBER;
}

/* Judges all of rr by the written rule, straight from arrival times. */
static void batch_judge(size_t count, bool *ret_good)
{
    for (size_t i = 0, first = 0; i < count; i++) {
        while (arrival_ms[first] <= arrival_ms[i] - HRV_WINDOW_MS)
            first++;
        ret_good[i] = hrv_rr_good(rr[i], i > 0 ? rr[i - 1] : NO_NUMBER, hrv_rr_threshold(batch_rate(first, i)));
    }
}

static bool good[RECORDING_MAX_BEATS];

static size_t batch_window(int64_t t_ms, int64_t window_ms, size_t end, double *ret_kept, double *ret_bad_share)
{
    size_t kept = 0, all = 0;
    for (size_t i = 0; i < end; i++)
        if (arrival_ms[i] > t_ms - window_ms) {
            all++;
            if (good[i])
                ret_kept[kept++] = rr[i];
        }
    *ret_bad_share = all ? (double)(all - kept) / (double)all : 0;
    return kept;
}

static void check_against_batch(int64_t t_ms, size_t so_far)
{
    static double kept[RECORDING_MAX_BEATS];
    HrvValues now = values_at(t_ms);
    double bad_share;

    if (t_ms < next_step_ms)
        return;
    next_step_ms += HRV_DFA_STEP_MS;
    steps_seen++;
    size_t n = batch_window(t_ms, HRV_WINDOW_MS, so_far, kept, &bad_share);
    double expected = hrv_dfa_alpha1(kept, n, true);
    if (bad_share > 0.05)
        assert_true(isnan(now.dfa_a1));
    else if (!isnan(now.dfa_a1)) {
        assert_true(now.dfa_a1 == expected);
        alphas_seen++;
    } else { /* only the plausible intervals' time can be the reason, and the recording has 4 s pauses */
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += kept[i];
        assert_true(sum < 0.95 * HRV_WINDOW_MS);
    }
    n = batch_window(t_ms, HRV_RMSSD_MS, so_far, kept, &bad_share);
    assert_true(same(now.rmssd_ms, hrv_rmssd(kept, n)));
}

static void stream_equals_batch_on_the_recording(void **state)
{
    (void)state;
    size_t count = recording_rr_ms("fatmaxxer_20210606.rr.csv", rr);

    hrv_init(&hrv);
    arrived = 0;
    int64_t end_ms = feed(0, rr, count, note_arrivals);
    batch_judge(count, good);

    hrv_init(&hrv);
    alphas_seen = steps_seen = 0;
    next_step_ms = 1000 + HRV_WINDOW_MS; /* the first beat ended in the first second */
    assert_int_equal(feed(0, rr, count, check_against_batch), end_ms);
    assert_int_equal(steps_seen, (end_ms - 1000 - HRV_WINDOW_MS) / HRV_DFA_STEP_MS + 1);
    assert_true(alphas_seen > steps_seen * 8 / 10);

    static double kept[RECORDING_MAX_BEATS];
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (good[i])
            kept[n++] = rr[i];
    HrvValues last = values_at(end_ms);
    assert_int_equal(last.beats, 11463);
    assert_int_equal(last.artefacts, count - n);
    assert_true(same(last.rmssd_session_ms, hrv_rmssd(kept, n)));
    assert_true(same(last.artefact_percent, 100.0 * (double)(count - n) / 11463));
}

/* ---- alpha 1: when there is one */

static int64_t first_alpha_ms;

static void note_first_alpha(int64_t t_ms, size_t so_far)
{
    (void)so_far;
    if (first_alpha_ms == 0 && !isnan(values_at(t_ms).dfa_a1))
        first_alpha_ms = t_ms;
}

static void alpha_waits_for_a_full_window(void **state)
{
    (void)state;
    hrv_init(&hrv);
    make_beats(rr, 400, 430, 1);
    first_alpha_ms = 0;
    feed(0, rr, 400, note_first_alpha);
    assert_int_equal(first_alpha_ms, 1000 + HRV_WINDOW_MS);
}

static void alpha_needs_nearly_all_beats_good(void **state)
{
    (void)state;
    /* One beat of double length is two artefacts: itself, and the next against it. */
    for (size_t doubled = 1; doubled <= 11; doubled++) {
        hrv_init(&hrv);
        make_beats(rr, 350, 430, 1);
        for (size_t i = 1; i <= doubled; i++)
            rr[i * 20 + 60] *= 2;
        int64_t end_ms = feed(0, rr, 330, NULL);
        HrvValues now = values_at(end_ms);
        assert_int_equal(now.artefacts, 2 * doubled);
        if (hrv.window_artefacts * 20 > hrv.count)
            assert_true(isnan(now.dfa_a1));
        if (doubled <= 5)
            assert_false(isnan(now.dfa_a1));
    }
}

/* BLIPS beats 6 % long (each two artefacts: itself, and the next against it) and one lasting shift of
 * 5.5 % (one artefact) among the exactly 300 beats of the first full window. */
static double alpha_with_artefacts(unsigned blips)
{
    hrv_init(&hrv);
    for (int i = 0; i <= 300; i++) {
        double level_ms = i < 290 ? 400 : 378;
        bool blip = i % 10 == 5 && i / 10 < (int)blips;
        ADD(&hrv, 400 * i, blip ? level_ms * 1.06 : level_ms + i % 3);
    }
    assert_int_equal(hrv.count, 300);
    assert_int_equal(hrv.window_artefacts, 2 * blips + 1);
    return values_at(400 * 300).dfa_a1;
}

static void exactly_5_percent_artefacts_is_still_good(void **state)
{
    (void)state;
    assert_false(isnan(alpha_with_artefacts(7)));
    assert_true(isnan(alpha_with_artefacts(8)));
}

static void alpha_ends_with_its_beats(void **state)
{
    (void)state;
    hrv_init(&hrv);
    make_beats(rr, 400, 430, 1);
    int64_t end_ms = feed(0, rr, 400, NULL);
    assert_false(isnan(values_at(end_ms).dfa_a1));
    assert_true(isnan(values_at(end_ms + HRV_DFA_HOLD_MS + 1).dfa_a1));
    assert_false(isnan(values_at(end_ms + HRV_RMSSD_MS / 2).rmssd_ms));
    assert_true(isnan(values_at(end_ms + HRV_RMSSD_MS).rmssd_ms));
    assert_false(isnan(values_at(end_ms + HRV_RMSSD_MS).rmssd_session_ms));
}

static void a_gap_costs_the_time_it_took(void **state)
{
    (void)state;
    make_beats(rr, 1200, 430, 1);
    hrv_init(&hrv);
    int64_t t_ms = feed(0, rr, 400, NULL);
    hrv_gap(&hrv);
    t_ms = feed(t_ms + 2000, rr + 400, 30, NULL);
    assert_false(isnan(values_at(t_ms).dfa_a1)); /* 2 s of 120 are lost */

    hrv_gap(&hrv);
    int64_t back_ms = t_ms + 30000;
    first_alpha_ms = 0;
    feed(back_ms, rr + 430, 60, NULL);
    assert_true(isnan(values_at(back_ms + 26000).dfa_a1));
    feed(back_ms + 26000, rr + 490, 500, note_first_alpha);
    /* No alpha before the gap has all but slid out of the window. */
    assert_in_range(first_alpha_ms - back_ms, HRV_WINDOW_MS - 8000, HRV_WINDOW_MS + HRV_DFA_STEP_MS);
}

static void missing_beats_are_found_without_being_told(void **state)
{
    (void)state;
    /* Every fourth interval never arrives: the rest looks perfect, yet is no series of beats. */
    make_beats(rr, 400, 430, 1);
    hrv_init(&hrv);
    for (size_t i = 0; i < 400; i++)
        if (i % 4)
            hrv_add(&hrv, (int64_t)(430 * i), rr + i, 1);
    HrvValues now = values_at(430 * 400);
    assert_int_equal(now.artefacts, 0);
    assert_true(isnan(now.dfa_a1));
}

/* ---- the filter */

static void threshold_follows_the_rate(void **state)
{
    (void)state;
    assert_true(hrv_rr_threshold(90.001) == 0.05);
    assert_true(fabs(hrv_rr_threshold(90) - 0.05) < 1e-12);
    assert_true(fabs(hrv_rr_threshold(87.5) - 0.15) < 1e-12);
    assert_true(fabs(hrv_rr_threshold(85) - 0.25) < 1e-12);
    assert_true(hrv_rr_threshold(84.999) == 0.25);
    assert_true(hrv_rr_threshold(NO_NUMBER) == 0.25);

    assert_true(hrv_rr_good(630, 600, 0.05));
    assert_false(hrv_rr_good(630.1, 600, 0.05));
    assert_true(hrv_rr_good(570, 600, 0.05));
    for (int i = 300; i < 1900; i++) /* to the limit, whatever the rounding makes of 5 % */
        assert_true(hrv_rr_good(i * 21.0 / 20, i, 0.05) && hrv_rr_good(i * 19.0 / 20, i, 0.05));
    assert_false(hrv_rr_good(569.9, 600, 0.05));
    assert_true(hrv_rr_good(270, NO_NUMBER, 0.05));
    assert_false(hrv_rr_good(269.9, NO_NUMBER, 0.25));
    assert_true(hrv_rr_good(2000, NO_NUMBER, 0.05));
    assert_false(hrv_rr_good(2000.1, 2000, 0.05));
    assert_false(hrv_rr_good(NO_NUMBER, 600, 0.25));
    assert_false(hrv_rr_good(600, 0, 0.25));
}

static void compares_with_the_raw_interval_before(void **state)
{
    (void)state;
    hrv_init(&hrv);
    ADD(&hrv, 1000, 600, 602); /* at 100 bpm: 5 % */
    ADD(&hrv, 2000, 700);      /* off */
    ADD(&hrv, 3000, 702);      /* a level shift costs one beat, not all that follow */
    HrvValues now = values_at(3000);
    assert_int_equal(now.beats, 4);
    assert_int_equal(now.artefacts, 1);
    assert_true(now.artefact_percent == 25);
    /* 602 and 702 are neighbours once the artefact is gone. */
    assert_true(same(now.rmssd_ms, sqrt((2 * 2 + 100 * 100) / 2.0)));
    assert_true(same(now.rmssd_session_ms, now.rmssd_ms));
}

static void no_difference_reaches_over_a_gap(void **state)
{
    (void)state;
    hrv_init(&hrv);
    ADD(&hrv, 1000, 600, 610);
    hrv_gap(&hrv);
    ADD(&hrv, 9000, 900); /* far off, but off what? */
    assert_int_equal(values_at(9000).artefacts, 0);
    ADD(&hrv, 10000, 904);
    assert_true(same(values_at(10000).rmssd_ms, sqrt((10 * 10 + 4 * 4) / 2.0)));
    assert_true(same(values_at(10000).rmssd_session_ms, sqrt((10 * 10 + 4 * 4) / 2.0)));

    hrv_gap(&hrv);
    ADD(&hrv, 20000, 50); /* the gap's mark is on an artefact; it holds for the beat behind it too */
    ADD(&hrv, 21000, 60, 700, 710);
    assert_int_equal(values_at(21000).artefacts, 3);
    assert_true(same(values_at(21000).rmssd_ms, sqrt((10 * 10 + 4 * 4) / 2.0)));
}

/* ---- straps that do not keep to the service */

static void milliseconds_sent_as_1024ths_change_no_alpha(void **state)
{
    (void)state;
    make_beats(rr, 400, 430, 1);
    hrv_init(&hrv);
    HrvValues right = values_at(feed(0, rr, 400, NULL));

    /* The strap's time goes on as before; only the numbers are 2.3 % short. */
    hrv_init(&hrv);
    int64_t t_ms = 0;
    double ended_ms = 0;
    for (size_t i = 0; i < 400;) {
        for (t_ms += 1000; i < 400 && ended_ms + rr[i] <= (double)t_ms; i++) {
            const double wrong_ms = rr[i] * 1000 / 1024;
            ended_ms += rr[i];
            hrv_add(&hrv, t_ms, &wrong_ms, 1);
        }
    }
    HrvValues wrong = values_at(t_ms);
    assert_int_equal(wrong.artefacts, right.artefacts);
    assert_true(fabs(wrong.dfa_a1 - right.dfa_a1) < 0.02); /* a beat more or less in the window */
    assert_true(fabs(wrong.rmssd_session_ms / right.rmssd_session_ms - 1000.0 / 1024) < 1e-9);
}

static void fillers_and_extras_are_artefacts_not_variability(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        make_beats(rr, 300, 700, 1);
        hrv_init(&hrv);
        for (size_t i = 0; i < 300; i++) {
            hrv_add(&hrv, 700 * (int64_t)i, rr + i, 1);
            if (i % 6 == 5)
                ADD(&hrv, 700 * (int64_t)i, kind ? 500.0 : 52.0);
        }
        HrvValues now = values_at(700 * 300);
        assert_int_equal(now.artefacts, 50 + 49); /* each, and the beat behind it */
        assert_true(isnan(now.dfa_a1));
        assert_true(now.rmssd_ms < 30);
    }
}

static void more_beats_than_time_is_no_series(void **state)
{
    (void)state;
    /* At 120 bpm the 500 ms filler looks like a beat; that they add up to more than the time does not. */
    make_beats(rr, 300, 500, 1);
    hrv_init(&hrv);
    for (size_t i = 0; i < 300; i++) {
        hrv_add(&hrv, 500 * (int64_t)i, rr + i, 1);
        if (i % 4 == 3)
            ADD(&hrv, 500 * (int64_t)i, 500.0);
    }
    HrvValues now = values_at(500 * 300);
    assert_true(now.artefact_percent < 5);
    assert_true(isnan(now.dfa_a1));
}

/* ---- limits */

static void more_beats_than_fit_drop_the_oldest(void **state)
{
    (void)state;
    hrv_init(&hrv);
    for (int i = 0; i < 3 * HRV_WINDOW_BEATS; i++) {
        ADD(&hrv, i, i % 2 ? 300 : 301, 2001);
        assert_true(hrv.count <= HRV_WINDOW_BEATS);
    }
    HrvValues now = values_at(3 * HRV_WINDOW_BEATS);
    assert_int_equal(now.beats, 6 * HRV_WINDOW_BEATS);
    assert_int_equal(hrv.count, HRV_WINDOW_BEATS);
    assert_int_equal(hrv.window_plausible, HRV_WINDOW_BEATS / 2);
}

static void survives_any_number_at_any_time(void **state)
{
    (void)state;
    static const double odd[] = {0,       -1,      -0.0,        1e308, DBL_MIN, 5e-324, 269.9999, 270,
                                 2000,    2000.01, (double)INFINITY, (double)-INFINITY, (double)NAN, 800, 810, 65535};
    static const int64_t leaps[] = {0, 1, 1000, 5000, 120000, 3600000, INT64_C(1) << 40, INT64_C(1) << 58};
    uint64_t seed = 99;

    for (int round = 0; round < 200; round++) {
        hrv_init(&hrv);
        int64_t t_ms = round % 5 == 0 ? INT64_MIN : round % 5 == 1 ? INT64_MAX - 5000 : 0;
        for (int i = 0; i < 300; i++) {
            double beats[255];
            size_t count = (size_t)(random_even(&seed) * (i % 50 ? 4 : 255));
            for (size_t k = 0; k < count; k++)
                beats[k] = random_even(&seed) < 0.7 ? 600 + 5 * random_normal(&seed)
                                                    : odd[(size_t)(random_even(&seed) * 16)];
            hrv_add(&hrv, t_ms, beats, count);
            if (random_even(&seed) < 0.02)
                hrv_gap(&hrv);
            HrvValues now = values_at(t_ms);
            assert_true(now.artefacts <= now.beats && !isinf(now.rmssd_ms) && !isinf(now.rmssd_session_ms));
            int64_t leap = random_even(&seed) < 0.05 ? leaps[(size_t)(random_even(&seed) * 8)] : 1000;
            t_ms = t_ms > INT64_MAX - leap ? INT64_MAX : t_ms + leap;
        }
        values_at(INT64_MIN);
        values_at(INT64_MAX);
    }
}

static void a_copy_of_the_bytes_goes_on_the_same(void **state)
{
    (void)state;
    static Hrv copy;
    memset(&hrv, 0xA5, sizeof hrv);
    hrv_init(&hrv);
    make_beats(rr, 900, 430, 1);
    rr[300] = 60;
    int64_t t_ms = feed(0, rr, 400, NULL);
    memcpy(&copy, &hrv, sizeof hrv);
    feed(t_ms, rr + 400, 500, NULL);
    static Hrv straight;
    memcpy(&straight, &hrv, sizeof hrv);
    memcpy(&hrv, &copy, sizeof hrv);
    feed(t_ms, rr + 400, 500, NULL);
    assert_memory_equal(&hrv, &straight, sizeof hrv);
}

static void a_damaged_state_is_not_sound(void **state)
{
    (void)state;
    hrv_init(&hrv);
    assert_true(hrv_sound(&hrv));
    make_beats(rr, 400, 430, 1);
    feed(0, rr, 400, NULL);
    const Hrv before = hrv;

#define DAMAGED(change) (hrv = before, (change), hrv_sound(&hrv))
    assert_false(DAMAGED(hrv.head = HRV_WINDOW_BEATS));
    assert_false(DAMAGED(hrv.count = HRV_WINDOW_BEATS + 1));
    assert_false(DAMAGED(hrv.count -= 1));
    assert_false(DAMAGED(hrv.window_artefacts += 1));
    assert_false(DAMAGED(hrv.window_plausible += 1));
    assert_false(DAMAGED(hrv.window_plausible_us -= 1));
    assert_false(DAMAGED(hrv.rr_ms[hrv.head] = NO_NUMBER));
    assert_false(DAMAGED(hrv.marks[hrv.head] = 4));
    assert_false(DAMAGED(hrv.t_ms[hrv.head] = INT64_MAX));
    assert_false(DAMAGED(hrv.last_t_ms = INT64_MIN));
    assert_false(DAMAGED(hrv.next_dfa_ms = INT64_MAX));
    assert_false(DAMAGED(hrv.next_dfa_ms = hrv.last_t_ms));
    assert_false(DAMAGED(hrv.artefacts = hrv.beats + 1));
    assert_false(DAMAGED(hrv.sum_sq_diff_ms2 = NO_NUMBER));
    assert_false(DAMAGED(hrv.started = 2));
    assert_true(DAMAGED(hrv.last_raw_ms = NO_NUMBER)); /* a gap */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_equals_batch_on_the_recording),
        cmocka_unit_test(alpha_waits_for_a_full_window),
        cmocka_unit_test(alpha_needs_nearly_all_beats_good),
        cmocka_unit_test(exactly_5_percent_artefacts_is_still_good),
        cmocka_unit_test(alpha_ends_with_its_beats),
        cmocka_unit_test(a_gap_costs_the_time_it_took),
        cmocka_unit_test(missing_beats_are_found_without_being_told),
        cmocka_unit_test(threshold_follows_the_rate),
        cmocka_unit_test(compares_with_the_raw_interval_before),
        cmocka_unit_test(no_difference_reaches_over_a_gap),
        cmocka_unit_test(milliseconds_sent_as_1024ths_change_no_alpha),
        cmocka_unit_test(fillers_and_extras_are_artefacts_not_variability),
        cmocka_unit_test(more_beats_than_time_is_no_series),
        cmocka_unit_test(more_beats_than_fit_drop_the_oldest),
        cmocka_unit_test(survives_any_number_at_any_time),
        cmocka_unit_test(a_copy_of_the_bytes_goes_on_the_same),
        cmocka_unit_test(a_damaged_state_is_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
