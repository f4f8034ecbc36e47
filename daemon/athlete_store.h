/* SPDX-License-Identifier: MIT
 *
 * What one athlete hands over to the store: their session's samples as they come, its state once a minute and after
 * what is no sample, and its end. Without a store (context->store is NULL) everything here does nothing. Main thread;
 * times are ms on the source's clock.
 */
#ifndef ZONE1D_ATHLETE_STORE_H
#define ZONE1D_ATHLETE_STORE_H

#include "athlete.h"
#include "core/curve.h"
#include "core/session_state.h"
#include "store/reader.h"
#include "store/store.h"

typedef struct AthleteStore AthleteStore;

/* CONTEXT and CONFIG outlive it. */
AthleteStore *athlete_store_new(const AthleteContext *context, const AthleteConfig *config);
void athlete_store_free(AthleteStore *keeper); /* NULL is fine */

/* BASE made an id that no stored session has. Caller frees. */
char *athlete_store_id(AthleteStore *keeper, const char *base);

/* SESSION has started, at STARTED_US of wall time. */
void athlete_store_begin(AthleteStore *keeper, const Session *session, const char *id, gint64 started_us);

/* SESSION has taken SAMPLE. */
void athlete_store_sample(AthleteStore *keeper, const Session *session, const Sample *sample);

/* SESSION was paused or goes on, now. */
void athlete_store_mark(AthleteStore *keeper, const Session *session, SessionCommand command);

/* SESSION, which may run, has another target. */
void athlete_store_target(AthleteStore *keeper, const Session *session);

/* The session has ended, or is told anew (RPE): SUMMARY, and JSON as it is published. */
void athlete_store_finish(AthleteStore *keeper, const Summary *summary, const char *json);

/* It was too short to be one. */
void athlete_store_drop(AthleteStore *keeper);

/* SESSION was told what is no sample and of which nothing is stored: a link, a speed, an RPE. */
void athlete_store_touch(AthleteStore *keeper);

/* Hands over what is new, and now and then the state, when due; athlete_store_save both at once. */
void athlete_store_advance(AthleteStore *keeper, const Session *session, int64_t now_ms);
void athlete_store_save(AthleteStore *keeper, const Session *session, int64_t now_ms);

/* When athlete_store_advance is next due; SOURCE_NEVER without a running session. */
int64_t athlete_store_deadline_ms(const AthleteStore *keeper);

/* The wall clock was off by DELTA_US; returns the start of the session as it is labelled now. */
gint64 athlete_store_correct(AthleteStore *keeper, gint64 delta_us);

/* What the athlete finds again at the start of the daemon. */
typedef struct {
    bool running;      /* SESSION is what it was; the break is unknown time that has still to pass */
    char *id;          /* of the running or else the finished one, NULL: neither; the caller's */
    gint64 started_us; /* likewise */
    bool here;         /* likewise: that label is of this boot's wall clock */
    char *last_json;   /* session/last, or NULL; the caller's */
    char *last_id;     /* likewise */
    gint64 last_us;    /* when that one started */
    bool last_here;    /* that label is of this boot's wall clock */
} AthleteRestored;

/* Restores what READER knows: a session in progress, or else the one that finished last, into SESSION, which is
 * initialised and idle, and into CURVE. One that cannot go on or whose saved state is not to be trusted is ended here,
 * as of its last valid sample. */
void athlete_store_restore(AthleteStore *keeper, StoreReader *reader, Session *session, int64_t now_ms, Curve *curve,
                           AthleteRestored *ret);

/* LAST (taken over) is the session that finished last: recalled into SESSION and CURVE unless one runs (*ret, all zero
 * but running). */
void athlete_store_recall(AthleteStore *keeper, StoreRecord *last, Session *session, Curve *curve,
                          AthleteRestored *ret);

/* Nothing is known of the finished session any more. Not while one runs. */
void athlete_store_clear(AthleteStore *keeper);

/* All that is stored of the athlete goes. Not while a session runs. */
void athlete_store_forget(AthleteStore *keeper);

/* How often a saved state was refused, and why. */
const SessionStateTally *athlete_store_tally(const AthleteStore *keeper);

#endif
