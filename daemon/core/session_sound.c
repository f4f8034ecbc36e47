/* SPDX-License-Identifier: MIT */
#include "core/session_sound.h"

#include <math.h>

/* Time over a limit, in COUNT excursions of which the longest is LONGEST_MS: all of it, or nothing. */
static bool excursions_sound(int64_t over_ms, unsigned count, int64_t longest_ms)
{
    return over_ms == 0 ? count == 0 && longest_ms == 0 : count > 0 && longest_ms > 0 && longest_ms <= over_ms;
}

/* The rates behind the times: sums over time of at least 1 bpm, or ZONES_MIN_BPM, and at most the highest. */
static bool rates_sound(const Totals *totals)
{
    return (totals->above_ms > 0) == (totals->peak_over_bpm > 0) && totals->overshoot_bpm_ms >= totals->above_ms &&
           totals->overshoot_bpm_ms <= totals->above_ms * totals->peak_over_bpm &&
           (totals->valid_ms > 0) == (totals->hr_max_bpm > 0) &&
           totals->hr_bpm_ms >= totals->valid_ms * ZONES_MIN_BPM &&
           totals->hr_bpm_ms <= totals->valid_ms * totals->hr_max_bpm;
}

bool totals_sound(const Totals *totals)
{
    int64_t in_zones_ms = 0;
    for (size_t i = 0; i <= ZONES_MAX; i++)
        in_zones_ms += totals->zone_ms[i];
    return totals->valid_ms + totals->unknown_ms + totals->paused_ms == totals->elapsed_ms &&
           in_zones_ms == totals->valid_ms && totals_in_target_ms(totals) >= 0 && rates_sound(totals) &&
           totals->speed_ms <= totals->valid_ms && totals->above_pace_ms <= totals->speed_ms &&
           excursions_sound(totals->above_ms, totals->excursions, totals->longest_ms) &&
           excursions_sound(totals->above_pace_ms, totals->pace_excursions, totals->pace_longest_ms);
}

/* Whether THEN can have become NOW: nothing in the books ever gets less. */
static bool totals_grew(const Totals *then, const Totals *now)
{
    for (size_t i = 0; i <= ZONES_MAX; i++)
        if (then->zone_ms[i] > now->zone_ms[i])
            return false;
    return then->elapsed_ms <= now->elapsed_ms && then->unknown_ms <= now->unknown_ms &&
           then->paused_ms <= now->paused_ms && then->above_ms <= now->above_ms &&
           then->longest_ms <= now->longest_ms &&
           then->below_floor_ms <= now->below_floor_ms && then->speed_ms <= now->speed_ms &&
           then->above_pace_ms <= now->above_pace_ms && then->pace_longest_ms <= now->pace_longest_ms &&
           then->overshoot_bpm_ms <= now->overshoot_bpm_ms && then->hr_bpm_ms <= now->hr_bpm_ms &&
           then->excursions <= now->excursions && then->pace_excursions <= now->pace_excursions &&
           then->peak_over_bpm <= now->peak_over_bpm && then->hr_max_bpm <= now->hr_max_bpm &&
           then->trimp_edwards <= now->trimp_edwards && !(then->trimp_banister > now->trimp_banister) &&
           then->distance_m <= now->distance_m;
}

static bool samples_grew(const SessionBooks *then, const Session *now)
{
    for (size_t i = 0; i < SAMPLE_VALIDITY_COUNT; i++)
        if (then->invalid[i] > now->invalid[i] || now->invalid[i] > now->samples)
            return false;
    return then->samples <= now->samples;
}

/* The newest of COUNT excursions cannot be longer than the longest, nor be still to come. */
static bool newest_sound(const Excursion *newest, unsigned count, int64_t longest_ms, int64_t at_ms)
{
    return count == 0 || (newest->ms <= longest_ms && newest->end_ms <= at_ms);
}

/* What holds, and until when. */
static bool hold_sound(const Session *session)
{
    const Compliance *compliance = &session->compliance;
    return !compliance->holding ||
           (compliance->bpm >= ZONES_MIN_BPM && compliance->hold_end_ms > session->start_ms &&
            compliance->hold_end_ms <= session->last_valid_ms + COMPLIANCE_HOLD_MS);
}

/* The newest sample of a strap decides what is live: it would be so for ever, were it still to come. */
static bool strap_sound(const Session *session)
{
    const StrapView *strap = &session->strap;
    bool plausible = strap->newest.bpm >= ZONES_MIN_BPM && strap->newest.bpm <= ZONES_MAX_BPM;
    return !strap->have_sample || (strap->newest.t_ms <= session->at_ms && strap->usable_t_ms <= session->at_ms &&
                                   (plausible || strap->newest_validity != SAMPLE_VALID));
}

static bool speed_sound(double speed_mps, int64_t end_ms, int64_t now_ms)
{
    return isnan(speed_mps) || end_ms <= now_ms + COMPLIANCE_SPEED_HOLD_MS;
}

static bool watch_sound(const TargetWatch *watch, int64_t now_ms)
{
    return !watch->have_rate || watch->valid_t_ms <= now_ms;
}

static bool running_sound(const Session *session)
{
    if (session->state != SESSION_ACTIVE && session->state != SESSION_PAUSED)
        return true;
    const Compliance *compliance = &session->compliance;
    const Totals *totals = &compliance->totals;
    return session->start_ms <= session->last_valid_ms && session->last_valid_ms <= session->at_ms &&
           compliance->at_ms <= session->at_ms && compliance->paused == (session->state == SESSION_PAUSED) &&
           totals->elapsed_ms == compliance->at_ms - session->start_ms &&
           session->at_last_valid.totals.elapsed_ms == session->last_valid_ms - session->start_ms &&
           totals_grew(&session->at_last_valid.totals, totals) &&
           samples_grew(&session->at_last_valid, session) && hold_sound(session) &&
           speed_sound(compliance->given_speed_mps, compliance->given_end_ms, session->at_ms) &&
           watch_sound(&session->watch, session->at_ms) &&
           newest_sound(&compliance->above, totals->excursions, totals->longest_ms, compliance->at_ms) &&
           newest_sound(&compliance->above_pace, totals->pace_excursions, totals->pace_longest_ms, compliance->at_ms);
}

static bool rules_sound(const VerdictRules *rules) { return rules->slipped_compliance <= rules->kept_compliance; }

bool session_sound(const Session *session)
{
    return zones_sound(&session->config.zones) && rules_sound(&session->config.rules) &&
           totals_sound(&session->compliance.totals) && totals_sound(&session->at_last_valid.totals) &&
           strap_sound(session) && running_sound(session) && hrv_sound(&session->hrv) &&
           speed_sound(session->given_speed_mps, session->given_speed_end_ms, session->at_ms);
}
