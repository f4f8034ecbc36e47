/* SPDX-License-Identifier: MIT */
#include "athlete_events.h"

#include "mqtt/events.h"
#include "mqtt/topics.h"

/* Where the athlete was told to be last. */
typedef enum { PLACE_IN, PLACE_ABOVE, PLACE_BELOW } Place;

struct AthleteEvents {
    const AthleteContext *context;
    const AthleteConfig *config;
    char *topic;
    Place told;
    int64_t left_ms;  /* when it left the target, while told is not PLACE_IN */
    int64_t again_ms; /* SOURCE_NEVER: not above */
    bool signal_lost;
    int64_t signal_lost_ms;
    bool battery_low;
};

AthleteEvents *athlete_events_new(const AthleteContext *context, const AthleteConfig *config)
{
    AthleteEvents *events = g_new0(AthleteEvents, 1);
    *events = (AthleteEvents){.context = context, .config = config, .again_ms = SOURCE_NEVER};
    events->topic = topic_athlete(context->config->mqtt_prefix, config->id, "event");
    return events;
}

void athlete_events_free(AthleteEvents *events)
{
    if (events == NULL)
        return;
    g_free(events->topic);
    g_free(events);
}

static void tell(const AthleteEvents *events, Event *event)
{
    if (events->config->share == SHARE_NONE)
        return;
    if (events->config->share == SHARE_ZONE)
        event->hr_bpm = 0;
    g_autofree char *json = payload_event(event);
    mqtt_client_publish(events->context->mqtt, MQTT_KEEP, events->topic, json, 1, false, 0);
}

static Event event_of(const AthleteMoment *moment, EventType type, int64_t for_ms)
{
    const Live *live = moment->live;
    return (Event){.type = type,
                   .wall_us = moment->wall_us,
                   .session_id = moment->session_id,
                   .hr_bpm = live->hr_bpm,
                   .cap_bpm = live->cap_bpm,
                   .floor_bpm = live->floor_bpm,
                   .for_ms = for_ms,
                   .signal = live->signal,
                   .summary = type == EVENT_SESSION_FINISHED ? moment->summary : NULL};
}

static void forget_place(AthleteEvents *events)
{
    events->told = PLACE_IN;
    events->again_ms = SOURCE_NEVER;
}

/* In this order: an automatic end and a new start can come in one step. */
static void tell_life(AthleteEvents *events, const AthleteMoment *moment)
{
    static const struct {
        unsigned bit;
        EventType type;
    } steps[] = {
        {SESSION_EV_FINISHED, EVENT_SESSION_FINISHED}, {SESSION_EV_DROPPED, EVENT_SESSION_DROPPED},
        {SESSION_EV_STARTED, EVENT_SESSION_STARTED},   {SESSION_EV_PAUSED, EVENT_SESSION_PAUSED},
        {SESSION_EV_RESUMED, EVENT_SESSION_RESUMED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        if ((moment->life & steps[i].bit) == 0)
            continue;
        Event event = event_of(moment, steps[i].type, -1);
        tell(events, &event);
        forget_place(events);
        /* A pause is no news of the strap. */
        if (steps[i].bit != SESSION_EV_PAUSED && steps[i].bit != SESSION_EV_RESUMED)
            events->signal_lost = false;
    }
}

static void tell_place(AthleteEvents *events, const AthleteMoment *moment, Place place, EventType type, int64_t for_ms)
{
    Event event = event_of(moment, type, for_ms);
    tell(events, &event);
    if (events->told == PLACE_IN)
        events->left_ms = moment->now_ms - for_ms;
    events->told = place;
    events->again_ms = place == PLACE_ABOVE ? moment->now_ms + EVENTS_AGAIN_MS : SOURCE_NEVER;
}

/* An unknown stretch is no news of where the athlete is: what was told before still stands. */
static void note_place(AthleteEvents *events, const AthleteMoment *moment)
{
    switch (moment->live->status) {
    case STATUS_ABOVE:
        if (events->told != PLACE_ABOVE || moment->now_ms >= events->again_ms)
            tell_place(events, moment, PLACE_ABOVE, EVENT_ABOVE_TARGET, moment->above_ms);
        break;
    case STATUS_BELOW:
        if (events->told != PLACE_BELOW)
            tell_place(events, moment, PLACE_BELOW, EVENT_BELOW_TARGET, TARGET_ON_MS);
        break;
    case STATUS_IN:
        if (events->told != PLACE_IN)
            tell_place(events, moment, PLACE_IN, EVENT_BACK_IN_TARGET, moment->now_ms - events->left_ms);
        break;
    case STATUS_NONE:
    case STATUS_SETTLING:
    case STATUS_UNKNOWN:
        break;
    }
}

static void note_signal(AthleteEvents *events, const AthleteMoment *moment)
{
    bool lost = moment->live->signal != SIGNAL_LIVE;
    if (lost == events->signal_lost)
        return;
    events->signal_lost = lost;
    Event event = event_of(moment, lost ? EVENT_SIGNAL_LOST : EVENT_SIGNAL_RESTORED,
                           lost ? -1 : moment->now_ms - events->signal_lost_ms);
    if (lost)
        events->signal_lost_ms = moment->now_ms;
    tell(events, &event);
}

void athlete_events_note(AthleteEvents *events, const AthleteMoment *moment)
{
    const SessionState session = moment->live->session;
    tell_life(events, moment);
    if (!session_is_running(session)) {
        forget_place(events);
        return;
    }
    note_signal(events, moment);
    note_place(events, moment);
    /* Without a rate there is nothing to repeat; it is looked at again when there is one. */
    if (moment->live->status != STATUS_ABOVE && events->again_ms <= moment->now_ms)
        events->again_ms = moment->now_ms + EVENTS_AGAIN_MS;
}

void athlete_events_battery(AthleteEvents *events, int percent, gint64 wall_us)
{
    if (percent >= EVENTS_BATTERY_FINE_PERCENT)
        events->battery_low = false;
    if (percent < 0 || percent > EVENTS_BATTERY_LOW_PERCENT || events->battery_low)
        return;
    events->battery_low = true;
    Event event = {.type = EVENT_BATTERY_LOW, .wall_us = wall_us, .for_ms = -1, .battery_percent = percent};
    tell(events, &event);
}

int64_t athlete_events_deadline_ms(const AthleteEvents *events) { return events->again_ms; }
