/* SPDX-License-Identifier: MIT */
#include "athlete_unknown.h"

#include "athlete_store.h"
#include "core/names.h"
#include "mqtt/payload.h"

#include <string.h>

static bool is_configured(const Config *config, const char *athlete)
{
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (strcmp(config->athletes[i].id, athlete) == 0)
            return true;
    return false;
}

/* What RECORD was begun with, as far as it is written there. False when it makes no sense. */
static bool config_of(const AthleteContext *context, const StoreRecord *record, SessionConfig *ret)
{
    g_auto(GStrv) bounds = g_strsplit(record->bounds, ",", ZONES_MAX + 1);
    *ret = (SessionConfig){.rules = context->config->rules};
    if (!zone_model_parse(record->zone_model, &ret->zones.model) || ret->zones.model == ZONE_MODEL_AUTO ||
        !target_parse(record->target, &ret->target))
        return false;
    for (int before = 0; ret->zones.count < ZONES_MAX && bounds[ret->zones.count] != NULL; ret->zones.count++) {
        const int bpm = (int)g_ascii_strtoll(bounds[ret->zones.count], NULL, 10);
        if (bpm < before || bpm > 250)
            return false;
        ret->zones.lower_bpm[ret->zones.count] = before = bpm;
    }
    return ret->zones.count > 0;
}

/* It was restored, and nobody feeds it any more. */
static void run_out(AthleteStore *keeper, Session *session, const AthleteRestored *restored, const Curve *curve)
{
    const unsigned events = session_advance(session, session->at_ms + SESSION_AUTO_END_MS);
    const PayloadSession about = {.session_id = restored->id, .start_wall_us = restored->started_us, .curve = curve};
    if (!(events & SESSION_EV_FINISHED)) {
        athlete_store_drop(keeper);
        return;
    }
    g_autofree char *json = payload_summary(session_finished(session), &about);
    athlete_store_finish(keeper, session_finished(session), json);
}

static void end(const AthleteContext *context, StoreReader *reader, const StoreRecord *record, int64_t now_ms)
{
    AthleteConfig athlete = {.id = record->athlete};
    g_autofree Session *session = g_new0(Session, 1);
    g_autofree Curve *curve = g_new0(Curve, 1);
    SessionConfig config;
    AthleteRestored restored;
    if (!config_of(context, record, &config) || !session_init(session, &config)) {
        g_warning("a session of somebody who is not in %s never ended, and makes no sense; zone1ctl delete removes it",
                  context->config->path);
        return;
    }
    AthleteStore *keeper = athlete_store_new(context, &athlete);
    athlete_store_restore(keeper, reader, session, now_ms, curve, &restored);
    if (restored.running)
        run_out(keeper, session, &restored, curve);
    athlete_store_free(keeper);
    g_free(restored.id);
    g_free(restored.last_json);
    g_free(restored.last_id);
}

void athlete_unknown_end(const AthleteContext *context, StoreReader *reader, int64_t now_ms)
{
    g_autoptr(GPtrArray) records = store_reader_unended(reader);
    for (guint i = 0; i < records->len; i++) {
        const StoreRecord *record = records->pdata[i];
        if (is_configured(context->config, record->athlete))
            continue;
        g_message("a session of somebody who is not in %s (any more) never ended; it ends with its last heart rate",
                  context->config->path);
        end(context, reader, record, now_ms);
    }
}
