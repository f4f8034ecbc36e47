/* SPDX-License-Identifier: MIT */
#include "ctl/history.h"

#include <stdio.h>
#include <sysexits.h>

#define DEFAULT_FOLDER "/var/lib/zone1d"

static char *folder; /* --state-dir; lives as long as the program */

bool history_options(int *argc, char ***argv, const GOptionEntry *entries, const char *arguments, const char *summary,
                     int least, int most)
{
    const GOptionEntry common[] = {
        {"state-dir", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where zone1d keeps sessions (" DEFAULT_FOLDER ")", "DIR"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    g_autoptr(GError) error = NULL;
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, "Exit status: 0 done, 64 wrong usage, 65 the database is damaged, 66 "
                                              "there is no such session or\nno database, 73 the file cannot be "
                                              "written.\n");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, common, NULL);
    if (g_option_context_parse(context, argc, argv, &error) && (*argc - 1 < least || *argc - 1 > most))
        g_set_error(&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    most == 0 ? "no argument belongs here" : "one session's id belongs here, or last");
    if (error != NULL)
        fprintf(stderr, "%s: %s; see %s --help\n", g_get_prgname(), error->message, g_get_prgname());
    return error == NULL;
}

char *history_file(void)
{
    const char *given = g_getenv("STATE_DIRECTORY");
    const char *where = folder != NULL ? folder : given != NULL && *given == '/' ? given : DEFAULT_FOLDER;
    return g_build_filename(where, "zone1d.db", NULL);
}

int history_fail(const GError *error)
{
    fprintf(stderr, "%s: %s\n", g_get_prgname(), error->message);
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_DAMAGED) ? EX_DATAERR : EX_NOINPUT;
}

StoreReader *history_open(int *ret_status)
{
    g_autofree char *file = history_file();
    g_autoptr(GError) error = NULL;
    StoreReader *reader = store_reader_open(file, &error);
    if (reader == NULL)
        *ret_status = history_fail(error);
    return reader;
}

StoreRecord *history_ended(StoreReader *reader, const char *id, const char *athlete, int *ret_status)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreRecord) record = store_reader_get(reader, id, athlete, &error);
    if (record == NULL) {
        *ret_status = history_fail(error);
        return NULL;
    }
    if (record->ended_us != 0)
        return g_steal_pointer(&record);
    fprintf(stderr, "%s: session %s has not ended yet; see it live with zone1ctl watch\n", g_get_prgname(), record->id);
    *ret_status = EX_NOINPUT;
    return NULL;
}

char *history_date(gint64 wall_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_local(utc) : NULL;
    return local != NULL ? g_date_time_format(local, "%Y-%m-%d %H:%M") : g_strdup("unknown");
}
