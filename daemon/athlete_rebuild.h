/* SPDX-License-Identifier: MIT
 *
 * A session judged anew from its stored samples, or found again.
 */
#ifndef ZONE1D_ATHLETE_REBUILD_H
#define ZONE1D_ATHLETE_REBUILD_H

#include "core/curve.h"
#include "core/session.h"
#include "store/reader.h"

/* Judges TRACK by CONFIG as a session that ended with its last valid sample. False when it was too short to be one.
 * Any thread. */
bool athlete_rebuild(const StoreTrack *track, const SessionConfig *config, Summary *ret);

/* STATE, a session that was saved at SAVED_MS of its clock, with what TRACK has of it since then, as it would be saved
 * after that; *ret_later_ms is how much later that is than SAVED_MS. NULL: it cannot be restored, or does not
 * run on to there. Caller unrefs. Any thread. */
GBytes *athlete_rebuild_state(GBytes *state, const StoreTrack *track, int64_t saved_ms, int64_t *ret_later_ms);

/* The curve of TRACK, whose session began at START_MS. Any thread. */
void athlete_rebuild_curve(const StoreTrack *track, int64_t start_ms, Curve *ret);

/* The curve that JSON, a session/last, tells, of a session that began at START_MS. Its bytes may be anything. */
void athlete_recall_curve(const char *json, int64_t start_ms, Curve *ret);

#endif
