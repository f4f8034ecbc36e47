/* SPDX-License-Identifier: MIT */
#include "ctl/plot.h"

#define LABEL 5  /* "160 |" */
#define MARGIN 8 /* " z5a" at the right */
#define RATE_MARGIN_BPM 4
#define MAX_ROWS 60

typedef struct {
    GString *out;
    const GArray *points;
    const ZoneTable *zones;
    int cap_bpm, rows, columns; /* columns of the curve itself */
    int low_bpm, high_bpm;
    int64_t from_ms, span_ms;
    bool colour;
    const char *style; /* that is in force; NULL: none */
} Plot;

/* The lowest and highest rate of one column; 0: none. */
typedef struct {
    int low_bpm, high_bpm;
} Slot;

static const char *zone_style(int zone)
{
    static const char *const styles[] = {"36", "32", "33", "38;5;208", "31", "35"};
    return styles[CLAMP(zone, 0, (int)G_N_ELEMENTS(styles) - 1)];
}

static void set_style(Plot *plot, const char *style)
{
    if (!plot->colour || g_strcmp0(style, plot->style) == 0)
        return;
    g_string_append_printf(plot->out, "\033[%sm", style != NULL ? style : "0");
    plot->style = style;
}

static const PlotPoint *point_at(const Plot *plot, guint i) { return &g_array_index(plot->points, PlotPoint, i); }

static bool measure(Plot *plot)
{
    plot->low_bpm = G_MAXINT;
    for (guint i = 0; i < plot->points->len; i++) {
        const int bpm = point_at(plot, i)->bpm;
        if (bpm == 0)
            continue;
        plot->low_bpm = MIN(plot->low_bpm, bpm);
        plot->high_bpm = MAX(plot->high_bpm, bpm);
    }
    if (plot->high_bpm == 0)
        return false;
    plot->low_bpm = MIN(plot->low_bpm, plot->cap_bpm) - RATE_MARGIN_BPM;
    plot->high_bpm = MAX(plot->high_bpm, plot->cap_bpm) + RATE_MARGIN_BPM;
    plot->from_ms = point_at(plot, 0)->t_ms;
    plot->span_ms = MAX(point_at(plot, plot->points->len - 1)->t_ms - plot->from_ms, 1);
    return true;
}

static Slot *slots_of(const Plot *plot)
{
    Slot *slots = g_new0(Slot, (gsize)plot->columns);
    for (guint i = 0; i < plot->points->len; i++) {
        const PlotPoint *point = point_at(plot, i);
        if (point->bpm == 0)
            continue;
        Slot *slot = &slots[(point->t_ms - plot->from_ms) * (plot->columns - 1) / plot->span_ms];
        slot->low_bpm = slot->low_bpm == 0 ? point->bpm : MIN(slot->low_bpm, point->bpm);
        slot->high_bpm = MAX(slot->high_bpm, point->bpm);
    }
    return slots;
}

/* Row 0 is the top; the lowest rate that belongs to it. */
static int row_bpm(const Plot *plot, int row)
{
    const int span = plot->high_bpm - plot->low_bpm + 1;
    return plot->low_bpm + (plot->rows - 1 - row) * span / plot->rows;
}

static void draw_cell(Plot *plot, const Slot *slot, int from_bpm, int to_bpm)
{
    const bool hit = slot->high_bpm >= from_bpm && slot->low_bpm < to_bpm && slot->high_bpm > 0;
    const bool above = hit && slot->high_bpm > plot->cap_bpm && to_bpm - 1 > plot->cap_bpm;
    const bool line = from_bpm <= plot->cap_bpm + 1 && plot->cap_bpm + 1 < to_bpm;
    if (above)
        set_style(plot, "1;31");
    else if (hit)
        set_style(plot, zone_style(zones_zone_of(plot->zones, MAX(from_bpm, slot->low_bpm))));
    else
        set_style(plot, line ? "2" : NULL);
    g_string_append(plot->out, above ? "▲" : hit ? "•" : line ? "╌" : " ");
}

static void draw_row(Plot *plot, const Slot *slots, int row)
{
    const int from_bpm = row_bpm(plot, row), to_bpm = row == 0 ? plot->high_bpm + 1 : row_bpm(plot, row - 1);
    const int zone = zones_zone_of(plot->zones, MAX(from_bpm, ZONES_MIN_BPM));
    const int next_bpm = row + 1 < plot->rows ? row_bpm(plot, row + 1) : 0;
    const int zone_below = next_bpm > 0 ? zones_zone_of(plot->zones, MAX(next_bpm, ZONES_MIN_BPM)) : ZONE_NONE;
    g_string_append_printf(plot->out, "%3d │", from_bpm);
    for (int column = 0; column < plot->columns; column++)
        draw_cell(plot, &slots[column], from_bpm, to_bpm);
    if (zone != zone_below) {
        set_style(plot, zone_style(zone));
        g_string_append_printf(plot->out, " %s", zones_zone_name(plot->zones, zone));
    }
    set_style(plot, NULL);
    g_string_append_c(plot->out, '\n');
}

static void draw_time(Plot *plot)
{
    const int minutes = (int)((plot->span_ms + 30000) / 60000);
    g_autofree char *end = g_strdup_printf("%d min", minutes);
    g_string_append_printf(plot->out, "bpm └0%*s\n", plot->columns - 1, end);
}

char *plot_text(const GArray *points, const ZoneTable *zones, int cap_bpm, int rows, int columns, bool colour)
{
    Plot plot = {.out = g_string_new(NULL),
                   .points = points,
                   .zones = zones,
                   .cap_bpm = cap_bpm,
                   .rows = CLAMP(rows, 2, MAX_ROWS),
                   .columns = MAX(columns, PLOT_MIN_COLUMNS) - LABEL - MARGIN,
                   .colour = colour};
    if (measure(&plot)) {
        g_autofree Slot *slots = slots_of(&plot);
        for (int row = 0; row < plot.rows; row++)
            draw_row(&plot, slots, row);
        draw_time(&plot);
    }
    return g_string_free(plot.out, FALSE);
}
