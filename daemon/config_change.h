/* SPDX-License-Identifier: MIT
 *
 * A configuration that is read anew while another one is in force: what of it may take its place, and who of the
 * athletes stays (docs/config.md, "While it runs"). Pure but for allocation; main thread.
 */
#ifndef ZONE1D_CONFIG_CHANGE_H
#define ZONE1D_CONFIG_CHANGE_H

#include "config.h"

/* Neither configuration is the change's. */
typedef struct {
    const Config *before, *now;
    int from[CONFIG_MAX_ATHLETES]; /* of each athlete of NOW: the same one's index in BEFORE; -1: not there */
} ConfigChange;

/* Athletes are the same by their id; a guest stays a guest. */
void config_change_find(ConfigChange *ret, const Config *before, const Config *now);

/* Is athlete INDEX of BEFORE still there? */
bool config_change_keeps(const ConfigChange *change, unsigned index);

/* Gives FRESH what RUNNING has of that which only a start can change. Returns which of it differed, as
 * "[mqtt] host, port; [gateway] name"; NULL: nothing. Caller frees. */
char *config_keep_fixed(Config *fresh, const Config *running);

/* Whether a session of one is judged like one of the other: zones, target and speed cap; the first two of them;
 * and the rules of the verdict. */
bool config_same_zones(const ZoneTable *one, const ZoneTable *other);
bool config_same_target(const AthleteConfig *one, const AthleteConfig *other);
bool config_same_rules(const VerdictRules *one, const VerdictRules *other);

/* Whether all that is read of an athlete is the same. */
bool config_same_athlete(const AthleteConfig *one, const AthleteConfig *other);

#endif
