/* SPDX-License-Identifier: MIT
 *
 * When each athlete needs attention next, so that a sample of one costs nothing for the others: with a hundred straps
 * they would be asked a hundred times for each sample. Main thread.
 */
#ifndef ZONE1D_GATEWAY_DEADLINES_H
#define ZONE1D_GATEWAY_DEADLINES_H

#include "athlete.h"

typedef struct GatewayDeadlines GatewayDeadlines;

/* Of COUNT ATHLETES, which outlive it. All are due at once. */
GatewayDeadlines *gateway_deadlines_new(Athlete *const *athletes, unsigned count);
void gateway_deadlines_free(GatewayDeadlines *deadlines); /* NULL is fine */

/* Athlete number INDEX was told something: it is asked again. */
void gateway_deadlines_note(GatewayDeadlines *deadlines, unsigned index);
/* Any may have been told something: all are asked. */
void gateway_deadlines_note_all(GatewayDeadlines *deadlines);

/* The first number from FROM on whose athlete is due by NOW_MS; the number of athletes: none. */
unsigned gateway_deadlines_due(const GatewayDeadlines *deadlines, unsigned from, int64_t now_ms);

/* The earliest; SOURCE_NEVER: none. */
int64_t gateway_deadlines_next_ms(const GatewayDeadlines *deadlines);

#endif
