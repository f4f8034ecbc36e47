/* SPDX-License-Identifier: MIT
 *
 * Sessions in the store that never ended, of athletes who are not in the configuration (any more): nobody else would
 * ever end them. Main thread.
 */
#ifndef ZONE1D_ATHLETE_UNKNOWN_H
#define ZONE1D_ATHLETE_UNKNOWN_H

#include "athlete.h"

/* Ends, as of their last valid sample and by the zones and the target that they began with, those that READER knows.
 * Nothing is published. NOW_MS on the source's clock. */
void athlete_unknown_end(const AthleteContext *context, StoreReader *reader, int64_t now_ms);

#endif
