/* SPDX-License-Identifier: MIT
 *
 * An athlete's profile to bpm bounds, and a heart rate to its zone.
 * All bounds are whole bpm, the smallest integer at or above the exact bound, in integer
 * arithmetic (ceil(permille * base / 1000)); zones are lower-inclusive.
 */
#ifndef ZONE1D_CORE_ZONES_H
#define ZONE1D_CORE_ZONES_H

#include <stdbool.h>
#include <stddef.h>

#define ZONES_MAX 8
#define ZONES_MIN_BPM 25 /* what a heart can do */
#define ZONES_MAX_BPM 250
#define ZONE_BELOW 0  /* under the lower bound of z1 */
#define ZONE_NONE (-1) /* no heart rate, so no zone */

typedef enum {
    ZONE_MODEL_AUTO, /* hrr when rest and maximum are known, else hrmax */
    ZONE_MODEL_HRMAX,
    ZONE_MODEL_HRR,  /* Karvonen: rest + share of (max - rest) */
    ZONE_MODEL_LTHR, /* Friel, running, percent of threshold: seven zones */
    ZONE_MODEL_THRESHOLD3, /* LT1 and LT2: three zones */
    ZONE_MODEL_BPM,  /* lower bounds as given */
} ZoneModel;

typedef enum {
    MAX_FORMULA_TANAKA, /* 208 - 0.7 age: Tanaka, Monahan, Seals 2001 */
    MAX_FORMULA_FOX,    /* 220 - age: Fox 1971 */
    MAX_FORMULA_GULATI, /* 206 - 0.88 age: Gulati 2010, women */
    MAX_FORMULA_NES,    /* 211 - 0.64 age: Nes 2013 */
} MaxFormula;

typedef enum { SEX_UNKNOWN, SEX_FEMALE, SEX_MALE } Sex;

/* 0 means "not given" in every number here. */
typedef struct {
    int age_years;      /* 5..110 */
    int max_bpm;        /* 100..230 */
    int rest_bpm;       /* 25..110 */
    int threshold_bpm;  /* LTHR, 25..230, within rest and a given max */
    Sex sex;
    MaxFormula max_formula;
    ZoneModel model;
    int percent_permille[ZONES_MAX]; /* own lower bounds in 1/1000 of the model's base */
    size_t percent_count;
    int bounds_bpm[ZONES_MAX]; /* ZONE_MODEL_BPM: lower bounds; THRESHOLD3: LT1 and LT2 */
    size_t bounds_count;
} AthleteProfile;

typedef enum {
    ZONES_OK,
    ZONES_NO_MAXIMUM,      /* neither maximum nor age */
    ZONES_NO_REST,         /* hrr without resting rate */
    ZONES_NO_THRESHOLD,    /* lthr without threshold */
    ZONES_NO_BOUNDS,       /* bpm or threshold3 without (enough) bounds */
    ZONES_AGE_RANGE,
    ZONES_MAX_RANGE,
    ZONES_REST_RANGE,
    ZONES_REST_NOT_BELOW_MAX,
    ZONES_THRESHOLD_RANGE, /* outside rest..max (a given one), or outside 25..230 */
    ZONES_NOT_RISING,
    ZONES_PERCENT_AS_BPM,  /* a list of bpm whose values are all under 40 */
    ZONES_BPM_AS_PERCENT,  /* a list of percent whose values are all over 120 */
    ZONES_BOUNDS_RANGE,    /* a bound outside 25..250 bpm, or 0..150 percent, or beyond 250 bpm by it */
    ZONES_TOO_MANY,
    ZONES_PERCENT_UNUSED,  /* percent given to a model that has none, or bounds likewise */
} ZonesResult;

typedef struct {
    ZoneModel model; /* never AUTO */
    size_t count;    /* zones above `below` */
    int lower_bpm[ZONES_MAX]; /* lower_bpm[0] is the lower bound of z1 */
    int max_bpm;     /* given or estimated, 0 when not known */
    bool max_estimated;
    int rest_bpm;    /* 0 when not known */
    Sex sex;
} ZoneTable;

/* Builds the bounds of a profile. On anything but ZONES_OK *ret is untouched. Pure, any thread. */
ZonesResult zones_build(const AthleteProfile *profile, ZoneTable *ret);

/* What is wrong and what would be right, one clause without a full stop. Static storage. */
const char *zones_result_text(ZonesResult result);

/* Whether TABLE, read back from outside, is one that zones_build could have made, as far as judging by
 * it is concerned. Pure. */
bool zones_sound(const ZoneTable *table);

/* 1..count, or ZONE_BELOW. BPM must be a plausible rate; pure, any thread. */
int zones_zone_of(const ZoneTable *table, int bpm);

/* The last bpm of ZONE (1..count), or 250 for the last zone, which has no upper end. */
int zones_last_bpm(const ZoneTable *table, int zone);

/* "below", "z1" ... "z8" ("z5a" "z5b" "z5c" for lthr), or NULL for ZONE_NONE. Static storage. */
const char *zones_zone_name(const ZoneTable *table, int zone);

/* Whether the zones from the fifth on are z5a, z5b and z5c: Friel's seven. Pure, any thread. */
bool zones_have_fifths(const ZoneTable *table);

/* The weight of a zone for Edwards' TRIMP: its number, 0 for below; for lthr at most 5. */
int zones_edwards_weight(const ZoneTable *table, int zone);

/* Age in years to an estimated maximum in bpm, rounded half up. */
int zones_estimate_max(MaxFormula formula, int age_years);

#endif
