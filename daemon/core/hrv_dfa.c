/* SPDX-License-Identifier: MIT
 *
 * DFA alpha 1. Peng et al., Chaos 5 (1995) 82: profile, boxes, a line in each, log-log slope.
 * Smoothness priors: Tarvainen et al., IEEE Trans Biomed Eng 49 (2002) 172.
 */
#include "core/hrv.h"

#include <math.h>

#define SCALE_MIN 4
#define SCALE_MAX 16
#define SCALE_COUNT (SCALE_MAX - SCALE_MIN + 1)
#define LAMBDA 500.0
/* What is smaller than this, relative to the mean interval, is rounding and no variability. */
#define NOISE 1e-10

static bool profile(const double *rr_ms, size_t count, bool detrend, double *ret);
static void detrend_smoothness_priors(double *x, size_t count);
static double fluctuation(const double *y, size_t count, size_t box);
static double box_residual(const double *y, size_t box);
static double slope(const double *x, const double *y, size_t count);

double hrv_dfa_alpha1(const double *rr_ms, size_t count, bool detrend)
{
    double y[HRV_WINDOW_BEATS];
    double log_n[SCALE_COUNT], log_f[SCALE_COUNT];

    if (count < 2 * SCALE_MAX || count > HRV_WINDOW_BEATS || !profile(rr_ms, count, detrend, y))
        return (double)NAN;
    for (size_t i = 0; i < SCALE_COUNT; i++) {
        double f = fluctuation(y, count, SCALE_MIN + i);
        if (!(f > 0))
            return (double)NAN;
        log_n[i] = log2((double)(SCALE_MIN + i));
        log_f[i] = log2(f);
    }
    return slope(log_n, log_f, SCALE_COUNT);
}

static double mean(const double *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i];
    return sum / (double)count;
}

/* The cumulative sum of what RR deviates from its mean, after detrending if wanted. False when
 * nothing but rounding is left of it. */
static bool profile(const double *rr_ms, size_t count, bool detrend, double *ret)
{
    const double centre = mean(rr_ms, count);
    double sum_sq = 0;

    /* A constant passes through the detrending, so taking the mean off first changes only the rounding. */
    for (size_t i = 0; i < count; i++)
        ret[i] = rr_ms[i] - centre;
    if (detrend)
        detrend_smoothness_priors(ret, count);
    const double rest = mean(ret, count);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        const double z = ret[i] - rest;
        sum_sq += z * z;
        sum += z;
        ret[i] = sum;
    }
    return sqrt(sum_sq / (double)count) > NOISE * fabs(centre);
}

/* Takes the trend w out of x: w solves (I + lambda^2 D2'D2) w = x. The matrix is symmetric, positive
 * definite and has five diagonals, so that L D L' takes one pass down and one up. */
static void detrend_smoothness_priors(double *x, size_t count)
{
    double inverse_d[HRV_WINDOW_BEATS], l1[HRV_WINDOW_BEATS], w[HRV_WINDOW_BEATS + 2];
    const double weight = LAMBDA * LAMBDA;
    double l2_before = 0, l2_two_before = 0; /* second subdiagonal of L, at i-1 and i-2 */
    double off_before = 0;                   /* first subdiagonal of L D, at i-1 */

    for (size_t i = 0; i < count; i++) {
        const size_t edge = i < count - 1 - i ? i : count - 1 - i;
        const size_t edge_below = i + 1 < count && i < count - 2 - i ? i : count - 2 - i;
        double d = 1 + weight * (edge == 0 ? 1 : edge == 1 ? 5 : 6);
        double off = i + 1 < count ? weight * (edge_below == 0 ? -2 : -4) : 0;
        double forward = x[i];
        if (i >= 1) {
            d -= l1[i - 1] * off_before;
            off -= l2_before * off_before;
            forward -= l1[i - 1] * w[i - 1];
        }
        if (i >= 2) {
            d -= l2_two_before * weight; /* l2 * d is the second off-diagonal, lambda^2 */
            forward -= l2_two_before * w[i - 2];
        }
        inverse_d[i] = 1 / d;
        l1[i] = off * inverse_d[i];
        off_before = off;
        l2_two_before = l2_before;
        l2_before = i + 2 < count ? weight * inverse_d[i] : 0;
        w[i] = forward;
    }
    w[count] = w[count + 1] = 0;
    for (size_t i = count; i-- > 0;) {
        const double l2 = i + 2 < count ? weight * inverse_d[i] : 0;
        w[i] = w[i] * inverse_d[i] - l1[i] * w[i + 1] - l2 * w[i + 2];
    }
    for (size_t i = 0; i < count; i++)
        x[i] -= w[i];
}

/* Root mean square of what the lines leave, over boxes laid from the start and from the end: with
 * only one of them, up to 15 beats at the other end would not count. */
static double fluctuation(const double *y, size_t count, size_t box)
{
    const size_t boxes = count / box;
    const double *from_end = y + count % box;
    double sum_sq = 0;

    for (size_t i = 0; i < boxes; i++)
        sum_sq += box_residual(y + i * box, box) + box_residual(from_end + i * box, box);
    return sqrt(sum_sq / (double)(2 * boxes * box));
}

/* Sum of squares that the least-squares line through one box leaves. */
static double box_residual(const double *y, size_t box)
{
    const double half = (double)(box - 1) / 2;
    const double n = (double)box;
    const double centre = mean(y, box);
    double moment = 0, sum_sq = 0;

    for (size_t i = 0; i < box; i++)
        moment += ((double)i - half) * y[i];
    const double gradient = moment / (n * (n * n - 1) / 12);
    for (size_t i = 0; i < box; i++) {
        const double left = y[i] - centre - gradient * ((double)i - half);
        sum_sq += left * left;
    }
    return sum_sq;
}

static double slope(const double *x, const double *y, size_t count)
{
    const double mean_x = mean(x, count), mean_y = mean(y, count);
    double sum_xx = 0, sum_xy = 0;

    for (size_t i = 0; i < count; i++) {
        sum_xx += (x[i] - mean_x) * (x[i] - mean_x);
        sum_xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return sum_xy / sum_xx;
}
