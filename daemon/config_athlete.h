/* SPDX-License-Identifier: MIT
 *
 * One [athlete NAME] section. Internal to config.
 */
#ifndef ZONE1D_CONFIG_ATHLETE_H
#define ZONE1D_CONFIG_ATHLETE_H

#include "config.h"
#include "config_reader.h"

/* Reads SECTION (an athlete's) into *ret, which is zeroed memory; what is wrong is noted in READER,
 * and *ret is incomplete then. Free with config_athlete_clear either way. */
void config_athlete_read(ConfigReader *reader, const char *section, AthleteConfig *ret);

/* Frees what *athlete holds, not *athlete. */
void config_athlete_clear(AthleteConfig *athlete);

/* The same address, or the same name. */
bool config_same_strap(const ConfigStrap *one, const ConfigStrap *other);

#endif
