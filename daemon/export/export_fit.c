/* SPDX-License-Identifier: MIT
 *
 * FIT: numbers of messages and fields are those of the FIT profile (Garmin).
 */
#include "export/export.h"

#include "export/fit.h"
#include "export/points.h"

#include <math.h>

#define UNKNOWN G_MAXUINT32
#define HRV_SLOTS 5

enum { FILE_ACTIVITY = 4, MAKER_DEVELOPMENT = 255, SPORT_RUNNING = 1, SUB_SPORT_TREADMILL = 1, LAP_AT_END = 7 };
enum { EVENT_TIMER = 0, EVENT_SESSION = 8, EVENT_LAP = 9, EVENT_ACTIVITY = 26 };
enum { TYPE_START = 0, TYPE_STOP = 1, TYPE_STOP_ALL = 4 };

#define MESSAGE(name, global_number, local_number, ...)                                                               \
    static const FitField name##_fields[] = {__VA_ARGS__};                                                            \
    static const FitMessage name = {global_number, local_number, name##_fields, G_N_ELEMENTS(name##_fields)}

MESSAGE(file_id, 0, 0, {0, FIT_ENUM, 1}, {1, FIT_U16, 1}, {2, FIT_U16, 1}, {4, FIT_U32, 1});
MESSAGE(event, 21, 1, {253, FIT_U32, 1}, {0, FIT_ENUM, 1}, {1, FIT_ENUM, 1});
MESSAGE(record, 20, 2, {253, FIT_U32, 1}, {3, FIT_U8, 1}, {5, FIT_U32, 1}, {6, FIT_U16, 1});
MESSAGE(hrv, 78, 3, {0, FIT_U16, HRV_SLOTS});
MESSAGE(lap, 19, 4, {254, FIT_U16, 1}, {253, FIT_U32, 1}, {0, FIT_ENUM, 1}, {1, FIT_ENUM, 1}, {2, FIT_U32, 1},
        {7, FIT_U32, 1}, {8, FIT_U32, 1}, {9, FIT_U32, 1}, {15, FIT_U8, 1}, {16, FIT_U8, 1}, {24, FIT_ENUM, 1},
        {25, FIT_ENUM, 1});
MESSAGE(session_message, 18, 5, {254, FIT_U16, 1}, {253, FIT_U32, 1}, {0, FIT_ENUM, 1}, {1, FIT_ENUM, 1},
        {2, FIT_U32, 1}, {7, FIT_U32, 1}, {8, FIT_U32, 1}, {9, FIT_U32, 1}, {16, FIT_U8, 1}, {17, FIT_U8, 1},
        {5, FIT_ENUM, 1}, {6, FIT_ENUM, 1}, {25, FIT_U16, 1}, {26, FIT_U16, 1});
MESSAGE(activity, 34, 6, {253, FIT_U32, 1}, {0, FIT_U32, 1}, {1, FIT_U16, 1}, {2, FIT_ENUM, 1}, {3, FIT_ENUM, 1},
        {4, FIT_ENUM, 1});

typedef struct {
    Fit fit;
    const ExportSession *session;
    guint32 slots[HRV_SLOTS];
    guint slot_count;
} Writer;

static guint32 time_at(const Writer *writer, int64_t t_ms)
{
    return fit_time(writer->session->record->started_us + t_ms * 1000);
}

static guint32 scaled(double value, double scale)
{
    const double number = floor(value * scale + 0.5);
    return number >= 0 && number < UNKNOWN ? (guint32)number : UNKNOWN; /* not so for NAN either */
}

static void add_event(Writer *writer, int64_t t_ms, guint32 type)
{
    fit_add(&writer->fit, &event, (const guint32[]){time_at(writer, t_ms), EVENT_TIMER, type});
}

static void flush_hrv(Writer *writer)
{
    if (writer->slot_count == 0)
        return;
    for (guint i = writer->slot_count; i < HRV_SLOTS; i++)
        writer->slots[i] = UNKNOWN;
    fit_add(&writer->fit, &hrv, writer->slots);
    writer->slot_count = 0;
}

static void add_hrv(Writer *writer, const Sample *sample)
{
    for (unsigned i = 0; i < sample->rr_count; i++) {
        const guint32 rr_ms = scaled(sample->rr_ms[i], 1);
        if (rr_ms == 0 || rr_ms >= G_MAXUINT16)
            continue;
        writer->slots[writer->slot_count++] = rr_ms;
        if (writer->slot_count == HRV_SLOTS)
            flush_hrv(writer);
    }
    flush_hrv(writer);
}

/* One record a second: FIT counts in those. */
static void add_record(Writer *writer, const Point *point, guint32 *last_time)
{
    const guint32 time = time_at(writer, point->t_ms), speed = scaled(point->speed_mps, 1000);
    TrackEntry entry;
    if (time != *last_time)
        fit_add(&writer->fit, &record,
                (const guint32[]){time, point->bpm > 0 ? (guint32)point->bpm : UNKNOWN, scaled(point->distance_m, 100),
                                  speed < G_MAXUINT16 ? speed : UNKNOWN});
    *last_time = time;
    store_track_get(writer->session->track, point->index, &entry);
    if (point->bpm > 0)
        add_hrv(writer, &entry.sample);
}

static void add_points(Writer *writer)
{
    g_autoptr(GArray) points = points_of(writer->session);
    guint32 last_time = 0;
    for (guint i = 0; i < points->len; i++) {
        const Point *point = &g_array_index(points, Point, i);
        if (point->kind == POINT_SAMPLE)
            add_record(writer, point, &last_time);
        else
            add_event(writer, point->t_ms, point->kind == POINT_PAUSE ? TYPE_STOP : TYPE_START);
    }
}

static void add_sums(Writer *writer)
{
    const StoreRecord *stored = writer->session->record;
    Summary summary = {0};
    const bool known = points_summary(writer->session, &summary);
    const Totals *totals = &summary.totals;
    const guint32 start = time_at(writer, 0), end = time_at(writer, stored->elapsed_ms);
    const guint32 elapsed = scaled((double)stored->elapsed_ms, 1);
    const guint32 moving = scaled((double)(stored->elapsed_ms - totals->paused_ms), 1);
    const guint32 distance = totals->speed_ms > 0 ? scaled(totals->distance_m, 100) : UNKNOWN;
    const guint32 average = known ? scaled(totals_hr_avg_bpm(totals), 1) : UNKNOWN;
    const guint32 highest = totals->hr_max_bpm > 0 ? (guint32)totals->hr_max_bpm : UNKNOWN;
    fit_add(&writer->fit, &lap, (const guint32[]){0, end, EVENT_LAP, TYPE_STOP, start, elapsed, moving, distance,
                                                  average, highest, LAP_AT_END, SPORT_RUNNING});
    fit_add(&writer->fit, &session_message,
            (const guint32[]){0, end, EVENT_SESSION, TYPE_STOP, start, elapsed, moving, distance, average, highest,
                              SPORT_RUNNING, SUB_SPORT_TREADMILL, 0, 1});
    fit_add(&writer->fit, &activity, (const guint32[]){end, moving, 1, 0, EVENT_ACTIVITY, TYPE_STOP});
}

GBytes *export_fit(const ExportSession *session)
{
    Writer writer = {.session = session};
    fit_begin(&writer.fit);
    fit_add(&writer.fit, &file_id, (const guint32[]){FILE_ACTIVITY, MAKER_DEVELOPMENT, 0, time_at(&writer, 0)});
    add_event(&writer, 0, TYPE_START);
    add_points(&writer);
    add_event(&writer, session->record->elapsed_ms, TYPE_STOP_ALL);
    add_sums(&writer);
    return fit_end(&writer.fit);
}
