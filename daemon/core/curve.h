/* SPDX-License-Identifier: MIT
 *
 * A session's heart rate for plotting: the mean of each 10 s. Not part of any judgement.
 * Pure: no clock, no allocation. One thread at a time.
 */
#ifndef ZONE1D_CORE_CURVE_H
#define ZONE1D_CORE_CURVE_H

#include <stddef.h>
#include <stdint.h>

#define CURVE_STEP_MS 10000
#define CURVE_MAX_STEPS 4320 /* 12 h; what comes later is not in the curve */

/* Caller-owned, started with curve_start. */
typedef struct {
    int64_t start_ms;
    uint8_t bpm[CURVE_MAX_STEPS]; /* of the steps before the open one; 0: no valid sample */
    size_t closed;                /* how many of them */
    unsigned sum_bpm, count;      /* of the open step */
} Curve;

/* A session begins at START_MS: nothing is known yet. */
void curve_start(Curve *curve, int64_t start_ms);

/* A valid sample of BPM (1..250) at T_MS; one before the start, or in a step that is over, does not count. */
void curve_add(Curve *curve, int64_t t_ms, int bpm);

/* Steps so far, the open one included when there is something in it. */
size_t curve_length(const Curve *curve);

/* Mean rate of step INDEX, rounded half up; 0 when not known. */
int curve_bpm(const Curve *curve, size_t index);

#endif
