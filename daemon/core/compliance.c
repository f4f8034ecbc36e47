/* SPDX-License-Identifier: MIT */
#include "core/compliance.h"

#include <math.h>
#include <string.h>

/* Banister's weights: 0.64 e^(1.92 x) for men, 0.86 e^(1.67 x) for women, x the share of reserve. */
static double banister_per_minute(const ZoneTable *zones, int bpm)
{
    if (zones->rest_bpm == 0 || zones->max_bpm == 0 || zones->sex == SEX_UNKNOWN)
        return NAN;
    double share = (double)(bpm - zones->rest_bpm) / (zones->max_bpm - zones->rest_bpm);
    if (share <= 0)
        return 0;
    return zones->sex == SEX_MALE ? share * 0.64 * exp(1.92 * share) : share * 0.86 * exp(1.67 * share);
}

void compliance_start(Compliance *compliance, const ZoneTable *zones, const Limits *limits, int64_t start_ms)
{
    memset(compliance, 0, sizeof *compliance);
    compliance->zones = *zones;
    compliance->limits = *limits;
    compliance->at_ms = start_ms;
    compliance->speed_mps = compliance->given_speed_mps = (double)NAN;
    compliance->totals.trimp_banister = isnan(banister_per_minute(zones, zones->max_bpm)) ? NAN : 0;
}

/* MS over a limit that begin at FROM_MS: the newest excursion goes on, or a new one begins. */
static void add_excursion(Excursion *newest, unsigned *count, int64_t *longest_ms, int64_t from_ms, int64_t ms)
{
    bool goes_on = *count > 0 && from_ms - newest->end_ms < COMPLIANCE_BREAK_MS;
    if (!goes_on) {
        ++*count;
        newest->ms = 0;
    }
    newest->ms += ms;
    newest->end_ms = from_ms + ms;
    if (newest->ms > *longest_ms)
        *longest_ms = newest->ms;
}

static void add_above(Compliance *compliance, int64_t from_ms, int64_t ms)
{
    Totals *totals = &compliance->totals;
    int over_bpm = compliance->bpm - compliance->limits.cap_bpm;
    add_excursion(&compliance->above, &totals->excursions, &totals->longest_ms, from_ms, ms);
    totals->above_ms += ms;
    totals->overshoot_bpm_ms += over_bpm * ms;
    if (over_bpm > totals->peak_over_bpm)
        totals->peak_over_bpm = over_bpm;
}

static int mm_s(double speed_mps) { return (int)(speed_mps * 1000 + 0.5); }

/* The part of MS from FROM_MS on in which a speed is known. */
static void add_pace(Compliance *compliance, int64_t from_ms, int64_t ms)
{
    Totals *totals = &compliance->totals;
    double speed_mps = compliance->speed_mps;
    if (isnan(speed_mps)) {
        speed_mps = compliance->given_speed_mps;
        if (compliance->given_end_ms - from_ms < ms)
            ms = compliance->given_end_ms - from_ms;
    }
    if (isnan(speed_mps) || ms <= 0)
        return;
    totals->speed_ms += ms;
    totals->distance_m += speed_mps * (double)ms / 1000.0;
    /* In whole mm/s, so that a treadmill's 10.0 km/h is not above 10.0 km/h by a rounding. */
    if (compliance->limits.speed_cap_mm_s == 0 || mm_s(speed_mps) <= compliance->limits.speed_cap_mm_s)
        return;
    add_excursion(&compliance->above_pace, &totals->pace_excursions, &totals->pace_longest_ms, from_ms, ms);
    totals->above_pace_ms += ms;
}

/* MS > 0 of the held rate that begin at FROM_MS. */
static void add_valid(Compliance *compliance, int64_t from_ms, int64_t ms)
{
    Totals *totals = &compliance->totals;
    int bpm = compliance->bpm;
    double minutes = (double)ms / 60000.0;
    int zone = zones_zone_of(&compliance->zones, bpm);
    totals->valid_ms += ms;
    totals->zone_ms[zone] += ms;
    totals->hr_bpm_ms += bpm * ms;
    totals->trimp_edwards += minutes * zones_edwards_weight(&compliance->zones, zone);
    totals->trimp_banister += minutes * banister_per_minute(&compliance->zones, bpm);
    if (bpm > totals->hr_max_bpm)
        totals->hr_max_bpm = bpm;
    if (bpm > compliance->limits.cap_bpm)
        add_above(compliance, from_ms, ms);
    else if (bpm < compliance->limits.floor_bpm)
        totals->below_floor_ms += ms;
    add_pace(compliance, from_ms, ms);
}

/* Books the time up to T_MS. */
static void settle(Compliance *compliance, int64_t t_ms)
{
    Totals *totals = &compliance->totals;
    int64_t from_ms = compliance->at_ms;
    if (t_ms <= from_ms)
        return;
    int64_t ms = t_ms - from_ms;
    totals->elapsed_ms += ms;
    compliance->at_ms = t_ms;
    if (compliance->paused) {
        totals->paused_ms += ms;
        return;
    }
    int64_t hold_end_ms = compliance->holding ? compliance->hold_end_ms : from_ms;
    int64_t valid_ms = (hold_end_ms < t_ms ? hold_end_ms : t_ms) - from_ms;
    if (valid_ms > 0)
        add_valid(compliance, from_ms, valid_ms);
    else
        valid_ms = 0;
    totals->unknown_ms += ms - valid_ms;
}

void compliance_valid(Compliance *compliance, int64_t t_ms, int bpm, double speed_mps)
{
    settle(compliance, t_ms);
    compliance->holding = true;
    compliance->bpm = bpm;
    compliance->speed_mps = compliance_known_speed(speed_mps);
    compliance->hold_end_ms = t_ms + COMPLIANCE_HOLD_MS;
}

void compliance_speed(Compliance *compliance, int64_t t_ms, double speed_mps, int64_t end_ms)
{
    settle(compliance, t_ms);
    compliance->given_speed_mps = compliance_known_speed(speed_mps);
    compliance->given_end_ms = end_ms;
}

void compliance_limits(Compliance *compliance, int64_t t_ms, const Limits *limits)
{
    settle(compliance, t_ms);
    compliance->limits = *limits;
    compliance->above.end_ms = compliance->above_pace.end_ms = t_ms - COMPLIANCE_BREAK_MS;
}

void compliance_invalid(Compliance *compliance, int64_t t_ms)
{
    settle(compliance, t_ms);
    compliance->holding = false;
}

void compliance_pause(Compliance *compliance, int64_t t_ms)
{
    settle(compliance, t_ms);
    compliance->paused = true;
}

void compliance_resume(Compliance *compliance, int64_t t_ms)
{
    settle(compliance, t_ms);
    compliance->paused = false;
}

void compliance_totals(const Compliance *compliance, int64_t now_ms, Totals *ret)
{
    Compliance copy = *compliance;
    settle(&copy, now_ms);
    *ret = copy.totals;
}

/* 100 * part / whole to one decimal, half up, in integers: the same on every machine. */
static double percent(int64_t part, int64_t whole)
{
    if (whole <= 0)
        return NAN;
    int64_t tenths = (2000 * part + whole) / (2 * whole);
    return (double)tenths / 10.0;
}

double totals_compliance(const Totals *totals)
{
    return percent(totals->valid_ms - totals->above_ms, totals->valid_ms);
}

double totals_pace_compliance(const Totals *totals)
{
    return percent(totals->speed_ms - totals->above_pace_ms, totals->speed_ms);
}

int64_t totals_in_target_ms(const Totals *totals)
{
    return totals->valid_ms - totals->above_ms - totals->below_floor_ms;
}

double totals_coverage(const Totals *totals)
{
    return percent(totals->valid_ms, totals->valid_ms + totals->unknown_ms);
}

double totals_hr_avg_bpm(const Totals *totals)
{
    return totals->valid_ms > 0 ? (double)totals->hr_bpm_ms / (double)totals->valid_ms : NAN;
}

double totals_speed_mps(const Totals *totals)
{
    return totals->speed_ms > 0 ? totals->distance_m * 1000.0 / (double)totals->speed_ms : (double)NAN;
}

double compliance_known_speed(double speed_mps)
{
    return speed_mps >= 0 && speed_mps <= COMPLIANCE_MAX_SPEED_MPS ? speed_mps : (double)NAN;
}

int compliance_mm_s(double speed_kmh) { return mm_s(speed_kmh / 3.6); }

double compliance_kmh(int speed_mm_s) { return speed_mm_s * 3.6 / 1000; }
