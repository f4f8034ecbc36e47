/* SPDX-License-Identifier: MIT
 *
 * The part of [mqtt] that says how the broker is reached: address, login, TLS. Internal to config.
 */
#ifndef ZONE1D_CONFIG_BROKER_H
#define ZONE1D_CONFIG_BROKER_H

#include "config.h"
#include "config_reader.h"

/* Reads it into CONFIG; faults are noted. */
void config_read_broker(ConfigReader *reader, Config *config);

/* Frees what it holds of that. */
void config_clear_broker(Config *config);

#endif
