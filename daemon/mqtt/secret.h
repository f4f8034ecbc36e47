/* SPDX-License-Identifier: MIT
 *
 * A password from a file, read anew at every connection, so that it can be changed without a restart. A credential of
 * systemd's is a copy of when the service started.
 */
#ifndef ZONE1D_MQTT_SECRET_H
#define ZONE1D_MQTT_SECRET_H

#include <glib.h>

/* The content of the regular file PATH without one line end at its end. NULL and *error
 * (G_FILE_ERROR, "PATH: reason"): unreadable, empty, over MAX_BYTES, with a NUL, or not UTF-8. Free
 * with secret_free. Any thread; does not block on a pipe. */
char *secret_read(const char *path, gsize max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Wipes it first. NULL is fine. */
void secret_free(char *secret);

#endif
