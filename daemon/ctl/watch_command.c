/* SPDX-License-Identifier: MIT
 *
 * The options of zone1ctl watch.
 */
#include "ctl/watch_command.h"

#include "ctl/place.h"
#include "ctl/watch.h"
#include "mqtt/topics.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static bool parse(int *argc, char ***argv, WatchOptions *options, char **group, Place *place, GError **error)
{
    gboolean until_finished = FALSE;
    const GOptionEntry entries[] = {
        {"group", 0, 0, G_OPTION_ARG_STRING, group, "A whole group in a table", "GROUP"},
        {"until-finished", 0, 0, G_OPTION_ARG_NONE, &until_finished, "End with the session, and its verdict", NULL},
        {"total-s", 0, 0, G_OPTION_ARG_INT, &options->total_s, "Length of the recording that is replayed", "SECONDS"},
        {"hint", 0, 0, G_OPTION_ARG_STRING, &options->hint, "Shown in the last row, an address say", "TEXT"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new("[ATHLETE]");
    g_option_context_set_summary(context, "Shows an athlete live; q quits. Without ATHLETE: the first that is heard.");
    g_option_context_add_main_entries(context, entries, NULL);
    place_add_options(context, place);
    if (!g_option_context_parse(context, argc, argv, error) || !place_resolve(place, error))
        return false;
    options->until_finished = until_finished;
    options->total_s = MAX(options->total_s, 0);
    options->place = place;
    options->group = *group;
    options->athlete = *argc == 2 ? (*argv)[1] : NULL;
    /* It goes into a topic filter: no wildcard and no level may slip in. */
    if (*group != NULL && (!topic_is_id(*group, strlen(*group)) || *argc > 1))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--group %s: one group's id, of a-z 0-9 and -, alone",
                    *group);
    else if (*argc > 2 || (options->athlete != NULL && !topic_is_id(options->athlete, strlen(options->athlete))))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s: one athlete's id, of a-z 0-9 and -",
                    (*argv)[*argc - 1]);
    return *error == NULL;
}

int watch_command(int argc, char **argv)
{
    int status = EX_USAGE;
    WatchOptions options = {0};
    g_auto(Place) place = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *group = NULL;
    if (parse(&argc, &argv, &options, &group, &place, &error))
        status = group != NULL ? watch_group_run(&options) : watch_run(&options);
    else
        fprintf(stderr, "zone1ctl watch: %s\n", error->message);
    g_free(options.hint);
    return status;
}
