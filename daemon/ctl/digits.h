/* SPDX-License-Identifier: MIT
 *
 * Big digits out of block characters.
 */
#ifndef ZONE1D_CTL_DIGITS_H
#define ZONE1D_CTL_DIGITS_H

#include "ctl/frame.h"

#define DIGITS_ROWS 5    /* at scale 1 */
#define DIGITS_COLUMNS 8 /* of one digit with the gap behind it, at scale 1 */

/* Draws NUMBER (0..999, right-aligned in the room of three digits) SCALE (1..4) times as large. */
void digits_draw(Frame *frame, int row, int column, int scale, Style style, int number);

#endif
