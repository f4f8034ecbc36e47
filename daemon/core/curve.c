/* SPDX-License-Identifier: MIT */
#include "core/curve.h"

void curve_start(Curve *curve, int64_t start_ms)
{
    curve->start_ms = start_ms;
    curve->closed = 0;
    curve->sum_bpm = curve->count = 0;
}

static int open_bpm(const Curve *curve)
{
    return curve->count > 0 ? (int)((2 * curve->sum_bpm + curve->count) / (2 * curve->count)) : 0;
}

void curve_add(Curve *curve, int64_t t_ms, int bpm)
{
    if (t_ms < curve->start_ms)
        return;
    int64_t step = (t_ms - curve->start_ms) / CURVE_STEP_MS;
    if (step >= CURVE_MAX_STEPS || step < (int64_t)curve->closed)
        return;
    while ((int64_t)curve->closed < step) {
        curve->bpm[curve->closed++] = (uint8_t)open_bpm(curve);
        curve->sum_bpm = curve->count = 0;
    }
    curve->sum_bpm += (unsigned)bpm;
    curve->count++;
}

size_t curve_length(const Curve *curve) { return curve->closed + (curve->count > 0 ? 1 : 0); }

int curve_bpm(const Curve *curve, size_t index)
{
    if (index < curve->closed)
        return curve->bpm[index];
    return index == curve->closed ? open_bpm(curve) : 0;
}
