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

/* Where messages wait on disk: below the folder that systemd gives (the first, if there are several), freed
 * with g_free. NULL: it gave none. */
char *gateway_spool_path(void);

#endif
