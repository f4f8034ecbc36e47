/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stand_in_client.h"

StandInClient stand_in_client;

MqttClient *__wrap_mqtt_client_new(const MqttOptions *options, const MqttEvents *events, void *user);
void __wrap_mqtt_client_free(MqttClient *client, unsigned timeout_ms);
void __wrap_mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                                bool retain, unsigned expiry_s);
bool __wrap_mqtt_client_take_back(MqttClient *client, const char *topic);
void __wrap_mqtt_client_answer(MqttClient *client, const MqttIncoming *request, const char *topic, const char *payload);
void __wrap_mqtt_client_subscribe(MqttClient *client, const char *filter, int qos);
void __wrap_mqtt_client_subscribe_new(MqttClient *client, const char *filter, int qos);
void __wrap_mqtt_client_unsubscribe(MqttClient *client, const char *filter);
bool __wrap_mqtt_client_connected(const MqttClient *client);

MqttClient *__wrap_mqtt_client_new(const MqttOptions *options, const MqttEvents *events, void *user)
{
    /* The second connection, to look for what was left behind, gets no answer here. */
    if (options->quiet)
        return NULL;
    stand_in_client.events = *events;
    stand_in_client.user = user;
    return NULL;
}

void __wrap_mqtt_client_free(MqttClient *client, unsigned timeout_ms) { (void)client, (void)timeout_ms; }

void __wrap_mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                                bool retain, unsigned expiry_s)
{
    (void)client, (void)kind, (void)expiry_s;
    if (stand_in_client.publish != NULL)
        stand_in_client.publish(topic, payload, qos, retain);
}

bool __wrap_mqtt_client_take_back(MqttClient *client, const char *topic)
{
    (void)client, (void)topic;
    return false;
}

void __wrap_mqtt_client_answer(MqttClient *client, const MqttIncoming *request, const char *topic, const char *payload)
{
    (void)client, (void)request;
    if (stand_in_client.answer == NULL)
        fail_msg("nobody asked: %s %s", topic, payload);
    else
        stand_in_client.answer(topic, payload);
}

void __wrap_mqtt_client_subscribe(MqttClient *client, const char *filter, int qos)
{
    (void)client, (void)filter, (void)qos;
}

void __wrap_mqtt_client_subscribe_new(MqttClient *client, const char *filter, int qos)
{
    (void)client, (void)filter, (void)qos;
}

void __wrap_mqtt_client_unsubscribe(MqttClient *client, const char *filter) { (void)client, (void)filter; }

bool __wrap_mqtt_client_connected(const MqttClient *client)
{
    (void)client;
    return true;
}
