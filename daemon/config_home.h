/* SPDX-License-Identifier: MIT
 *
 * What belongs to the house around the gateway: [home-assistant], and the lamps and clocks of an athlete's
 * section. Internal to config.
 */
#ifndef ZONE1D_CONFIG_HOME_H
#define ZONE1D_CONFIG_HOME_H

#include "config.h"
#include "config_reader.h"

/* The topic at KEY: levels with '/' between them, without blanks, wildcards or a leading '$', 1..128 bytes.
 * A copy of FALLBACK (may be NULL) when there is none; NULL when it is refused. Caller frees. */
char *config_topic(ConfigReader *reader, const char *section, const char *key, const char *fallback);

/* Reads [home-assistant]. */
void config_home_assistant_read(ConfigReader *reader, Config *config);

/* Reads an athlete's lamps and clocks. */
void config_lamps_read(ConfigReader *reader, const char *section, AthleteConfig *ret);

#endif
