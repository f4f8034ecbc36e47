/* SPDX-License-Identifier: MIT */
#include "core/session_state.h"

#include "core/codec.h"
#include "core/session_sound.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAGIC 0x5353315au /* "Z1SS" */
#define SUMMARY_MAGIC 0x4d53315au /* "Z1SM" */
#define HEADER_BYTES 16
#define COUNT_LIMIT INT32_MAX
/* Sums over a session: 500 years, so that hours more of it cannot overflow anything. */
#define SUM_LIMIT_MS (INT64_C(1) << 44)
#define SUM_LIMIT_BPM_MS (INT64_C(1) << 52) /* SUM_LIMIT_MS at ZONES_MAX_BPM */

static void zones_fields(Codec *c, ZoneTable *zones)
{
    CODEC_ENUM(c, &zones->model, ZoneModel, ZONE_MODEL_BPM + 1);
    codec_size(c, &zones->count, ZONES_MAX);
    for (size_t i = 0; i < ZONES_MAX; i++)
        codec_int(c, &zones->lower_bpm[i], 0, ZONES_MAX_BPM);
    codec_int(c, &zones->max_bpm, 0, 230);
    codec_bool(c, &zones->max_estimated);
    codec_int(c, &zones->rest_bpm, 0, 110);
    CODEC_ENUM(c, &zones->sex, Sex, SEX_MALE + 1);
}

static void target_fields(Codec *c, Target *target)
{
    CODEC_ENUM(c, &target->kind, TargetKind, TARGET_FIFTH + 1);
    codec_int(c, &target->zone, 0, ZONES_MAX);
    codec_int(c, &target->cap_bpm, 0, TARGET_CAP_MAX_BPM);
}

static void rules_fields(Codec *c, VerdictRules *rules)
{
    codec_i64(c, &rules->min_valid_ms, 0, INT32_MAX);
    codec_double(c, &rules->min_coverage, 0, 100);
    codec_double(c, &rules->kept_compliance, 0, 100);
    codec_i64(c, &rules->kept_longest_ms, 0, INT32_MAX);
    codec_double(c, &rules->slipped_compliance, 0, 100);
}

static void totals_fields(Codec *c, Totals *totals)
{
    int64_t *times[] = {&totals->elapsed_ms, &totals->valid_ms, &totals->unknown_ms,     &totals->paused_ms,
                        &totals->above_ms,   &totals->longest_ms, &totals->below_floor_ms, &totals->speed_ms,
                        &totals->above_pace_ms, &totals->pace_longest_ms};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        codec_i64(c, times[i], 0, SUM_LIMIT_MS);
    for (size_t i = 0; i <= ZONES_MAX; i++)
        codec_i64(c, &totals->zone_ms[i], 0, SUM_LIMIT_MS);
    codec_i64(c, &totals->overshoot_bpm_ms, 0, SUM_LIMIT_BPM_MS);
    codec_i64(c, &totals->hr_bpm_ms, 0, SUM_LIMIT_BPM_MS);
    codec_unsigned(c, &totals->excursions, COUNT_LIMIT);
    codec_unsigned(c, &totals->pace_excursions, COUNT_LIMIT);
    codec_int(c, &totals->peak_over_bpm, 0, ZONES_MAX_BPM);
    codec_int(c, &totals->hr_max_bpm, 0, ZONES_MAX_BPM);
    codec_double(c, &totals->trimp_edwards, 0, DBL_MAX);
    codec_double_or_nan(c, &totals->trimp_banister, 0, DBL_MAX);
    codec_double(c, &totals->distance_m, 0, DBL_MAX);
}

static void excursion_fields(Codec *c, Excursion *excursion)
{
    codec_i64(c, &excursion->ms, 0, SUM_LIMIT_MS);
    codec_time_ms(c, &excursion->end_ms);
}

static void speed_field(Codec *c, double *speed_mps)
{
    codec_double_or_nan(c, speed_mps, 0, COMPLIANCE_MAX_SPEED_MPS);
}

static void compliance_fields(Codec *c, Compliance *compliance)
{
    totals_fields(c, &compliance->totals);
    codec_time_ms(c, &compliance->at_ms);
    codec_bool(c, &compliance->paused);
    codec_bool(c, &compliance->holding);
    codec_int(c, &compliance->bpm, 0, ZONES_MAX_BPM);
    speed_field(c, &compliance->speed_mps);
    codec_time_ms(c, &compliance->hold_end_ms);
    speed_field(c, &compliance->given_speed_mps);
    codec_time_ms(c, &compliance->given_end_ms);
    excursion_fields(c, &compliance->above);
    excursion_fields(c, &compliance->above_pace);
}

static void latch_fields(Codec *c, Latch *latch)
{
    codec_bool(c, &latch->shown);
    codec_bool(c, &latch->raw);
    codec_time_ms(c, &latch->raw_since_ms);
}

static void watch_fields(Codec *c, TargetWatch *watch)
{
    codec_time_ms(c, &watch->start_ms);
    codec_bool(c, &watch->have_rate);
    codec_int(c, &watch->bpm, 0, ZONES_MAX_BPM);
    codec_time_ms(c, &watch->valid_t_ms);
    latch_fields(c, &watch->above);
    latch_fields(c, &watch->below);
}

static void validity_fields(Codec *c, Validity *validity)
{
    codec_bool(c, &validity->contact_seen);
    codec_bool(c, &validity->have_base);
    codec_int(c, &validity->base_bpm, 0, ZONES_MAX_BPM);
    codec_time_ms(c, &validity->base_t_ms);
    codec_unsigned(c, &validity->spike_run, 3);
    codec_int(c, &validity->spike_bpm, 0, ZONES_MAX_BPM);
}

/* One of a ring's times, of which *before_ms is the one before. */
static void ring_time(Codec *c, int64_t *t_ms, bool first, int64_t *before_ms)
{
    if (first)
        codec_time_ms(c, t_ms);
    else
        codec_time_after_ms(c, t_ms, *before_ms);
    *before_ms = *t_ms;
}

static void rate_field(Codec *c, int *bpm)
{
    int64_t rate_bpm = *bpm;
    codec_short(c, &rate_bpm, 0, ZONES_MAX_BPM);
    *bpm = (int)rate_bpm;
}

static void trend_fields(Codec *c, Trend *trend)
{
    int64_t before_ms = 0;
    codec_size(c, &trend->head, TREND_CAPACITY - 1);
    codec_size(c, &trend->count, TREND_CAPACITY);
    for (size_t i = 0; i < trend->count && !c->failed; i++) {
        size_t slot = (trend->head + i) % TREND_CAPACITY;
        ring_time(c, &trend->t_ms[slot], i == 0, &before_ms);
        rate_field(c, &trend->bpm[slot]);
    }
}

/* The whole 1/1024 s that a strap sends (Heart Rate Service 1.0, 3.1.1.4); -1: it is none. */
static int64_t ticks_of(double rr_ms)
{
    if (!(rr_ms >= 0 && rr_ms <= UINT16_MAX))
        return -1;
    const int64_t ticks = (int64_t)(rr_ms * 1024.0 / 1000.0 + 0.5);
    return (double)ticks * 1000.0 / 1024.0 == rr_ms ? ticks : -1;
}

static void interval_field(Codec *c, double *rr_ms)
{
    int64_t ticks = ticks_of(*rr_ms);
    codec_short(c, &ticks, -1, 2 * UINT16_MAX);
    if (ticks < 0)
        codec_double(c, rr_ms, 0, DBL_MAX);
    else if (!c->failed)
        *rr_ms = (double)ticks * 1000.0 / 1024.0;
}

static void hrv_fields(Codec *c, Hrv *hrv)
{
    int64_t before_ms = 0;
    codec_u32(c, &hrv->head);
    codec_u32(c, &hrv->count);
    if (hrv->head >= HRV_WINDOW_BEATS || hrv->count > HRV_WINDOW_BEATS)
        c->failed = true;
    for (size_t i = 0; i < hrv->count && !c->failed; i++) {
        size_t at = (hrv->head + i) % HRV_WINDOW_BEATS;
        ring_time(c, &hrv->t_ms[at], i == 0, &before_ms);
        interval_field(c, &hrv->rr_ms[at]);
        codec_u8(c, &hrv->marks[at]);
    }
    codec_u32(c, &hrv->window_artefacts);
    codec_u32(c, &hrv->window_plausible);
    codec_i64(c, &hrv->window_plausible_us, 0, INT64_MAX);
    codec_time_ms(c, &hrv->last_t_ms);
    codec_time_ms(c, &hrv->next_dfa_ms);
    codec_time_ms(c, &hrv->dfa_t_ms);
    codec_double_or_nan(c, &hrv->dfa_a1, -DBL_MAX, DBL_MAX);
    codec_double_or_nan(c, &hrv->last_raw_ms, 0, DBL_MAX);
    codec_double_or_nan(c, &hrv->last_kept_ms, 0, DBL_MAX);
    codec_double(c, &hrv->sum_sq_diff_ms2, 0, DBL_MAX);
    codec_u64(c, &hrv->diffs);
    codec_u64(c, &hrv->beats);
    codec_u64(c, &hrv->artefacts);
    codec_u64(c, &hrv->started);
}

static void sample_fields(Codec *c, Sample *sample)
{
    int bpm = sample->bpm;
    codec_time_ms(c, &sample->t_ms);
    codec_int(c, &bpm, 0, UINT16_MAX); /* as the strap sent it */
    sample->bpm = (uint16_t)bpm;
    CODEC_ENUM(c, &sample->contact, Contact, CONTACT_DETECTED + 1);
    speed_field(c, &sample->speed_mps);
    codec_unsigned(c, &sample->rr_count, SAMPLE_MAX_RR);
    for (unsigned i = 0; i < sample->rr_count && !c->failed; i++)
        codec_double_or_nan(c, &sample->rr_ms[i], -INFINITY, INFINITY);
}

static void strap_fields(Codec *c, StrapView *strap)
{
    codec_bool(c, &strap->link_known);
    codec_bool(c, &strap->link_up);
    codec_bool(c, &strap->have_sample);
    sample_fields(c, &strap->newest);
    CODEC_ENUM(c, &strap->newest_validity, SampleValidity, SAMPLE_VALIDITY_COUNT);
    codec_time_ms(c, &strap->usable_t_ms);
    codec_time_or_ms(c, &strap->live_since_ms, SESSION_NEVER);
}

static void books_fields(Codec *c, SessionBooks *books)
{
    totals_fields(c, &books->totals);
    codec_u64(c, &books->samples);
    for (size_t i = 0; i < SAMPLE_VALIDITY_COUNT; i++)
        codec_u64(c, &books->invalid[i]);
}

/* Everything but the finished summary: that one has been published and stored. */
static void session_fields(Codec *c, Session *session)
{
    zones_fields(c, &session->config.zones);
    target_fields(c, &session->config.target);
    rules_fields(c, &session->config.rules);
    codec_bool(c, &session->config.auto_start);
    codec_int(c, &session->config.speed_cap_mm_s, 0, COMPLIANCE_MAX_SPEED_CAP_MM_S);
    codec_unsigned(c, &session->target_changes, COUNT_LIMIT);
    codec_int(c, &session->rpe, 0, SESSION_MAX_RPE);
    speed_field(c, &session->given_speed_mps);
    codec_time_ms(c, &session->given_speed_end_ms);
    codec_time_or_ms(c, &session->at_ms, INT64_MIN);
    validity_fields(c, &session->validity);
    trend_fields(c, &session->trend);
    hrv_fields(c, &session->hrv);
    strap_fields(c, &session->strap);
    compliance_fields(c, &session->compliance);
    watch_fields(c, &session->watch);
    CODEC_ENUM(c, &session->state, SessionState, SESSION_FINISHED + 1);
    codec_bool(c, &session->auto_armed);
    codec_time_ms(c, &session->start_ms);
    codec_time_ms(c, &session->last_valid_ms);
    codec_u64(c, &session->samples);
    for (size_t i = 0; i < SAMPLE_VALIDITY_COUNT; i++)
        codec_u64(c, &session->invalid[i]);
    codec_unsigned(c, &session->alpha1_in_z1, COUNT_LIMIT);
    codec_unsigned(c, &session->alpha1_low_in_z1, COUNT_LIMIT);
    books_fields(c, &session->at_last_valid);
}

/* What follows from the configuration is not in the bytes, so that it cannot contradict it. */
static bool derive(Session *session)
{
    if (!target_bounds(&session->config.target, &session->config.zones, &session->cap_bpm, &session->floor_bpm))
        return false;
    session->compliance.zones = session->config.zones;
    session->compliance.limits = session_limits(session);
    session->watch.cap_bpm = session->cap_bpm;
    session->watch.floor_bpm = session->floor_bpm;
    return true;
}

static void header_fields(Codec *c, uint32_t *magic, uint32_t *version, uint32_t *length, uint32_t *crc)
{
    codec_u32(c, magic);
    codec_u32(c, version);
    codec_u32(c, length);
    codec_u32(c, crc);
}

static size_t seal(uint8_t *bytes, const Codec *body, uint32_t magic, uint32_t version)
{
    if (body->failed)
        return 0;
    uint32_t length = (uint32_t)body->at;
    uint32_t crc = codec_crc32(bytes + HEADER_BYTES, body->at);
    Codec header = codec_save(bytes, HEADER_BYTES);
    header_fields(&header, &magic, &version, &length, &crc);
    return HEADER_BYTES + body->at;
}

size_t session_save(const Session *session, uint8_t *bytes, size_t size)
{
    if (size < HEADER_BYTES)
        return 0;
    Session copy = *session; /* the list of fields serves both ways, and so is not const */
    Codec body = codec_save(bytes + HEADER_BYTES, size - HEADER_BYTES);
    session_fields(&body, &copy);
    return seal(bytes, &body, MAGIC, SESSION_STATE_FORMAT);
}

static SessionStateResult check_header(const uint8_t *bytes, size_t len, uint32_t wanted, uint32_t format)
{
    uint32_t magic = 0, version = 0, length = 0, crc = 0;
    Codec header = codec_restore(bytes, len, 0);
    header_fields(&header, &magic, &version, &length, &crc);
    if (header.failed || magic != wanted)
        return SESSION_STATE_NOT_ONE;
    if (version != format)
        return SESSION_STATE_VERSION;
    if (length != len - HEADER_BYTES || crc != codec_crc32(bytes + HEADER_BYTES, length))
        return SESSION_STATE_DAMAGED;
    return SESSION_STATE_OK;
}

static SessionStateResult restore(Session *session, const uint8_t *bytes, size_t len, int64_t shift_ms)
{
    SessionStateResult result = check_header(bytes, len, MAGIC, SESSION_STATE_FORMAT);
    if (result != SESSION_STATE_OK)
        return result;
    Session restored;
    memset(&restored, 0, sizeof restored);
    restored.seen_zone = ZONE_NONE;
    Codec body = codec_restore(bytes + HEADER_BYTES, len - HEADER_BYTES, shift_ms);
    session_fields(&body, &restored);
    if (body.failed || body.at != body.size || !session_sound(&restored) || !derive(&restored))
        return SESSION_STATE_ABSURD;
    /* A finished session is not in the bytes; what is left of it is an idle one. */
    if (restored.state == SESSION_FINISHED)
        restored.state = SESSION_IDLE;
    *session = restored;
    return SESSION_STATE_OK;
}

SessionStateResult session_restore(Session *session, const uint8_t *bytes, size_t len, int64_t shift_ms,
                                   SessionStateTally *tally)
{
    SessionStateResult result = restore(session, bytes, len, shift_ms);
    tally->count[result]++;
    return result;
}

/* ---- a finished one ---- */

static void summary_fields(Codec *c, Summary *summary)
{
    codec_time_ms(c, &summary->start_ms);
    codec_time_ms(c, &summary->end_ms);
    totals_fields(c, &summary->totals);
    codec_double_or_nan(c, &summary->hrv.rmssd_ms, 0, DBL_MAX);
    codec_double_or_nan(c, &summary->hrv.rmssd_session_ms, 0, DBL_MAX);
    codec_double_or_nan(c, &summary->hrv.dfa_a1, -DBL_MAX, DBL_MAX);
    codec_double_or_nan(c, &summary->hrv.artefact_percent, 0, 100);
    codec_u64(c, &summary->hrv.beats);
    codec_u64(c, &summary->hrv.artefacts);
    rules_fields(c, &summary->verdict.rules);
    zones_fields(c, &summary->zones);
    target_fields(c, &summary->target);
    codec_unsigned(c, &summary->target_changes, COUNT_LIMIT);
    codec_int(c, &summary->speed_cap_mm_s, 0, COMPLIANCE_MAX_SPEED_CAP_MM_S);
    codec_int(c, &summary->rpe, 0, SESSION_MAX_RPE);
    codec_u64(c, &summary->samples);
    for (size_t i = 0; i < SAMPLE_VALIDITY_COUNT; i++)
        codec_u64(c, &summary->invalid[i]);
    codec_unsigned(c, &summary->alpha1_in_z1, COUNT_LIMIT);
    codec_unsigned(c, &summary->alpha1_low_in_z1, COUNT_LIMIT);
    codec_bool(c, &summary->bounds_too_high);
}

size_t summary_save(const Summary *summary, uint8_t *bytes, size_t size)
{
    if (size < HEADER_BYTES)
        return 0;
    Summary copy = *summary;
    Codec body = codec_save(bytes + HEADER_BYTES, size - HEADER_BYTES);
    summary_fields(&body, &copy);
    return seal(bytes, &body, SUMMARY_MAGIC, SUMMARY_FORMAT);
}

SessionStateResult summary_restore(Summary *ret, const uint8_t *bytes, size_t len)
{
    SessionStateResult result = check_header(bytes, len, SUMMARY_MAGIC, SUMMARY_FORMAT);
    if (result != SESSION_STATE_OK)
        return result;
    Summary summary;
    memset(&summary, 0, sizeof summary);
    Codec body = codec_restore(bytes + HEADER_BYTES, len - HEADER_BYTES, 0);
    summary_fields(&body, &summary);
    if (body.failed || body.at != body.size || !zones_sound(&summary.zones) || !totals_sound(&summary.totals) ||
        summary.start_ms > summary.end_ms ||
        !target_bounds(&summary.target, &summary.zones, &summary.cap_bpm, &summary.floor_bpm))
        return SESSION_STATE_ABSURD;
    const VerdictRules rules = summary.verdict.rules;
    verdict_judge(&summary.totals, &rules, &summary.verdict);
    *ret = summary;
    return SESSION_STATE_OK;
}

const char *session_state_result_text(SessionStateResult result)
{
    switch (result) {
    case SESSION_STATE_OK:
        return "fine";
    case SESSION_STATE_NOT_ONE:
        return "not a saved session";
    case SESSION_STATE_VERSION:
        return "saved by another version of zone1d";
    case SESSION_STATE_DAMAGED:
        return "damaged: its length or checksum does not fit";
    case SESSION_STATE_ABSURD:
        return "whole, but with values that no session can have";
    case SESSION_STATE_RESULT_COUNT:
        break;
    }
    return "unknown";
}
