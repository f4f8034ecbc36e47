/* SPDX-License-Identifier: MIT
 *
 * The athlete of athlete_fixture.h with a store, which outlives them.
 */
#ifndef ZONE1D_TESTS_KEEPING_FIXTURE_H
#define ZONE1D_TESTS_KEEPING_FIXTURE_H

#include "../gateway/athlete_fixture.h"
#include "store_fixture.h"

#define MINUTE_MS 60000

extern char *kept_in; /* the database's folder */

/* cmocka's; *state is the Fixture, and the daemon has started, in "boot-1". */
int keeping_setup(void **state);
int keeping_teardown(void **state);

/* The daemon as it starts: the store first, then what it knows. */
void keeping_begin(Fixture *fixture, const char *boot, bool trusted);

/* It is gone from one moment to the next; only what was handed over is written. */
void keeping_crash(Fixture *fixture);

/* The session's end, by command. */
void keeping_stop(Fixture *fixture);

/* All that was handed over is written. */
void keeping_flush(Fixture *fixture);

/* The session ID as it is stored; caller frees. NULL: there is none. */
StoreRecord *keeping_stored(Fixture *fixture, const char *id);

#endif
