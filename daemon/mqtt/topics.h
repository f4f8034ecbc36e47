/* SPDX-License-Identifier: MIT
 *
 * The topic tree below the prefix (docs/mqtt.md). Every char* returned is the caller's, freed with
 * g_free, unless it says otherwise. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_MQTT_TOPICS_H
#define ZONE1D_MQTT_TOPICS_H

#include <glib.h>
#include <stdbool.h>

#define TOPIC_MAX_ID_BYTES 32
#define TOPIC_MAX_BYTES 1024

/* <prefix>/gateway/<gateway>/<leaf> */
char *topic_gateway(const char *prefix, const char *gateway_id, const char *leaf);

/* <prefix>/athlete/<athlete>/<leaf>; leaf may have levels ("session/last"). */
char *topic_athlete(const char *prefix, const char *athlete_id, const char *leaf);

/* LEN bytes of [a-z0-9-], 1 to TOPIC_MAX_ID_BYTES. */
bool topic_is_id(const char *text, gsize len);

/* The other way round: of <prefix>/<kind>/<id>/<leaf> the id, and the leaf, which points into TOPIC. NULL,
 * and *ret_id untouched, for any other topic; KIND is "athlete", "gateway" or "group". */
const char *topic_split(const char *topic, const char *prefix, const char *kind, char ret_id[TOPIC_MAX_ID_BYTES + 1]);

/* Can be published to: 1..TOPIC_MAX_BYTES of UTF-8 without wildcards. */
bool topic_is_sound(const char *topic);

#endif
