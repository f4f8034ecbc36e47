/* SPDX-License-Identifier: MIT
 *
 * Time accounting of a session: where every millisecond went. The rules are in docs/verdict.md.
 * All times are ms on the source's monotonic clock; nothing here reads a clock or allocates.
 */
#ifndef ZONE1D_CORE_COMPLIANCE_H
#define ZONE1D_CORE_COMPLIANCE_H

#include "core/zones.h"

#include <stdint.h>

#define COMPLIANCE_HOLD_MS 5000  /* a valid sample holds this long at most */
#define COMPLIANCE_BREAK_MS 5000 /* a shorter break does not end an excursion */
#define COMPLIANCE_SPEED_HOLD_MS 60000 /* a speed given apart from samples holds this long at most */
#define COMPLIANCE_MAX_SPEED_MPS 15.0  /* nobody runs faster: beyond it a speed is not known */
#define COMPLIANCE_MAX_SPEED_CAP_MM_S 15000

/* What a session is held against. */
typedef struct {
    int cap_bpm;        /* the last rate that is not above */
    int floor_bpm;      /* the first that is not below; 0: none */
    int speed_cap_mm_s; /* the last speed that is not above; 0: none */
} Limits;

typedef struct {
    int64_t elapsed_ms, valid_ms, unknown_ms, paused_ms; /* elapsed = valid + unknown + paused */
    int64_t zone_ms[ZONES_MAX + 1];                      /* [0] is below; adds up to valid_ms */
    int64_t above_ms;
    unsigned excursions;
    int64_t longest_ms;       /* above time of the longest excursion */
    int peak_over_bpm;        /* highest rate over the cap */
    int64_t overshoot_bpm_ms; /* sum of (bpm - cap) x ms */
    int64_t hr_bpm_ms;        /* sum of bpm x ms over valid time */
    int hr_max_bpm;           /* highest rate that held for any time */
    double trimp_edwards;     /* minutes x zone number */
    double trimp_banister;    /* NAN unless rest, maximum and sex are known */
    double distance_m;        /* speed x time, where a speed was known */
    int64_t speed_ms;         /* valid time with a known speed */
    int64_t below_floor_ms;   /* valid time under the floor; 0 without one */
    int64_t above_pace_ms;    /* of speed_ms, above the speed cap; the next two likewise */
    unsigned pace_excursions;
    int64_t pace_longest_ms;
} Totals;

/* 100 * (valid - above) / valid to one decimal, half up; NAN without valid time. Pure. */
double totals_compliance(const Totals *totals);

/* The same of the speed cap, over the time with a known speed; NAN without any. Pure. */
double totals_pace_compliance(const Totals *totals);

/* Valid time at or below the cap, and not below the floor if there is one. Pure. */
int64_t totals_in_target_ms(const Totals *totals);

/* 100 * valid / (valid + unknown) to one decimal, half up; NAN when both are 0. Pure. */
double totals_coverage(const Totals *totals);

/* Time-weighted mean rate, bpm; NAN without valid time. Pure. */
double totals_hr_avg_bpm(const Totals *totals);

/* Time-weighted mean speed, m/s; NAN without a known speed. Pure. */
double totals_speed_mps(const Totals *totals);

/* SPEED_MPS, or NAN when it is no runner's: not in 0..COMPLIANCE_MAX_SPEED_MPS. Pure. */
double compliance_known_speed(double speed_mps);

/* A speed cap of km/h as it is compared: whole mm/s, half up. Pure. */
int compliance_mm_s(double speed_kmh);
double compliance_kmh(int speed_mm_s);

/* The newest excursion over one limit. */
typedef struct {
    int64_t ms; /* over the limit */
    int64_t end_ms;
} Excursion;

/* The ledger of one session. Caller-owned, started with compliance_start. */
typedef struct {
    ZoneTable zones;
    Limits limits;
    Totals totals; /* up to at_ms */
    int64_t at_ms;
    bool paused;
    /* the sample that holds */
    bool holding;
    int bpm;
    double speed_mps; /* its own; NAN: it brought none, and the given one counts */
    int64_t hold_end_ms;
    double given_speed_mps;
    int64_t given_end_ms;
    Excursion above, above_pace;
} Compliance;

/* Begins at START_MS with nothing known. */
void compliance_start(Compliance *compliance, const ZoneTable *zones, const Limits *limits, int64_t start_ms);

/* From T_MS (never back) on, BPM holds; SPEED_MPS of any value, NAN when not known. Samples before the
 * start may be given too: their hold reaches into the session. */
void compliance_valid(Compliance *compliance, int64_t t_ms, int bpm, double speed_mps);

/* From T_MS on, and until END_MS at the latest, this is the speed of samples that bring none. */
void compliance_speed(Compliance *compliance, int64_t t_ms, double speed_mps, int64_t end_ms);

/* From T_MS on, these are the limits. What was booked stays as it was judged then; an excursion that is
 * going on ends, even if the rate is above the new cap too. */
void compliance_limits(Compliance *compliance, int64_t t_ms, const Limits *limits);

/* From T_MS on, nothing is known: the newest sample was not valid. */
void compliance_invalid(Compliance *compliance, int64_t t_ms);

/* From T_MS on, time is paused, or no longer; the hold of a sample goes on beneath. */
void compliance_pause(Compliance *compliance, int64_t t_ms);
void compliance_resume(Compliance *compliance, int64_t t_ms);

/* The totals up to NOW_MS (at or after the last call's time). Pure. */
void compliance_totals(const Compliance *compliance, int64_t now_ms, Totals *ret);

#endif
