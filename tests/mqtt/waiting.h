/* SPDX-License-Identifier: MIT
 *
 * Waiting for something to become so while the default main context runs.
 */
#ifndef ZONE1D_TESTS_WAITING_H
#define ZONE1D_TESTS_WAITING_H

#include <glib.h>
#include <stdbool.h>

#define WAIT_MS 60000 /* generous: machines are shared and slow */

typedef bool (*Condition)(gconstpointer subject, guint64 value);

/* Ends the program: the test cannot be made at all. */
void give_up(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* False when CONDITION does not hold within WAIT_MS. */
bool wait_until(Condition condition, gconstpointer subject, guint64 value);

/* Runs the main loop for a moment: only for giving a thing that must not happen its chance. */
void run_for_ms(unsigned ms);

#endif
