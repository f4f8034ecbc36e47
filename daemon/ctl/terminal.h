/* SPDX-License-Identifier: MIT
 *
 * The terminal as a full screen: entered, drawn on, and left as it was found. Main thread.
 */
#ifndef ZONE1D_CTL_TERMINAL_H
#define ZONE1D_CTL_TERMINAL_H

#include "ctl/frame.h"

typedef struct Terminal Terminal;

/* Whether FD is a terminal that can be drawn on (not TERM=dumb, nor none). */
bool terminal_fits(int fd);

/* The alternate screen of OUT_FD, cursor hidden; keys of IN_FD come at once and unechoed when that is
 * a terminal too. OUT_FD must fit. */
Terminal *terminal_open(int in_fd, int out_fd);

/* Shows FRAME: only what differs from the one shown before. False when the terminal is gone. */
bool terminal_show(Terminal *terminal, const Frame *frame);

/* A blank frame of the terminal's present size. Caller frees. */
Frame *terminal_frame(const Terminal *terminal);

/* Forgets what is shown, so that the next frame is drawn whole (after a resize). */
void terminal_forget(Terminal *terminal);

/* Gives the terminal back as it was; frees. NULL is fine. */
void terminal_close(Terminal *terminal);

#endif
