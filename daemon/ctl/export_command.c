/* SPDX-License-Identifier: MIT
 *
 * zone1ctl export: one stored session for other programs.
 */
#include "ctl/command.h"
#include "ctl/history.h"
#include "export/export.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static GBytes *csv(const ExportSession *session)
{
    char *text = export_csv(session);
    return g_bytes_new_take(text, strlen(text));
}

static GBytes *tcx(const ExportSession *session)
{
    char *text = export_tcx(session);
    return g_bytes_new_take(text, strlen(text));
}

static GBytes *json(const ExportSession *session)
{
    char *text = export_json(session);
    return text != NULL ? g_bytes_new_take(text, strlen(text)) : NULL;
}

static const struct {
    const char *name;
    GBytes *(*make)(const ExportSession *session);
    bool binary, needs_samples;
} formats[] = {{"csv", csv, false, true}, {"tcx", tcx, false, true}, {"fit", export_fit, true, true},
               {"json", json, false, false}};

static int find_format(const char *name)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(formats); i++)
        if (g_strcmp0(name, formats[i].name) == 0)
            return i;
    return -1;
}

static int put(GBytes *bytes, const char *output)
{
    gsize len;
    const char *data = g_bytes_get_data(bytes, &len);
    g_autoptr(GError) error = NULL;
    if (output == NULL)
        return fwrite(data, 1, len, stdout) == len && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
    if (g_file_set_contents(output, data, (gssize)len, &error))
        return EX_OK;
    fprintf(stderr, "zone1ctl export: %s\n", error->message);
    return EX_CANTCREAT;
}

static int export_to(StoreReader *reader, const StoreRecord *record, int format, const char *output)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreTrack) track = store_reader_track(reader, record->id, &error);
    if (track == NULL)
        return history_fail(error);
    if (formats[format].needs_samples && store_track_count(track) == 0) {
        fprintf(stderr, "zone1ctl export: %s: its samples are not kept any more; --format json has what there is\n",
                record->id);
        return EX_NOINPUT;
    }
    if (store_track_damaged(track) > 0)
        fprintf(stderr, "zone1ctl export: %s: %u pieces of it are damaged and left out\n", record->id,
                store_track_damaged(track));
    const ExportSession session = {record, track};
    GBytes *bytes = formats[format].make(&session);
    if (bytes == NULL) {
        fprintf(stderr, "zone1ctl export: %s: its summary is damaged\n", record->id);
        return EX_DATAERR;
    }
    const int status = put(bytes, output);
    g_bytes_unref(bytes);
    return status;
}

int export_command(int argc, char **argv)
{
    g_autofree char *athlete = NULL, *name = NULL, *output = NULL;
    int status = EX_OK;
    const GOptionEntry entries[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &name, "csv, tcx, fit or json", "FORMAT"},
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Into FILE (standard output)", "FILE"},
        {"athlete", 'a', 0, G_OPTION_ARG_STRING, &athlete, "Whose last one", "NAME"},
        G_OPTION_ENTRY_NULL};
    const HistoryCommand command = {
        .entries = entries, .arguments = "ID", .least = 1, .most = 1,
        .summary = "Writes a stored session for other programs. ID as zone1ctl sessions tells it, or last.\n"
                   "csv: samples, RR intervals and zones, which zone1ctl judge reads; tcx and fit: Garmin's, which "
                   "training\ndiaries read; json: the summary of session/last with the samples."};
    if (!history_options(&argc, &argv, &command, &status))
        return status;
    const int format = find_format(name);
    const bool to_screen = format >= 0 && formats[format].binary && output == NULL && isatty(STDOUT_FILENO);
    if (format < 0 || to_screen) {
        fprintf(stderr, "zone1ctl export: %s; see zone1ctl export --help\n",
                to_screen ? "fit is no text; give --output FILE" : "--format must be csv, tcx, fit or json");
        return EX_USAGE;
    }
    g_autoptr(StoreReader) reader = history_open(&status);
    if (reader == NULL)
        return status;
    g_autoptr(StoreRecord) record = history_ended(reader, argv[1], athlete, &status);
    return record != NULL ? export_to(reader, record, format, output) : status;
}
