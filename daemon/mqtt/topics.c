/* SPDX-License-Identifier: MIT */
#include "mqtt/topics.h"

#include <glib.h>

char *topic_gateway(const char *prefix, const char *gateway_id, const char *leaf)
{
    return g_strdup_printf("%s/gateway/%s/%s", prefix, gateway_id, leaf);
}

char *topic_athlete(const char *prefix, const char *athlete_id, const char *leaf)
{
    return g_strdup_printf("%s/athlete/%s/%s", prefix, athlete_id, leaf);
}
