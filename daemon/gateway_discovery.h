/* SPDX-License-Identifier: MIT
 *
 * When Home Assistant is told of the gateway and its athletes, and what is taken back (docs/homeassistant.md):
 * after each connection, again 1 to 5 s after Home Assistant says that it has started, and once in a run what
 * was left behind is cleared. What was announced is remembered in the state directory. Main thread; its times are
 * real ones, as Home Assistant's are, whatever the source's clock does.
 */
#ifndef ZONE1D_GATEWAY_DISCOVERY_H
#define ZONE1D_GATEWAY_DISCOVERY_H

#include "config_change.h"
#include "mqtt/client.h"

typedef struct GatewayDiscovery GatewayDiscovery;

typedef struct {
    /* Home Assistant has started: the states are to be said again. */
    void (*say_states)(void *user);
} GatewayDiscoveryEvents;

/* Subscribes to Home Assistant's status, if devices are wanted. CONFIG, MQTT and EVENTS outlive it. */
GatewayDiscovery *gateway_discovery_new(const Config *config, MqttClient *mqtt, const GatewayDiscoveryEvents *events,
                                        void *user);
/* NULL is fine. */
void gateway_discovery_free(GatewayDiscovery *discovery);

/* The broker is (back) there: announces the devices, before any state. LASTING: this gateway is here to stay
 * (and not a recording's replay), so it remembers, and clears what it left behind. */
void gateway_discovery_connected(GatewayDiscovery *discovery, bool lasting);

/* The configuration is another one now, and CHANGE says how: who came is announced, who went is taken back; while the
 * broker is away, when it is back. */
void gateway_discovery_reload(GatewayDiscovery *discovery, const ConfigChange *change);

/* A message came. True when it was for here. */
bool gateway_discovery_message(GatewayDiscovery *discovery, const MqttIncoming *message);

#endif
