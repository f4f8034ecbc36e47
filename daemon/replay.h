/* SPDX-License-Identifier: MIT
 *
 * A recording as a source of samples, in real or faster time.
 *
 * Samples and timers are one row of events in the recording's own (virtual) time; a timer due at the
 * same ms as a sample comes after it. Real time only says when they come, never in which order: the
 * callbacks and all times in them are the same at any speed. Thread of the default main context.
 */
#ifndef ZONE1D_REPLAY_H
#define ZONE1D_REPLAY_H

#include "recording.h"
#include "source.h"

/* Replays RECORDING (taken over, freed with the source) as athlete ATHLETE at SPEED times real time
 * (above 0; G_MAXDOUBLE or above: as fast as the main loop goes). EVENTS outlives the source.
 *
 * Order: link up, begin, the first sample, all others and the timers between, end, link down. The
 * clock starts at the first sample's time, without a wait for it, and stands still after the last
 * one: a timer due at or after it never comes. Wall time is the real one at the start plus the
 * virtual time since. Between events source_now_ms goes on with real time x speed, but never
 * beyond the next event.
 *
 * Works for a few ms at a time, and after everything else that the main loop has to do, so that
 * signals and the broker are served at any speed. When the machine is too slow for the speed, it is
 * replayed as fast as it goes. */
Source *replay_source_new(Recording *recording, unsigned athlete, double speed, const SourceEvents *events, void *user);

/* How far it is, 0..1 of the recording's time; 1 exactly when the end has been told. */
double replay_source_progress(const Source *source);

#endif
