/* SPDX-License-Identifier: MIT */
#include "gateway_speed.h"

#include <math.h>
#include <string.h>

#define QZ_SPEED "/workout/speed/current"
#define QZ_BEAT "/workout/elapsed/seconds"

typedef struct {
    char *beat_topic; /* NULL: none */
    CommandSet newest;
} Treadmill;

struct GatewaySpeed {
    const Config *config;
    Athlete *const *athletes;
    Treadmill *treadmills; /* one for each athlete */
};

static char *beat_topic_of(const char *speed_topic)
{
    if (!g_str_has_suffix(speed_topic, QZ_SPEED))
        return NULL;
    return g_strdup_printf("%.*s" QZ_BEAT, (int)(strlen(speed_topic) - strlen(QZ_SPEED)), speed_topic);
}

GatewaySpeed *gateway_speed_new(const AthleteContext *context, Athlete *const *athletes)
{
    GatewaySpeed *speed = g_new0(GatewaySpeed, 1);
    speed->config = context->config;
    speed->athletes = athletes;
    speed->treadmills = g_new0(Treadmill, context->config->athlete_count);
    for (unsigned i = 0; i < context->config->athlete_count; i++) {
        const char *topic = context->config->athletes[i].speed_topic;
        if (topic == NULL)
            continue;
        speed->treadmills[i].beat_topic = beat_topic_of(topic);
        mqtt_client_subscribe_new(context->mqtt, topic, 0);
        if (speed->treadmills[i].beat_topic != NULL)
            mqtt_client_subscribe_new(context->mqtt, speed->treadmills[i].beat_topic, 0);
    }
    return speed;
}

void gateway_speed_free(GatewaySpeed *speed)
{
    if (speed == NULL)
        return;
    for (unsigned i = 0; i < speed->config->athlete_count; i++)
        g_free(speed->treadmills[i].beat_topic);
    g_free(speed->treadmills);
    g_free(speed);
}

static void take_speed(GatewaySpeed *speed, unsigned athlete, const MqttIncoming *message, int64_t now_ms)
{
    CommandSet set;
    CommandFault fault;
    if (message->retained || !command_parse_plain("speed", message->payload, message->len, &set, &fault))
        return;
    speed->treadmills[athlete].newest = set;
    athlete_set(speed->athletes[athlete], COMMAND_SPEED, &set, now_ms);
}

static void take_beat(GatewaySpeed *speed, unsigned athlete, const MqttIncoming *message, int64_t now_ms)
{
    const CommandSet *newest = &speed->treadmills[athlete].newest;
    if (!message->retained && newest->given[COMMAND_SPEED])
        athlete_set(speed->athletes[athlete], COMMAND_SPEED, newest, now_ms);
}

bool gateway_speed_take(GatewaySpeed *speed, const MqttIncoming *message, int64_t now_ms)
{
    bool taken = false;
    for (unsigned i = 0; i < speed->config->athlete_count; i++) {
        bool is_speed = g_strcmp0(speed->config->athletes[i].speed_topic, message->topic) == 0;
        bool is_beat = g_strcmp0(speed->treadmills[i].beat_topic, message->topic) == 0;
        if (is_speed)
            take_speed(speed, i, message, now_ms);
        else if (is_beat)
            take_beat(speed, i, message, now_ms);
        taken |= is_speed || is_beat;
    }
    return taken;
}
