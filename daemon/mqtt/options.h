/* SPDX-License-Identifier: MIT
 *
 * A client's options as a copy of its own.
 */
#ifndef ZONE1D_MQTT_OPTIONS_H
#define ZONE1D_MQTT_OPTIONS_H

#include "mqtt/client.h"

/* With all its strings. Any thread. */
MqttOptions *mqtt_options_copy(const MqttOptions *options);

/* NULL is fine. */
void mqtt_options_free(MqttOptions *options);

/* The host is a Unix socket's path. */
bool mqtt_options_is_unix(const MqttOptions *options);

/* HOST and port for people, freed with g_free: "broker:1883", "[::1]:8883", "/run/mosquitto.sock". */
char *mqtt_options_place(const MqttOptions *options);

/* What Paho connects to, freed with g_free. ADDRESS is the probe's answer; with TLS the name is needed
 * instead, as Paho checks the certificate for what it connects to. */
char *mqtt_options_uri(const MqttOptions *options, const char *address);

#endif
