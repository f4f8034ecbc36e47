/* SPDX-License-Identifier: MIT */
#include "core/target.h"

#include "core/compliance.h"
#include "core/deadline.h"

#define ADVICE_MARGIN_BPM 3
#define ADVICE_RISE_BPM_MIN 6.0

static bool zone_bounds(const ZoneTable *table, int zone, int *ret_cap_bpm, int *ret_floor_bpm)
{
    if (zone < 1 || (size_t)zone > table->count)
        return false;
    *ret_cap_bpm = zones_last_bpm(table, zone);
    *ret_floor_bpm = table->lower_bpm[zone - 1];
    return true;
}

bool target_bounds(const Target *target, const ZoneTable *table, int *ret_cap_bpm, int *ret_floor_bpm)
{
    int cap_bpm = target->cap_bpm;
    int floor_bpm = 0;
    switch (target->kind) {
    case TARGET_RECOVERY:
    case TARGET_EASY: {
        int zone = target->kind == TARGET_EASY ? 2 : 1;
        if ((size_t)zone >= table->count || !zone_bounds(table, zone, &cap_bpm, &floor_bpm))
            return false;
        floor_bpm = 0;
        break;
    }
    case TARGET_ZONE:
        if (!zone_bounds(table, target->zone, &cap_bpm, &floor_bpm))
            return false;
        break;
    case TARGET_FIFTH:
        if (!zones_have_fifths(table) || target->zone < 5 ||
            !zone_bounds(table, target->zone, &cap_bpm, &floor_bpm))
            return false;
        break;
    case TARGET_CAP:
        if (cap_bpm < TARGET_CAP_MIN_BPM || cap_bpm > TARGET_CAP_MAX_BPM)
            return false;
        break;
    }
    *ret_cap_bpm = cap_bpm;
    *ret_floor_bpm = floor_bpm;
    return true;
}

static bool latch_shown(const Latch *latch, int64_t now_ms)
{
    int64_t for_ms = now_ms - latch->raw_since_ms;
    if (latch->raw)
        return latch->shown || for_ms >= TARGET_ON_MS;
    return latch->shown && for_ms < TARGET_OFF_MS;
}

/* A new raw value at T_MS; RESTART when what was before does not connect to it. */
static void latch_set(Latch *latch, bool raw, int64_t t_ms, bool restart)
{
    if (raw != latch->raw || restart)
        latch->raw_since_ms = t_ms;
    latch->raw = raw;
}

static int64_t latch_deadline_ms(const Latch *latch)
{
    if (latch->raw == latch->shown)
        return INT64_MAX;
    return latch->raw_since_ms + (latch->raw ? TARGET_ON_MS : TARGET_OFF_MS);
}

void target_watch_start(TargetWatch *watch, int cap_bpm, int floor_bpm, int64_t start_ms)
{
    *watch = (TargetWatch){.cap_bpm = cap_bpm, .floor_bpm = floor_bpm, .start_ms = start_ms};
}

/* A rate is known until it no longer holds; latches stand still from then on. */
static int64_t known_until_ms(const TargetWatch *watch, int64_t now_ms)
{
    int64_t end_ms = watch->valid_t_ms + COMPLIANCE_HOLD_MS;
    return now_ms < end_ms ? now_ms : end_ms;
}

void target_watch_rate(TargetWatch *watch, int bpm, int64_t t_ms)
{
    bool gap = !watch->have_rate || t_ms - watch->valid_t_ms > COMPLIANCE_HOLD_MS;
    if (watch->have_rate) {
        int64_t until_ms = known_until_ms(watch, t_ms);
        watch->above.shown = latch_shown(&watch->above, until_ms);
        watch->below.shown = latch_shown(&watch->below, until_ms);
    }
    latch_set(&watch->above, bpm > watch->cap_bpm, t_ms, gap);
    latch_set(&watch->below, bpm < watch->floor_bpm, t_ms, gap);
    watch->have_rate = true;
    watch->bpm = bpm;
    watch->valid_t_ms = t_ms;
}

void target_watch_break(TargetWatch *watch)
{
    watch->have_rate = false;
    watch->above = watch->below = (Latch){0};
}

void target_watch_resume(TargetWatch *watch, int bpm, int64_t valid_t_ms, int64_t now_ms)
{
    /* The delays count from now, the rate from when it was measured. */
    target_watch_rate(watch, bpm, now_ms);
    watch->valid_t_ms = valid_t_ms;
}

void target_watch_bounds(TargetWatch *watch, int cap_bpm, int floor_bpm, int64_t now_ms)
{
    bool have_rate = watch->have_rate;
    watch->cap_bpm = cap_bpm;
    watch->floor_bpm = floor_bpm;
    target_watch_break(watch);
    if (have_rate)
        target_watch_resume(watch, watch->bpm, watch->valid_t_ms, now_ms);
}

TargetStatus target_watch_status(const TargetWatch *watch, int64_t now_ms)
{
    if (!watch->have_rate || now_ms - watch->valid_t_ms >= COMPLIANCE_HOLD_MS)
        return STATUS_UNKNOWN;
    if (now_ms - watch->start_ms < TARGET_SETTLING_MS)
        return STATUS_SETTLING;
    if (latch_shown(&watch->above, now_ms))
        return STATUS_ABOVE;
    return latch_shown(&watch->below, now_ms) ? STATUS_BELOW : STATUS_IN;
}

Advice target_watch_advice(const TargetWatch *watch, TargetStatus status, int hr_bpm, double trend_bpm_min)
{
    /* A comparison with NAN is false: no tendency, no hint. */
    bool rising = trend_bpm_min > ADVICE_RISE_BPM_MIN;
    switch (status) {
    case STATUS_ABOVE:
        return ADVICE_EASE_OFF;
    case STATUS_BELOW:
        return ADVICE_PICK_UP;
    case STATUS_IN:
        return rising && hr_bpm >= watch->cap_bpm - ADVICE_MARGIN_BPM ? ADVICE_EASE_OFF : ADVICE_HOLD;
    case STATUS_NONE:
    case STATUS_SETTLING:
    case STATUS_UNKNOWN:
        break;
    }
    return ADVICE_NONE;
}

int64_t target_watch_deadline_ms(const TargetWatch *watch, int64_t now_ms)
{
    if (!watch->have_rate)
        return INT64_MAX;
    int64_t best_ms = deadline_earlier(watch->valid_t_ms + COMPLIANCE_HOLD_MS, INT64_MAX, now_ms);
    best_ms = deadline_earlier(watch->start_ms + TARGET_SETTLING_MS, best_ms, now_ms);
    best_ms = deadline_earlier(latch_deadline_ms(&watch->above), best_ms, now_ms);
    return deadline_earlier(latch_deadline_ms(&watch->below), best_ms, now_ms);
}
