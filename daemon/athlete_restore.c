/* SPDX-License-Identifier: MIT */
#include "athlete_private.h"
#include "mqtt/payload.h"

static void take_last(Athlete *athlete, const AthleteRestored *restored)
{
    g_free(athlete->summary_json);
    g_free(athlete->summary_id);
    athlete->summary_json = restored->last_json;
    athlete->summary_id = restored->last_id;
    athlete->summary_wall_us = restored->last_us;
    athlete->summary_here = restored->last_here;
}

static void take_session(Athlete *athlete, const AthleteRestored *restored)
{
    g_free(athlete->session_id);
    athlete->session_id = restored->id;
    athlete->session_wall_us = restored->started_us;
    athlete->session_here = restored->here;
}

/* The one that finished last is not there any more; the one before it is the last now. */
static void replace_last(Athlete *athlete, const StoreRecord *last, int64_t now_ms)
{
    AthleteRestored restored = {.running = !session_forget(&athlete->session)};
    if (!restored.running)
        athlete_store_clear(athlete->keeper);
    if (last != NULL)
        athlete_store_recall(athlete->keeper, store_record_copy(last), &athlete->session, &athlete->curve, &restored);
    take_last(athlete, &restored);
    if (athlete->summary_json != NULL)
        athlete_publish_summary(athlete);
    else
        athlete_clear_topic(athlete, athlete->summary_topic);
    if (restored.running)
        return;
    take_session(athlete, &restored);
    athlete_publish_session(athlete, now_ms);
}

void athlete_removed(Athlete *athlete, const StoreNews *news, int64_t now_ms)
{
    athlete_advice_remove(athlete->advice, news);
    if (athlete->summary_id == NULL || store_news_has(news, athlete->summary_id))
        replace_last(athlete, news->last, now_ms);
    athlete_advice_say(athlete->advice, now_ms);
}

void athlete_restore(Athlete *athlete, StoreReader *reader, int64_t now_ms)
{
    AthleteRestored restored;
    athlete_store_restore(athlete->keeper, reader, &athlete->session, now_ms, &athlete->curve, &restored);
    /* Of a guest nobody knows who it was. */
    if (!athlete->config->guest)
        athlete_advice_load(athlete->advice, reader);
    take_last(athlete, &restored);
    take_session(athlete, &restored);
    if (!athlete->config->guest && athlete->session.state == SESSION_FINISHED)
        athlete_advice_add(athlete->advice, session_finished(&athlete->session), athlete->session_id,
                           athlete->session_wall_us, athlete->session_here);
    if (!restored.running)
        return;
    athlete->other_config = true;
    /* There is no link yet; and in the break that now passes, the session may turn out to have ended. */
    athlete_link(athlete, false, now_ms);
}

void athlete_save(Athlete *athlete, int64_t now_ms)
{
    athlete_store_save(athlete->keeper, &athlete->session, now_ms);
}

void athlete_correct_clock(Athlete *athlete, gint64 delta_us, int64_t now_ms)
{
    athlete_advice_correct(athlete->advice, delta_us, now_ms);
    if (athlete->summary_json != NULL && athlete->summary_here) {
        athlete->summary_wall_us += delta_us;
        payload_relabel(&athlete->summary_json, athlete->summary_wall_us);
        athlete_publish_summary(athlete);
    }
    if (athlete->session_id == NULL || !athlete->session_here)
        return;
    athlete->session_wall_us += delta_us;
    athlete_store_correct(athlete->keeper, delta_us);
    athlete_publish_session(athlete, now_ms);
}
