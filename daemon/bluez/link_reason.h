/* SPDX-License-Identifier: MIT
 *
 * Why a strap was lost or not reached, in words: core/link's reason, and behind it BlueZ's own when there
 * was one. What comes from the bus is let through as known words only. Pure; any thread.
 */
#ifndef ZONE1D_BLUEZ_LINK_REASON_H
#define ZONE1D_BLUEZ_LINK_REASON_H

#include "core/link.h"

#include <stddef.h>

#define LINK_REASON_MAX 160

/* The words for a reason of Device1.Disconnected (BlueZ 5.82 and later); NULL for "unknown" and for what is
 * not known here. Static storage. */
const char *link_reason_of_disconnect(const char *reason);

/* What an error of BlueZ's says, to RET of SIZE bytes: its text when it is a plain one without an address
 * ("le-connection-abort-by-local"), else the last part of its name. */
void link_reason_of_error(const char *error, const char *text, char *ret, size_t size);

/* "it disconnected (the strap closed the connection)"; DETAIL may be "". */
void link_reason_words(LinkWhy why, const char *detail, char *ret, size_t size);

#endif
