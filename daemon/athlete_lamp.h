/* SPDX-License-Identifier: MIT
 *
 * An athlete's lamp (WLED: the zone as a colour, while there is a session) and clock (AWTRIX: the heart rate,
 * while it is live), if the configuration has them. All times are ms on the source's clock. Main thread.
 */
#ifndef ZONE1D_ATHLETE_LAMP_H
#define ZONE1D_ATHLETE_LAMP_H

#include "athlete.h"

typedef struct AthleteLamp AthleteLamp;

/* CONTEXT and CONFIG outlive it. NULL when the athlete has neither. */
AthleteLamp *athlete_lamp_new(const AthleteContext *context, const AthleteConfig *config);
/* Publishes nothing. NULL is fine here and below. */
void athlete_lamp_free(AthleteLamp *lamp);

/* LIVE is what is told at NOW_MS. The lamp hears of a change at once, the clock at most once a second, and
 * of a heart rate that is not live any more at once. */
void athlete_lamp_show(AthleteLamp *lamp, const Live *live, int64_t now_ms);

/* The broker is (back) there: what was said before may be lost. */
void athlete_lamp_announce(AthleteLamp *lamp);

/* The gateway ends: nothing is left standing. */
void athlete_lamp_end(AthleteLamp *lamp);

#endif
