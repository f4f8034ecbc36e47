/* SPDX-License-Identifier: MIT */
#include "athlete_private.h"
#include "config_change.h"

/* A target that was given at run time stays, unless the file gives another one. */
static void configure_session(Athlete *athlete, const AthleteConfig *before)
{
    SessionConfig config = athlete_session_config(athlete->context, athlete->config);
    if (config_same_target(before, athlete->config))
        config.target = athlete->session.config.target;
    /* What runs goes on as it began, and is followed by the present configuration. */
    athlete->other_config = !session_configure(&athlete->session, &config);
}

static bool is_same_lamp(const AthleteConfig *one, const AthleteConfig *other)
{
    return g_strcmp0(one->wled_topic, other->wled_topic) == 0 &&
           g_strcmp0(one->awtrix_topic, other->awtrix_topic) == 0 &&
           (one->share == other->share || one->awtrix_topic == NULL);
}

/* What the last summary tells depends on what is shared. One of before the start is known as it was told only. */
static void rewrite_summary(Athlete *athlete)
{
    g_clear_pointer(&athlete->summary_json, g_free);
    if (athlete->session.state != SESSION_FINISHED)
        return;
    const PayloadSession about = athlete_about_session(athlete);
    athlete->summary_json = payload_summary(session_finished(&athlete->session), &about);
}

/* Takes back what was retained and is not to be seen, or not to stay, any more. */
static void withdraw(Athlete *athlete, const AthleteConfig *before)
{
    const AthleteConfig *now = athlete->config;
    if ((now->share != before->share || !now->retain_summary) && before->retain_summary)
        athlete_clear_topic(athlete, athlete->summary_topic);
    if (now->share != before->share)
        rewrite_summary(athlete);
    if (now->share == SHARE_NONE && before->share != SHARE_NONE)
        athlete_advice_withdraw(athlete->advice);
}

void athlete_configure(Athlete *athlete, const AthleteConfig *config, bool rules, int64_t now_ms)
{
    const AthleteConfig before = athlete->own;
    const bool same = config_same_athlete(&before, config);
    const bool other_lamp = !is_same_lamp(&before, config);
    if (other_lamp) {
        athlete_lamp_end(athlete->lamp);
        athlete_lamp_free(athlete->lamp);
    }
    athlete->own = *config;
    if (other_lamp)
        athlete->lamp = athlete_lamp_new(athlete->context, athlete->config);
    if (!same || rules)
        configure_session(athlete, &before);
    if (same)
        return;
    withdraw(athlete, &before);
    athlete_announce(athlete, now_ms);
}

void athlete_dismiss(Athlete *athlete, int64_t now_ms)
{
    if (athlete_in_session(athlete, now_ms))
        athlete_command(athlete, SESSION_CMD_STOP, now_ms);
    athlete_end(athlete);
}
