/* SPDX-License-Identifier: MIT
 *
 * A session fed in virtual time: hours in milliseconds.
 */
#ifndef ZONE1D_TESTS_SESSION_FIXTURE_H
#define ZONE1D_TESTS_SESSION_FIXTURE_H

#include "core/session.h"

typedef struct {
    Session session;
    int64_t now_ms;
    Contact contact; /* of the samples to come */
    unsigned events; /* all since the last fixture_take_events */
} Fixture;

/* Athlete max 185, rest 55 (hrr: cap 132), man; the clock starts at a value that is not 0. */
void fixture_init(Fixture *fixture, const char *target, bool auto_start);

/* SECONDS samples of BPM, one a second, the first one now; time then stands at the next one's. */
void fixture_run(Fixture *fixture, int seconds, int bpm);

/* SECONDS without a sample. */
void fixture_wait(Fixture *fixture, double seconds);

bool fixture_command(Fixture *fixture, SessionCommand command);
void fixture_link(Fixture *fixture, bool up);
Live fixture_live(const Fixture *fixture);
Summary fixture_summary(const Fixture *fixture);
unsigned fixture_take_events(Fixture *fixture);

#endif
