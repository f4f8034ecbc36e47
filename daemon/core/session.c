/* SPDX-License-Identifier: MIT */
#include "core/session.h"

#include "core/deadline.h"

#include <math.h>
#include <string.h>

static bool take_config(Session *session, const SessionConfig *config)
{
    if (config->speed_cap_mm_s < 0 || config->speed_cap_mm_s > COMPLIANCE_MAX_SPEED_CAP_MM_S ||
        !target_bounds(&config->target, &config->zones, &session->cap_bpm, &session->floor_bpm))
        return false;
    session->config = *config;
    return true;
}

bool session_init(Session *session, const SessionConfig *config)
{
    Session fresh = {0};
    if (!take_config(&fresh, config))
        return false;
    *session = fresh;
    session->given_speed_mps = (double)NAN;
    session->at_ms = INT64_MIN;
    session->auto_armed = true;
    session->strap.live_since_ms = SESSION_NEVER;
    session->seen_zone = ZONE_NONE;
    validity_init(&session->validity);
    hrv_init(&session->hrv);
    return true;
}

static int64_t bounded(int64_t t_ms)
{
    return t_ms > SESSION_TIME_LIMIT_MS    ? SESSION_TIME_LIMIT_MS
           : t_ms < -SESSION_TIME_LIMIT_MS ? -SESSION_TIME_LIMIT_MS
                                           : t_ms;
}

/* ---- the signal ---- */

static SignalState signal_at(const StrapView *strap, int64_t now_ms)
{
    if (strap->link_known && !strap->link_up)
        return SIGNAL_LOST;
    if (!strap->have_sample)
        return strap->link_known ? SIGNAL_STALE : SIGNAL_NONE;
    if (now_ms - strap->newest.t_ms >= SESSION_STALE_MS)
        return SIGNAL_STALE;
    if (strap->newest_validity == SAMPLE_NO_CONTACT)
        return SIGNAL_NO_CONTACT;
    /* It sends, but nothing that could be used: to the athlete that is a contact problem. */
    if (strap->newest_validity != SAMPLE_VALID && now_ms - strap->usable_t_ms >= SESSION_STALE_MS)
        return SIGNAL_NO_CONTACT;
    return SIGNAL_LIVE;
}

/* At NOW_MS nothing usable has come on this link: as if it had been so for long. */
static void nothing_usable_yet(StrapView *strap, int64_t now_ms)
{
    strap->have_sample = false;
    strap->usable_t_ms = bounded(now_ms - SESSION_STALE_MS);
}

static int hr_at(const StrapView *strap, int64_t now_ms)
{
    bool known = strap->newest_validity == SAMPLE_VALID && signal_at(strap, now_ms) == SIGNAL_LIVE;
    return known ? strap->newest.bpm : 0;
}

static void note_signal(Session *session, int64_t now_ms)
{
    StrapView *strap = &session->strap;
    if (signal_at(strap, now_ms) != SIGNAL_LIVE) {
        strap->live_since_ms = SESSION_NEVER;
        session->auto_armed = true;
    } else if (strap->live_since_ms == SESSION_NEVER) {
        strap->live_since_ms = now_ms;
    }
}

/* ---- the life of a session ---- */

Limits session_limits(const Session *session)
{
    return (Limits){session->cap_bpm, session->floor_bpm, session->config.speed_cap_mm_s};
}

static void remember_books(Session *session)
{
    SessionBooks *books = &session->at_last_valid;
    books->totals = session->compliance.totals;
    books->samples = session->samples;
    memcpy(books->invalid, session->invalid, sizeof books->invalid);
}

/* The newest valid sample may still hold when a session starts: then it is known from the start. */
static void carry_into_session(Session *session)
{
    const StrapView *strap = &session->strap;
    if (hr_at(strap, session->start_ms) == 0)
        return;
    compliance_valid(&session->compliance, strap->newest.t_ms, strap->newest.bpm, strap->newest.speed_mps);
    target_watch_rate(&session->watch, strap->newest.bpm, strap->newest.t_ms);
}

static unsigned start(Session *session, bool recorded, int64_t now_ms)
{
    session->state = SESSION_ACTIVE;
    session->recorded = recorded;
    session->auto_armed = false;
    session->start_ms = now_ms;
    session->last_valid_ms = now_ms;
    session->samples = 0;
    memset(session->invalid, 0, sizeof session->invalid);
    session->alpha1_in_z1 = session->alpha1_low_in_z1 = 0;
    session->target_changes = 0;
    session->rpe = 0;
    hrv_init(&session->hrv);
    const Limits limits = session_limits(session);
    compliance_start(&session->compliance, &session->config.zones, &limits, now_ms);
    compliance_speed(&session->compliance, now_ms, session->given_speed_mps, session->given_speed_end_ms);
    target_watch_start(&session->watch, session->cap_bpm, session->floor_bpm, now_ms);
    carry_into_session(session);
    remember_books(session);
    return SESSION_EV_STARTED;
}

static bool bounds_too_high(const Summary *summary)
{
    bool in_zone_1 = summary->cap_bpm <= zones_last_bpm(&summary->zones, 1);
    bool well_run = summary->verdict.verdict == VERDICT_STRICT || summary->verdict.verdict == VERDICT_KEPT;
    return in_zone_1 && well_run && summary->alpha1_in_z1 >= SESSION_HINT_MIN_VALUES &&
           summary->alpha1_low_in_z1 * 2 > summary->alpha1_in_z1;
}

static void summarise(const Session *session, const SessionBooks *books, int64_t end_ms, Summary *ret)
{
    *ret = (Summary){
        .start_ms = session->start_ms,
        .end_ms = end_ms,
        .totals = books->totals,
        .zones = session->config.zones,
        .target = session->config.target,
        .cap_bpm = session->cap_bpm,
        .floor_bpm = session->floor_bpm,
        .target_changes = session->target_changes,
        .speed_cap_mm_s = session->config.speed_cap_mm_s,
        .rpe = session->rpe,
        .samples = books->samples,
        .alpha1_in_z1 = session->alpha1_in_z1,
        .alpha1_low_in_z1 = session->alpha1_low_in_z1,
    };
    memcpy(ret->invalid, books->invalid, sizeof ret->invalid);
    hrv_values(&session->hrv, end_ms, &ret->hrv);
    verdict_judge(&ret->totals, &session->config.rules, &ret->verdict);
    ret->bounds_too_high = bounds_too_high(ret);
}

static void books_at(const Session *session, int64_t now_ms, SessionBooks *ret)
{
    compliance_totals(&session->compliance, now_ms, &ret->totals);
    ret->samples = session->samples;
    memcpy(ret->invalid, session->invalid, sizeof ret->invalid);
}

static unsigned finish(Session *session, const SessionBooks *books, int64_t end_ms)
{
    if (books->totals.valid_ms < SESSION_MIN_VALID_MS) {
        session->state = SESSION_IDLE;
        return SESSION_EV_DROPPED;
    }
    summarise(session, books, end_ms, &session->finished);
    session->state = SESSION_FINISHED;
    return SESSION_EV_FINISHED;
}

bool session_is_running(SessionState state) { return state == SESSION_ACTIVE || state == SESSION_PAUSED; }

static bool running(const Session *session) { return session_is_running(session->state); }

static bool ends_by_itself(const Session *session) { return running(session) && !session->recorded; }

bool session_configure(Session *session, const SessionConfig *config)
{
    return !running(session) && take_config(session, config);
}

static unsigned stop(Session *session, int64_t now_ms)
{
    SessionBooks books;
    books_at(session, now_ms, &books);
    session->auto_armed = signal_at(&session->strap, now_ms) != SIGNAL_LIVE;
    return finish(session, &books, now_ms);
}

static unsigned pause(Session *session, int64_t now_ms)
{
    compliance_pause(&session->compliance, now_ms);
    target_watch_break(&session->watch);
    session->state = SESSION_PAUSED;
    return SESSION_EV_PAUSED;
}

static unsigned resume(Session *session, int64_t now_ms)
{
    compliance_resume(&session->compliance, now_ms);
    hrv_gap(&session->hrv);
    session->state = SESSION_ACTIVE;
    int hr_bpm = hr_at(&session->strap, now_ms);
    if (hr_bpm != 0)
        target_watch_resume(&session->watch, hr_bpm, session->strap.newest.t_ms, now_ms);
    return SESSION_EV_RESUMED;
}

/* ---- time ---- */

static bool waits_for_auto_start(const Session *session)
{
    return session->config.auto_start && session->auto_armed && !running(session) &&
           session->strap.live_since_ms != SESSION_NEVER;
}

static TargetStatus status_at(const Session *session, int64_t now_ms)
{
    return session->state == SESSION_ACTIVE ? target_watch_status(&session->watch, now_ms) : STATUS_NONE;
}

static int zone_at(const Session *session, int64_t now_ms)
{
    int hr_bpm = hr_at(&session->strap, now_ms);
    return hr_bpm == 0 ? ZONE_NONE : zones_zone_of(&session->config.zones, hr_bpm);
}

/* Compares with what was seen last, so that every change is told exactly once. */
static unsigned note_changes(Session *session)
{
    int64_t now_ms = session->at_ms;
    SignalState signal = signal_at(&session->strap, now_ms);
    TargetStatus status = status_at(session, now_ms);
    int zone = zone_at(session, now_ms);
    bool changed = signal != session->seen_signal || status != session->seen_status || zone != session->seen_zone;
    session->seen_signal = signal;
    session->seen_status = status;
    session->seen_zone = zone;
    return changed ? SESSION_EV_CHANGED : 0;
}

/* What is due at NOW_MS, no earlier deadline being left. */
static unsigned happen(Session *session, int64_t now_ms)
{
    unsigned events = 0;
    session->at_ms = now_ms;
    note_signal(session, now_ms);
    if (ends_by_itself(session) && now_ms - session->last_valid_ms >= SESSION_AUTO_END_MS) {
        session->auto_armed = true;
        events |= finish(session, &session->at_last_valid, session->last_valid_ms);
    }
    if (waits_for_auto_start(session) && now_ms - session->strap.live_since_ms >= SESSION_AUTO_START_MS)
        events |= start(session, false, now_ms);
    return events;
}

int64_t session_deadline_ms(const Session *session)
{
    const StrapView *strap = &session->strap;
    int64_t now_ms = session->at_ms;
    int64_t best_ms = SESSION_NEVER;
    if (strap->have_sample) {
        best_ms = deadline_earlier(strap->newest.t_ms + SESSION_STALE_MS, best_ms, now_ms);
        best_ms = deadline_earlier(strap->usable_t_ms + SESSION_STALE_MS, best_ms, now_ms);
    }
    if (waits_for_auto_start(session))
        best_ms = deadline_earlier(strap->live_since_ms + SESSION_AUTO_START_MS, best_ms, now_ms);
    if (ends_by_itself(session))
        best_ms = deadline_earlier(session->last_valid_ms + SESSION_AUTO_END_MS, best_ms, now_ms);
    if (session->state == SESSION_ACTIVE) {
        int64_t watch_ms = target_watch_deadline_ms(&session->watch, now_ms);
        best_ms = watch_ms < best_ms ? watch_ms : best_ms;
    }
    return best_ms;
}

/* Everything due by NOW_MS, each at its own time. Ends: every deadline is later than the last. */
static unsigned pass_time(Session *session, int64_t now_ms)
{
    unsigned events = 0;
    now_ms = bounded(now_ms);
    if (session->at_ms == INT64_MIN)
        session->at_ms = now_ms;
    for (int64_t due_ms = session_deadline_ms(session); due_ms <= now_ms; due_ms = session_deadline_ms(session))
        events |= happen(session, due_ms);
    if (now_ms > session->at_ms)
        events |= happen(session, now_ms);
    return events;
}

unsigned session_advance(Session *session, int64_t now_ms)
{
    unsigned events = pass_time(session, now_ms);
    return events | note_changes(session);
}

/* ---- what comes in ---- */

unsigned session_link(Session *session, bool up, int64_t now_ms)
{
    unsigned events = pass_time(session, now_ms);
    StrapView *strap = &session->strap;
    if (up && !strap->link_up)
        nothing_usable_yet(strap, session->at_ms);
    strap->link_known = true;
    strap->link_up = up;
    note_signal(session, session->at_ms);
    return events | note_changes(session);
}

/* Feeds the RR intervals; a new alpha 1 in or below zone 1 counts for the hint. */
static void take_rr(Session *session, const Sample *sample)
{
    int64_t computed_ms = session->hrv.dfa_t_ms;
    hrv_add(&session->hrv, sample->t_ms, sample->rr_ms, sample->rr_count);
    double alpha1 = session->hrv.dfa_a1;
    if (session->hrv.dfa_t_ms == computed_ms || isnan(alpha1) || session->state != SESSION_ACTIVE)
        return;
    if (sample->bpm <= zones_last_bpm(&session->config.zones, 1)) {
        session->alpha1_in_z1++;
        session->alpha1_low_in_z1 += alpha1 < SESSION_HINT_ALPHA1;
    }
}

static void take_valid(Session *session, const Sample *sample)
{
    if (sample->t_ms - session->strap.usable_t_ms > COMPLIANCE_HOLD_MS)
        hrv_gap(&session->hrv);
    session->strap.usable_t_ms = sample->t_ms;
    trend_add(&session->trend, sample->t_ms, sample->bpm);
    if (session->state != SESSION_PAUSED && sample->rr_count > 0)
        take_rr(session, sample);
    if (!running(session))
        return;
    compliance_valid(&session->compliance, sample->t_ms, sample->bpm, sample->speed_mps);
    if (session->state == SESSION_ACTIVE)
        target_watch_rate(&session->watch, sample->bpm, sample->t_ms);
    session->last_valid_ms = sample->t_ms;
    remember_books(session);
}

static void take_invalid(Session *session, const Sample *sample)
{
    hrv_gap(&session->hrv);
    if (running(session))
        compliance_invalid(&session->compliance, sample->t_ms);
}

static void copy_sample(Sample *to, const Sample *from, int64_t t_ms)
{
    /* Not the whole struct: of 255 RR intervals one or two are in use. */
    to->t_ms = t_ms;
    to->bpm = from->bpm;
    to->contact = from->contact;
    to->speed_mps = compliance_known_speed(from->speed_mps);
    to->rr_count = from->rr_count < SAMPLE_MAX_RR ? from->rr_count : SAMPLE_MAX_RR;
    memcpy(to->rr_ms, from->rr_ms, to->rr_count * sizeof to->rr_ms[0]);
}

unsigned session_sample(Session *session, const Sample *sample)
{
    unsigned events = pass_time(session, sample->t_ms);
    StrapView *strap = &session->strap;
    copy_sample(&strap->newest, sample, session->at_ms);
    const Sample *newest = &strap->newest;
    strap->link_known = strap->link_up = true;
    if (!strap->have_sample)
        nothing_usable_yet(strap, newest->t_ms);
    strap->have_sample = true;
    strap->newest_validity = validity_check(&session->validity, newest);
    if (session->state == SESSION_ACTIVE) {
        session->samples++;
        session->invalid[strap->newest_validity]++;
    }
    if (strap->newest_validity == SAMPLE_VALID)
        take_valid(session, newest);
    else
        take_invalid(session, newest);
    note_signal(session, session->at_ms);
    return events | note_changes(session);
}

unsigned session_set_speed(Session *session, double speed_mps, int64_t now_ms)
{
    unsigned events = pass_time(session, now_ms);
    session->given_speed_mps = compliance_known_speed(speed_mps);
    session->given_speed_end_ms = session->at_ms + COMPLIANCE_SPEED_HOLD_MS;
    if (running(session))
        compliance_speed(&session->compliance, session->at_ms, speed_mps, session->given_speed_end_ms);
    return events | note_changes(session);
}

bool session_forget(Session *session)
{
    if (running(session))
        return false;
    session->state = SESSION_IDLE;
    session->finished = (Summary){0};
    return true;
}

bool session_recall(Session *session, const Summary *summary)
{
    if (running(session))
        return false;
    session->state = SESSION_FINISHED;
    session->finished = *summary;
    session->rpe = summary->rpe;
    return true;
}

static bool same_target(const Target *one, const Target *other)
{
    return one->kind == other->kind && one->zone == other->zone && one->cap_bpm == other->cap_bpm;
}

bool session_set_target(Session *session, const Target *target, int64_t now_ms, unsigned *ret_events)
{
    unsigned events = pass_time(session, now_ms);
    bool fits = target_bounds(target, &session->config.zones, &session->cap_bpm, &session->floor_bpm);
    if (fits && !same_target(target, &session->config.target)) {
        session->config.target = *target;
        if (running(session)) {
            const Limits limits = session_limits(session);
            session->target_changes++;
            compliance_limits(&session->compliance, session->at_ms, &limits);
            target_watch_bounds(&session->watch, session->cap_bpm, session->floor_bpm, session->at_ms);
        }
    }
    *ret_events = events | note_changes(session);
    return fits;
}

static bool has_rpe(const Session *session) { return running(session) || session->state == SESSION_FINISHED; }

bool session_set_rpe(Session *session, int rpe)
{
    if (!has_rpe(session) || rpe < 0 || rpe > SESSION_MAX_RPE)
        return false;
    session->rpe = rpe;
    if (session->state == SESSION_FINISHED)
        session->finished.rpe = rpe;
    return true;
}

bool session_command(Session *session, SessionCommand command, int64_t now_ms, unsigned *ret_events)
{
    unsigned events = pass_time(session, now_ms);
    bool fits = false;
    switch (command) {
    case SESSION_CMD_START:
    case SESSION_CMD_RECORD:
        if ((fits = !running(session)))
            events |= start(session, command == SESSION_CMD_RECORD, session->at_ms);
        break;
    case SESSION_CMD_STOP:
        if ((fits = running(session)))
            events |= stop(session, session->at_ms);
        break;
    case SESSION_CMD_PAUSE:
        if ((fits = session->state == SESSION_ACTIVE))
            events |= pause(session, session->at_ms);
        break;
    case SESSION_CMD_RESUME:
        if ((fits = session->state == SESSION_PAUSED))
            events |= resume(session, session->at_ms);
        break;
    }
    *ret_events = events | note_changes(session);
    return fits;
}

/* ---- what is shown ---- */

static double speed_at(const Session *session, int64_t now_ms)
{
    const StrapView *strap = &session->strap;
    if (signal_at(strap, now_ms) == SIGNAL_LIVE && !isnan(strap->newest.speed_mps))
        return strap->newest.speed_mps;
    return now_ms < session->given_speed_end_ms ? session->given_speed_mps : (double)NAN;
}

static void show_rr(const StrapView *strap, Live *ret)
{
    ret->rr_count = strap->newest.rr_count;
    memcpy(ret->rr_ms, strap->newest.rr_ms, ret->rr_count * sizeof ret->rr_ms[0]);
}

void session_live(const Session *session, int64_t now_ms, Live *ret)
{
    const StrapView *strap = &session->strap;
    now_ms = bounded(now_ms);
    ret->hr_bpm = hr_at(strap, now_ms);
    ret->signal = signal_at(strap, now_ms);
    ret->zone = zone_at(session, now_ms);
    ret->cap_bpm = session->cap_bpm;
    ret->floor_bpm = session->floor_bpm;
    ret->status = status_at(session, now_ms);
    ret->trend_bpm_min = ret->hr_bpm != 0 ? trend_bpm_min(&session->trend, now_ms) : NAN;
    ret->advice = target_watch_advice(&session->watch, ret->status, ret->hr_bpm, ret->trend_bpm_min);
    ret->session = session->state;
    ret->rr_count = 0;
    if (ret->hr_bpm != 0)
        show_rr(strap, ret);
    if (running(session))
        compliance_totals(&session->compliance, now_ms, &ret->totals);
    else if (session->state == SESSION_FINISHED)
        ret->totals = session->finished.totals;
    else
        ret->totals = (Totals){0};
    hrv_values(&session->hrv, now_ms, &ret->hrv);
    ret->speed_mps = speed_at(session, now_ms);
    ret->rpe = has_rpe(session) ? session->rpe : 0;
    ret->target = session->config.target;
}

bool session_summary(const Session *session, int64_t now_ms, Summary *ret)
{
    now_ms = bounded(now_ms);
    if (session->state == SESSION_FINISHED) {
        *ret = session->finished;
        return true;
    }
    if (!running(session))
        return false;
    SessionBooks books;
    books_at(session, now_ms, &books);
    summarise(session, &books, now_ms, ret);
    return true;
}

const Summary *session_finished(const Session *session) { return &session->finished; }
