/* SPDX-License-Identifier: MIT
 *
 * What athletes are told over MQTT: athlete/<a>/set and athlete/<a>/set/<key>, each key answered on
 * athlete/<a>/result (and where MQTT 5 says). Main thread.
 *
 * Several gateways may share a broker: an athlete of another one is told by their retained strap topic, and left to
 * that gateway. One whom nobody knows gets an error from each.
 */
#ifndef ZONE1D_GATEWAY_COMMANDS_H
#define ZONE1D_GATEWAY_COMMANDS_H

#include "athlete.h"

#define COMMANDS_MAX_STRANGERS 1024 /* athletes of other gateways that are remembered */

typedef struct GatewayCommands GatewayCommands;

/* CONTEXT, and ATHLETES in the order of its configuration, outlive it. Subscribes at CONTEXT's client. */
GatewayCommands *gateway_commands_new(const AthleteContext *context, Athlete *const *athletes);
void gateway_commands_free(GatewayCommands *commands); /* NULL is fine */

/* True when MESSAGE was for us; what it asked for has been done or refused then. NOW_MS on the source's clock. */
bool gateway_commands_take(GatewayCommands *commands, const MqttIncoming *message, int64_t now_ms);

/* Keys that were carried out, and those refused, since the start. */
typedef struct {
    guint64 done, refused;
} GatewayCommandsTally;
GatewayCommandsTally gateway_commands_tally(const GatewayCommands *commands);

#endif
