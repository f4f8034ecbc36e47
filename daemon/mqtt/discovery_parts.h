/* SPDX-License-Identifier: MIT
 *
 * The entities of an athlete's and of the gateway's device, as tables. Internal to discovery.
 */
#ifndef ZONE1D_MQTT_DISCOVERY_PARTS_H
#define ZONE1D_MQTT_DISCOVERY_PARTS_H

#include "mqtt/discovery.h"

/* Adds to OPTIONS (an array) every word that the value can be. */
typedef void (*DiscoveryOptions)(cJSON *options, const DiscoveryAthlete *athlete);

/* NULL and 0: the platform's default, so not in the message. */
typedef struct {
    const char *key;      /* of the component; with it unique_id: never changes, or the entity is another one */
    const char *platform;
    const char *name;     /* short: Home Assistant puts the device's name before it */
    const char *state;    /* topic below athlete/<a>/ or gateway/<gw>/ */
    const char *template; /* of its value */
    const char *device_class;
    const char *unit;
    const char *icon;
    const char *attributes; /* template of its attributes, from the state topic */
    const char *command;  /* topic below athlete/<a>/ */
    const char *press;    /* what a button sends */
    DiscoveryOptions options;
    DiscoveryOptions event_types;
    double min, max, step; /* of a number; step 0: it is none */
    bool live;       /* gone when no message comes */
    bool measured;   /* goes into the statistics */
    bool diagnostic;
    bool always;     /* is there whether the gateway is or not */
} DiscoveryPart;

/* Static storage. */
const DiscoveryPart *discovery_athlete_parts(gsize *ret_count);
const DiscoveryPart *discovery_gateway_parts(gsize *ret_count);

#endif
