/* SPDX-License-Identifier: MIT
 *
 * An athlete's key strap. Internal to config.
 */
#ifndef ZONE1D_CONFIG_STRAP_H
#define ZONE1D_CONFIG_STRAP_H

#include "config.h"
#include "config_reader.h"

/* Reads the straps of SECTION into *ret; what is wrong is noted in READER. */
void config_strap_read(ConfigReader *reader, const char *section, AthleteConfig *ret);

/* Frees what *strap holds, not *strap. */
void config_strap_clear(ConfigStrap *strap);

/* The same address, the same name, or the same serial number. */
bool config_same_strap(const ConfigStrap *one, const ConfigStrap *other);

#endif
