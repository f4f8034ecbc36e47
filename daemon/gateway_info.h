/* SPDX-License-Identifier: MIT
 *
 * gateway/<gw>/info: what this gateway is, its adapters and its straps; retained, on change, and at most once in
 * 10 s. No address and no name is in it. Main thread.
 */
#ifndef ZONE1D_GATEWAY_INFO_H
#define ZONE1D_GATEWAY_INFO_H

#include "athlete.h"
#include "gateway_straps.h"

#define GATEWAY_INFO_EVERY_MS 10000

typedef struct GatewayInfo GatewayInfo;

/* All outlive it; ATHLETES are CONFIG's. STARTED_US is the wall time of the start. */
GatewayInfo *gateway_info_new(const Config *config, MqttClient *mqtt, const GatewayStraps *straps,
                              Athlete *const *athletes, gint64 started_us);
void gateway_info_free(GatewayInfo *info); /* NULL is fine */

/* Something of it may have changed: looks, within a second, and says it when its time has come. */
void gateway_info_note(GatewayInfo *info);

/* The same of the signal of ATHLETE, an index, who was told something. */
void gateway_info_signal(GatewayInfo *info, unsigned athlete);

/* The broker is (back) there: says it as it is now. */
void gateway_info_announce(GatewayInfo *info);

#endif
