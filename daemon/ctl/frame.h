/* SPDX-License-Identifier: MIT
 *
 * A picture made of character cells, and its way to a terminal. Pure but for allocation.
 */
#ifndef ZONE1D_CTL_FRAME_H
#define ZONE1D_CTL_FRAME_H

#include <glib.h>
#include <stdbool.h>

#define FRAME_MAX_ROWS 200
#define FRAME_MAX_COLUMNS 500

typedef enum {
    STYLE_PLAIN,
    STYLE_DIM,
    STYLE_BOLD,
    STYLE_ALARM, /* reversed red: cannot be overlooked, nor without colour */
    STYLE_BELOW, /* the zones' colours, from here on STYLE_BELOW + zone; z5 and above share one */
    STYLE_Z1,
    STYLE_Z2,
    STYLE_Z3,
    STYLE_Z4,
    STYLE_Z5,
    STYLE_COUNT,
} Style;

typedef struct Frame Frame;

/* All blank. Sizes beyond 1..FRAME_MAX_* are brought into it. Free with frame_free. */
Frame *frame_new(int rows, int columns);

/* A copy of its own. */
Frame *frame_copy(const Frame *frame);

/* NULL is fine. */
void frame_free(Frame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Frame, frame_free)

/* The size in cells, as brought into range. */
int frame_rows(const Frame *frame);
/* Likewise. */
int frame_columns(const Frame *frame);

/* Writes TEXT (UTF-8 of any origin) from ROW, COLUMN on; what lies outside is cut off. What is no
 * printable character one cell wide becomes '?', so that no text can steer the terminal.
 * Returns the column behind it. */
int frame_put(Frame *frame, int row, int column, Style style, const char *text);

/* The characters alone, each row without its trailing blanks and ended by '\n'. Caller frees. */
char *frame_text(const Frame *frame);

/* The bytes that turn a terminal showing BEFORE into one showing NOW: only rows that differ, all of
 * them when BEFORE is NULL or of another size. "" when nothing differs. Without COLOUR only bold,
 * dim and reverse are used. Caller frees. */
char *frame_ansi(const Frame *now, const Frame *before, bool colour);

#endif
