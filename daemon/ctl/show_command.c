/* SPDX-License-Identifier: MIT
 *
 * zone1ctl show: one stored session as people read it.
 */
#include "core/session_state.h"
#include "ctl/command.h"
#include "ctl/plot.h"
#include "ctl/history.h"
#include "ctl/judge.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#define CURVE_ROWS 14
#define PLAIN_COLUMNS 80

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return PLAIN_COLUMNS;
    return MIN((int)size.ws_col, 200);
}

/* The rates as they were judged, from the start to the end. */
static GArray *points_of(const StoreTrack *track, int64_t end_ms)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(PlotPoint));
    Validity validity;
    TrackEntry entry;
    validity_init(&validity);
    for (guint i = 0; i < store_track_count(track); i++) {
        store_track_get(track, i, &entry);
        if (entry.is_mark || entry.is_target || entry.sample.t_ms > end_ms)
            continue;
        const bool valid = validity_check(&validity, &entry.sample) == SAMPLE_VALID;
        const PlotPoint point = {entry.sample.t_ms, valid ? entry.sample.bpm : 0};
        if (point.t_ms >= 0)
            g_array_append_val(points, point);
    }
    return points;
}

static void print_curve(const StoreTrack *track, const StoreRecord *record, const Summary *summary, bool colour)
{
    g_autoptr(GArray) points = points_of(track, record->elapsed_ms);
    g_autofree char *curve =
        plot_text(points, &summary->zones, summary->cap_bpm, CURVE_ROWS, terminal_columns(), colour);
    if (*curve != '\0')
        printf("\n%s", curve);
    else
        puts("\nIts samples are not kept any more.");
    if (store_track_damaged(track) > 0)
        printf("%u pieces of it are damaged and left out.\n", store_track_damaged(track));
}

static int show(StoreReader *reader, const StoreRecord *record)
{
    gsize len = 0;
    Summary summary;
    g_autoptr(GError) error = NULL;
    const uint8_t *bytes = record->summary != NULL ? g_bytes_get_data(record->summary, &len) : NULL;
    const SessionStateResult result = summary_restore(&summary, bytes, len);
    if (result != SESSION_STATE_OK) {
        fprintf(stderr, "zone1ctl show: %s: %s\n", record->id, session_state_result_text(result));
        return EX_DATAERR;
    }
    g_autoptr(StoreTrack) track = store_reader_track(reader, record->id, &error);
    if (track == NULL)
        return history_fail(error);
    const bool colour = isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL;
    g_autofree char *date = history_date(record->started_us);
    g_autofree char *name = g_strdup_printf("%s, %s (%s)", record->athlete, date, record->id);
    g_autofree char *text = judge_text(name, &summary, colour);
    fputs(text, stdout);
    print_curve(track, record, &summary, colour);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int show_command(int argc, char **argv)
{
    g_autofree char *athlete = NULL;
    int status = EX_OK;
    const GOptionEntry entries[] = {
        {"athlete", 'a', 0, G_OPTION_ARG_STRING, &athlete, "Whose last one", "NAME"}, G_OPTION_ENTRY_NULL};
    const HistoryCommand command = {
        .entries = entries, .arguments = "ID", .least = 1, .most = 1,
        .summary = "Shows a stored session: the verdict, all totals, and the heart rate on its zones. ID as zone1ctl "
                   "sessions tells\nit, or last."};
    if (!history_options(&argc, &argv, &command, &status))
        return status;
    g_autoptr(StoreReader) reader = history_open(&status);
    if (reader == NULL)
        return status;
    g_autoptr(StoreRecord) record = history_ended(reader, argv[1], athlete, &status);
    return record != NULL ? show(reader, record) : status;
}
