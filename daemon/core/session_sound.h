/* SPDX-License-Identifier: MIT
 *
 * Whether a session that was read back from outside agrees with itself: a checksum only tells that the bytes
 * were not damaged later. What is checked is what the rules of the books (docs/verdict.md) make impossible.
 */
#ifndef ZONE1D_CORE_SESSION_SOUND_H
#define ZONE1D_CORE_SESSION_SOUND_H

#include "core/session.h"

/* Whether TOTALS add up; each time in them 0..2^44 ms, each sum of bpm x ms 0..2^52. Pure, any thread. */
bool totals_sound(const Totals *totals);

/* Whether the books of SESSION, the times in it and its configuration can be those of a session; every value
 * within the range that session_state.c reads it in. Pure, any thread. */
bool session_sound(const Session *session);

#endif
