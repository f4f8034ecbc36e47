/* SPDX-License-Identifier: MIT
 *
 * When the athlete should run easy next: athlete/<a>/advice, from the stored sessions (core/advice_history). Without a
 * store nothing is said. Main thread; times are ms on the source's clock.
 */
#ifndef ZONE1D_ATHLETE_ADVICE_H
#define ZONE1D_ATHLETE_ADVICE_H

#include "athlete.h"

typedef struct AthleteAdvice AthleteAdvice;

/* CONTEXT and CONFIG outlive it. */
AthleteAdvice *athlete_advice_new(const AthleteContext *context, const AthleteConfig *config);
void athlete_advice_free(AthleteAdvice *advice); /* NULL is fine */

/* Takes what READER knows of the last days, in the place of what was known. */
void athlete_advice_load(AthleteAdvice *advice, StoreReader *reader);

/* A session of ID has ended, or is told anew; nothing is published yet. STARTED_US is its label, HERE: this boot's. */
void athlete_advice_add(AthleteAdvice *advice, const Summary *summary, const char *id, gint64 started_us, bool here);

/* Publishes what has changed. */
void athlete_advice_say(AthleteAdvice *advice, int64_t now_ms);

/* This boot's wall clock was off by DELTA_US. */
void athlete_advice_correct(AthleteAdvice *advice, gint64 delta_us, int64_t now_ms);

/* The sessions of NEWS were never run; nothing is published yet. */
void athlete_advice_remove(AthleteAdvice *advice, const StoreNews *news);

/* Nothing was ever run; the topic is cleared. */
void athlete_advice_forget(AthleteAdvice *advice);

/* The topic is cleared, and nothing forgotten: it is not shared any more. */
void athlete_advice_withdraw(AthleteAdvice *advice);

/* Publishes it: again, and when time has changed it. */
void athlete_advice_announce(AthleteAdvice *advice, int64_t now_ms);
void athlete_advice_advance(AthleteAdvice *advice, int64_t now_ms);

/* When athlete_advice_advance is next due; SOURCE_NEVER if never. */
int64_t athlete_advice_deadline_ms(const AthleteAdvice *advice);

#endif
