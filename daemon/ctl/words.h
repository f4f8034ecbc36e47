/* SPDX-License-Identifier: MIT
 *
 * Numbers and states as people read them.
 */
#ifndef ZONE1D_CTL_WORDS_H
#define ZONE1D_CTL_WORDS_H

#include "core/session.h"

#include <glib.h>

#define WORDS_DURATION 16
#define WORDS_PERCENT 16

/* "4:07", "1:02:07". Writes into BUF, returns it. */
const char *words_duration(int seconds, char buf[static WORDS_DURATION]);

/* "95.4 %" with a dot in any locale; "- %" for NAN. Writes into BUF, returns it. */
const char *words_percent(double percent, char buf[static WORDS_PERCENT]);

/* "in target", "above target", ... Static storage. */
const char *words_status(TargetStatus status);

#endif
