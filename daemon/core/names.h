/* SPDX-License-Identifier: MIT
 *
 * The words of the contract for the core's enumerations, both ways.
 * All names are static storage; unknown words leave *ret untouched and return false.
 */
#ifndef ZONE1D_CORE_NAMES_H
#define ZONE1D_CORE_NAMES_H

#include "core/session.h"

const char *zone_model_name(ZoneModel model);     /* auto hrmax hrr lthr threshold3 bpm */
const char *max_formula_name(MaxFormula formula); /* tanaka fox gulati nes */
const char *sex_name(Sex sex);                    /* unknown female male */
const char *signal_name(SignalState signal);      /* none live stale no_contact lost */
const char *status_name(TargetStatus status);     /* none settling below in above unknown */
const char *advice_name(Advice advice);           /* none hold ease_off pick_up */
const char *session_state_name(SessionState state); /* idle active paused finished */
const char *verdict_name(Verdict verdict);        /* inconclusive strict kept slipped overdone */
const char *invalid_reason_name(SampleValidity reason); /* valid no_signal implausible no_contact spike */

/* The other way round. */
bool zone_model_parse(const char *word, ZoneModel *ret);
bool max_formula_parse(const char *word, MaxFormula *ret);
bool sex_parse(const char *word, Sex *ret); /* also m, f, man, woman */

/* "recovery", "easy", "z1".."z8", "z5a".."z5c", "cap:BPM" (80..200 bpm). Whether the athlete has such a zone,
 * target_bounds tells. */
bool target_parse(const char *word, Target *ret);

/* Writes the target's word; SIZE 16 is always enough. Returns buf. */
const char *target_name(const Target *target, char *buf, size_t size);

#endif
