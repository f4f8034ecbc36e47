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
    MqttClient *mqtt;
    Athlete *const *athletes;
    Treadmill *treadmills; /* one for each athlete */
};

static char *beat_topic_of(const char *speed_topic)
{
    if (!g_str_has_suffix(speed_topic, QZ_SPEED))
        return NULL;
    return g_strdup_printf("%.*s" QZ_BEAT, (int)(strlen(speed_topic) - strlen(QZ_SPEED)), speed_topic);
}

static void listen(const GatewaySpeed *speed, Treadmill *treadmill, const char *topic)
{
    treadmill->beat_topic = beat_topic_of(topic);
    mqtt_client_subscribe_new(speed->mqtt, topic, 0);
    if (treadmill->beat_topic != NULL)
        mqtt_client_subscribe_new(speed->mqtt, treadmill->beat_topic, 0);
}

GatewaySpeed *gateway_speed_new(const AthleteContext *context, Athlete *const *athletes)
{
    GatewaySpeed *speed = g_new0(GatewaySpeed, 1);
    speed->config = context->config;
    speed->mqtt = context->mqtt;
    speed->athletes = athletes;
    speed->treadmills = g_new0(Treadmill, CONFIG_MAX_ATHLETES);
    for (unsigned i = 0; i < context->config->athlete_count; i++)
        if (context->config->athletes[i].speed_topic != NULL)
            listen(speed, &speed->treadmills[i], context->config->athletes[i].speed_topic);
    return speed;
}

void gateway_speed_free(GatewaySpeed *speed)
{
    if (speed == NULL)
        return;
    for (unsigned i = 0; i < CONFIG_MAX_ATHLETES; i++)
        g_free(speed->treadmills[i].beat_topic);
    g_free(speed->treadmills);
    g_free(speed);
}

/* ---- another configuration ---- */

static bool is_same_treadmill(const ConfigChange *change, unsigned athlete)
{
    const int from = change->from[athlete];
    return from >= 0 && g_strcmp0(change->now->athletes[athlete].speed_topic,
                                  change->before->athletes[from].speed_topic) == 0;
}

/* Nobody of CONFIG has a treadmill of TOPIC, by its speed or by its beat. */
static bool is_unused(const GatewaySpeed *speed, const char *topic)
{
    for (unsigned i = 0; i < speed->config->athlete_count; i++)
        if (g_strcmp0(speed->config->athletes[i].speed_topic, topic) == 0 ||
            g_strcmp0(speed->treadmills[i].beat_topic, topic) == 0)
            return false;
    return true;
}

static void leave(const GatewaySpeed *speed, const char *topic)
{
    if (topic != NULL && is_unused(speed, topic))
        mqtt_client_unsubscribe(speed->mqtt, topic);
}

void gateway_speed_reload(GatewaySpeed *speed, const ConfigChange *change)
{
    Treadmill *before = speed->treadmills;
    speed->treadmills = g_new0(Treadmill, CONFIG_MAX_ATHLETES);
    for (unsigned i = 0; i < change->now->athlete_count; i++) {
        const char *topic = change->now->athletes[i].speed_topic;
        if (is_same_treadmill(change, i))
            speed->treadmills[i] = (Treadmill){g_strdup(before[change->from[i]].beat_topic),
                                               before[change->from[i]].newest};
        else if (topic != NULL)
            listen(speed, &speed->treadmills[i], topic);
    }
    for (unsigned i = 0; i < change->before->athlete_count; i++) {
        leave(speed, change->before->athletes[i].speed_topic);
        leave(speed, before[i].beat_topic);
        g_free(before[i].beat_topic);
    }
    g_free(before);
}

/* ---- what comes ---- */

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
