/* SPDX-License-Identifier: MIT */
#include "ctl/judge.h"

#include "core/names.h"

#define WIDTH 960
#define HEIGHT 410
#define LEFT 48
#define RIGHT 908
#define TOP 56
#define BOTTOM 360
#define STRIP 8
#define RATE_MARGIN_BPM 8

/* Light tints, dark enough apart for colour-blind eyes; each band also carries its name. */
static const char *const zone_tints[] = {"#eceff1", "#c8e6c9", "#fff3c4", "#ffd9b3", "#ffb3a7", "#e6a3c4", "#d3a3e0",
                                         "#c09ae6", "#a890e6"};

typedef struct {
    GString *out;
    const Judgement *judgement;
    int64_t from_ms, span_ms;
    int low_bpm, high_bpm;
} Picture;

static int x_of(const Picture *picture, int64_t t_ms)
{
    return LEFT + (int)((t_ms - picture->from_ms) * (RIGHT - LEFT) / picture->span_ms);
}

static int y_of(const Picture *picture, int bpm)
{
    bpm = CLAMP(bpm, picture->low_bpm, picture->high_bpm);
    return BOTTOM - (bpm - picture->low_bpm) * (BOTTOM - TOP) / (picture->high_bpm - picture->low_bpm);
}

static const JudgePoint *point_at(const Picture *picture, guint i)
{
    return &g_array_index(picture->judgement->curve, JudgePoint, i);
}

static void measure(Picture *picture)
{
    const GArray *curve = picture->judgement->curve;
    picture->low_bpm = picture->high_bpm = picture->judgement->summary.cap_bpm;
    for (guint i = 0; i < curve->len; i++) {
        int bpm = point_at(picture, i)->bpm;
        if (bpm == 0)
            continue;
        picture->low_bpm = MIN(picture->low_bpm, bpm);
        picture->high_bpm = MAX(picture->high_bpm, bpm);
    }
    picture->low_bpm -= RATE_MARGIN_BPM;
    picture->high_bpm += RATE_MARGIN_BPM;
    picture->from_ms = point_at(picture, 0)->t_ms;
    picture->span_ms = MAX(point_at(picture, curve->len - 1)->t_ms - picture->from_ms, 1);
}

static void draw_zones(Picture *picture)
{
    const ZoneTable *zones = &picture->judgement->summary.zones;
    for (int zone = ZONE_BELOW; zone <= (int)zones->count; zone++) {
        int lower_bpm = zone == ZONE_BELOW ? 0 : zones->lower_bpm[zone - 1];
        int top = y_of(picture, zones_last_bpm(zones, zone) + 1), bottom = y_of(picture, lower_bpm);
        if (bottom <= top)
            continue;
        g_string_append_printf(picture->out, "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>\n", LEFT, top,
                               RIGHT - LEFT, bottom - top, zone_tints[zone]);
        if (bottom - top >= 12)
            g_string_append_printf(picture->out, "<text x='%d' y='%d' fill='#555'>%s</text>\n", RIGHT + 6,
                                   (top + bottom) / 2 + 4, zones_zone_name(zones, zone));
        if (zone != ZONE_BELOW && bottom < BOTTOM)
            g_string_append_printf(picture->out, "<text x='%d' y='%d' text-anchor='end'>%d</text>\n", LEFT - 6,
                                   bottom + 4, lower_bpm);
    }
}

/* Until when the rate of point I counts: a rate holds for some seconds, and never over a gap. */
static int64_t end_ms(const Picture *picture, guint i)
{
    int64_t t_ms = point_at(picture, i)->t_ms;
    return MIN(point_at(picture, i + 1)->t_ms, t_ms + COMPLIANCE_HOLD_MS);
}

static void draw_bar(Picture *picture, int x, int width, int top, int bottom, const char *opacity)
{
    g_string_append_printf(picture->out,
                           "<rect x='%d' y='%d' width='%d' height='%d' fill='#d32f2f' fill-opacity='%s'/>\n", x, top,
                           width, bottom - top, opacity);
}

/* Time above the cap: lightly where the curve is out of bounds, and strongly at the foot, where even a
 * second can be seen. */
static void draw_excursions(Picture *picture)
{
    const guint last = picture->judgement->curve->len - 1;
    int cap_bpm = picture->judgement->summary.cap_bpm;
    for (guint i = 0; i < last; i++) {
        if (point_at(picture, i)->bpm <= cap_bpm)
            continue;
        guint end = i;
        while (end + 1 < last && point_at(picture, end + 1)->bpm > cap_bpm &&
               end_ms(picture, end) == point_at(picture, end + 1)->t_ms)
            end++;
        int x = x_of(picture, point_at(picture, i)->t_ms), x_end = x_of(picture, end_ms(picture, end));
        draw_bar(picture, x, MAX(x_end - x, 1), TOP, y_of(picture, cap_bpm + 1), "0.25");
        draw_bar(picture, x, MAX(x_end - x, 1), BOTTOM - STRIP, BOTTOM, "1");
        i = end;
    }
}

static void draw_curve(Picture *picture)
{
    const GArray *curve = picture->judgement->curve;
    bool pen_down = false;
    g_string_append(picture->out, "<path fill='none' stroke='#1a237e' stroke-width='1.5' stroke-linejoin='round' d='");
    for (guint i = 0; i < curve->len; i++) {
        const JudgePoint *point = point_at(picture, i);
        bool gap = i > 0 && point->t_ms - point_at(picture, i - 1)->t_ms > COMPLIANCE_HOLD_MS;
        if (point->bpm != 0)
            g_string_append_printf(picture->out, "%c%d %d", pen_down && !gap ? 'L' : 'M', x_of(picture, point->t_ms),
                                   y_of(picture, point->bpm));
        pen_down = point->bpm != 0;
    }
    g_string_append(picture->out, "'/>\n");
}

static void draw_axis(Picture *picture)
{
    int64_t minutes = picture->span_ms / 60000;
    int64_t step_min = minutes > 60 ? 10 : minutes > 20 ? 5 : 1;
    g_string_append_printf(picture->out, "<text x='%d' y='%d' text-anchor='end'>bpm</text>\n", LEFT - 6, BOTTOM);
    for (int64_t at_min = 0; at_min <= minutes; at_min += step_min) {
        int x = x_of(picture, picture->from_ms + at_min * 60000);
        g_string_append_printf(picture->out,
                               "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#555'/>\n"
                               "<text x='%d' y='%d' text-anchor='middle'>%d min</text>\n",
                               x, BOTTOM, x, BOTTOM + 4, x, BOTTOM + 18, (int)at_min);
    }
}

/* The line between the last bpm that is within and the first that is not, named on a plate that the
 * curve cannot hide. */
static void draw_cap(Picture *picture)
{
    int cap_bpm = picture->judgement->summary.cap_bpm, y = y_of(picture, cap_bpm + 1);
    g_string_append_printf(picture->out,
                           "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='#b71c1c' stroke-dasharray='6 4'/>\n"
                           "<rect x='%d' y='%d' width='86' height='16' fill='#fff' fill-opacity='0.8'/>\n"
                           "<text x='%d' y='%d' fill='#b71c1c'>cap %d bpm</text>\n",
                           LEFT, y, RIGHT, y, LEFT + 2, y - 19, LEFT + 6, y - 7, cap_bpm);
}

static void draw_legend(Picture *picture)
{
    const Totals *totals = &picture->judgement->summary.totals;
    const int above_s = (int)(totals->above_ms / 1000), longest_s = (int)(totals->longest_ms / 1000);
    g_string_append_printf(picture->out,
                           "<rect x='%d' y='%d' width='12' height='12' fill='#d32f2f'/>\n"
                           "<text x='%d' y='%d'>above the cap: %d:%02d min in %u excursion%s, longest %d:%02d</text>\n",
                           LEFT, HEIGHT - 16, LEFT + 18, HEIGHT - 6, above_s / 60, above_s % 60, totals->excursions,
                           totals->excursions == 1 ? "" : "s", longest_s / 60, longest_s % 60);
    g_autofree char *zones = judge_zone_words(&picture->judgement->summary.zones);
    g_string_append_printf(picture->out, "<text x='%d' y='%d' text-anchor='end'>%s</text>\n", RIGHT, HEIGHT - 6, zones);
}

char *judge_svg(const char *title, const Judgement *judgement)
{
    Picture picture = {.out = g_string_new(NULL), .judgement = judgement};
    const VerdictResult *result = &judgement->summary.verdict;
    g_autofree char *safe = g_markup_escape_text(title, -1);
    measure(&picture);
    g_string_append_printf(picture.out,
                           "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' "
                           "font-size='12'>\n<rect width='%d' height='%d' fill='#fff'/>\n"
                           "<text x='%d' y='20' font-size='15' font-weight='bold'>%s: %s</text>\n"
                           "<text x='%d' y='40'>%s</text>\n",
                           WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, safe, verdict_name(result->verdict), LEFT,
                           result->reason);
    draw_zones(&picture);
    draw_excursions(&picture);
    draw_curve(&picture);
    draw_axis(&picture);
    draw_cap(&picture);
    draw_legend(&picture);
    g_string_append(picture.out, "</svg>\n");
    return g_string_free(picture.out, FALSE);
}
