/* SPDX-License-Identifier: MIT */
#include "core/hrv.h"

#include <math.h>
#include <string.h>

enum {
    HRV_MARK_ARTEFACT = 1u << 0,
    HRV_MARK_AFTER_GAP = 1u << 1, /* does not follow on the interval before it */
};

static int64_t bounded(int64_t t_ms);
static void add_interval(Hrv *hrv, int64_t t_ms, double rr_ms);
static void drop_oldest(Hrv *hrv);
static void step_dfa(Hrv *hrv);
static double window_alpha1(const Hrv *hrv);
static double recent_rmssd(const Hrv *hrv, int64_t now_ms);

void hrv_init(Hrv *hrv)
{
    memset(hrv, 0, sizeof *hrv); /* the padding too: the bytes are saved */
    hrv->dfa_a1 = (double)NAN;
    hrv_gap(hrv);
}

void hrv_gap(Hrv *hrv)
{
    hrv->last_raw_ms = (double)NAN;
    hrv->last_kept_ms = (double)NAN;
}

void hrv_add(Hrv *hrv, int64_t t_ms, const double *rr_ms, size_t count)
{
    if (count == 0)
        return;
    t_ms = bounded(t_ms);
    if (!hrv->started) {
        hrv->started = 1;
        hrv->last_t_ms = t_ms;
        hrv->next_dfa_ms = t_ms + HRV_WINDOW_MS;
    }
    if (t_ms > hrv->last_t_ms)
        hrv->last_t_ms = t_ms;
    while (hrv->count > 0 && hrv->t_ms[hrv->head] <= hrv->last_t_ms - HRV_WINDOW_MS)
        drop_oldest(hrv);
    for (size_t i = 0; i < count; i++)
        add_interval(hrv, hrv->last_t_ms, rr_ms[i]);
    if (hrv->last_t_ms >= hrv->next_dfa_ms)
        step_dfa(hrv);
}

/* No clock gets here in millions of years; sums and differences of such times cannot overflow. */
#define TIME_LIMIT_MS (INT64_C(1) << 60)

static int64_t bounded(int64_t t_ms)
{
    return t_ms > TIME_LIMIT_MS ? TIME_LIMIT_MS : t_ms < -TIME_LIMIT_MS ? -TIME_LIMIT_MS : t_ms;
}

static bool plausible(double rr_ms)
{
    return rr_ms >= HRV_RR_MIN_MS && rr_ms <= HRV_RR_MAX_MS;
}

static int64_t to_us(double rr_ms)
{
    return (int64_t)(rr_ms * 1000 + 0.5);
}

/* The rate that the threshold goes by: of all plausible intervals of the window before this one. One
 * interval alone would make every artefact choose its own threshold. NAN when there is none yet. */
static double window_rate_bpm(const Hrv *hrv)
{
    if (hrv->window_plausible == 0)
        return (double)NAN;
    return 60e6 * hrv->window_plausible / (double)hrv->window_plausible_us;
}

static void add_interval(Hrv *hrv, int64_t t_ms, double rr_ms)
{
    if (!(rr_ms > 0) || isinf(rr_ms))
        rr_ms = 0;
    if (hrv->count == HRV_WINDOW_BEATS)
        drop_oldest(hrv);

    const bool good = hrv_rr_good(rr_ms, hrv->last_raw_ms, hrv_rr_threshold(window_rate_bpm(hrv)));
    const size_t at = (hrv->head + hrv->count++) % HRV_WINDOW_BEATS;
    hrv->t_ms[at] = t_ms;
    hrv->rr_ms[at] = rr_ms;
    hrv->marks[at] = (uint8_t)((good ? 0 : HRV_MARK_ARTEFACT) | (isnan(hrv->last_raw_ms) ? HRV_MARK_AFTER_GAP : 0));
    hrv->last_raw_ms = rr_ms;
    hrv->beats++;
    if (plausible(rr_ms)) {
        hrv->window_plausible++;
        hrv->window_plausible_us += to_us(rr_ms);
    }
    if (!good) {
        hrv->window_artefacts++;
        hrv->artefacts++;
        return;
    }
    if (!isnan(hrv->last_kept_ms)) {
        const double diff = rr_ms - hrv->last_kept_ms;
        hrv->sum_sq_diff_ms2 += diff * diff;
        hrv->diffs++;
    }
    hrv->last_kept_ms = rr_ms;
}

static void drop_oldest(Hrv *hrv)
{
    const double rr_ms = hrv->rr_ms[hrv->head];

    if (plausible(rr_ms)) {
        hrv->window_plausible--;
        hrv->window_plausible_us -= to_us(rr_ms);
    }
    if (hrv->marks[hrv->head] & HRV_MARK_ARTEFACT)
        hrv->window_artefacts--;
    hrv->head = (hrv->head + 1) % HRV_WINDOW_BEATS;
    hrv->count--;
}

static void step_dfa(Hrv *hrv)
{
    hrv->dfa_a1 = window_alpha1(hrv);
    hrv->dfa_t_ms = hrv->last_t_ms;
    /* Steps stay on one grid, however late a sample is. */
    hrv->next_dfa_ms += HRV_DFA_STEP_MS * ((hrv->last_t_ms - hrv->next_dfa_ms) / HRV_DFA_STEP_MS + 1);
}

static double window_alpha1(const Hrv *hrv)
{
    const int64_t covered_us_by_percent = hrv->window_plausible_us * 100;
    const int64_t window_us = (int64_t)HRV_WINDOW_MS * 1000;
    double kept[HRV_WINDOW_BEATS];
    size_t count = 0;

    if (100 * hrv->window_artefacts > HRV_MAX_ARTEFACT_PERCENT * hrv->count)
        return (double)NAN;
    if (covered_us_by_percent < window_us * HRV_MIN_COVERED_PERCENT ||
        covered_us_by_percent > window_us * HRV_MAX_COVERED_PERCENT)
        return (double)NAN;
    for (size_t i = 0; i < hrv->count; i++) {
        const size_t at = (hrv->head + i) % HRV_WINDOW_BEATS;
        if (!(hrv->marks[at] & HRV_MARK_ARTEFACT))
            kept[count++] = hrv->rr_ms[at];
    }
    return hrv_dfa_alpha1(kept, count, true);
}

void hrv_values(const Hrv *hrv, int64_t now_ms, HrvValues *ret)
{
    now_ms = bounded(now_ms);
    const bool fresh = now_ms - hrv->dfa_t_ms <= HRV_DFA_HOLD_MS;

    ret->rmssd_ms = recent_rmssd(hrv, now_ms);
    ret->rmssd_session_ms = hrv->diffs ? sqrt(hrv->sum_sq_diff_ms2 / (double)hrv->diffs) : (double)NAN;
    ret->dfa_a1 = fresh ? hrv->dfa_a1 : (double)NAN;
    ret->artefact_percent = hrv->beats ? 100.0 * (double)hrv->artefacts / (double)hrv->beats : (double)NAN;
    ret->beats = hrv->beats;
    ret->artefacts = hrv->artefacts;
}

static double recent_rmssd(const Hrv *hrv, int64_t now_ms)
{
    double last_kept_ms = (double)NAN;
    double sum_sq = 0;
    size_t diffs = 0;

    for (size_t i = 0; i < hrv->count; i++) {
        const size_t at = (hrv->head + i) % HRV_WINDOW_BEATS;
        if (hrv->t_ms[at] <= now_ms - HRV_RMSSD_MS)
            continue;
        if (hrv->marks[at] & HRV_MARK_AFTER_GAP)
            last_kept_ms = (double)NAN;
        if (hrv->marks[at] & HRV_MARK_ARTEFACT)
            continue;
        const double diff = hrv->rr_ms[at] - last_kept_ms;
        if (!isnan(last_kept_ms)) {
            sum_sq += diff * diff;
            diffs++;
        }
        last_kept_ms = hrv->rr_ms[at];
    }
    return diffs ? sqrt(sum_sq / (double)diffs) : (double)NAN;
}

double hrv_rr_threshold(double rate_bpm)
{
    if (rate_bpm > 90)
        return 0.05;
    if (rate_bpm >= 85)
        return 0.05 + (90 - rate_bpm) * (0.25 - 0.05) / (90 - 85);
    return 0.25; /* NAN too: no rate is no reason to be strict */
}

bool hrv_rr_good(double rr_ms, double previous_ms, double threshold)
{
    if (!plausible(rr_ms))
        return false;
    /* A nanosecond of slack: 630 after 600 is off by exactly 5 %, whatever the rounding makes of it. */
    return isnan(previous_ms) || fabs(rr_ms - previous_ms) <= threshold * previous_ms + 1e-6;
}

double hrv_rmssd(const double *rr_ms, size_t count)
{
    double sum_sq = 0;

    if (count < 2)
        return (double)NAN;
    for (size_t i = 1; i < count; i++)
        sum_sq += (rr_ms[i] - rr_ms[i - 1]) * (rr_ms[i] - rr_ms[i - 1]);
    return sqrt(sum_sq / (double)(count - 1));
}

double hrv_sdnn(const double *rr_ms, size_t count)
{
    double sum = 0, sum_sq = 0;

    if (count < 2)
        return (double)NAN;
    for (size_t i = 0; i < count; i++)
        sum += rr_ms[i];
    for (size_t i = 0; i < count; i++)
        sum_sq += (rr_ms[i] - sum / (double)count) * (rr_ms[i] - sum / (double)count);
    return sqrt(sum_sq / (double)(count - 1));
}

static bool interval(double ms)
{
    return ms >= 0 && !isinf(ms);
}

static bool gap_or_interval(double ms)
{
    return isnan(ms) || interval(ms);
}

static bool times_sound(const Hrv *hrv)
{
    if (bounded(hrv->last_t_ms) != hrv->last_t_ms || bounded(hrv->dfa_t_ms) != hrv->dfa_t_ms)
        return false;
    return !hrv->started ||
           (hrv->next_dfa_ms > hrv->last_t_ms && hrv->next_dfa_ms <= hrv->last_t_ms + HRV_WINDOW_MS);
}

static bool sums_sound(const Hrv *hrv)
{
    return hrv->started <= 1 && hrv->count <= hrv->beats && hrv->artefacts <= hrv->beats &&
           hrv->window_artefacts <= hrv->artefacts && hrv->diffs <= hrv->beats && interval(hrv->sum_sq_diff_ms2) &&
           gap_or_interval(hrv->last_raw_ms) && gap_or_interval(hrv->last_kept_ms) && !isinf(hrv->dfa_a1);
}

bool hrv_sound(const Hrv *hrv)
{
    uint32_t artefacts = 0, in_range = 0;
    int64_t in_range_us = 0, newest_ms = -TIME_LIMIT_MS;

    if (hrv->head >= HRV_WINDOW_BEATS || hrv->count > HRV_WINDOW_BEATS || !times_sound(hrv) || !sums_sound(hrv))
        return false;
    for (size_t i = 0; i < hrv->count; i++) {
        const size_t at = (hrv->head + i) % HRV_WINDOW_BEATS;
        if (!interval(hrv->rr_ms[at]) || hrv->marks[at] > (HRV_MARK_ARTEFACT | HRV_MARK_AFTER_GAP) ||
            hrv->t_ms[at] < newest_ms || hrv->t_ms[at] > hrv->last_t_ms)
            return false;
        newest_ms = hrv->t_ms[at];
        artefacts += hrv->marks[at] & HRV_MARK_ARTEFACT ? 1 : 0;
        if (plausible(hrv->rr_ms[at])) {
            in_range++;
            in_range_us += to_us(hrv->rr_ms[at]);
        }
    }
    return artefacts == hrv->window_artefacts && in_range == hrv->window_plausible &&
           in_range_us == hrv->window_plausible_us;
}
