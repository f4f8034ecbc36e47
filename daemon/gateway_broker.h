/* SPDX-License-Identifier: MIT
 *
 * How the configuration says that the broker is reached. Main thread.
 */
#ifndef ZONE1D_GATEWAY_BROKER_H
#define ZONE1D_GATEWAY_BROKER_H

#include "config.h"
#include "mqtt/client.h"

/* Address, login and TLS; the rest is none. Points into CONFIG. */
MqttOptions gateway_broker_options(const Config *config);

/* Where messages wait on disk, freed with g_free; NULL: nowhere. */
char *gateway_spool_path(const Config *config);

#endif
