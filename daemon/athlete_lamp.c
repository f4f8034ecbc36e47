/* SPDX-License-Identifier: MIT */
#include "athlete_lamp.h"

#include "mqtt/lamp.h"

#define CLOCK_EVERY_MS 1000
#define CLOCK_REFRESH_MS 3000 /* well within LAMP_AWTRIX_LIFETIME_S */

typedef struct {
    LampState state;
    int zone;
} Shown;

struct AthleteLamp {
    MqttClient *const *mqtt; /* is set after this was made */
    char *lamp_topic, *clock_topic; /* NULL: has none */
    bool touched; /* the lamp was switched by this; until then it is left as its owner has it */
    Shown lamp;
    int clock_bpm, clock_zone; /* 0 bpm: nothing stands there */
    int64_t clock_ms;
};

AthleteLamp *athlete_lamp_new(const AthleteContext *context, const AthleteConfig *config)
{
    /* A lamp tells no more than the zone. */
    const bool clock = config->awtrix_topic != NULL && config->share == SHARE_FULL;
    if (config->wled_topic == NULL && !clock)
        return NULL;
    AthleteLamp *lamp = g_new0(AthleteLamp, 1);
    lamp->mqtt = &context->mqtt;
    if (config->wled_topic != NULL)
        lamp->lamp_topic = lamp_wled_topic(config->wled_topic);
    if (clock)
        lamp->clock_topic = lamp_awtrix_topic(config->awtrix_topic, config->id);
    return lamp;
}

void athlete_lamp_free(AthleteLamp *lamp)
{
    if (lamp == NULL)
        return;
    g_free(lamp->lamp_topic);
    g_free(lamp->clock_topic);
    g_free(lamp);
}

/* Not kept for later: an old colour is as wrong as an old heart rate. */
static void say(AthleteLamp *lamp, const char *topic, const char *payload)
{
    mqtt_client_publish(*lamp->mqtt, MQTT_LATEST, topic, payload, 0, false, LAMP_AWTRIX_LIFETIME_S);
}

static void say_lamp(AthleteLamp *lamp)
{
    g_autofree char *json = lamp_wled(lamp->lamp.state, lamp->lamp.zone);
    say(lamp, lamp->lamp_topic, json);
}

static Shown wanted(const Live *live)
{
    if (!session_is_running(live->session))
        return (Shown){.state = LAMP_OFF};
    if (live->session == SESSION_PAUSED || live->hr_bpm == 0)
        return (Shown){.state = LAMP_WAITING};
    return (Shown){.state = LAMP_ZONE, .zone = live->zone};
}

static void show_lamp(AthleteLamp *lamp, const Live *live)
{
    const Shown now = wanted(live);
    if (lamp->lamp_topic == NULL || (now.state == lamp->lamp.state && now.zone == lamp->lamp.zone))
        return;
    lamp->lamp = now;
    lamp->touched = true;
    say_lamp(lamp);
}

static void clear_clock(AthleteLamp *lamp)
{
    if (lamp->clock_bpm != 0)
        say(lamp, lamp->clock_topic, "");
    lamp->clock_bpm = 0;
}

static void show_clock(AthleteLamp *lamp, const Live *live, int64_t now_ms)
{
    if (lamp->clock_topic == NULL)
        return;
    if (live->hr_bpm == 0) {
        clear_clock(lamp);
        return;
    }
    const bool changed = live->hr_bpm != lamp->clock_bpm || live->zone != lamp->clock_zone;
    if (lamp->clock_bpm != 0 && now_ms - lamp->clock_ms < (changed ? CLOCK_EVERY_MS : CLOCK_REFRESH_MS))
        return;
    lamp->clock_bpm = live->hr_bpm;
    lamp->clock_zone = live->zone;
    lamp->clock_ms = now_ms;
    g_autofree char *json = lamp_awtrix(live->hr_bpm, live->zone);
    say(lamp, lamp->clock_topic, json);
}

void athlete_lamp_show(AthleteLamp *lamp, const Live *live, int64_t now_ms)
{
    if (lamp == NULL)
        return;
    show_lamp(lamp, live);
    show_clock(lamp, live, now_ms);
}

void athlete_lamp_announce(AthleteLamp *lamp)
{
    if (lamp == NULL)
        return;
    if (lamp->touched)
        say_lamp(lamp);
    /* The clock has forgotten it by itself by now, or the next heart rate comes anyway. */
    lamp->clock_bpm = 0;
}

void athlete_lamp_end(AthleteLamp *lamp)
{
    if (lamp == NULL)
        return;
    if (lamp->lamp.state != LAMP_OFF) {
        lamp->lamp = (Shown){.state = LAMP_OFF};
        say_lamp(lamp);
    }
    if (lamp->clock_topic != NULL)
        clear_clock(lamp);
}
