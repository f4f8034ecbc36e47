/* SPDX-License-Identifier: MIT */
#include "gateway_info.h"

#include "core/names.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"
#include "mqtt/topics.h"

#include <string.h>

#ifndef ZONE1D_VERSION
#define ZONE1D_VERSION "unknown"
#endif
#define LOOK_MS 1000

struct GatewayInfo {
    const Config *config;
    MqttClient *mqtt;
    const GatewayStraps *straps;
    Athlete *const *athletes;
    SignalState signals[CONFIG_MAX_ATHLETES]; /* as they were when it was last looked */
    gint64 started_us;
    char *topic;
    char *said; /* the last message; NULL: none yet */
    gint64 said_us;  /* monotonic */
    guint timer;
};

GatewayInfo *gateway_info_new(const Config *config, MqttClient *mqtt, const GatewayStraps *straps,
                              Athlete *const *athletes, gint64 started_us)
{
    GatewayInfo *info = g_new0(GatewayInfo, 1);
    *info = (GatewayInfo){
        .config = config, .mqtt = mqtt, .straps = straps, .athletes = athletes, .started_us = started_us};
    info->topic = topic_gateway(config->mqtt_prefix, config->gateway_id, "info");
    return info;
}

void gateway_info_free(GatewayInfo *info)
{
    if (info == NULL)
        return;
    g_clear_handle_id(&info->timer, g_source_remove);
    g_free(info->topic);
    g_free(info->said);
    g_free(info);
}

/* What changes from second to second is not in it, nor the steps of a connection: each would be a message. */
static const char *link_word(const char *state)
{
    static const char *const trying[] = {"queued", "connecting", "resolving", "subscribing", NULL};
    if (strcmp(state, "live") == 0 || strcmp(state, "none") == 0)
        return state;
    return g_strv_contains(trying, state) ? "connecting" : "searching";
}

static const char *signal_of(const GatewayInfo *info, const char *athlete)
{
    for (unsigned i = 0; i < info->config->athlete_count; i++)
        if (strcmp(info->config->athletes[i].id, athlete) == 0)
            return signal_name(athlete_signal(info->athletes[i]));
    return NULL;
}

static void add_straps(const GatewayInfo *info, cJSON *object)
{
    cJSON *table = gateway_straps_table(info->straps), *straps = cJSON_AddArrayToObject(object, "straps");
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(table, "straps"))
    {
        cJSON *strap = cJSON_CreateObject();
        const char *athlete = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "athlete"));
        json_string(strap, "athlete", athlete);
        json_string(strap, "link", link_word(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "link"))));
        json_string(strap, "signal", signal_of(info, athlete));
        cJSON_AddItemToObject(strap, "battery", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(row, "battery"), 1));
        cJSON_AddItemToObject(strap, "adapter", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(row, "adapter"), 1));
        cJSON_AddItemToArray(straps, strap);
    }
    cJSON_AddItemToObject(object, "adapters", cJSON_DetachItemFromObjectCaseSensitive(table, "adapters"));
    cJSON_Delete(table);
}

static char *json_of(const GatewayInfo *info)
{
    static const char *const unknown[] = {
        [UNKNOWN_IGNORE] = "ignore", [UNKNOWN_ASK] = "ask", [UNKNOWN_GUEST] = "guest"};
    g_autofree char *started = payload_time(info->started_us);
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "version", ZONE1D_VERSION);
    json_string(object, "started_at", started);
    json_string(object, "unknown_straps", unknown[info->config->unknown_straps]);
    add_straps(info, object);
    return json_print(object);
}

static void say(GatewayInfo *info, char *json)
{
    g_free(info->said);
    info->said = json;
    info->said_us = g_get_monotonic_time();
    mqtt_client_publish(info->mqtt, MQTT_KEEP, info->topic, json, 1, true, 0);
}

static gboolean on_timer(gpointer user)
{
    GatewayInfo *info = user;
    char *json = json_of(info);
    info->timer = 0;
    if (g_strcmp0(json, info->said) != 0)
        say(info, json);
    else
        g_free(json);
    return G_SOURCE_REMOVE;
}

void gateway_info_note(GatewayInfo *info)
{
    gint64 since_ms = (g_get_monotonic_time() - info->said_us) / 1000;
    if (info->timer != 0 || info->said == NULL)
        return;
    info->timer = g_timeout_add((guint)MAX(LOOK_MS, GATEWAY_INFO_EVERY_MS - since_ms), on_timer, info);
}

void gateway_info_signal(GatewayInfo *info, unsigned athlete)
{
    const SignalState signal = athlete_signal(info->athletes[athlete]);
    if (signal == info->signals[athlete])
        return;
    info->signals[athlete] = signal;
    gateway_info_note(info);
}

void gateway_info_announce(GatewayInfo *info)
{
    g_clear_handle_id(&info->timer, g_source_remove);
    say(info, json_of(info));
}
