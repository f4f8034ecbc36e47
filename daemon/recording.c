/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include "core/names.h"
#include "input_file.h"
#include "recording_csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEDIAN_BEATS 9
#define SECOND_US 1000000
#define MAX_BPM 65535
#define NO_EVENT (-1)
#define TARGET_EVENT (-2)
#define TARGET_PREFIX "target:"
#define MAX_TARGET_BYTES 16

G_DEFINE_QUARK(zone1d-recording-error, recording_error)

typedef struct {
    int64_t t_ms;
    double speed_mps;
    guint rr_from, rr_count; /* in Recording.rr_ms */
    uint16_t bpm;
    Contact contact;
    Target target; /* of an event, which is no row in the end */
} Row;

struct Recording {
    GArray *rows;  /* Row */
    GArray *rr_ms; /* double, all beats in order */
    GArray *marks; /* RecordingMark */
};

typedef enum {
    COLUMN_TIME,
    COLUMN_RATE,
    COLUMN_DISTANCE,
    COLUMN_SPEED,
    COLUMN_RR,
    COLUMN_CONTACT,
    COLUMN_ZONE,
    COLUMN_EVENT,
} Column;
static const char *const column_names[] = {"t_s",   "hr_bpm",  "dist_m", "speed_mps",
                                           "rr_ms", "contact", "zone",   "event"};
static const char *const event_names[] = {"start", "stop", "pause", "resume"}; /* as SessionCommand counts */

typedef struct {
    CsvReader reader;
    const char *path;
    Column columns[CSV_MAX_FIELDS];
    CsvField fields[CSV_MAX_FIELDS];
    unsigned column_count;
    Recording *recording;
} Parser;

static Recording *recording_new(void);
static bool read_header(Parser *parser, GError **error);
static bool read_rows(Parser *parser, GError **error);

Recording *recording_load(const char *path, GError **error)
{
    gsize len = 0;
    g_autoptr(GError) reason = NULL;
    g_autofree char *bytes = input_file_read(path, RECORDING_MAX_BYTES, &len, &reason);
    if (bytes == NULL) {
        g_set_error_literal(error, RECORDING_ERROR, RECORDING_ERROR_READ, reason->message);
        return NULL;
    }
    return recording_parse(bytes, len, path, error);
}

Recording *recording_parse(const char *bytes, gsize len, const char *path, GError **error)
{
    g_autoptr(Recording) recording = recording_new();
    Parser parser = {.path = path, .recording = recording};
    csv_begin(&parser.reader, bytes, len);
    if (!read_header(&parser, error) || !read_rows(&parser, error))
        return NULL;
    return g_steal_pointer(&recording);
}

static Recording *recording_new(void)
{
    Recording *recording = g_new0(Recording, 1);
    recording->rows = g_array_new(FALSE, FALSE, sizeof(Row));
    recording->rr_ms = g_array_new(FALSE, FALSE, sizeof(double));
    recording->marks = g_array_new(FALSE, FALSE, sizeof(RecordingMark));
    return recording;
}

void recording_free(Recording *recording)
{
    if (recording == NULL)
        return;
    g_array_unref(recording->rows);
    g_array_unref(recording->rr_ms);
    g_array_unref(recording->marks);
    g_free(recording);
}

static bool refuse(const Parser *parser, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Always false. */
static bool refuse(const Parser *parser, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, RECORDING_ERROR, RECORDING_ERROR_FORMAT, "%s:%u: %s", parser->path,
                MAX(parser->reader.line, 1), reason);
    return false;
}

static bool refuse_value(const Parser *parser, Column column, const CsvField *field, const char *right, GError **error)
{
    g_autofree char *shown = csv_show(field);
    return refuse(parser, error, "%s is '%s'; %s", column_names[column], shown, right);
}

static bool take_column(Parser *parser, unsigned index, GError **error)
{
    for (unsigned column = 0; column < G_N_ELEMENTS(column_names); column++) {
        if (!csv_is(&parser->fields[index], column_names[column]))
            continue;
        for (unsigned i = 0; i < index; i++)
            if (parser->columns[i] == (Column)column)
                return refuse(parser, error, "column %s stands twice", column_names[column]);
        parser->columns[index] = (Column)column;
        return true;
    }
    g_autofree char *shown = csv_show(&parser->fields[index]);
    return refuse(parser, error, "unknown column '%s'; the header is t_s,hr_bpm[,dist_m,speed_mps] or rr_ms", shown);
}

static bool has_column(const Parser *parser, Column column)
{
    for (unsigned i = 0; i < parser->column_count; i++)
        if (parser->columns[i] == column)
            return true;
    return false;
}

static bool is_beats(const Parser *parser) { return parser->column_count == 1 && has_column(parser, COLUMN_RR); }

static bool read_header(Parser *parser, GError **error)
{
    const char *reason = NULL;
    switch (csv_next(&parser->reader, parser->fields, &parser->column_count, &reason)) {
    case CSV_END:
        return refuse(parser, error, "the file is empty; the first line is t_s,hr_bpm[,dist_m,speed_mps] or rr_ms");
    case CSV_FAULT:
        return refuse(parser, error, "%s; the first line is t_s,hr_bpm[,dist_m,speed_mps] or rr_ms", reason);
    case CSV_ROW:
        break;
    }
    for (unsigned i = 0; i < parser->column_count; i++)
        if (!take_column(parser, i, error))
            return false;
    if (is_beats(parser) || (has_column(parser, COLUMN_TIME) && has_column(parser, COLUMN_RATE)))
        return true;
    return refuse(parser, error,
                  has_column(parser, COLUMN_RR)
                      ? "a recording of RR intervals has the one column rr_ms, or t_s and hr_bpm beside it"
                      : "a recording of rates needs both columns t_s and hr_bpm");
}

/* Reads field INDEX as a number in LOW..HIGH; false and *error otherwise. */
static bool take_number(const Parser *parser, unsigned index, double low, double high, double *ret, GError **error)
{
    const Column column = parser->columns[index];
    const CsvField *field = &parser->fields[index];
    if (!csv_number(field, ret))
        return refuse_value(parser, column, field, "a plain number belongs there", error);
    if (*ret < low || *ret > high) {
        g_autofree char *right = g_strdup_printf("%.0f to %.0f is possible", low, high);
        return refuse_value(parser, column, field, right, error);
    }
    return true;
}

/* The intervals that came with a sample, separated by blanks. */
static bool read_rr_list(const Parser *parser, const CsvField *field, Row *row, GError **error)
{
    CsvField rest = *field, part;
    double rr_ms;
    row->rr_from = parser->recording->rr_ms->len;
    for (row->rr_count = 0; csv_part(&rest, &part); row->rr_count++) {
        if (row->rr_count == SAMPLE_MAX_RR)
            return refuse(parser, error, "more than %d RR intervals in a sample", SAMPLE_MAX_RR);
        if (!csv_number(&part, &rr_ms) || rr_ms < 0 || rr_ms > RECORDING_MAX_SENT_RR_MS)
            return refuse_value(parser, COLUMN_RR, &part, "milliseconds belong there, with a blank between two", error);
        g_array_append_val(parser->recording->rr_ms, rr_ms);
    }
    return true;
}

/* "target:easy" */
static bool take_target(const CsvField *field, Target *ret)
{
    const gsize prefix = strlen(TARGET_PREFIX);
    if (field->len <= prefix || field->len > prefix + MAX_TARGET_BYTES ||
        strncmp(field->text, TARGET_PREFIX, prefix) != 0)
        return false;
    g_autofree char *word = g_strndup(field->text + prefix, field->len - prefix);
    return target_parse(word, ret);
}

static bool read_event(const Parser *parser, const CsvField *field, Row *row, int *ret_event, GError **error)
{
    *ret_event = take_target(field, &row->target) ? TARGET_EVENT : NO_EVENT;
    for (int event = 0; event < (int)G_N_ELEMENTS(event_names); event++)
        if (csv_is(field, event_names[event]))
            *ret_event = event;
    if (field->len == 0 || *ret_event != NO_EVENT)
        return true;
    return refuse_value(parser, COLUMN_EVENT, field,
                        "start, pause, resume, stop or target:... belongs there, or nothing", error);
}

static bool read_rate_field(const Parser *parser, unsigned index, Row *row, bool *ret_has_rate, int *ret_event,
                            GError **error)
{
    const CsvField *field = &parser->fields[index];
    double value = 0;
    switch (parser->columns[index]) {
    case COLUMN_TIME:
        if (!take_number(parser, index, 0, RECORDING_MAX_S, &value, error))
            return false;
        row->t_ms = (int64_t)floor(value * 1000 + 0.5);
        return true;
    case COLUMN_RATE:
        *ret_has_rate = field->len > 0;
        if (*ret_has_rate && !take_number(parser, index, 0, MAX_BPM, &value, error))
            return false;
        if (value != floor(value))
            return refuse_value(parser, COLUMN_RATE, field, "a whole number of beats per minute belongs there", error);
        row->bpm = (uint16_t)value;
        return true;
    case COLUMN_SPEED:
        row->speed_mps = NAN;
        return field->len == 0 || take_number(parser, index, 0, RECORDING_MAX_SPEED_MPS, &row->speed_mps, error);
    case COLUMN_DISTANCE: /* not used, but a cut or shifted row shows here too */
        return field->len == 0 || take_number(parser, index, 0, 1e9, &value, error);
    case COLUMN_RR:
        return read_rr_list(parser, field, row, error);
    case COLUMN_CONTACT:
        if (field->len > 0 && !take_number(parser, index, 0, 1, &value, error))
            return false;
        row->contact = field->len == 0 ? CONTACT_UNSUPPORTED : value > 0 ? CONTACT_DETECTED : CONTACT_NOT_DETECTED;
        return true;
    case COLUMN_ZONE: /* follows from the rate; it is there for people */
        return true;
    case COLUMN_EVENT:
        return read_event(parser, field, row, ret_event, error);
    }
    g_assert_not_reached();
}

static bool read_rate_row(const Parser *parser, int64_t *t_ms, GError **error)
{
    Row row = {.speed_mps = NAN};
    bool has_rate = false;
    int event = NO_EVENT;
    for (unsigned i = 0; i < parser->column_count; i++)
        if (!read_rate_field(parser, i, &row, &has_rate, &event, error))
            return false;
    if (row.t_ms < *t_ms)
        return refuse(parser, error, "time goes back, from %" PRId64 " ms to %" PRId64 " ms", *t_ms, row.t_ms);
    *t_ms = row.t_ms;
    if (event != NO_EVENT && (has_rate || row.rr_count > 0))
        return refuse(parser, error, "an event and a sample need a row each");
    if (event != NO_EVENT) {
        const bool is_target = event == TARGET_EVENT;
        const RecordingMark mark = {.t_ms = row.t_ms,
                                    .before = parser->recording->rows->len,
                                    .is_target = is_target,
                                    .command = is_target ? SESSION_CMD_RECORD : (SessionCommand)event,
                                    .target = row.target};
        g_array_append_val(parser->recording->marks, mark);
    }
    if (has_rate)
        g_array_append_val(parser->recording->rows, row);
    return true;
}

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* 60000 / median of the (up to) nine intervals before beat END, rounded half up. */
static uint16_t rate_of(const GArray *rr_ms, guint end)
{
    double sorted[MEDIAN_BEATS];
    const guint count = MIN(end, MEDIAN_BEATS);
    memcpy(sorted, &g_array_index(rr_ms, double, end - count), count * sizeof(double));
    qsort(sorted, count, sizeof(double), compare_numbers);
    const double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    return (uint16_t)floor(60000 / median + 0.5);
}

/* Where a recording of beats stands. Whole microseconds: decimals must add up exactly, or a beat
 * that ends on a whole second would fall into the next. */
typedef struct {
    int64_t end_us;    /* of the last beat */
    int64_t second_us; /* the next whole second without a sample */
    guint rr_from;     /* the first beat that is in no sample yet */
} Beats;

/* Adds the samples of the whole seconds before UNTIL_US with the beats that there are. */
static bool close_seconds(const Parser *parser, int64_t until_us, Beats *beats, GError **error)
{
    const GArray *rr_ms = parser->recording->rr_ms;
    for (; beats->second_us < until_us; beats->second_us += SECOND_US) {
        if (rr_ms->len == 0)
            continue;
        const guint count = rr_ms->len - beats->rr_from;
        if (count > SAMPLE_MAX_RR)
            return refuse(parser, error, "more than %d beats end within one second", SAMPLE_MAX_RR);
        const Row row = {.t_ms = beats->second_us / 1000,
                         .speed_mps = NAN,
                         .rr_from = beats->rr_from,
                         .rr_count = count,
                         .bpm = rate_of(rr_ms, rr_ms->len),
                         .contact = CONTACT_UNSUPPORTED};
        g_array_append_val(parser->recording->rows, row);
        beats->rr_from = rr_ms->len;
    }
    return true;
}

static bool read_rr_row(const Parser *parser, Beats *beats, GError **error)
{
    double rr_ms = 0;
    if (!take_number(parser, 0, 1, RECORDING_MAX_RR_MS, &rr_ms, error))
        return false;
    beats->end_us += (int64_t)floor(rr_ms * 1000 + 0.5);
    if (beats->end_us > (int64_t)RECORDING_MAX_S * SECOND_US)
        return refuse(parser, error, "the beats are longer than %d hours", RECORDING_MAX_S / 3600);
    if (!close_seconds(parser, beats->end_us, beats, error))
        return false;
    g_array_append_val(parser->recording->rr_ms, rr_ms);
    return true;
}

static bool check_row(const Parser *parser, unsigned count, GError **error)
{
    if (count == 1 && parser->fields[0].len == 0)
        return refuse(parser, error, "the line is blank; take it out");
    if (count < parser->column_count)
        return refuse(parser, error, "%u of %u columns: half a row", count, parser->column_count);
    if (count > parser->column_count)
        return refuse(parser, error, "%u columns, and the header has %u", count, parser->column_count);
    if (parser->reader.line > RECORDING_MAX_ROWS)
        return refuse(parser, error, "more than %d rows", RECORDING_MAX_ROWS);
    return true;
}

static bool read_rows(Parser *parser, GError **error)
{
    const bool beats_only = is_beats(parser);
    Beats beats = {0, SECOND_US, 0};
    int64_t t_ms = 0;
    unsigned count = 0;
    const char *reason = NULL;
    CsvResult result;
    while ((result = csv_next(&parser->reader, parser->fields, &count, &reason)) == CSV_ROW) {
        if (!check_row(parser, count, error))
            return false;
        if (beats_only ? !read_rr_row(parser, &beats, error) : !read_rate_row(parser, &t_ms, error))
            return false;
    }
    if (result == CSV_FAULT)
        return refuse(parser, error, "%s", reason);
    /* A beat that ends on the whole second belongs to it. */
    if (beats_only && !close_seconds(parser, beats.end_us + 1, &beats, error))
        return false;
    if (parser->recording->rows->len == 0)
        return refuse(parser, error, "the recording holds no sample");
    return true;
}

bool recording_says_start(const Recording *recording)
{
    for (gsize i = 0; i < recording->marks->len; i++)
        if (recording_mark(recording, i).command == SESSION_CMD_START)
            return true;
    return false;
}

gsize recording_mark_count(const Recording *recording) { return recording->marks->len; }

RecordingMark recording_mark(const Recording *recording, gsize index)
{
    g_assert(index < recording->marks->len);
    return g_array_index(recording->marks, RecordingMark, index);
}

gsize recording_count(const Recording *recording)
{
    return recording->rows->len;
}

int64_t recording_time_ms(const Recording *recording, gsize index)
{
    g_assert(index < recording->rows->len);
    return g_array_index(recording->rows, Row, index).t_ms;
}

void recording_get(const Recording *recording, gsize index, Sample *ret)
{
    g_assert(index < recording->rows->len);
    const Row *row = &g_array_index(recording->rows, Row, index);
    *ret = (Sample){
        .t_ms = row->t_ms,
        .bpm = row->bpm,
        .contact = row->contact,
        .speed_mps = row->speed_mps,
        .rr_count = row->rr_count,
    };
    if (row->rr_count > 0)
        memcpy(ret->rr_ms, &g_array_index(recording->rr_ms, double, row->rr_from), row->rr_count * sizeof(double));
}
