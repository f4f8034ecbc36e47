/* SPDX-License-Identifier: MIT
 *
 * The treadmills' speeds, by `speed-topic`: a plain number of km/h from whatever publishes it. Main thread.
 *
 * qdomyos-zwift publishes a value only when it changes (QZ/<id>/workout/speed/current): an hour at 8.4 km/h is one
 * message; its elapsed time (.../workout/elapsed/seconds) changes each second while it runs, and says that the
 * speed still is what it was.
 */
#ifndef ZONE1D_GATEWAY_SPEED_H
#define ZONE1D_GATEWAY_SPEED_H

#include "athlete.h"
#include "config_change.h"

typedef struct GatewaySpeed GatewaySpeed;

/* CONTEXT, and ATHLETES in the order of its configuration, outlive it. Subscribes at CONTEXT's client. */
GatewaySpeed *gateway_speed_new(const AthleteContext *context, Athlete *const *athletes);
void gateway_speed_free(GatewaySpeed *speed); /* NULL is fine */

/* The configuration is another one now, and CHANGE says how: what is not listened to any more is unsubscribed. */
void gateway_speed_reload(GatewaySpeed *speed, const ConfigChange *change);

/* True when MESSAGE is of a treadmill. What is no speed is ignored. NOW_MS on the source's clock. */
bool gateway_speed_take(GatewaySpeed *speed, const MqttIncoming *message, int64_t now_ms);

#endif
