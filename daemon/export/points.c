/* SPDX-License-Identifier: MIT */
#include "export/points.h"

#include "core/session_state.h"

#include <math.h>
#include <string.h>

typedef struct {
    GArray *points;
    Validity validity;
    bool paused;
    int64_t last_ms;
    double speed_mps, distance_m;
} Walk;

/* A speed holds until the next sample, as long as a sample does. */
static void add_way(Walk *walk, int64_t t_ms)
{
    if (isnan(walk->speed_mps) || walk->paused)
        return;
    const double way_m = walk->speed_mps * (double)MIN(t_ms - walk->last_ms, COMPLIANCE_HOLD_MS) / 1000;
    walk->distance_m = (isnan(walk->distance_m) ? 0 : walk->distance_m) + way_m;
}

static void take(Walk *walk, const TrackEntry *entry, guint index)
{
    const Sample *sample = &entry->sample;
    const int64_t t_ms = MAX(sample->t_ms, 0);
    Point point = {.t_ms = t_ms, .index = index, .speed_mps = (double)NAN};
    add_way(walk, t_ms);
    walk->last_ms = t_ms;
    if (entry->is_mark) {
        walk->paused = entry->mark == SESSION_CMD_PAUSE;
        walk->speed_mps = walk->paused ? (double)NAN : walk->speed_mps;
        point.kind = walk->paused ? POINT_PAUSE : POINT_RESUME;
    } else {
        const bool valid = validity_check(&walk->validity, sample) == SAMPLE_VALID;
        point.bpm = valid ? sample->bpm : 0;
        point.speed_mps = walk->speed_mps = compliance_known_speed(sample->speed_mps);
        if (isnan(walk->distance_m) && !isnan(point.speed_mps))
            walk->distance_m = 0;
    }
    point.distance_m = walk->distance_m;
    if (entry->is_mark || (!walk->paused && sample->t_ms >= 0))
        g_array_append_val(walk->points, point);
}

GArray *points_of(const ExportSession *session)
{
    Walk walk = {.speed_mps = (double)NAN, .distance_m = (double)NAN};
    TrackEntry entry;
    walk.points = g_array_new(FALSE, FALSE, sizeof(Point));
    validity_init(&walk.validity);
    for (guint i = 0; i < store_track_count(session->track); i++) {
        store_track_get(session->track, i, &entry);
        if (entry.sample.t_ms > session->record->elapsed_ms)
            break;
        if (!entry.is_target)
            take(&walk, &entry, i);
    }
    return walk.points;
}

bool points_summary(const ExportSession *session, Summary *ret)
{
    gsize len;
    if (session->record->summary == NULL)
        return false;
    const uint8_t *bytes = g_bytes_get_data(session->record->summary, &len);
    return summary_restore(ret, bytes, len) == SESSION_STATE_OK;
}

void append_number(GString *out, double number, int decimals)
{
    char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];
    g_snprintf(format, sizeof format, "%%.%df", decimals);
    g_ascii_formatd(text, sizeof text, format, number);
    gsize len = strlen(text);
    if (strchr(text, '.') != NULL) {
        while (text[len - 1] == '0')
            len--;
        if (text[len - 1] == '.')
            len--;
    }
    g_string_append_len(out, text, (gssize)len);
}

void append_seconds(GString *out, int64_t ms)
{
    g_string_append_printf(out, "%" G_GINT64_FORMAT ".%03d", (gint64)(ms / 1000), (int)(ms % 1000));
}
