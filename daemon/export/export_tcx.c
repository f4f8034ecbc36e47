/* SPDX-License-Identifier: MIT
 *
 * Training Center XML: the schema is Garmin's TrainingCenterDatabase v2; elements stand in its order. Where the schema
 * demands a number that nobody measured (calories, distance without a speed) it is 0.
 */
#include "export/export.h"

#include "export/points.h"

#include <math.h>

static void add_time(GString *out, gint64 wall_us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC);
    g_autofree char *seconds = time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%S") : NULL;
    g_string_append_printf(out, "%s.%03dZ", seconds != NULL ? seconds : "1970-01-01T00:00:00",
                           (int)(wall_us % G_USEC_PER_SEC / 1000));
}

static void add_rate(GString *out, const char *element, int bpm)
{
    if (bpm > 0)
        g_string_append_printf(out, "<%s><Value>%d</Value></%s>", element, bpm, element);
}

static void add_point(GString *out, const Point *point, gint64 started_us)
{
    g_string_append(out, "<Trackpoint><Time>");
    add_time(out, started_us + point->t_ms * 1000);
    g_string_append(out, "</Time>");
    if (!isnan(point->distance_m)) {
        g_string_append(out, "<DistanceMeters>");
        append_number(out, point->distance_m, 2);
        g_string_append(out, "</DistanceMeters>");
    }
    add_rate(out, "HeartRateBpm", point->bpm);
    if (!isnan(point->speed_mps)) {
        g_string_append(out, "<Extensions><TPX xmlns=\"http://www.garmin.com/xmlschemas/ActivityExtension/v2\">"
                             "<Speed>");
        append_number(out, point->speed_mps, 3);
        g_string_append(out, "</Speed></TPX></Extensions>");
    }
    g_string_append(out, "</Trackpoint>\n");
}

/* A track for each stretch between pauses; a track holds at least one point. */
static void add_tracks(GString *out, const ExportSession *session)
{
    g_autoptr(GArray) points = points_of(session);
    bool open = false;
    for (guint i = 0; i < points->len; i++) {
        const Point *point = &g_array_index(points, Point, i);
        if (open && point->kind != POINT_SAMPLE)
            g_string_append(out, "</Track>\n");
        else if (!open && point->kind == POINT_SAMPLE)
            g_string_append(out, "<Track>\n");
        open = point->kind == POINT_SAMPLE;
        if (open)
            add_point(out, point, session->record->started_us);
    }
    if (open)
        g_string_append(out, "</Track>\n");
}

static void add_lap(GString *out, const ExportSession *session)
{
    const StoreRecord *record = session->record;
    Summary summary = {0};
    const bool known = points_summary(session, &summary);
    const double average_bpm = known ? totals_hr_avg_bpm(&summary.totals) : (double)NAN;
    g_string_append(out, "<Lap StartTime=\"");
    add_time(out, record->started_us);
    g_string_append(out, "\"><TotalTimeSeconds>");
    append_seconds(out, record->elapsed_ms - summary.totals.paused_ms);
    g_string_append(out, "</TotalTimeSeconds><DistanceMeters>");
    append_number(out, summary.totals.distance_m, 1);
    g_string_append(out, "</DistanceMeters><Calories>0</Calories>");
    add_rate(out, "AverageHeartRateBpm", isnan(average_bpm) ? 0 : (int)floor(average_bpm + 0.5));
    add_rate(out, "MaximumHeartRateBpm", summary.totals.hr_max_bpm);
    g_string_append(out, "<Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod>\n");
    add_tracks(out, session);
    g_string_append(out, "</Lap>\n");
}

char *export_tcx(const ExportSession *session)
{
    const StoreRecord *record = session->record;
    GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TrainingCenterDatabase "
                                "xmlns=\"http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2\">\n"
                                "<Activities><Activity Sport=\"Running\">\n<Id>");
    g_autofree char *notes = g_markup_printf_escaped("%s: %s", record->verdict != NULL ? record->verdict : "no verdict",
                                                     record->reason != NULL ? record->reason : "");
    add_time(out, record->started_us);
    g_string_append(out, "</Id>\n");
    add_lap(out, session);
    g_string_append_printf(out, "<Notes>%s</Notes>\n</Activity></Activities>\n</TrainingCenterDatabase>\n", notes);
    return g_string_free(out, FALSE);
}
