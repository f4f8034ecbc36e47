/* SPDX-License-Identifier: MIT
 *
 * What is told of an athlete on athlete/<a>/event, and when: the beginning and the end of a session, leaving
 * the target and coming back, the signal lost and restored in a session, a battery that gets low. Each once;
 * while the rate stays above the target, again after a minute and every minute then.
 * All times are ms on the source's clock. Main thread.
 */
#ifndef ZONE1D_ATHLETE_EVENTS_H
#define ZONE1D_ATHLETE_EVENTS_H

#include "athlete.h"

#define EVENTS_BATTERY_LOW_PERCENT 15
#define EVENTS_BATTERY_FINE_PERCENT 25 /* from here on a low one is told again */
#define EVENTS_AGAIN_MS 60000          /* still above: told again after this */

typedef struct AthleteEvents AthleteEvents;

/* CONTEXT and CONFIG outlive it. */
AthleteEvents *athlete_events_new(const AthleteContext *context, const AthleteConfig *config);
void athlete_events_free(AthleteEvents *events); /* NULL is fine */

/* Where the session stands. LIFE: the session's SESSION_EV_ bits of this step. SESSION_ID: NULL for none. ABOVE_MS:
 * how long the rate has been above the cap without a break, where the status says so. SUMMARY: the session that
 * finished last; of use with SESSION_EV_FINISHED only. WALL_US belongs to NOW_MS. */
typedef struct {
    unsigned life;
    const Live *live;
    const char *session_id;
    int64_t above_ms;
    const Summary *summary;
    int64_t now_ms;
    gint64 wall_us;
} AthleteMoment;

/* Tells what has happened since the last call. */
void athlete_events_note(AthleteEvents *events, const AthleteMoment *moment);

/* The strap's battery has PERCENT left; -1: not known. */
void athlete_events_battery(AthleteEvents *events, int percent, gint64 wall_us);

/* When athlete_events_note is next needed if nothing else happens; SOURCE_NEVER if never. */
int64_t athlete_events_deadline_ms(const AthleteEvents *events);

#endif
