/* SPDX-License-Identifier: MIT */
#include "athlete_private.h"

#include "mqtt/payload.h"
#include "mqtt/topics.h"

#include <string.h>

#define LIVE_EVERY_MS 1000
#define LIVE_MIN_GAP_MS 500 /* a strap that sends faster is thinned out, its RR are collected */
/* With samples coming, each makes a live message; the heartbeat waits a little longer than their
 * second, so that a strap a few ms late does not make two. */
#define LIVE_LATE_MS 1500
#define SESSION_EVERY_MS 60000
#define STATE_EARLY_MS 250 /* with a sample, when it is due so soon: one wake-up for both */
#define LIVE_EXPIRY_S 5
#define STATE_EXPIRY_S 15

SessionConfig athlete_session_config(const AthleteContext *context, const AthleteConfig *config)
{
    return (SessionConfig){.zones = config->zones,
                           .target = config->target,
                           .rules = context->config->rules,
                           .auto_start = true,
                           .speed_cap_mm_s = config->speed_cap_mm_s};
}

static void begin(Athlete *athlete)
{
    const SessionConfig session = athlete_session_config(athlete->context, athlete->config);
    /* The configuration has checked the target against the zones, and the speed cap. */
    g_assert(session_init(&athlete->session, &session));
}

Athlete *athlete_new(const AthleteContext *context, const AthleteConfig *config)
{
    Athlete *athlete = g_new0(Athlete, 1);
    const char *prefix = context->config->mqtt_prefix;
    athlete->context = context;
    athlete->own = *config;
    athlete->config = &athlete->own;
    athlete->live_topic = topic_athlete(prefix, config->id, "live");
    athlete->state_topic = topic_athlete(prefix, config->id, "state");
    athlete->session_topic = topic_athlete(prefix, config->id, "session");
    athlete->summary_topic = topic_athlete(prefix, config->id, "session/last");
    athlete->strap = strap_report_new(context, config->id);
    athlete->events = athlete_events_new(context, athlete->config);
    athlete->keeper = athlete_store_new(context, athlete->config);
    athlete->advice = athlete_advice_new(context, athlete->config);
    athlete->lamp = athlete_lamp_new(context, athlete->config);
    athlete->sample_ms = athlete->told_ms = athlete->live_ms = athlete->state_ms = athlete->session_ms = INT64_MIN;
    athlete->silent = true;
    begin(athlete);
    return athlete;
}

void athlete_free(Athlete *athlete)
{
    if (athlete == NULL)
        return;
    strap_report_free(athlete->strap);
    athlete_events_free(athlete->events);
    athlete_store_free(athlete->keeper);
    athlete_advice_free(athlete->advice);
    athlete_lamp_free(athlete->lamp);
    g_free(athlete->live_topic);
    g_free(athlete->state_topic);
    g_free(athlete->session_topic);
    g_free(athlete->summary_topic);
    g_free(athlete->session_id);
    g_free(athlete->summary_json);
    g_free(athlete->summary_id);
    g_free(athlete);
}

/* ---- what is published ---- */

static gint64 wall_us_at(const Athlete *athlete, int64_t t_ms)
{
    const Source *source = athlete->context->source;
    return source_wall_us(source) - (source_now_ms(source) - t_ms) * 1000;
}

static bool nothing_to_tell(const Live *live)
{
    return !session_is_running(live->session) && (live->signal == SIGNAL_NONE || live->signal == SIGNAL_LOST);
}

static char *live_json(Athlete *athlete, const Live *live, int64_t now_ms)
{
    PayloadStamp stamp = {.gateway_id = athlete->context->config->gateway_id,
                          .wall_us = wall_us_at(athlete, now_ms),
                          .seq = athlete->seq++,
                          .hide_rate = athlete->config->share == SHARE_ZONE};
    return payload_live(live, &athlete->session.config.zones, &stamp);
}

static void drop_rr(Athlete *athlete, unsigned count)
{
    athlete->rr_count -= count;
    memmove(athlete->rr_ms, athlete->rr_ms + count, athlete->rr_count * sizeof athlete->rr_ms[0]);
}

/* Each interval is told once: a message that still waits when there is a newer one is never sent, and told none. */
static void tell_rr(Athlete *athlete, Live *live)
{
    if (athlete->rr_told > 0 && !mqtt_client_take_back(athlete->context->mqtt, athlete->live_topic))
        drop_rr(athlete, athlete->rr_told);
    if (live->hr_bpm == 0)
        athlete->rr_count = 0;
    live->rr_count = athlete->rr_told = athlete->rr_count;
    memcpy(live->rr_ms, athlete->rr_ms, live->rr_count * sizeof live->rr_ms[0]);
}

static void publish_live(Athlete *athlete, int64_t now_ms)
{
    Live live;
    session_live(&athlete->session, now_ms, &live);
    tell_rr(athlete, &live);
    athlete->live_ms = now_ms;
    if (athlete->live_waits)
        athlete->told_ms = now_ms;
    athlete->live_waits = false;
    athlete->silent = nothing_to_tell(&live);
    if (athlete->config->share == SHARE_NONE)
        return;
    g_autofree char *json = live_json(athlete, &live, now_ms);
    mqtt_client_publish(athlete->context->mqtt, MQTT_LIVE, athlete->live_topic, json, 0, false, LIVE_EXPIRY_S);
    athlete_lamp_show(athlete->lamp, &live, now_ms);
}

static void publish_state(Athlete *athlete, int64_t now_ms)
{
    Live live;
    session_live(&athlete->session, now_ms, &live);
    athlete->state_ms = now_ms;
    if (athlete->config->share == SHARE_NONE)
        return;
    g_autofree char *json = live_json(athlete, &live, now_ms);
    mqtt_client_publish(athlete->context->mqtt, MQTT_LATEST, athlete->state_topic, json, 0, false, STATE_EXPIRY_S);
}

PayloadSession athlete_about_session(const Athlete *athlete)
{
    return (PayloadSession){.session_id = athlete->session_id,
                            .start_wall_us = athlete->session_wall_us,
                            .group = athlete->config->group_id,
                            .curve = &athlete->curve,
                            .alias = athlete->config->alias,
                            .zones = athlete->config->share == SHARE_NONE ? NULL : athlete_zones(athlete),
                            .hide_rate = athlete->config->share == SHARE_ZONE};
}

void athlete_publish_session(Athlete *athlete, int64_t now_ms)
{
    Live live;
    const PayloadSession about = athlete_about_session(athlete);
    session_live(&athlete->session, now_ms, &live);
    athlete->session_ms = now_ms;
    g_autofree char *json = payload_session(&live, &about);
    mqtt_client_publish(athlete->context->mqtt, MQTT_KEEP, athlete->session_topic, json, 1, true, 0);
}

void athlete_publish_summary(Athlete *athlete)
{
    if (athlete->summary_json != NULL && athlete->config->share != SHARE_NONE)
        mqtt_client_publish(athlete->context->mqtt, MQTT_KEEP, athlete->summary_topic, athlete->summary_json, 1,
                            athlete->config->retain_summary, 0);
}

/* ---- what happened ---- */

static void note_start(Athlete *athlete)
{
    athlete->session_wall_us = wall_us_at(athlete, athlete->session.start_ms);
    athlete->session_here = true;
    g_free(athlete->session_id);
    g_autofree char *id = payload_session_id(athlete->session_wall_us, athlete->config->id);
    athlete->session_id = athlete_store_id(athlete->keeper, id);
    athlete_store_begin(athlete->keeper, &athlete->session, athlete->session_id, athlete->session_wall_us);
    curve_start(&athlete->curve, athlete->session.start_ms);
}

static void note_finish(Athlete *athlete, int64_t now_ms)
{
    const Summary *summary = session_finished(&athlete->session);
    const PayloadSession about = athlete_about_session(athlete);
    g_free(athlete->summary_json);
    athlete->summary_json = payload_summary(summary, &about);
    g_free(athlete->summary_id);
    athlete->summary_id = g_strdup(athlete->session_id);
    athlete->summary_wall_us = athlete->session_wall_us;
    athlete->summary_here = athlete->session_here;
    athlete_store_finish(athlete->keeper, summary, athlete->summary_json);
    athlete_advice_add(athlete->advice, summary, athlete->session_id, athlete->session_wall_us, athlete->session_here);
    athlete_advice_say(athlete->advice, now_ms);
    athlete_publish_summary(athlete);
}

/* What the store has to know of EVENTS besides the start and the summary. */
static void note_for_store(Athlete *athlete, unsigned events)
{
    const SessionConfig config = athlete_session_config(athlete->context, athlete->config);
    if (events & SESSION_EV_PAUSED)
        athlete_store_mark(athlete->keeper, &athlete->session, SESSION_CMD_PAUSE);
    if (events & SESSION_EV_RESUMED)
        athlete_store_mark(athlete->keeper, &athlete->session, SESSION_CMD_RESUME);
    if (events & SESSION_EV_DROPPED)
        athlete_store_drop(athlete->keeper);
    /* What runs after a restored one runs by the present configuration again. */
    if (athlete->other_config && session_configure(&athlete->session, &config))
        athlete->other_config = false;
}

static void note_events(Athlete *athlete, unsigned life, const char *session_id, int64_t now_ms)
{
    Live live;
    session_live(&athlete->session, now_ms, &live);
    const AthleteMoment moment = {.life = life,
                                  .live = &live,
                                  .session_id = session_id,
                                  .above_ms = now_ms - athlete->session.watch.above.raw_since_ms,
                                  .summary = session_finished(&athlete->session),
                                  .now_ms = now_ms,
                                  .wall_us = wall_us_at(athlete, now_ms)};
    athlete_events_note(athlete->events, &moment);
}

/* Tells what EVENTS changed; returns whether the live message has to go out now. */
static bool tell(Athlete *athlete, unsigned events, int64_t now_ms)
{
    unsigned life = SESSION_EV_STARTED | SESSION_EV_PAUSED | SESSION_EV_RESUMED | SESSION_EV_FINISHED |
                    SESSION_EV_DROPPED;
    /* In this order: an automatic end and a new start can come in one step. */
    const unsigned ends = SESSION_EV_FINISHED | SESSION_EV_DROPPED;
    if (events & SESSION_EV_FINISHED)
        note_finish(athlete, now_ms);
    note_for_store(athlete, events);
    if (events & ends)
        note_events(athlete, events & ends, athlete->session_id, now_ms);
    if (events & SESSION_EV_STARTED)
        note_start(athlete);
    if (events & life)
        athlete_publish_session(athlete, now_ms);
    const bool news = (events & (life | SESSION_EV_CHANGED)) != 0;
    if (news || now_ms >= athlete_events_deadline_ms(athlete->events))
        note_events(athlete, events & life & ~ends, athlete->session_id, now_ms);
    if (news) {
        publish_state(athlete, now_ms);
        return true;
    }
    return false;
}

static bool due(int64_t last_ms, int64_t every_ms, int64_t now_ms)
{
    return last_ms == INT64_MIN || now_ms - last_ms >= every_ms;
}

static int64_t live_due_ms(const Athlete *athlete)
{
    if (athlete->live_ms == INT64_MIN || (athlete->live_waits && athlete->told_ms == INT64_MIN))
        return INT64_MIN;
    /* Of samples: a status that shows, or a heartbeat, just before one is no reason to hold it back. */
    if (athlete->live_waits)
        return athlete->told_ms + LIVE_MIN_GAP_MS;
    int64_t due_ms = athlete->live_ms + LIVE_EVERY_MS;
    bool samples_come = athlete->sample_ms != INT64_MIN && athlete->live_ms - athlete->sample_ms < LIVE_EVERY_MS;
    return samples_come ? MAX(due_ms, athlete->sample_ms + LIVE_LATE_MS) : due_ms;
}

static int64_t state_every_ms(const Athlete *athlete)
{
    return (int64_t)athlete->context->config->state_interval_s * 1000;
}

/* After what the sample ended or began: it belongs to the session that there is now. */
static void keep(Athlete *athlete, int64_t now_ms)
{
    if (athlete->to_keep != NULL)
        athlete_store_sample(athlete->keeper, &athlete->session, athlete->to_keep);
    athlete->to_keep = NULL;
    athlete_store_advance(athlete->keeper, &athlete->session, now_ms);
    athlete_advice_advance(athlete->advice, now_ms);
}

static bool state_is_due(const Athlete *athlete, bool sample, int64_t now_ms)
{
    const int64_t every_ms = state_every_ms(athlete);
    return due(athlete->state_ms, sample ? every_ms - STATE_EARLY_MS : every_ms, now_ms);
}

static void publish_due(Athlete *athlete, unsigned events, int64_t now_ms)
{
    const bool sample = athlete->to_keep != NULL;
    bool changed = tell(athlete, events, now_ms);
    keep(athlete, now_ms);
    if (changed || athlete->live_waits || !athlete->silent)
        if (changed || now_ms >= live_due_ms(athlete))
            publish_live(athlete, now_ms);
    if (athlete->silent)
        return;
    if (state_is_due(athlete, sample, now_ms))
        publish_state(athlete, now_ms);
    if (athlete->session.state == SESSION_ACTIVE && due(athlete->session_ms, SESSION_EVERY_MS, now_ms))
        athlete_publish_session(athlete, now_ms);
}

/* ---- what comes in ---- */

static void note_rate(Athlete *athlete, const Sample *sample)
{
    const Session *session = &athlete->session;
    if (session->state == SESSION_ACTIVE && session->strap.newest_validity == SAMPLE_VALID)
        curve_add(&athlete->curve, sample->t_ms, sample->bpm);
}

static void collect_rr(Athlete *athlete, const Sample *sample)
{
    for (unsigned i = 0; i < sample->rr_count && athlete->rr_count < SAMPLE_MAX_RR; i++)
        athlete->rr_ms[athlete->rr_count++] = sample->rr_ms[i];
}

void athlete_link(Athlete *athlete, bool up, int64_t now_ms)
{
    athlete_store_touch(athlete->keeper);
    publish_due(athlete, session_link(&athlete->session, up, now_ms), now_ms);
}

void athlete_sample(Athlete *athlete, const Sample *sample)
{
    unsigned events = session_sample(&athlete->session, sample);
    athlete->sample_ms = sample->t_ms;
    athlete->live_waits = true;
    collect_rr(athlete, sample);
    athlete->to_keep = sample;
    publish_due(athlete, events, sample->t_ms);
    note_rate(athlete, sample);
    strap_report_contact(athlete->strap, sample->contact, sample->t_ms);
}

void athlete_strap(Athlete *athlete, const StrapInfo *info, int64_t now_ms)
{
    strap_report_info(athlete->strap, info, now_ms);
    athlete_events_battery(athlete->events, info->battery_percent, wall_us_at(athlete, now_ms));
}

void athlete_advance(Athlete *athlete, int64_t now_ms)
{
    publish_due(athlete, session_advance(&athlete->session, now_ms), now_ms);
    strap_report_advance(athlete->strap, now_ms);
}

int64_t athlete_deadline_ms(const Athlete *athlete)
{
    int64_t deadline_ms = MIN(session_deadline_ms(&athlete->session), strap_report_deadline_ms(athlete->strap));
    deadline_ms = MIN(deadline_ms, athlete_events_deadline_ms(athlete->events));
    deadline_ms = MIN(deadline_ms, athlete_store_deadline_ms(athlete->keeper));
    deadline_ms = MIN(deadline_ms, athlete_advice_deadline_ms(athlete->advice));
    if (athlete->silent && !athlete->live_waits)
        return deadline_ms;
    deadline_ms = MIN(deadline_ms, live_due_ms(athlete));
    if (athlete->state_ms != INT64_MIN)
        deadline_ms = MIN(deadline_ms, athlete->state_ms + state_every_ms(athlete));
    return deadline_ms;
}

bool athlete_command(Athlete *athlete, SessionCommand command, int64_t now_ms)
{
    unsigned events;
    bool fits = session_command(&athlete->session, command, now_ms, &events);
    publish_due(athlete, events, now_ms);
    return fits;
}

/* ---- what it is told ---- */

static const char *set_session(Athlete *athlete, SessionCommand command, int64_t now_ms)
{
    static const char *const unfit[] = {
        [SESSION_CMD_START] = "a session is running already",
        [SESSION_CMD_STOP] = "no session is running",
        [SESSION_CMD_PAUSE] = "no session is running, or it is paused already",
        [SESSION_CMD_RESUME] = "no session is paused",
    };
    return athlete_command(athlete, command, now_ms) ? NULL : unfit[command];
}

static const char *set_target(Athlete *athlete, const Target *target, int64_t now_ms)
{
    unsigned events;
    bool fits = session_set_target(&athlete->session, target, now_ms, &events);
    publish_due(athlete, events, now_ms);
    if (!fits)
        return "the athlete's zones have no such target";
    athlete_store_target(athlete->keeper, &athlete->session);
    athlete_publish_session(athlete, now_ms);
    publish_state(athlete, now_ms);
    return NULL;
}

static const char *set_rpe(Athlete *athlete, int rpe, int64_t now_ms)
{
    if (!session_set_rpe(&athlete->session, rpe))
        return "there is no session that it could be for";
    athlete_store_touch(athlete->keeper);
    athlete_publish_session(athlete, now_ms);
    if (athlete->session.state == SESSION_FINISHED)
        note_finish(athlete, now_ms);
    return NULL;
}

const char *athlete_set(Athlete *athlete, CommandKey key, const CommandSet *set, int64_t now_ms)
{
    switch (key) {
    case COMMAND_TARGET:
    case COMMAND_CAP:
        return set_target(athlete, &set->target, now_ms);
    case COMMAND_SPEED:
        athlete_store_touch(athlete->keeper);
        publish_due(athlete, session_set_speed(&athlete->session, set->speed_kmh / 3.6, now_ms), now_ms);
        return NULL;
    case COMMAND_SESSION:
        return set_session(athlete, set->session, now_ms);
    case COMMAND_RPE:
        return set_rpe(athlete, set->rpe, now_ms);
    case COMMAND_KEY_COUNT:
        break;
    }
    return "there is no such key";
}

void athlete_clear_topic(const Athlete *athlete, const char *topic)
{
    mqtt_client_publish(athlete->context->mqtt, MQTT_KEEP, topic, "", 1, true, 0);
}

bool athlete_forget(Athlete *athlete, int64_t now_ms)
{
    if (!session_forget(&athlete->session))
        return false;
    g_clear_pointer(&athlete->summary_json, g_free);
    g_clear_pointer(&athlete->summary_id, g_free);
    athlete_clear_topic(athlete, athlete->session_topic);
    athlete_clear_topic(athlete, athlete->summary_topic);
    athlete_store_forget(athlete->keeper);
    athlete_advice_forget(athlete->advice);
    strap_report_forget(athlete->strap, now_ms);
    return true;
}

void athlete_restart(Athlete *athlete, int64_t now_ms)
{
    /* A session that was restored is of the one before: it has its end, and its verdict, first. */
    if (athlete_in_session(athlete, now_ms))
        athlete_command(athlete, SESSION_CMD_STOP, now_ms);
    athlete_advice_forget(athlete->advice);
    begin(athlete);
    athlete->rr_count = athlete->rr_told = 0;
    g_clear_pointer(&athlete->session_id, g_free);
    g_clear_pointer(&athlete->summary_json, g_free);
    g_clear_pointer(&athlete->summary_id, g_free);
    athlete_clear_topic(athlete, athlete->summary_topic);
    athlete_publish_session(athlete, now_ms);
}

SignalState athlete_signal(const Athlete *athlete) { return athlete->session.seen_signal; }

bool athlete_in_session(const Athlete *athlete, int64_t now_ms)
{
    Live live;
    session_live(&athlete->session, now_ms, &live);
    return session_is_running(live.session);
}

void athlete_announce(Athlete *athlete, int64_t now_ms)
{
    athlete_publish_session(athlete, now_ms);
    athlete_publish_summary(athlete);
    publish_state(athlete, now_ms);
    strap_report_announce(athlete->strap, now_ms);
    athlete_advice_announce(athlete->advice, now_ms);
    athlete_lamp_announce(athlete->lamp);
}

void athlete_end(Athlete *athlete)
{
    strap_report_end(athlete->strap);
    athlete_lamp_end(athlete->lamp);
}

bool athlete_summary(const Athlete *athlete, int64_t now_ms, Summary *ret)
{
    return session_summary(&athlete->session, now_ms, ret);
}

void athlete_live(const Athlete *athlete, int64_t now_ms, Live *ret) { session_live(&athlete->session, now_ms, ret); }

SessionState athlete_session_state(const Athlete *athlete) { return athlete->session.state; }

const ZoneTable *athlete_zones(const Athlete *athlete) { return &athlete->session.config.zones; }
const char *athlete_session_id(const Athlete *athlete) { return athlete->session_id; }

bool athlete_is_silent(const Athlete *athlete) { return athlete->silent; }
