/* SPDX-License-Identifier: MIT */
#include "athlete_store.h"

#include "athlete_rebuild.h"
#include "core/session_state.h"
#include "core/track.h"
#include "mqtt/payload.h"
#include "wall_clock.h"

#include <math.h>
#include <string.h>

#define CHUNK_BYTES 16384 /* with so many it is handed over before its time */
/* The state is put together and written less often than what was sampled: it is brought up to date with that when it is
 * restored (athlete_rebuild_state). */
#define STATE_EVERY_MS 60000

struct AthleteStore {
    const AthleteContext *context;
    const AthleteConfig *config;
    StoreRecord *record; /* of the running or the finished session; NULL: none yet */
    bool running;
    int64_t next_save_ms, next_state_ms;
    TrackWriter chunk;
    uint8_t bytes[CHUNK_BYTES + TRACK_MAX_ENTRY_BYTES + 1];
    bool have_last;
    Sample last; /* the newest: it may still hold when a session starts */
    SessionStateTally tally;
};

AthleteStore *athlete_store_new(const AthleteContext *context, const AthleteConfig *config)
{
    AthleteStore *keeper = g_new0(AthleteStore, 1);
    keeper->context = context;
    keeper->config = config;
    keeper->chunk = (TrackWriter){.bytes = keeper->bytes, .size = sizeof keeper->bytes};
    return keeper;
}

void athlete_store_free(AthleteStore *keeper)
{
    if (keeper == NULL)
        return;
    store_record_free(keeper->record);
    g_free(keeper);
}

static void clear_record(AthleteStore *keeper)
{
    store_record_free(keeper->record);
    keeper->record = NULL;
}

static Store *store_of(const AthleteStore *keeper) { return keeper->context->store; }

static StoreStamp stamp_at(const AthleteStore *keeper, int64_t now_ms)
{
    const Source *source = keeper->context->source;
    const char *clock = keeper->context->clock;
    return (StoreStamp){.clock = clock != NULL ? clock : "replay",
                        .ms = now_ms,
                        .wall_us = source_wall_us(source) - (source_now_ms(source) - now_ms) * 1000};
}

static int64_t interval_ms(const AthleteStore *keeper)
{
    return (int64_t)keeper->context->config->store.interval_s * 1000;
}

/* All athletes at the same moments, so that one transaction takes them all. */
static int64_t next_save_ms(const AthleteStore *keeper, int64_t now_ms)
{
    const int64_t every_ms = interval_ms(keeper);
    return (now_ms / every_ms + 1) * every_ms;
}

void athlete_store_touch(AthleteStore *keeper) { keeper->next_state_ms = INT64_MIN; }

static GBytes *take_chunk(AthleteStore *keeper)
{
    GBytes *bytes = keeper->chunk.len > 0 ? g_bytes_new(keeper->bytes, keeper->chunk.len) : NULL;
    keeper->chunk.len = 0;
    return bytes;
}

static void unref_bytes(GBytes *bytes)
{
    if (bytes != NULL)
        g_bytes_unref(bytes);
}

/* ---- a session as it goes ---- */

char *athlete_store_id(AthleteStore *keeper, const char *base)
{
    return store_of(keeper) != NULL ? store_new_id(store_of(keeper), base, keeper->config->id) : g_strdup(base);
}

static void begin_record(AthleteStore *keeper, const Session *session, const char *id, gint64 started_us)
{
    store_record_free(keeper->record);
    keeper->record = store_record_new();
    keeper->record->id = g_strdup(id);
    keeper->record->athlete = g_strdup(keeper->config->id);
    keeper->record->started_us = started_us;
    store_record_describe(keeper->record, &session->config.zones, &session->config.target, session->cap_bpm);
    keeper->running = true;
    keeper->chunk.len = 0;
}

static void add_sample(AthleteStore *keeper, const Session *session, const Sample *sample, int64_t t_ms)
{
    /* A speed that came apart from the samples is part of what was judged. */
    Sample kept = *sample;
    if (isnan(kept.speed_mps) && t_ms < session->given_speed_end_ms)
        kept.speed_mps = session->given_speed_mps;
    track_add_sample(&keeper->chunk, t_ms - session->start_ms, &kept);
}

void athlete_store_begin(AthleteStore *keeper, const Session *session, const char *id, gint64 started_us)
{
    if (store_of(keeper) == NULL)
        return;
    begin_record(keeper, session, id, started_us);
    const int64_t age_ms = session->start_ms - keeper->last.t_ms;
    const bool holds = keeper->have_last && age_ms >= 0 && age_ms < COMPLIANCE_HOLD_MS;
    track_add_target(&keeper->chunk, holds ? -age_ms : 0, &session->config.target);
    if (holds)
        add_sample(keeper, session, &keeper->last, keeper->last.t_ms);
    athlete_store_touch(keeper);
    keeper->next_save_ms = session->at_ms; /* at once, with the sample that may have begun it */
}

void athlete_store_sample(AthleteStore *keeper, const Session *session, const Sample *sample)
{
    if (store_of(keeper) == NULL)
        return;
    if (keeper->running)
        add_sample(keeper, session, sample, session->at_ms);
    keeper->last = *sample;
    keeper->last.t_ms = session->at_ms;
    keeper->have_last = true;
    if (keeper->chunk.len >= CHUNK_BYTES)
        athlete_store_save(keeper, session, session->at_ms);
}

void athlete_store_mark(AthleteStore *keeper, const Session *session, SessionCommand command)
{
    if (store_of(keeper) == NULL || !keeper->running)
        return;
    track_add_mark(&keeper->chunk, session->at_ms - session->start_ms, command);
    athlete_store_save(keeper, session, session->at_ms);
}

void athlete_store_target(AthleteStore *keeper, const Session *session)
{
    if (store_of(keeper) == NULL || !keeper->running)
        return;
    track_add_target(&keeper->chunk, session->at_ms - session->start_ms, &session->config.target);
    athlete_store_save(keeper, session, session->at_ms);
}

static GBytes *state_of(const Session *session)
{
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    return g_bytes_new(bytes, session_save(session, bytes, sizeof bytes));
}

/* Without STATE, only what was sampled. */
static void save(AthleteStore *keeper, GBytes *state, int64_t now_ms)
{
    const StoreStamp stamp = stamp_at(keeper, now_ms);
    GBytes *chunk = take_chunk(keeper);
    if (chunk != NULL || state != NULL)
        store_save(store_of(keeper), keeper->record, chunk, state, &stamp);
    unref_bytes(chunk);
    keeper->next_save_ms = next_save_ms(keeper, now_ms);
}

void athlete_store_save(AthleteStore *keeper, const Session *session, int64_t now_ms)
{
    if (store_of(keeper) == NULL || !keeper->running)
        return;
    GBytes *state = state_of(session);
    save(keeper, state, now_ms);
    g_bytes_unref(state);
    keeper->next_state_ms = now_ms + STATE_EVERY_MS;
}

void athlete_store_advance(AthleteStore *keeper, const Session *session, int64_t now_ms)
{
    if (now_ms < athlete_store_deadline_ms(keeper))
        return;
    if (now_ms >= keeper->next_state_ms)
        athlete_store_save(keeper, session, now_ms);
    else
        save(keeper, NULL, now_ms);
}

int64_t athlete_store_deadline_ms(const AthleteStore *keeper)
{
    return keeper->running && store_of(keeper) != NULL ? keeper->next_save_ms : SOURCE_NEVER;
}

/* ---- its end ---- */

static void finish_record(AthleteStore *keeper, StoreRecord *record, const Summary *summary, const char *json,
                          GBytes *chunk, bool again)
{
    const StoreStamp stamp = stamp_at(keeper, source_now_ms(keeper->context->source));
    store_record_take(record, summary);
    record->ended_us = record->started_us + (summary->end_ms - summary->start_ms) * 1000;
    g_free(record->json);
    record->json = g_strdup(json);
    if (again)
        store_amend(store_of(keeper), record, &stamp);
    else
        store_finish(store_of(keeper), record, chunk, &stamp);
}

void athlete_store_finish(AthleteStore *keeper, const Summary *summary, const char *json)
{
    if (store_of(keeper) == NULL || keeper->record == NULL)
        return;
    GBytes *chunk = take_chunk(keeper);
    finish_record(keeper, keeper->record, summary, json, chunk, !keeper->running);
    unref_bytes(chunk);
    keeper->running = false;
}

void athlete_store_drop(AthleteStore *keeper)
{
    if (store_of(keeper) == NULL || keeper->record == NULL)
        return;
    keeper->chunk.len = 0;
    keeper->running = false;
    store_drop(store_of(keeper), keeper->record->athlete, keeper->record->id);
    clear_record(keeper);
}

gint64 athlete_store_correct(AthleteStore *keeper, gint64 delta_us)
{
    if (keeper->record == NULL)
        return 0;
    keeper->record->started_us += delta_us;
    keeper->record->corrected_us += delta_us;
    athlete_store_touch(keeper); /* how long a reboot takes is told by the time that the state was saved at */
    return keeper->record->started_us;
}

/* ---- what was, found again ---- */

/* 0: none of the configuration. */
static unsigned athlete_number(const AthleteStore *keeper)
{
    const Config *config = keeper->context->config;
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (strcmp(config->athletes[i].id, keeper->config->id) == 0)
            return i + 1;
    return 0;
}

/* How long the break was, ms; -1 when nobody knows. */
static int64_t break_ms(const AthleteStore *keeper, const StoreSaved *saved, int64_t now_ms)
{
    const AthleteContext *context = keeper->context;
    const gint64 wall_us = source_wall_us(context->source);
    if (context->clock != NULL && g_strcmp0(context->clock, saved->clock) == 0 && now_ms >= saved->saved_ms)
        return now_ms - saved->saved_ms;
    if (context->clock == NULL || !context->clock_trusted || saved->saved_us < WALL_CLOCK_FLOOR_US ||
        wall_us < saved->saved_us)
        return -1;
    return (wall_us - saved->saved_us) / 1000;
}

static PayloadSession about(const AthleteStore *keeper, const StoreRecord *record, const Curve *curve)
{
    return (PayloadSession){.session_id = record->id,
                            .start_wall_us = record->started_us,
                            .group = keeper->config->group_id,
                            .curve = curve,
                            .hide_rate = keeper->config->share == SHARE_ZONE};
}

/* The session that RECORD names, judged anew from its samples and ended. False when it was none. */
static bool rebuild(AthleteStore *keeper, StoreReader *reader, StoreRecord *record, const SessionConfig *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreTrack) track = store_reader_track(reader, record->id, &error);
    Summary summary;
    if (track == NULL) {
        g_warning("a session of athlete %u cannot be read: %s", athlete_number(keeper), error->message);
        return false;
    }
    if (!athlete_rebuild(track, config, &summary)) {
        g_message("an interrupted session of athlete %u had under 3 minutes of heart rate; it is dropped",
                  athlete_number(keeper));
        store_drop(store_of(keeper), record->athlete, record->id);
        return false;
    }
    g_autofree Curve *curve = g_new(Curve, 1);
    athlete_rebuild_curve(track, 0, curve);
    const PayloadSession told = about(keeper, record, curve);
    g_autofree char *json = payload_summary(&summary, &told);
    finish_record(keeper, record, &summary, json, NULL, false);
    return true;
}

/* What was sampled after SAVED was is made part of it. False: it is no continuation of that. */
static bool bring_up_to_date(StoreSaved *saved, const StoreTrack *track)
{
    int64_t later_ms = 0;
    GBytes *state = track != NULL ? athlete_rebuild_state(saved->state, track, saved->saved_ms, &later_ms) : NULL;
    if (state == NULL)
        return track == NULL;
    g_bytes_unref(saved->state);
    saved->state = state;
    saved->saved_ms += later_ms;
    saved->saved_us += later_ms * 1000;
    return true;
}

static bool take_state(AthleteStore *keeper, const StoreSaved *saved, Session *session, int64_t now_ms)
{
    gsize len;
    const uint8_t *bytes = g_bytes_get_data(saved->state, &len);
    int64_t gone_ms = break_ms(keeper, saved, now_ms);
    const bool known = gone_ms >= 0;
    gone_ms = known ? MIN(gone_ms, SESSION_TIME_LIMIT_MS / 2) : SESSION_AUTO_END_MS;
    SessionStateResult result =
        session_restore(session, bytes, len, now_ms - saved->saved_ms - gone_ms, &keeper->tally);
    if (result != SESSION_STATE_OK) {
        g_warning("the saved session of athlete %u is not to be trusted (%s); it is judged anew from its samples",
                  athlete_number(keeper), session_state_result_text(result));
        return false;
    }
    if (!known)
        g_message("a session of athlete %u was interrupted, and for how long nobody knows before the clock is set; "
                  "it ends with its last heart rate", athlete_number(keeper));
    else if (gone_ms < SESSION_AUTO_END_MS)
        g_message("the session of athlete %u goes on after a break of %d s", athlete_number(keeper),
                  (int)(gone_ms / 1000));
    return session_is_running(session->state);
}

static bool is_here(const AthleteStore *keeper, const StoreRecord *record)
{
    return record->clock != NULL && g_strcmp0(record->clock, keeper->context->clock) == 0;
}

static void go_on(AthleteStore *keeper, const StoreTrack *track, StoreSaved *saved, const Session *session,
                  Curve *curve, AthleteRestored *ret)
{
    curve_start(curve, session->start_ms);
    if (track != NULL)
        athlete_rebuild_curve(track, session->start_ms, curve);
    store_record_free(keeper->record);
    keeper->record = g_steal_pointer(&saved->record);
    keeper->record->ended_us = 0;
    keeper->running = true;
    /* At once: a machine that crashes again and again before the interval is over would lose all that while. */
    athlete_store_touch(keeper);
    keeper->next_save_ms = source_now_ms(keeper->context->source);
    ret->running = true;
    ret->id = g_strdup(keeper->record->id);
    ret->started_us = keeper->record->started_us;
    ret->here = is_here(keeper, keeper->record);
}

/* As it was published; or, where the rate is not to be told any more, written anew. */
static char *json_of(const AthleteStore *keeper, const StoreRecord *last, const Summary *summary)
{
    if (keeper->config->share != SHARE_ZONE)
        return g_strdup(last->json);
    const PayloadSession told = about(keeper, last, NULL);
    return summary != NULL ? payload_summary(summary, &told) : NULL;
}

void athlete_store_recall(AthleteStore *keeper, StoreRecord *last, Session *session, Curve *curve,
                          AthleteRestored *ret)
{
    gsize len = 0;
    Summary summary;
    const uint8_t *bytes = last->summary != NULL ? g_bytes_get_data(last->summary, &len) : NULL;
    const bool known = bytes != NULL && summary_restore(&summary, bytes, len) == SESSION_STATE_OK;
    ret->last_json = json_of(keeper, last, known ? &summary : NULL);
    ret->last_id = g_strdup(last->id);
    ret->last_us = last->started_us;
    ret->last_here = is_here(keeper, last);
    if (ret->running || !known || !session_recall(session, &summary)) {
        store_record_free(last);
        return;
    }
    athlete_recall_curve(last->json, summary.start_ms, curve);
    ret->id = g_strdup(last->id);
    ret->started_us = last->started_us;
    ret->here = ret->last_here;
    store_record_free(keeper->record);
    keeper->record = last;
}

void athlete_store_restore(AthleteStore *keeper, StoreReader *reader, Session *session, int64_t now_ms, Curve *curve,
                           AthleteRestored *ret)
{
    *ret = (AthleteRestored){0};
    const SessionConfig config = session->config;
    const char *athlete = keeper->config->id;
    g_autoptr(StoreRecord) last = store_reader_get(reader, "last", athlete, NULL);
    /* One that never ended and has no state that could be gone on with; and then one that has. */
    g_autoptr(StoreRecord) orphan = store_reader_orphan(reader, athlete);
    g_autoptr(StoreSaved) saved = store_reader_saved(reader, athlete);
    g_autoptr(StoreTrack) track = saved != NULL ? store_reader_track(reader, saved->record->id, NULL) : NULL;
    const bool fits = saved == NULL || bring_up_to_date(saved, track);
    const bool goes_on = saved != NULL && take_state(keeper, saved, session, now_ms);
    StoreRecord **const unended[] = {&orphan, saved != NULL && !goes_on ? &saved->record : &orphan};
    for (gsize i = 0; i < G_N_ELEMENTS(unended); i++) {
        if (*unended[i] == NULL || !rebuild(keeper, reader, *unended[i], &config))
            continue;
        store_record_free(last);
        last = g_steal_pointer(unended[i]);
    }
    if (goes_on && !fits)
        g_warning("the last samples of the session of athlete %u are no continuation of it; it goes on without them",
                  athlete_number(keeper));
    if (goes_on)
        go_on(keeper, fits ? track : NULL, saved, session, curve, ret);
    if (last != NULL)
        athlete_store_recall(keeper, g_steal_pointer(&last), session, curve, ret);
}

void athlete_store_clear(AthleteStore *keeper)
{
    clear_record(keeper);
    keeper->running = false;
    keeper->chunk.len = 0;
}

void athlete_store_forget(AthleteStore *keeper)
{
    athlete_store_clear(keeper);
    if (store_of(keeper) != NULL)
        store_forget(store_of(keeper), keeper->config->id);
}

const SessionStateTally *athlete_store_tally(const AthleteStore *keeper) { return &keeper->tally; }
