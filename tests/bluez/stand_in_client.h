/* SPDX-License-Identifier: MIT
 *
 * In the place of the broker's client, at link time (wraps in meson.build): always connected, subscribes to nothing,
 * and hands on what is published and answered.
 */
#ifndef ZONE1D_TESTS_BLUEZ_STAND_IN_CLIENT_H
#define ZONE1D_TESTS_BLUEZ_STAND_IN_CLIENT_H

#include "mqtt/client.h"

typedef struct {
    /* Set by the test; NULL: nobody wants to know, and nobody may ask. */
    void (*publish)(const char *topic, const char *payload, int qos, bool retain);
    void (*answer)(const char *topic, const char *payload);
    /* What the gateway gave. */
    MqttEvents events;
    void *user;
} StandInClient;

extern StandInClient stand_in_client;

#endif
