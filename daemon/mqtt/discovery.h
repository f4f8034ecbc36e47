/* SPDX-License-Identifier: MIT
 *
 * Home Assistant's MQTT discovery in the device form: one retained message makes a device with all its
 * entities (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload; docs/homeassistant.md).
 * Pure but for allocation; any thread. Every char* returned is the caller's, freed with g_free.
 */
#ifndef ZONE1D_MQTT_DISCOVERY_H
#define ZONE1D_MQTT_DISCOVERY_H

#include "core/target.h"

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

/* Live values are gone in Home Assistant after this long without a message, or after three state intervals. */
#define DISCOVERY_EXPIRE_MIN_S 15

typedef struct {
    const char *discovery_prefix; /* "homeassistant" */
    const char *prefix;           /* "zone1d" */
    const char *gateway_id;
    const char *version;          /* of zone1d */
    unsigned state_interval_s;
} DiscoveryGateway;

typedef struct {
    const char *id;
    const char *name; /* for people */
    const ZoneTable *zones;
    const Target *target; /* as configured */
} DiscoveryAthlete;

/* <discovery prefix>/device/zone1d_gateway_<gateway>/config; an athlete's id has no '_', so it is nobody else's. */
char *discovery_gateway_topic(const char *discovery_prefix, const char *gateway_id);
/* <discovery prefix>/device/zone1d_<athlete>/config */
char *discovery_athlete_topic(const char *discovery_prefix, const char *athlete_id);

/* The gateway's device. To be sent before its athletes', which name it as their way in (via_device). */
char *discovery_gateway(const DiscoveryGateway *gateway);

/* An athlete's device. BEFORE is what discovery_components gave when it was last announced, or NULL: what is
 * not among the components any more is named there with its platform alone, which removes the entity. */
char *discovery_athlete(const DiscoveryGateway *gateway, const DiscoveryAthlete *athlete, const cJSON *before);

/* An athlete's components: an object of key -> platform. The caller's, freed with cJSON_Delete. */
cJSON *discovery_components(void);

/* Whose device it is: the status topic that PAYLOAD (LEN bytes of anything) names for its availability, which
 * is one gateway's alone. NULL when it is no device of a zone1d. */
char *discovery_owner(const char *payload, gsize len);

#endif
