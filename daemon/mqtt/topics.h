/* SPDX-License-Identifier: MIT
 *
 * The topic tree below the prefix (docs/mqtt.md). Every char* returned is the caller's, freed with
 * g_free. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_MQTT_TOPICS_H
#define ZONE1D_MQTT_TOPICS_H

/* <prefix>/gateway/<gateway>/<leaf> */
char *topic_gateway(const char *prefix, const char *gateway_id, const char *leaf);

/* <prefix>/athlete/<athlete>/<leaf>; leaf may have levels ("session/last"). */
char *topic_athlete(const char *prefix, const char *athlete_id, const char *leaf);

#endif
