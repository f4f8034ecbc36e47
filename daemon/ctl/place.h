/* SPDX-License-Identifier: MIT
 *
 * Where the broker and the gateway are that a command of zone1ctl talks to: its options, else the configuration
 * of this machine, else a broker on localhost. Main thread.
 */
#ifndef ZONE1D_CTL_PLACE_H
#define ZONE1D_CTL_PLACE_H

#include "config.h"
#include "mqtt/client.h"

#include <glib.h>

#define PLACE_DEFAULT_CONFIG "/etc/zone1d/zone1d.conf"

typedef struct {
    /* the options */
    char *host, *prefix, *username, *password_file, *config_path, *gateway;
    char *ca_file, *certificate_file, *key_file;
    gboolean tls;
    int port; /* -1: not given */
    /* after place_resolve */
    MqttOptions mqtt;       /* without client id; its texts belong to the place */
    const char *topics;     /* the prefix */
    const char *gateway_id; /* NULL: to be found out */
    Config *config;         /* NULL: none was read */
} Place;

/* Adds the options --host, --port, --tls and its files, --prefix, --username, --password-file, --config and --gateway.
 * PLACE starts out zeroed and outlives CONTEXT. */
void place_add_options(GOptionContext *context, Place *place);

/* After the parsing. False, with *error, when an option is out of range or the configuration cannot be used. */
bool place_resolve(Place *place, GError **error);

/* Frees what PLACE holds; zeroed is fine. */
void place_clear(Place *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

#endif
