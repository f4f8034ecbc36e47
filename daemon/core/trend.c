/* SPDX-License-Identifier: MIT */
#include "core/trend.h"

#include <math.h>

void trend_add(Trend *trend, int64_t t_ms, int bpm)
{
    size_t slot = (trend->head + trend->count) % TREND_CAPACITY;
    if (trend->count == TREND_CAPACITY)
        trend->head = (trend->head + 1) % TREND_CAPACITY;
    else
        trend->count++;
    trend->t_ms[slot] = t_ms;
    trend->bpm[slot] = bpm;
}

/* Sums over the window, with time in s before now, so that the numbers stay small. */
typedef struct {
    size_t count;
    double x, y, xx, xy;
    double first_x, last_x;
} Sums;

static Sums window_sums(const Trend *trend, int64_t now_ms)
{
    Sums sums = {0};
    for (size_t i = 0; i < trend->count; i++) {
        size_t slot = (trend->head + i) % TREND_CAPACITY;
        int64_t age_ms = now_ms - trend->t_ms[slot];
        if (age_ms < 0 || age_ms > TREND_WINDOW_MS)
            continue;
        double x = -(double)age_ms / 1000.0;
        if (sums.count++ == 0)
            sums.first_x = x;
        sums.last_x = x;
        sums.x += x;
        sums.y += trend->bpm[slot];
        sums.xx += x * x;
        sums.xy += x * trend->bpm[slot];
    }
    return sums;
}

double trend_bpm_min(const Trend *trend, int64_t now_ms)
{
    Sums sums = window_sums(trend, now_ms);
    if (sums.count < TREND_MIN_SAMPLES || (sums.last_x - sums.first_x) * 1000.0 < TREND_MIN_SPAN_MS)
        return NAN;
    double n = (double)sums.count;
    double spread = n * sums.xx - sums.x * sums.x;
    return spread > 0 ? 60.0 * (n * sums.xy - sums.x * sums.y) / spread : NAN;
}
