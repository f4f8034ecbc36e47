/* SPDX-License-Identifier: MIT */
#include "ctl/digits.h"

/* Five rows of three dots, the leftmost dot in the highest bit. */
static const guint8 shapes[10][DIGITS_ROWS] = {
    {7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7}, {7, 1, 7, 1, 7}, {5, 5, 7, 1, 1},
    {7, 4, 7, 1, 7}, {7, 4, 7, 5, 7}, {7, 1, 1, 1, 1}, {7, 5, 7, 5, 7}, {7, 5, 7, 1, 7},
};

/* A dot is twice as wide as high in cells, which makes it square on a screen. */
static void draw_digit(Frame *frame, int row, int column, int scale, Style style, int digit)
{
    for (int y = 0; y < DIGITS_ROWS * scale; y++) {
        for (int x = 0; x < 3; x++) {
            if ((shapes[digit][y / scale] & (4 >> x)) == 0)
                continue;
            for (int width = 0; width < 2 * scale; width++)
                frame_put(frame, row + y, column + 2 * x * scale + width, style, "█");
        }
    }
}

void digits_draw(Frame *frame, int row, int column, int scale, Style style, int number)
{
    for (int place = 2; place >= 0 && (number > 0 || place == 2); place--) {
        draw_digit(frame, row, column + place * DIGITS_COLUMNS * scale, scale, style, number % 10);
        number /= 10;
    }
}
