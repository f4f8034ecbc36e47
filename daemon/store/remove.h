/* SPDX-License-Identifier: MIT
 *
 * A session deleted from outside the daemon, which may be running.
 */
#ifndef ZONE1D_STORE_REMOVE_H
#define ZONE1D_STORE_REMOVE_H

#include "store/reader.h"

/* Deletes session ID from the database FILE, its content overwritten. False and *error (STORE_ERROR) when there is no
 * such session, when it runs, or when it cannot be done. Any thread. */
bool store_remove(const char *file, const char *id, GError **error);

#endif
