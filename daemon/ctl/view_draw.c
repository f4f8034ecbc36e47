/* SPDX-License-Identifier: MIT
 *
 * The picture, from top to bottom: title, number beside zone and distance, what to do, the figures,
 * a bar, the strip of the last minutes. Everything below the number moves down with its size.
 */
#include "ctl/digits.h"
#include "ctl/view.h"
#include "ctl/words.h"
#include "core/names.h"

#include <math.h>
#include <string.h>

#define MARGIN 1
#define HEAD_ROWS 1 /* title */
#define FOOT_ROWS 5 /* advice, figures, bar, strip, hint */

typedef struct {
    int rows, columns;
    int scale;  /* of the number */
    int number; /* first row of the number */
    int beside; /* column of what stands beside the number */
    int below;  /* first row below the number */
    int gap;    /* blank rows between the lines below */
} Layout;

static Layout layout_of(const Frame *frame)
{
    Layout layout = {.rows = frame_rows(frame), .columns = frame_columns(frame)};
    int room = layout.rows - HEAD_ROWS - FOOT_ROWS - 1;
    layout.scale = CLAMP(MIN(room / DIGITS_ROWS, (layout.columns - 30) / (3 * DIGITS_COLUMNS)), 1, 4);
    int spare = MAX(room - layout.scale * DIGITS_ROWS, 0);
    layout.gap = spare >= 5 ? 1 : 0;
    spare -= 5 * layout.gap;
    layout.number = HEAD_ROWS + (layout.gap > 0 ? 1 : 0) + MAX(spare, 0) / 2;
    layout.beside = MARGIN + 3 * DIGITS_COLUMNS * layout.scale;
    layout.below = layout.number + layout.scale * DIGITS_ROWS + layout.gap;
    return layout;
}

static Style zone_style(int zone)
{
    return zone < 0 ? STYLE_DIM : (Style)MIN(STYLE_BELOW + zone, STYLE_Z5);
}

/* printf to one place; returns the column behind it. */
static int G_GNUC_PRINTF(5, 6) put(Frame *frame, int row, int column, Style style, const char *format, ...)
{
    char text[240];
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return frame_put(frame, row, column, style, text);
}

static void draw_title(const View *view, Frame *frame)
{
    int column = put(frame, 0, MARGIN, STYLE_BOLD, "%s", view->athlete[0] != '\0' ? view->athlete : "zone1d");
    if (!view->have_live)
        return;
    char time[WORDS_DURATION], right[40];
    g_snprintf(right, sizeof right, "%s  %s", session_state_name(view->live.session),
               words_duration(view->live.valid_s, time));
    column = MAX(column + 2, frame_columns(frame) - MARGIN - (int)strlen(right));
    put(frame, 0, column, STYLE_PLAIN, "%s", right);
}

/* A line in reverse over the whole width: seen from the belt of a treadmill. */
static void draw_alarm(Frame *frame, int row, const char *text)
{
    int columns = frame_columns(frame), start = MAX((columns - (int)strlen(text)) / 2, MARGIN);
    for (int column = MARGIN; column < columns - MARGIN; column++)
        frame_put(frame, row, column, STYLE_ALARM, " ");
    frame_put(frame, row, start, STYLE_ALARM, text);
}

/* TEXT over as many rows as it takes, broken at blanks. */
static void draw_wrapped(Frame *frame, int row, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    int column = MARGIN;
    for (guint i = 0; words[i] != NULL; i++) {
        if (column > MARGIN && column + (int)strlen(words[i]) > frame_columns(frame) - MARGIN) {
            row++;
            column = MARGIN;
        }
        column = frame_put(frame, row, column, STYLE_PLAIN, words[i]) + 1;
    }
}

static void draw_fault(Frame *frame, const Layout *layout, const char *headline, const char *detail)
{
    for (int row = 0; row < 3; row++)
        draw_alarm(frame, layout->number + row, row == 1 ? headline : "");
    draw_wrapped(frame, layout->number + 3, detail);
}

static void draw_number(const LiveReport *live, Frame *frame, const Layout *layout)
{
    Style style = zone_style(live->zone);
    int row = layout->number, column = layout->beside, over = live->hr_bpm - live->cap_bpm;
    digits_draw(frame, row, MARGIN, layout->scale, style, live->hr_bpm);
    row += (layout->scale - 1) * DIGITS_ROWS / 2;
    if (live->zone > 0)
        put(frame, row, column, style, "zone %s", live->zone_name + 1);
    else
        put(frame, row, column, style, "%s", live->zone == ZONE_BELOW ? "below zone 1" : "no zone");
    if (live->cap_bpm > 0) {
        put(frame, row + 1, column, STYLE_PLAIN, "cap %d bpm", live->cap_bpm);
        if (over > 0)
            put(frame, row + 2, column, zone_style(4), "%d OVER", over);
        else
            put(frame, row + 2, column, STYLE_PLAIN, "%d to spare", -over);
    }
    bool above = live->status == STATUS_ABOVE;
    put(frame, row + 3, column, above ? STYLE_ALARM : STYLE_BOLD, "%s", words_status(live->status));
    if (!isnan(live->trend_bpm_min) && fabs(live->trend_bpm_min) >= 3)
        put(frame, row + 4, column, STYLE_DIM, "%s %ld/min", live->trend_bpm_min > 0 ? "rising" : "falling",
            lround(fabs(live->trend_bpm_min)));
}

static void draw_advice(const LiveReport *live, Frame *frame, int row)
{
    const char *advice = view_advice(live);
    if (live->advice == ADVICE_EASE_OFF)
        draw_alarm(frame, row, advice);
    else
        put(frame, row, MARGIN, live->advice == ADVICE_PICK_UP ? STYLE_Z2 : STYLE_BOLD, "%s", advice);
}

static void draw_figures(const LiveReport *live, Frame *frame, int row)
{
    char percent[WORDS_PERCENT], coverage[WORDS_PERCENT], above[WORDS_DURATION];
    bool wide = frame_columns(frame) >= 70;
    int column = put(frame, row, MARGIN, STYLE_PLAIN, wide ? "in target " : "in ");
    column = put(frame, row, column, STYLE_BOLD, "%s", words_percent(live->compliance, percent));
    column = put(frame, row, column, STYLE_PLAIN, wide ? "   above %s in %d" : "  above %s in %d",
                 words_duration(live->above_s, above), live->excursions);
    if (wide)
        column = put(frame, row, column, STYLE_PLAIN, " excursions");
    put(frame, row, column, STYLE_PLAIN, wide ? "   coverage %s" : "  cov %s", words_percent(live->coverage, coverage));
}

/* Eighths of a cell, so that a short bar moves smoothly too. */
static void draw_bar(Frame *frame, int row, Style style, double share, const char *label)
{
    static const char *const eighths[] = {"·", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    int width = frame_columns(frame) - 2 * MARGIN - (int)strlen(label) - 1;
    int filled = (int)lround(CLAMP(share, 0, 1) * width * 8);
    for (int column = 0; column < width; column++) {
        int part = CLAMP(filled - 8 * column, 0, 8);
        frame_put(frame, row, MARGIN + column, part > 0 ? style : STYLE_DIM, eighths[part]);
    }
    frame_put(frame, row, MARGIN + MAX(width, 0) + 1, STYLE_PLAIN, label);
}

/* Through the recording when its length is known, else the share of the session in the target. */
static void draw_progress(const View *view, Frame *frame, int row)
{
    char label[24], total[WORDS_DURATION];
    const LiveReport *live = &view->live;
    if (view->total_s > 0) {
        double seen_s = live->coverage > 0 ? live->valid_s / (live->coverage / 100) : live->valid_s;
        g_snprintf(label, sizeof label, "of %s", words_duration(view->total_s, total));
        draw_bar(frame, row, STYLE_PLAIN, seen_s / view->total_s, label);
    } else if (!isnan(live->compliance)) {
        draw_bar(frame, row, zone_style(1), live->compliance / 100, "in target");
    }
}

static void draw_strip(const View *view, Frame *frame, int row)
{
    static const char *const heights[] = {"▁", "▂", "▄", "▅", "▆", "▇", "█", "█", "█"};
    int width = MIN(frame_columns(frame) - 2 * MARGIN - 7, STRIP_COLUMNS);
    char label[16];
    g_snprintf(label, sizeof label, "%d min", width * STRIP_COLUMN_S / 60);
    for (int column = 0; column < width; column++) {
        gint64 number = view->strip_at - width + 1 + column;
        int zone = number > 0 ? view->strip[number % STRIP_COLUMNS] : ZONE_NONE;
        frame_put(frame, row, MARGIN + column, zone_style(zone), zone >= 0 ? heights[MIN(zone, 8)] : " ");
    }
    put(frame, row, MARGIN + MAX(width, 0) + 1, STYLE_DIM, "%s", label);
}

static void draw_last(const View *view, Frame *frame, int row)
{
    char percent[WORDS_PERCENT];
    int column = put(frame, row, MARGIN, STYLE_DIM, "q quits");
    if (view->have_last)
        column = put(frame, row, column + 3, STYLE_BOLD, "last session: %s, %s", verdict_name(view->last.verdict),
                     words_percent(view->last.compliance, percent));
    if (view->hint[0] != '\0')
        put(frame, row, column + 3, STYLE_PLAIN, "%s", view->hint);
    else if (view->have_live && view->live.zone_model[0] != '\0')
        put(frame, row, column + 3, STYLE_DIM, "zones by %s%s", view->live.zone_model,
            view->live.max_estimated ? ", max estimated" : "");
}

void view_draw(const View *view, gint64 now_ms, Frame *frame)
{
    char detail[VIEW_DETAIL];
    Layout layout = layout_of(frame);
    int step = 1 + layout.gap, row = layout.below;
    const char *fault = view_fault(view, now_ms, detail, sizeof detail);
    draw_title(view, frame);
    if (view_waits(view, now_ms)) {
        put(frame, layout.number + 1, MARGIN, STYLE_BOLD, "%s", fault);
        draw_wrapped(frame, layout.number + 3, detail);
    } else if (fault != NULL)
        draw_fault(frame, &layout, fault, detail);
    else
        draw_number(&view->live, frame, &layout);
    if (view->have_live) {
        if (fault == NULL)
            draw_advice(&view->live, frame, row);
        draw_figures(&view->live, frame, row + step);
        draw_progress(view, frame, row + 2 * step);
        draw_strip(view, frame, row + 3 * step);
    }
    draw_last(view, frame, layout.rows - 1);
}
