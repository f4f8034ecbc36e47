/* SPDX-License-Identifier: MIT
 *
 * What is to become of straps that are bound to nobody: keys of [gateway], and the section [guest]. Internal
 * to config.
 */
#ifndef ZONE1D_CONFIG_GUEST_H
#define ZONE1D_CONFIG_GUEST_H

#include "config.h"
#include "config_reader.h"

/* Reads unknown-straps, probe-serials and state-dir. */
void config_unknown_read(ConfigReader *reader, Config *config);

/* Reads [guest], and appends the guests to CONFIG's athletes, of which there is room for CONFIG_MAX_ATHLETES. */
void config_guest_read(ConfigReader *reader, Config *config);

#endif
