/* SPDX-License-Identifier: MIT
 *
 * The tendency of the heart rate: least-squares slope over the valid samples of the last 30 s.
 */
#ifndef ZONE1D_CORE_TREND_H
#define ZONE1D_CORE_TREND_H

#include <stddef.h>
#include <stdint.h>

#define TREND_WINDOW_MS 30000
#define TREND_MIN_SPAN_MS 20000 /* less than this is no tendency */
#define TREND_MIN_SAMPLES 5
#define TREND_CAPACITY 128 /* 30 s at 4 Hz; a faster strap's oldest samples are dropped */

/* Caller-owned; all zero is an empty one. */
typedef struct {
    int64_t t_ms[TREND_CAPACITY];
    int bpm[TREND_CAPACITY];
    size_t head, count;
} Trend;

/* A valid sample of BPM at T_MS, which never goes back. */
void trend_add(Trend *trend, int64_t t_ms, int bpm);

/* bpm a minute at NOW_MS, NAN while not known. Pure. */
double trend_bpm_min(const Trend *trend, int64_t now_ms);

#endif
