/* SPDX-License-Identifier: MIT
 *
 * Which sections and keys there are, and what was meant by a wrong one. Internal to config.
 */
#ifndef ZONE1D_CONFIG_NAMES_H
#define ZONE1D_CONFIG_NAMES_H

#include "config_reader.h"

#define CONFIG_GATEWAY "gateway"
#define CONFIG_MQTT "mqtt"
#define CONFIG_VERDICT "verdict"
#define CONFIG_GUEST "guest"
#define CONFIG_STORE "store"
#define CONFIG_ADVICE "advice"
#define CONFIG_HOME_ASSISTANT "home-assistant"
#define CONFIG_ATHLETE "athlete" /* [athlete NAME] */

/* The NAME in SECTION, or NULL when it is no section of an athlete. Points into SECTION. */
const char *config_athlete_name(const char *section);

/* Notes a fault for every section and key that nothing has used. */
void config_check_leftovers(ConfigReader *reader);

/* How many single-letter changes, insertions, removals or swaps of neighbours make A of B, in any
 * case, '_' like '-'; anything over 3 (or over 32 bytes) is 4. */
unsigned config_distance(const char *a, const char *b);

#endif
