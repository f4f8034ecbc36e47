/* SPDX-License-Identifier: MIT
 *
 * A timer of the main loop that is set anew with each sample. Setting it is an assignment: a GLib timeout is a new
 * source each time. Main thread.
 */
#ifndef ZONE1D_BLUEZ_WAKEUP_H
#define ZONE1D_BLUEZ_WAKEUP_H

#include <glib.h>
#include <stdint.h>

/* It calls FN once after the time set; none is set yet. In the default main context. */
GSource *wakeup_new(void (*fn)(void *user), void *user);

/* Never called again; *wakeup becomes NULL, and may have been. */
void wakeup_destroy(GSource **wakeup);

/* Calls at AT_MS of bluez_now_ms, at once if that is past; INT64_MAX: not at all. Replaces the time set before. */
void wakeup_set(GSource *wakeup, int64_t at_ms);

/* The same, unless it calls before that anyway. */
void wakeup_sooner(GSource *wakeup, int64_t at_ms);

#endif
