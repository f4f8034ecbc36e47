/* SPDX-License-Identifier: MIT */
#include "core/names.h"
#include "export/export.h"

#include "export/points.h"

#include <math.h>

#define RR_DECIMALS 7 /* 1/1024 s in ms has seven: exact */
#define SPEED_DECIMALS 12

typedef struct {
    GString *out;
    Validity validity;
    Summary summary;
    bool has_zones;
    int64_t zero_ms; /* the recording begins here, on the session's clock */
} Csv;

static void add_event(Csv *csv, int64_t t_ms, const char *word)
{
    append_seconds(csv->out, t_ms - csv->zero_ms);
    g_string_append_printf(csv->out, ",,,,,,%s\n", word);
}

static void add_target(Csv *csv, const TrackEntry *entry)
{
    char name[16];
    g_autofree char *word = g_strconcat("target:", target_name(&entry->target, name, sizeof name), NULL);
    add_event(csv, entry->sample.t_ms, word);
}

static void add_zone(Csv *csv, const Sample *sample)
{
    if (validity_check(&csv->validity, sample) != SAMPLE_VALID || !csv->has_zones)
        return;
    g_string_append(csv->out, zones_zone_name(&csv->summary.zones, zones_zone_of(&csv->summary.zones, sample->bpm)));
}

static void add_sample(Csv *csv, const Sample *sample)
{
    append_seconds(csv->out, sample->t_ms - csv->zero_ms);
    g_string_append_printf(csv->out, ",%u,", sample->bpm);
    if (!isnan(sample->speed_mps))
        append_number(csv->out, sample->speed_mps, SPEED_DECIMALS);
    for (unsigned i = 0; i < sample->rr_count; i++) {
        g_string_append_c(csv->out, i == 0 ? ',' : ' ');
        append_number(csv->out, sample->rr_ms[i], RR_DECIMALS);
    }
    g_string_append(csv->out, sample->rr_count > 0 ? "," : ",,");
    if (sample->contact != CONTACT_UNSUPPORTED)
        g_string_append_c(csv->out, sample->contact == CONTACT_DETECTED ? '1' : '0');
    g_string_append_c(csv->out, ',');
    add_zone(csv, sample);
    g_string_append(csv->out, ",\n");
}

char *export_csv(const ExportSession *session)
{
    Csv csv = {.out = g_string_new("t_s,hr_bpm,speed_mps,rr_ms,contact,zone,event\n")};
    const int64_t end_ms = session->record->elapsed_ms;
    TrackEntry entry;
    bool started = false;
    csv.has_zones = points_summary(session, &csv.summary);
    validity_init(&csv.validity);
    for (guint i = 0; i < store_track_count(session->track); i++) {
        store_track_get(session->track, i, &entry);
        if (entry.sample.t_ms > end_ms)
            break;
        if (i == 0)
            csv.zero_ms = MIN(entry.sample.t_ms, 0);
        if (entry.is_target) {
            add_target(&csv, &entry);
            continue;
        }
        if (!started && entry.sample.t_ms >= 0) {
            add_event(&csv, 0, "start");
            started = true;
        }
        if (entry.is_mark)
            add_event(&csv, entry.sample.t_ms, entry.mark == SESSION_CMD_PAUSE ? "pause" : "resume");
        else
            add_sample(&csv, &entry.sample);
    }
    add_event(&csv, end_ms, "stop");
    return g_string_free(csv.out, FALSE);
}
