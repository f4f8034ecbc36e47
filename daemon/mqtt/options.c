/* SPDX-License-Identifier: MIT */
#include "mqtt/options.h"

#include "mqtt/link.h"

#include <string.h>

#define DEFAULT_KEEPALIVE_S 10

MqttOptions *mqtt_options_copy(const MqttOptions *options)
{
    MqttOptions *copy = g_memdup2(options, sizeof *options);
    copy->host = g_strdup(options->host);
    copy->username = g_strdup(options->username);
    copy->password_file = g_strdup(options->password_file);
    copy->client_id = g_strdup(options->client_id);
    copy->status_topic = g_strdup(options->status_topic);
    copy->spool_path = g_strdup(options->spool_path);
    copy->tls.ca_file = g_strdup(options->tls.ca_file);
    copy->tls.certificate_file = g_strdup(options->tls.certificate_file);
    copy->tls.key_file = g_strdup(options->tls.key_file);
    copy->keepalive_s = options->keepalive_s != 0 ? options->keepalive_s : DEFAULT_KEEPALIVE_S;
    return copy;
}

static void free_text(const char *text)
{
    g_free((char *)(guintptr)text);
}

void mqtt_options_free(MqttOptions *options)
{
    if (options == NULL)
        return;
    free_text(options->host);
    free_text(options->username);
    free_text(options->password_file);
    free_text(options->client_id);
    free_text(options->status_topic);
    free_text(options->spool_path);
    free_text(options->tls.ca_file);
    free_text(options->tls.certificate_file);
    free_text(options->tls.key_file);
    g_free(options);
}

bool mqtt_options_is_unix(const MqttOptions *options)
{
    return options->host[0] == '/';
}

char *mqtt_options_place(const MqttOptions *options)
{
    if (mqtt_options_is_unix(options))
        return g_strdup(options->host);
    return g_strdup_printf(strchr(options->host, ':') != NULL ? "[%s]:%u" : "%s:%u", options->host, options->port);
}

char *mqtt_options_uri(const MqttOptions *options, const char *address)
{
    if (mqtt_options_is_unix(options))
        return g_strdup_printf("unix://%s", options->host);
    if (!options->tls.on)
        return g_strdup_printf("tcp://%s:%u", address, options->port);
    char *place = mqtt_options_place(options), *uri = g_strdup_printf("ssl://%s", place);
    g_free(place);
    return uri;
}

const char *mqtt_options_fault(const MqttOptions *options)
{
    if (mqtt_options_is_unix(options) && options->tls.on)
        return "TLS does not go with a Unix socket";
    if (mqtt_options_is_unix(options) && !link_knows_unix_sockets())
        return "the MQTT library installed here (libpaho-mqtt3as) cannot connect to a Unix socket; "
               "give the broker's host name, such as localhost";
    if (options->tls.on && !options->tls.any_name && strchr(options->host, ':') != NULL)
        return "the MQTT library cannot check a certificate for an IPv6 address; give the broker's host name";
    return NULL;
}
