/* SPDX-License-Identifier: MIT */
#include "ctl/history.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#define DEFAULT_FOLDER "/var/lib/zone1d"

/* They live as long as the program. */
static char *folder, *config_path, *file;

static void add_options(GOptionContext *context, const HistoryCommand *command)
{
    const GOptionEntry state_dir[] = {
        {"state-dir", 0, 0, G_OPTION_ARG_FILENAME, &folder,
         "Where zone1d keeps sessions (as it is configured, or " DEFAULT_FOLDER ")", "DIR"},
        G_OPTION_ENTRY_NULL};
    const GOptionEntry config[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config_path,
         "zone1d's configuration (" PLACE_DEFAULT_CONFIG ", if it is there)", "FILE"},
        G_OPTION_ENTRY_NULL};
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, "Exit status: 0 done, 64 wrong usage, 65 the database is damaged, 66 "
                                              "there is no such session or\nno database, 73 the file cannot be "
                                              "written, 78 the configuration has a fault.\n");
    g_option_context_add_main_entries(context, command->entries, NULL);
    g_option_context_add_main_entries(context, state_dir, NULL);
    if (command->place != NULL)
        place_add_options(context, command->place);
    else
        g_option_context_add_main_entries(context, config, NULL);
}

static bool find_file(const char *config_file, GError **error)
{
    const char *path = config_file != NULL ? config_file : PLACE_DEFAULT_CONFIG, *given = g_getenv("STATE_DIRECTORY");
    const char *where = given != NULL && *given == '/' ? given : DEFAULT_FOLDER;
    g_autoptr(Config) config = NULL;
    if (folder == NULL && (config_file != NULL || access(path, R_OK) == 0)) {
        config = config_load(path, error);
        if (config == NULL)
            return false;
    }
    if (config != NULL && config->state_dir != NULL)
        where = config->state_dir;
    file = g_build_filename(folder != NULL ? folder : where, "zone1d.db", NULL);
    return true;
}

static bool parse(GOptionContext *context, int *argc, char ***argv, const HistoryCommand *command, GError **error)
{
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (*argc - 1 >= command->least && *argc - 1 <= command->most)
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                command->most == 0 ? "no argument belongs here" : "one session's id belongs here, or last");
    return false;
}

bool history_options(int *argc, char ***argv, const HistoryCommand *command, int *ret_status)
{
    g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
    g_autoptr(GError) error = NULL;
    add_options(context, command);
    if (!parse(context, argc, argv, command, &error)) {
        fprintf(stderr, "%s: %s; see %s --help\n", g_get_prgname(), error->message, g_get_prgname());
        *ret_status = EX_USAGE;
        return false;
    }
    if (find_file(command->place != NULL ? command->place->config_path : config_path, &error) &&
        (command->place == NULL || folder != NULL || place_resolve(command->place, &error)))
        return true;
    fprintf(stderr, "%s: %s\n", g_get_prgname(), error->message);
    *ret_status = error->domain == G_OPTION_ERROR ? EX_USAGE : EX_CONFIG;
    return false;
}

const char *history_file(void) { return file; }

bool history_is_elsewhere(void) { return folder != NULL; }

int history_fail(const GError *error)
{
    fprintf(stderr, "%s: %s\n", g_get_prgname(), error->message);
    return g_error_matches(error, STORE_ERROR, STORE_ERROR_DAMAGED) ? EX_DATAERR : EX_NOINPUT;
}

StoreReader *history_open(int *ret_status)
{
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
