/* SPDX-License-Identifier: MIT */
#include "ctl/place.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_HOST "localhost"
#define DEFAULT_PORT 1883
#define DEFAULT_TLS_PORT 8883
#define DEFAULT_PREFIX "zone1d"
#define NOT_GIVEN (-1)

void place_add_options(GOptionContext *context, Place *place)
{
    const GOptionEntry entries[] = {
        {"host", 'h', 0, G_OPTION_ARG_STRING, &place->host, "The broker (localhost)", "HOST"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &place->port, "Its port (1883, with TLS 8883)", "PORT"},
        {"tls", 0, 0, G_OPTION_ARG_NONE, &place->tls, "Encrypted", NULL},
        {"ca-file", 0, 0, G_OPTION_ARG_FILENAME, &place->ca_file, "Whose certificates are trusted", "FILE"},
        {"certificate-file", 0, 0, G_OPTION_ARG_FILENAME, &place->certificate_file, "Our own, if it wants one", "FILE"},
        {"key-file", 0, 0, G_OPTION_ARG_FILENAME, &place->key_file, "Its key", "FILE"},
        {"prefix", 0, 0, G_OPTION_ARG_STRING, &place->prefix, "What all topics begin with (zone1d)", "PREFIX"},
        {"username", 'u', 0, G_OPTION_ARG_STRING, &place->username, "For the broker", "NAME"},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &place->password_file, "With nothing but the password", "FILE"},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &place->config_path,
         "Without --host: zone1d's configuration (" PLACE_DEFAULT_CONFIG ", if it is there)", "FILE"},
        {"gateway", 'g', 0, G_OPTION_ARG_STRING, &place->gateway, "Which gateway, where there are several", "ID"},
        G_OPTION_ENTRY_NULL};
    place->port = NOT_GIVEN;
    g_option_context_add_main_entries(context, entries, NULL);
}

static bool load_config(Place *place, GError **error)
{
    const char *path = place->config_path != NULL ? place->config_path : PLACE_DEFAULT_CONFIG;
    if (place->host != NULL || (place->config_path == NULL && access(path, R_OK) != 0))
        return true;
    place->config = config_load(path, error);
    return place->config != NULL;
}

static const char *first(const char *option, const char *configured, const char *fallback)
{
    return option != NULL ? option : configured != NULL ? configured : fallback;
}

static MqttTls tls_of(const Place *place)
{
    const Config *config = place->config;
    bool given = place->tls || place->ca_file != NULL || place->certificate_file != NULL;
    if (given || config == NULL)
        return (MqttTls){.on = given,
                         .ca_file = place->ca_file,
                         .certificate_file = place->certificate_file,
                         .key_file = place->key_file};
    return (MqttTls){.on = config->mqtt_tls.on,
                     .ca_file = config->mqtt_tls.ca_file,
                     .certificate_file = config->mqtt_tls.certificate_file,
                     .key_file = config->mqtt_tls.key_file,
                     .any_name = config->mqtt_tls.any_name};
}

bool place_resolve(Place *place, GError **error)
{
    if (place->port != NOT_GIVEN && (place->port < 1 || place->port > 65535)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--port %d: must be 1 to 65535", place->port);
        return false;
    }
    if (!load_config(place, error))
        return false;
    const Config *config = place->config;
    place->mqtt.tls = tls_of(place);
    unsigned port = config != NULL ? config->mqtt_port : place->mqtt.tls.on ? DEFAULT_TLS_PORT : DEFAULT_PORT;
    place->mqtt.host = first(place->host, config != NULL ? config->mqtt_host : NULL, DEFAULT_HOST);
    place->mqtt.port = place->port != NOT_GIVEN ? (unsigned)place->port : port;
    place->mqtt.username = first(place->username, config != NULL ? config->mqtt_username : NULL, NULL);
    place->mqtt.password_file = first(place->password_file, config != NULL ? config->mqtt_password_file : NULL, NULL);
    place->topics = first(place->prefix, config != NULL ? config->mqtt_prefix : NULL, DEFAULT_PREFIX);
    place->gateway_id = first(place->gateway, config != NULL ? config->gateway_id : NULL, NULL);
    return true;
}

void place_clear(Place *place)
{
    char *const texts[] = {place->host,          place->prefix,      place->username,
                           place->password_file, place->config_path, place->gateway,
                           place->ca_file,       place->certificate_file, place->key_file};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    config_free(place->config);
    *place = (Place){0};
}
