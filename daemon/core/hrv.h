/* SPDX-License-Identifier: MIT
 *
 * Heart-rate variability: the RR filter, RMSSD over the last 60 s and the session, and DFA alpha 1.
 * The exact rules, and why they are so, are in docs/hrv.md. DFA after Peng et al. 1995, scales 4..16,
 * boxes from both ends; smoothness-priors detrending after Tarvainen et al. 2002, lambda 500.
 *
 * Pure: no clock, no allocation, no I/O. Any thread, one at a time for one Hrv. Most stack: hrv_add,
 * 24 KiB when it recomputes alpha 1.
 */
#ifndef ZONE1D_CORE_HRV_H
#define ZONE1D_CORE_HRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HRV_WINDOW_MS 120000      /* of DFA alpha 1 */
#define HRV_RMSSD_MS 60000        /* of the live RMSSD */
#define HRV_DFA_STEP_MS 5000      /* a new alpha 1 every 5 s */
#define HRV_DFA_HOLD_MS 10000     /* an alpha 1 is shown this long at most */
#define HRV_WINDOW_BEATS 512      /* 120 s at 250 bpm is 500 beats; the oldest are dropped beyond this */
#define HRV_RR_MIN_MS 270.0       /* outside MIN..MAX an interval is an artefact */
#define HRV_RR_MAX_MS 2000.0
#define HRV_MAX_ARTEFACT_PERCENT 5 /* in the window, for an alpha 1 */
#define HRV_MIN_COVERED_PERCENT 95 /* of the window's time by its intervals, for an alpha 1 */
#define HRV_MAX_COVERED_PERCENT 110

/* Caller-owned plain data, about 9 KiB, no pointers: its bytes can be saved and restored on the same
 * build. Start with hrv_init. */
typedef struct Hrv Hrv;

/* DFA alpha 1 of COUNT RR intervals in ms, in order. DETREND applies smoothness priors first.
 * NAN when COUNT is outside 32..HRV_WINDOW_BEATS, or when nothing is left to measure: a constant
 * series, or one that detrending takes away whole. */
double hrv_dfa_alpha1(const double *rr_ms, size_t count, bool detrend);

/* Root mean square of successive differences, ms; NAN when COUNT < 2. */
double hrv_rmssd(const double *rr_ms, size_t count);

/* Standard deviation with n - 1, ms; NAN when COUNT < 2. */
double hrv_sdnn(const double *rr_ms, size_t count);

/* How far an interval may be from the one before it, as a fraction of that one, at RATE_BPM:
 * 0.05 above 90, 0.25 below 85, linear between. */
double hrv_rr_threshold(double rate_bpm);

/* Whether RR_MS is good: within HRV_RR_MIN_MS..HRV_RR_MAX_MS, and off by at most THRESHOLD of
 * PREVIOUS_MS, the raw interval directly before it. NAN for no previous one: range alone decides. */
bool hrv_rr_good(double rr_ms, double previous_ms, double threshold);

/* Empties *hrv: nothing received yet. */
void hrv_init(Hrv *hrv);

/* Adds the RR intervals that one sample at T_MS carried, oldest first; of any value, NAN included.
 * The first interval after a gap (hrv_gap) has no predecessor: it is judged by range alone and makes
 * no RMSSD difference. Every HRV_DFA_STEP_MS, alpha 1 is computed anew. A T_MS before the last one
 * counts as the last one. */
void hrv_add(Hrv *hrv, int64_t t_ms, const double *rr_ms, size_t count);

/* Beats were lost (strap away, session paused): what comes next does not follow on what was. The
 * window goes on; time without intervals in it counts against HRV_MIN_COVERED_PERCENT. */
void hrv_gap(Hrv *hrv);

typedef struct {
    double rmssd_ms;         /* last 60 s; NAN without two intervals in it that follow each other */
    double rmssd_session_ms; /* everything since hrv_init, NAN likewise */
    double dfa_a1;           /* NAN: window not yet full, too many artefacts, too little covered, or too old */
    double artefact_percent; /* of all intervals since hrv_init, NAN without any */
    uint64_t beats;          /* all intervals since hrv_init */
    uint64_t artefacts;
} HrvValues;

/* The values as they stand at NOW_MS: what is older than its window does not count any more. */
void hrv_values(const Hrv *hrv, int64_t now_ms, HrvValues *ret);

/* Whether *hrv, read back from outside, is one that hrv_add could have made as far as using it is
 * concerned: no index out of bounds, no counter that contradicts another. */
bool hrv_sound(const Hrv *hrv);

/* What follows is private to hrv.c: public only so that callers can embed it. */
struct Hrv {
    int64_t t_ms[HRV_WINDOW_BEATS];  /* ring: arrival of each raw interval of the window */
    double rr_ms[HRV_WINDOW_BEATS];  /* raw; 0 for what is no finite positive number */
    uint8_t marks[HRV_WINDOW_BEATS]; /* HRV_MARK_ bits */
    uint32_t head, count;            /* the oldest, and how many */
    uint32_t window_artefacts;
    uint32_t window_plausible;       /* within MIN..MAX, kept or not ... */
    int64_t window_plausible_us;     /* ... and their sum, an integer so that it cannot drift */
    int64_t last_t_ms;
    int64_t next_dfa_ms, dfa_t_ms;
    double dfa_a1;
    double last_raw_ms, last_kept_ms; /* NAN: none since the last gap */
    double sum_sq_diff_ms2;           /* session-wide */
    uint64_t diffs, beats, artefacts;
    uint64_t started;                 /* 0 or 1 */
};

#endif
