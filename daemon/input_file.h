/* SPDX-License-Identifier: MIT
 *
 * A file from outside, read whole with a limit: configuration and recordings.
 */
#ifndef ZONE1D_INPUT_FILE_H
#define ZONE1D_INPUT_FILE_H

#include <glib.h>

/* The content of PATH, *ret_len bytes of anything and a NUL behind them; caller frees. NULL and
 * *error (G_FILE_ERROR, "PATH: reason") when it is a directory, cannot be read, or is larger than
 * MAX_BYTES; *ret_len is untouched then. A pipe is read to its end. Any thread. */
char *input_file_read(const char *path, gsize max_bytes, gsize *ret_len, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
