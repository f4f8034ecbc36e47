/* SPDX-License-Identifier: MIT */
#include "athlete_rebuild.h"

#include <cjson/cJSON.h>

#define MAX_BPM 250

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
        if (entry.is_target) {
            session_set_target(session, &entry.target, entry.sample.t_ms, &events);
            continue;
        }
        if (!started && entry.sample.t_ms >= 0)
            started = session_command(session, SESSION_CMD_START, 0, &events);
        if (entry.is_mark)
            session_command(session, entry.mark, entry.sample.t_ms, &events);
        else
            session_sample(session, &entry.sample);
    }
    /* Nothing came any more: so it ends as any session ends that hears nothing. */
    session_advance(session, session->at_ms + SESSION_AUTO_END_MS);
    if (session->state != SESSION_FINISHED)
        return false;
    *ret = *session_finished(session);
    return true;
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
