/* SPDX-License-Identifier: MIT */
#include "mqtt/events.h"

#include "core/names.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"

const char *event_type_name(EventType type)
{
    static const char *const names[EVENT_TYPE_COUNT] = {
        [EVENT_SESSION_STARTED] = "session_started",   [EVENT_SESSION_PAUSED] = "session_paused",
        [EVENT_SESSION_RESUMED] = "session_resumed",   [EVENT_SESSION_FINISHED] = "session_finished",
        [EVENT_SESSION_DROPPED] = "session_dropped",   [EVENT_ABOVE_TARGET] = "above_target",
        [EVENT_BACK_IN_TARGET] = "back_in_target",     [EVENT_BELOW_TARGET] = "below_target",
        [EVENT_SIGNAL_LOST] = "signal_lost",           [EVENT_SIGNAL_RESTORED] = "signal_restored",
        [EVENT_BATTERY_LOW] = "battery_low",
    };
    return names[type];
}

static void add_target(cJSON *object, const Event *event)
{
    json_int_or_null(object, "hr", event->hr_bpm, event->hr_bpm > 0);
    json_int_or_null(object, "cap", event->cap_bpm, event->cap_bpm > 0);
    json_int_or_null(object, "floor", event->floor_bpm, event->floor_bpm > 0);
}

static void add_verdict(cJSON *object, const Summary *summary)
{
    json_string(object, "verdict", verdict_name(summary->verdict.verdict));
    json_string(object, "reason", summary->verdict.reason);
    json_decimal(object, "compliance", totals_compliance(&summary->totals), 1);
    json_string(object, "zone_model", zone_model_name(summary->zones.model));
    cJSON_AddBoolToObject(object, "max_estimated", summary->zones.max_estimated);
    json_int_or_null(object, "cap", summary->cap_bpm, summary->cap_bpm > 0);
}

static void add_details(cJSON *object, const Event *event)
{
    switch (event->type) {
    case EVENT_ABOVE_TARGET:
    case EVENT_BACK_IN_TARGET:
    case EVENT_BELOW_TARGET:
        add_target(object, event);
        break;
    case EVENT_SIGNAL_LOST:
    case EVENT_SIGNAL_RESTORED:
        json_string(object, "signal", signal_name(event->signal));
        break;
    case EVENT_SESSION_FINISHED:
        if (event->summary != NULL)
            add_verdict(object, event->summary);
        break;
    case EVENT_BATTERY_LOW:
        json_int(object, "battery", event->battery_percent);
        break;
    case EVENT_SESSION_STARTED:
    case EVENT_SESSION_PAUSED:
    case EVENT_SESSION_RESUMED:
    case EVENT_SESSION_DROPPED:
    case EVENT_TYPE_COUNT:
        break;
    }
}

char *payload_event(const Event *event)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *id = g_uuid_string_random();
    g_autofree char *at = payload_time(event->wall_us);
    json_string(object, "event_type", event_type_name(event->type));
    json_string(object, "id", id);
    json_string(object, "ts", at);
    json_string(object, "session", event->session_id);
    add_details(object, event);
    if (event->for_ms >= 0)
        json_int(object, "for_s", event->for_ms / 1000);
    return json_print(object);
}
