/* SPDX-License-Identifier: MIT */
#include "mqtt/lamp.h"

#include "core/zones.h"
#include "mqtt/json.h"

#define WAITING_BRIGHTNESS 16
#define ZONE_BRIGHTNESS 160

/* below, z1, z2 ... */
static const unsigned colours[] = {0x2060ff, 0x00c040, 0xe0d000, 0xff8000, 0xff4000, 0xff0020};

char *lamp_wled_topic(const char *base) { return g_strdup_printf("%s/api", base); }

char *lamp_awtrix_topic(const char *base, const char *athlete_id)
{
    return g_strdup_printf("%s/custom/zone1d-%s", base, athlete_id);
}

unsigned lamp_colour(int zone)
{
    return colours[CLAMP(zone, ZONE_BELOW, (int)G_N_ELEMENTS(colours) - 1)];
}

static void add_colour(cJSON *segment, unsigned colour)
{
    cJSON *colours_of_it = cJSON_AddArrayToObject(segment, "col"), *rgb = cJSON_CreateArray();
    for (int shift = 16; shift >= 0; shift -= 8)
        json_push_int(rgb, (colour >> shift) & 0xff);
    cJSON_AddItemToArray(colours_of_it, rgb);
}

char *lamp_wled(LampState state, int zone)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "on", state != LAMP_OFF);
    if (state == LAMP_OFF)
        return json_print(object);
    json_int(object, "bri", state == LAMP_ZONE ? ZONE_BRIGHTNESS : WAITING_BRIGHTNESS);
    cJSON *segments = cJSON_AddArrayToObject(object, "seg"), *segment = cJSON_CreateObject();
    json_int(segment, "fx", 0); /* no effect */
    add_colour(segment, state == LAMP_ZONE ? lamp_colour(zone) : 0xffffff);
    cJSON_AddItemToArray(segments, segment);
    return json_print(object);
}

char *lamp_awtrix(int hr_bpm, int zone)
{
    char text[8], colour[8];
    cJSON *object = cJSON_CreateObject();
    g_snprintf(text, sizeof text, "%d", CLAMP(hr_bpm, 0, 999));
    g_snprintf(colour, sizeof colour, "#%06X", lamp_colour(zone));
    cJSON_AddStringToObject(object, "text", text);
    cJSON_AddStringToObject(object, "color", colour);
    cJSON_AddBoolToObject(object, "noScroll", true);
    json_int(object, "lifetime", LAMP_AWTRIX_LIFETIME_S);
    return json_print(object);
}
