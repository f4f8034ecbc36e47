/* SPDX-License-Identifier: MIT
 *
 * What a session aims at, and the live status against it.
 */
#ifndef ZONE1D_CORE_TARGET_H
#define ZONE1D_CORE_TARGET_H

#include "core/zones.h"

#include <stdbool.h>
#include <stdint.h>

#define TARGET_CAP_MIN_BPM 80
#define TARGET_CAP_MAX_BPM 200

#define TARGET_ON_MS 10000      /* out of bounds without a break for this long: it shows */
#define TARGET_OFF_MS 5000      /* back within for this long: it shows no more */
#define TARGET_SETTLING_MS 60000 /* after a start there are no alerts */

typedef enum {
    TARGET_RECOVERY,
    TARGET_EASY,
    TARGET_ZONE, /* by its number */
    TARGET_CAP,
    TARGET_FIFTH, /* z5a z5b z5c, the zones 5 to 7 of lthr by their names */
} TargetKind;

typedef struct {
    TargetKind kind;
    int zone;    /* TARGET_ZONE: 1..count; TARGET_FIFTH: 5..7 */
    int cap_bpm; /* TARGET_CAP */
} Target;

typedef enum {
    STATUS_NONE, /* no session, or paused */
    STATUS_SETTLING,
    STATUS_BELOW,
    STATUS_IN,
    STATUS_ABOVE,
    STATUS_UNKNOWN,
} TargetStatus;

typedef enum { ADVICE_NONE, ADVICE_HOLD, ADVICE_EASE_OFF, ADVICE_PICK_UP } Advice;

/* The last bpm that is in TARGET, and the first (0: slower is never a fault). False, and both
 * untouched, when TARGET asks for a zone that TABLE has not, or for recovery or easy where that
 * zone has no upper end. Pure, any thread. */
bool target_bounds(const Target *target, const ZoneTable *table, int *ret_cap_bpm, int *ret_floor_bpm);

/* One condition with a delay before it shows and another before it is gone. */
typedef struct {
    bool shown;
    bool raw;
    int64_t raw_since_ms;
} Latch;

/* The live status of one session. Caller-owned, started with target_watch_start. */
typedef struct {
    int cap_bpm, floor_bpm;
    int64_t start_ms;
    bool have_rate;
    int bpm;
    int64_t valid_t_ms; /* of the last valid sample */
    Latch above, below;
} TargetWatch;

/* Begins a session at START_MS with nothing known of the rate. */
void target_watch_start(TargetWatch *watch, int cap_bpm, int floor_bpm, int64_t start_ms);

/* A valid sample of BPM at T_MS, which never goes back. */
void target_watch_rate(TargetWatch *watch, int bpm, int64_t t_ms);

/* The session was paused: what was above before says nothing of what comes after. */
void target_watch_break(TargetWatch *watch);

/* From NOW_MS on, these are the bounds; the delays of the status begin anew. */
void target_watch_bounds(TargetWatch *watch, int cap_bpm, int floor_bpm, int64_t now_ms);

/* It goes on at NOW_MS, with the BPM of a valid sample at VALID_T_MS that still holds. */
void target_watch_resume(TargetWatch *watch, int bpm, int64_t valid_t_ms, int64_t now_ms);

/* The status at NOW_MS, with the samples so far. Pure. */
TargetStatus target_watch_status(const TargetWatch *watch, int64_t now_ms);

/* STATUS as at the same time, HR_BPM 0 when not known, TREND_BPM_MIN NAN when not known. Pure. */
Advice target_watch_advice(const TargetWatch *watch, TargetStatus status, int hr_bpm, double trend_bpm_min);

/* The next time after NOW_MS at which the status can change without a sample; INT64_MAX: never. */
int64_t target_watch_deadline_ms(const TargetWatch *watch, int64_t now_ms);

#endif
