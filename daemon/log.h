/* SPDX-License-Identifier: MIT
 *
 * Logging goes through GLib (g_debug, g_info, g_message, g_warning): to the journal with fields when
 * stderr is the journal's, else as lines to stderr. Levels: warning = somebody must act; message =
 * worth a line in normal work; info = more of it; debug = everything, the only level at which a
 * heart rate, a name or an address may appear. Never g_error or g_critical for input of any kind.
 */
#ifndef ZONE1D_LOG_H
#define ZONE1D_LOG_H

#include <stdbool.h>

/* VERBOSITY 0: messages and warnings; 1: info too; 2: debug too. Call once, first. */
void log_init(int verbosity);

#endif
