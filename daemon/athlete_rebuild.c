/* SPDX-License-Identifier: MIT */
#include "athlete_rebuild.h"

#include "core/session_state.h"

#include <cjson/cJSON.h>
#include <math.h>

#define MAX_BPM 250

/* Its time is since the start of SESSION. */
static void judge(Session *session, const TrackEntry *entry)
{
    Sample sample = entry->sample;
    unsigned events = 0;
    sample.t_ms += session->start_ms;
    /* One that came apart from the samples is kept with them, too. */
    if (sample.t_ms < session->given_speed_end_ms && sample.speed_mps == session->given_speed_mps)
        sample.speed_mps = (double)NAN;
    if (entry->is_target)
        session_set_target(session, &entry->target, sample.t_ms, &events);
    else if (entry->is_mark)
        session_command(session, entry->mark, sample.t_ms, &events);
    else
        session_sample(session, &sample);
}

bool athlete_rebuild(const StoreTrack *track, const SessionConfig *config, Summary *ret)
{
    g_autofree Session *session = g_new(Session, 1);
    SessionConfig by_command = *config;
    by_command.auto_start = false;
    TrackEntry entry;
    unsigned events = 0;
    bool started = false;
    if (!session_init(session, &by_command))
        return false;
    for (guint i = 0; i < store_track_count(track); i++) {
        store_track_get(track, i, &entry);
        if (!started && !entry.is_target && entry.sample.t_ms >= 0)
            started = session_command(session, SESSION_CMD_START, 0, &events);
        judge(session, &entry);
    }
    /* Nothing came any more: so it ends as any session ends that hears nothing. */
    session_advance(session, session->at_ms + SESSION_AUTO_END_MS);
    if (session->state != SESSION_FINISHED)
        return false;
    *ret = *session_finished(session);
    return true;
}

/* Judges what TRACK has after AT_MS; returns when the last of it was, AT_MS when there is none. */
static int64_t judge_later(Session *session, const StoreTrack *track, int64_t at_ms)
{
    TrackEntry entry;
    int64_t last_ms = at_ms;
    for (guint i = 0; i < store_track_count(track); i++) {
        store_track_get(track, i, &entry);
        if (session->start_ms + entry.sample.t_ms <= at_ms)
            continue;
        last_ms = session->start_ms + entry.sample.t_ms;
        judge(session, &entry);
    }
    return last_ms;
}

GBytes *athlete_rebuild_state(GBytes *state, const StoreTrack *track, int64_t saved_ms, int64_t *ret_later_ms)
{
    gsize len;
    const uint8_t *bytes = g_bytes_get_data(state, &len);
    g_autofree Session *session = g_new0(Session, 1);
    SessionStateTally tally = {0};
    if (session_restore(session, bytes, len, 0, &tally) != SESSION_STATE_OK)
        return NULL;
    const int64_t start_ms = session->start_ms;
    const int64_t last_ms = judge_later(session, track, session->at_ms);
    /* A track with a hole that ends the session is none that was stored: it may have begun another one by itself. */
    if (!session_is_running(session->state) || session->start_ms != start_ms)
        return NULL;
    *ret_later_ms = MAX(last_ms - saved_ms, 0);
    g_autofree uint8_t *later = g_malloc(SESSION_STATE_MAX_BYTES);
    return g_bytes_new(later, session_save(session, later, SESSION_STATE_MAX_BYTES));
}

void athlete_rebuild_curve(const StoreTrack *track, int64_t start_ms, Curve *ret)
{
    Validity validity;
    TrackEntry entry;
    bool paused = false;
    curve_start(ret, start_ms);
    validity_init(&validity);
    for (guint i = 0; i < store_track_count(track); i++) {
        store_track_get(track, i, &entry);
        if (entry.is_target)
            continue;
        if (entry.is_mark)
            paused = entry.mark == SESSION_CMD_PAUSE;
        else if (validity_check(&validity, &entry.sample) == SAMPLE_VALID && !paused)
            curve_add(ret, start_ms + entry.sample.t_ms, entry.sample.bpm);
    }
}

void athlete_recall_curve(const char *json, int64_t start_ms, Curve *ret)
{
    cJSON *object = json != NULL ? cJSON_Parse(json) : NULL;
    const cJSON *item;
    int64_t t_ms = start_ms;
    curve_start(ret, start_ms);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "curve"))
    {
        if (cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= MAX_BPM)
            curve_add(ret, t_ms, item->valueint);
        t_ms += CURVE_STEP_MS;
    }
    cJSON_Delete(object);
}
