/* SPDX-License-Identifier: MIT
 *
 * The gateway's side of the straps: who wears which (the configuration, and what was bound at run time), what is
 * told of straps that are nobody's, guests, and what people ask for. Main thread.
 */
#ifndef ZONE1D_GATEWAY_STRAPS_H
#define ZONE1D_GATEWAY_STRAPS_H

#include "bluez/bluez_source.h"
#include "config_change.h"
#include "mqtt/client.h"

#include <cjson/cJSON.h>

typedef struct GatewayStraps GatewayStraps;

/* CONFIG and MQTT outlive it. Reads the file of bindings. */
GatewayStraps *gateway_straps_new(const Config *config, MqttClient *mqtt);
void gateway_straps_free(GatewayStraps *straps); /* NULL is fine; the source is the caller's */

/* The source of all athletes' straps and of guests, with what was bound before; not started. EVENTS and MORE get
 * USER and outlive it. The caller frees it, and asks nothing below afterwards. */
Source *gateway_straps_source(GatewayStraps *straps, const SourceEvents *events, const BluezEvents *more, void *user);

/* The configuration is another one now, and CHANGE says how: straps come, go, and stay. */
void gateway_straps_reload(GatewayStraps *straps, const ConfigChange *change);

/* A strap is heard that is nobody's: says so on gateway/<gw>/seen. */
void gateway_straps_seen(GatewayStraps *straps, const HeardStrap *strap);

/* Binds the strap of short id ID, which was heard lately, to the athlete of id ATHLETE, and keeps that. False,
 * and *error (one sentence), when that cannot be; nothing has changed then, unless the sentence says so. */
bool gateway_straps_bind(GatewayStraps *straps, const char *id, const char *athlete, GError **error);

/* Takes back what was bound at run time: the strap of ID, or with NULL all of ATHLETE's. False and *error when
 * there is nothing of the kind. One of the two may be NULL. */
bool gateway_straps_unbind(GatewayStraps *straps, const char *id, const char *athlete, GError **error);

/* Has discovery run for SECONDS (1..60) from now. */
void gateway_straps_look(GatewayStraps *straps, unsigned seconds);

/* What was heard lately, as an array, the nearest first: {"id","name","address","heart_rate","rssi","since_s",
 * "heard_s","athlete"}. Only for somebody who asked: it has addresses. The caller's. */
cJSON *gateway_straps_heard(const GatewayStraps *straps);

/* Of each strap: {"athlete","link","adapter","slot","slots","packet_age_ms","battery","drops","reconnects",
 * "lost_s","last_reason","last_recovery_s","location","maker","model","serial","firmware","energy_kj"}, as an array;
 * only for somebody who asked: it has serial numbers; and {"adapters":[...]}. The caller's. */
cJSON *gateway_straps_table(const GatewayStraps *straps);

/* {"name","powered","bluez","links","max"} of each adapter, as an array without addresses. The caller's. */
cJSON *gateway_straps_adapters(const GatewayStraps *straps);

#endif
