/* SPDX-License-Identifier: MIT */
#include "mqtt/discovery_parts.h"

#include "core/names.h"
#include "mqtt/events.h"

#include <string.h>

#define SPEED_MAX_KMH 30

/* The words of one of core's enumerations. */
static void add_words(cJSON *options, const char *(*name)(int))
{
    for (int value = 0; strcmp(name(value), "?") != 0; value++)
        cJSON_AddItemToArray(options, cJSON_CreateString(name(value)));
}

static const char *status_at(int value) { return status_name((TargetStatus)value); }
static const char *advice_at(int value) { return advice_name((Advice)value); }
static const char *session_at(int value) { return session_state_name((SessionState)value); }
static const char *verdict_at(int value) { return verdict_name((Verdict)value); }

static void status_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    (void)athlete;
    add_words(options, status_at);
}

static void advice_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    (void)athlete;
    add_words(options, advice_at);
}

static void session_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    (void)athlete;
    add_words(options, session_at);
}

static void verdict_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    (void)athlete;
    add_words(options, verdict_at);
}

static void event_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    (void)athlete;
    for (int value = 0; value < EVENT_TYPE_COUNT; value++)
        cJSON_AddItemToArray(options, cJSON_CreateString(event_type_name((EventType)value)));
}

static void zone_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    for (int zone = ZONE_BELOW; zone <= (int)athlete->zones->count; zone++)
        cJSON_AddItemToArray(options, cJSON_CreateString(zones_zone_name(athlete->zones, zone)));
}

/* The targets that fit the athlete's zones, and the cap that the configuration has. */
static void target_words(cJSON *options, const DiscoveryAthlete *athlete)
{
    static const char *const words[] = {"recovery", "easy", "z1", "z2", "z3", "z4", "z5", "z6", "z7"};
    char word[16];
    int cap_bpm, floor_bpm;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        Target target = {0};
        if (target_parse(words[i], &target) && target_bounds(&target, athlete->zones, &cap_bpm, &floor_bpm))
            cJSON_AddItemToArray(options, cJSON_CreateString(words[i]));
    }
    if (athlete->target->kind == TARGET_CAP)
        cJSON_AddItemToArray(options, cJSON_CreateString(target_name(athlete->target, word, sizeof word)));
}

/* A null becomes None, which is Home Assistant's word for "unknown" here. A number outside the entity's range
 * would be an error in its log: the cap of the uppermost zone is 250, a recording can be faster than a treadmill. */
#define WITHIN(value, low, high) \
    "{{ " value " if " value " is number and " low " <= " value " <= " high " else none }}"

static const DiscoveryPart athlete_parts[] = {
    {.key = "heart_rate", .platform = "sensor", .name = "Heart rate", .state = "state",
     .template = "{{ value_json.hr }}", .unit = "bpm", .icon = "mdi:heart-pulse", .live = true, .measured = true},
    {.key = "zone", .platform = "sensor", .name = "Zone", .state = "state", .template = "{{ value_json.zone }}",
     .device_class = "enum", .icon = "mdi:stairs", .options = zone_words, .live = true},
    {.key = "status", .platform = "sensor", .name = "Target status", .state = "state",
     .template = "{{ value_json.status }}", .device_class = "enum", .icon = "mdi:bullseye-arrow",
     .options = status_words, .live = true},
    {.key = "advice", .platform = "sensor", .name = "Advice", .state = "state",
     .template = "{{ value_json.advice }}", .device_class = "enum", .icon = "mdi:run", .options = advice_words,
     .live = true},
    {.key = "compliance", .platform = "sensor", .name = "Compliance", .state = "state",
     .template = "{{ value_json.compliance }}", .unit = "%", .icon = "mdi:percent", .live = true, .measured = true},
    {.key = "coverage", .platform = "sensor", .name = "Coverage", .state = "state",
     .template = "{{ value_json.coverage }}", .unit = "%", .icon = "mdi:percent", .live = true, .measured = true,
     .diagnostic = true},
    {.key = "rmssd", .platform = "sensor", .name = "RMSSD", .state = "state", .template = "{{ value_json.rmssd }}",
     .unit = "ms", .icon = "mdi:heart-flash", .live = true, .measured = true},
    {.key = "signal", .platform = "binary_sensor", .name = "Strap signal", .state = "state",
     .template = "{{ {'live': 'OFF', 'none': none}.get(value_json.signal, 'ON') }}", .device_class = "problem",
     .live = true, .diagnostic = true},
    {.key = "strap", .platform = "binary_sensor", .name = "Strap", .state = "strap",
     .template = "{{ 'ON' if value_json.connected else 'OFF' }}", .device_class = "connectivity", .diagnostic = true},
    {.key = "battery", .platform = "sensor", .name = "Strap battery", .state = "strap",
     .template = "{{ value_json.battery }}", .device_class = "battery", .unit = "%", .measured = true,
     .diagnostic = true},
    {.key = "session", .platform = "sensor", .name = "Session", .state = "session",
     .template = "{{ value_json.state }}", .device_class = "enum", .icon = "mdi:run-fast", .options = session_words},
    {.key = "session_started", .platform = "sensor", .name = "Session started", .state = "session",
     .template = "{{ value_json.started_at }}", .device_class = "timestamp"},
    {.key = "in_target", .platform = "sensor", .name = "Minutes in target", .state = "session",
     .template = "{{ value_json.in_target_min }}", .device_class = "duration", .unit = "min", .measured = true},
    {.key = "last_compliance", .platform = "sensor", .name = "Last compliance", .state = "session/last",
     .template = "{{ value_json.compliance }}", .unit = "%", .icon = "mdi:percent", .measured = true},
    {.key = "last_verdict", .platform = "sensor", .name = "Last verdict", .state = "session/last",
     .template = "{{ value_json.verdict }}", .device_class = "enum", .icon = "mdi:gavel",
     .attributes = "{{ {'reason': value_json.reason, 'started_at': value_json.started_at} | tojson }}",
     .options = verdict_words},
    {.key = "alert", .platform = "event", .name = "Alert", .state = "event", .icon = "mdi:bell-ring",
     .event_types = event_words},
    {.key = "start", .platform = "button", .name = "Start", .command = "set/session", .press = "start",
     .icon = "mdi:play"},
    {.key = "stop", .platform = "button", .name = "Stop", .command = "set/session", .press = "stop",
     .icon = "mdi:stop"},
    {.key = "target", .platform = "select", .name = "Target", .state = "session", .command = "set/target",
     .icon = "mdi:target", .options = target_words},
    {.key = "cap", .platform = "number", .name = "Cap", .state = "session", .command = "set/cap",
     .template = WITHIN("value_json.cap", "80", "200"), .unit = "bpm", .icon = "mdi:speedometer-slow",
     .min = TARGET_CAP_MIN_BPM, .max = TARGET_CAP_MAX_BPM, .step = 1},
    {.key = "rpe", .platform = "number", .name = "RPE", .state = "session", .command = "set/rpe",
     .template = "{{ value_json.rpe }}", .icon = "mdi:emoticon-outline", .min = 1, .max = SESSION_MAX_RPE, .step = 1},
    {.key = "speed", .platform = "number", .name = "Speed", .state = "session", .command = "set/speed",
     .template = WITHIN("value_json.speed_kmh", "0", "30"), .device_class = "speed", .unit = "km/h", .min = 0,
     .max = SPEED_MAX_KMH, .step = 0.1},
};

static const DiscoveryPart gateway_parts[] = {
    {.key = "status", .platform = "binary_sensor", .name = "Connection", .state = "status",
     .device_class = "connectivity", .diagnostic = true, .always = true},
    {.key = "version", .platform = "sensor", .name = "Version", .state = "info",
     .template = "{{ value_json.version | default(none) }}", .icon = "mdi:tag-outline", .diagnostic = true},
    {.key = "started", .platform = "sensor", .name = "Started", .state = "info",
     .template = "{{ value_json.started_at | default(none) }}", .device_class = "timestamp", .diagnostic = true},
};

const DiscoveryPart *discovery_athlete_parts(gsize *ret_count)
{
    *ret_count = G_N_ELEMENTS(athlete_parts);
    return athlete_parts;
}

const DiscoveryPart *discovery_gateway_parts(gsize *ret_count)
{
    *ret_count = G_N_ELEMENTS(gateway_parts);
    return gateway_parts;
}
