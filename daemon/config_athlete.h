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

/* The same of all but its name and strap: what a guest has too. */
void config_athlete_read_body(ConfigReader *reader, const char *section, AthleteConfig *ret);

/* Frees what *athlete holds, not *athlete. */
void config_athlete_clear(AthleteConfig *athlete);

#endif
