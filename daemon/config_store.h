/* SPDX-License-Identifier: MIT
 *
 * The sections [store] and [advice]. Internal to config.
 */
#ifndef ZONE1D_CONFIG_STORE_H
#define ZONE1D_CONFIG_STORE_H

#include "config.h"
#include "config_reader.h"

/* Reads both into CONFIG; what is wrong is noted in READER. */
void config_store_read(ConfigReader *reader, Config *config);

#endif
