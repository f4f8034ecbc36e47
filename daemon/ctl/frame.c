/* SPDX-License-Identifier: MIT */
#include "ctl/frame.h"

#include <string.h>

typedef struct {
    char text[7]; /* one UTF-8 character; empty is a blank */
    guint8 style;
} Cell;

struct Frame {
    int rows, columns;
    Cell cells[];
};

/* ECMA-48 SGR parameters: with colour, and without. */
static const char *const sgr[STYLE_COUNT][2] = {
    [STYLE_PLAIN] = {"0", "0"},         [STYLE_DIM] = {"0;2", "0;2"},
    [STYLE_BOLD] = {"0;1", "0;1"},      [STYLE_ALARM] = {"0;1;37;41", "0;1;7"},
    [STYLE_BELOW] = {"0;1;36", "0"},    [STYLE_Z1] = {"0;1;32", "0;1"},
    [STYLE_Z2] = {"0;1;33", "0;1"},     [STYLE_Z3] = {"0;1;38;5;208", "0;1"},
    [STYLE_Z4] = {"0;1;31", "0;1"},     [STYLE_Z5] = {"0;1;35", "0;1"},
};

static gsize frame_bytes(int rows, int columns)
{
    return sizeof(Frame) + (gsize)rows * (gsize)columns * sizeof(Cell);
}

Frame *frame_new(int rows, int columns)
{
    rows = CLAMP(rows, 1, FRAME_MAX_ROWS);
    columns = CLAMP(columns, 1, FRAME_MAX_COLUMNS);
    Frame *frame = g_malloc0(frame_bytes(rows, columns));
    frame->rows = rows;
    frame->columns = columns;
    return frame;
}

Frame *frame_copy(const Frame *frame)
{
    return g_memdup2(frame, frame_bytes(frame->rows, frame->columns));
}

void frame_free(Frame *frame)
{
    g_free(frame);
}

int frame_rows(const Frame *frame)
{
    return frame->rows;
}

int frame_columns(const Frame *frame)
{
    return frame->columns;
}

/* The character at *text as it may be shown; moves *text behind it. */
static gunichar next_character(const char **text)
{
    gunichar c = g_utf8_get_char_validated(*text, -1);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        (*text)++;
        return '?';
    }
    *text = g_utf8_next_char(*text);
    if (!g_unichar_isprint(c) || g_unichar_iswide(c) || g_unichar_iszerowidth(c))
        return '?';
    return c;
}

int frame_put(Frame *frame, int row, int column, Style style, const char *text)
{
    while (*text != '\0') {
        gunichar c = next_character(&text);
        if (row >= 0 && row < frame->rows && column >= 0 && column < frame->columns) {
            Cell *cell = &frame->cells[row * frame->columns + column];
            memset(cell, 0, sizeof *cell);
            g_unichar_to_utf8(c, cell->text);
            cell->style = (guint8)style;
        }
        column++;
    }
    return column;
}

/* How many cells of a row must be written: the rest is blank and plain. */
static int used_columns(const Frame *frame, int row)
{
    const Cell *cells = &frame->cells[row * frame->columns];
    int used = frame->columns;
    while (used > 0 && (cells[used - 1].text[0] == '\0' || cells[used - 1].text[0] == ' ') &&
           cells[used - 1].style != STYLE_ALARM)
        used--;
    return used;
}

static const char *cell_text(const Cell *cell)
{
    return cell->text[0] == '\0' ? " " : cell->text;
}

char *frame_text(const Frame *frame)
{
    GString *out = g_string_new(NULL);
    for (int row = 0; row < frame->rows; row++) {
        int used = used_columns(frame, row);
        for (int column = 0; column < used; column++)
            g_string_append(out, cell_text(&frame->cells[row * frame->columns + column]));
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

static void append_row(GString *out, const Frame *frame, int row, bool colour)
{
    int style = STYLE_PLAIN, used = used_columns(frame, row);
    g_string_append_printf(out, "\033[%d;1H\033[0m", row + 1);
    for (int column = 0; column < used; column++) {
        const Cell *cell = &frame->cells[row * frame->columns + column];
        if (cell->style != style) {
            style = cell->style;
            g_string_append_printf(out, "\033[%sm", sgr[style][colour ? 0 : 1]);
        }
        g_string_append(out, cell_text(cell));
    }
    g_string_append(out, "\033[0m");
    if (used < frame->columns)
        g_string_append(out, "\033[K");
}

char *frame_ansi(const Frame *now, const Frame *before, bool colour)
{
    GString *out = g_string_new(NULL);
    bool same_size = before != NULL && before->rows == now->rows && before->columns == now->columns;
    gsize row_bytes = (gsize)now->columns * sizeof(Cell);
    for (int row = 0; row < now->rows; row++) {
        int at = row * now->columns;
        if (!same_size || memcmp(&now->cells[at], &before->cells[at], row_bytes) != 0)
            append_row(out, now, row, colour);
    }
    return g_string_free(out, FALSE);
}
