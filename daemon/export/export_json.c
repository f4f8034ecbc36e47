/* SPDX-License-Identifier: MIT */
#include "export/export.h"

#include "export/points.h"

#include <math.h>
#include <string.h>

static void add_rr(GString *out, const Sample *sample)
{
    g_string_append(out, ",\"rr_ms\":[");
    for (unsigned i = 0; i < sample->rr_count; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        append_number(out, sample->rr_ms[i], 7);
    }
    g_string_append(out, "]}");
}

static void add_point(GString *out, const Point *point, const Sample *sample, const ZoneTable *zones)
{
    g_string_append(out, "{\"t_s\":");
    append_number(out, (double)point->t_ms / 1000, 3);
    if (point->bpm > 0)
        g_string_append_printf(out, ",\"hr\":%d", point->bpm);
    else
        g_string_append(out, ",\"hr\":null");
    if (point->bpm > 0 && zones != NULL)
        g_string_append_printf(out, ",\"zone\":\"%s\"", zones_zone_name(zones, zones_zone_of(zones, point->bpm)));
    else
        g_string_append(out, ",\"zone\":null");
    g_string_append(out, ",\"speed_mps\":");
    if (isnan(point->speed_mps))
        g_string_append(out, "null");
    else
        append_number(out, point->speed_mps, 6);
    add_rr(out, sample);
}

/* The stored text is added to, not read and printed anew: numbers stay as they were published. */
char *export_json(const ExportSession *session)
{
    const char *json = session->record->json;
    const gsize len = json != NULL ? strlen(json) : 0;
    if (len < 3 || json[0] != '{' || json[len - 1] != '}')
        return NULL;
    GString *out = g_string_new_len(json, (gssize)len - 1);
    Summary summary;
    const ZoneTable *zones = points_summary(session, &summary) ? &summary.zones : NULL;
    g_autoptr(GArray) points = points_of(session);
    bool first = true;
    g_string_append(out, ",\"track\":[");
    for (guint i = 0; i < points->len; i++) {
        const Point *point = &g_array_index(points, Point, i);
        TrackEntry entry;
        if (point->kind != POINT_SAMPLE)
            continue;
        store_track_get(session->track, point->index, &entry);
        if (!first)
            g_string_append_c(out, ',');
        first = false;
        add_point(out, point, &entry.sample, zones);
    }
    g_string_append(out, "]}\n");
    return g_string_free(out, FALSE);
}
