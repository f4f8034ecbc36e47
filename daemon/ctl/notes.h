/* SPDX-License-Identifier: MIT
 *
 * What the libraries log while the screen is taken: kept, so that it can be shown in its place.
 */
#ifndef ZONE1D_CTL_NOTES_H
#define ZONE1D_CTL_NOTES_H

#include <glib.h>

/* From now on messages and warnings of GLib's log are kept instead of written. Call once, first. */
void notes_start(void);

/* Copies the newest one ("" before the first) into BUF of SIZE bytes. Any thread. */
void notes_last(char *buf, gsize size);

/* Forgets it. Any thread. */
void notes_forget(void);

#endif
