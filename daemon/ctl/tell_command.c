/* SPDX-License-Identifier: MIT
 *
 * zone1ctl start, stop, pause, resume, target, cap, rpe, speed, forget: an athlete is told something.
 */
#include "ctl/tell_command.h"

#include "ctl/ask.h"
#include "mqtt/topics.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct {
    const char *command;
    const char *key;
    const char *value; /* NULL: it is an argument */
    const char *summary;
} table[] = {
    {"start", "session", "start", "Begins a session."},
    {"stop", "session", "stop", "Ends the session; its verdict follows."},
    {"pause", "session", "pause", "Pauses the session."},
    {"resume", "session", "resume", "Goes on with a paused session."},
    {"target", "target", NULL, "TARGET: recovery, easy, z1 to z8, z5a to z5c, cap:BPM. Counts from now on."},
    {"cap", "cap", NULL, "BPM: the highest heart rate that is fine, 80 to 200. The same as the target cap:BPM."},
    {"rpe", "rpe", NULL, "N: how hard it felt, 1 to 10; 0 takes it back. For the running session, or the last one."},
    {"speed", "speed", NULL, "KMH: the treadmill's speed; none: not known any more. Holds for a minute."},
};

static const char *argument_name(const char *command)
{
    return strcmp(command, "target") == 0 ? "TARGET" : strcmp(command, "cap") == 0 ? "BPM"
                                                   : strcmp(command, "rpe") == 0   ? "N"
                                                                                   : "KMH";
}

typedef struct {
    Place place;
    char *group; /* NULL: one athlete */
    const char *id, *value;
} Telling;

static void clear(Telling *telling)
{
    place_clear(&telling->place);
    g_free(telling->group);
}

/* WITH_GROUP: --group GROUP can stand in the place of the athlete. COUNT: arguments, the athlete included. */
static bool parse(int *argc, char ***argv, const char *arguments, const char *summary, int count, bool with_group,
                  Telling *ret, GError **error)
{
    const GOptionEntry entries[] = {
        {"group", 0, 0, G_OPTION_ARG_STRING, &ret->group, "All athletes of a group, instead of one", "GROUP"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, ASK_EXIT_STATUSES);
    if (with_group)
        g_option_context_add_main_entries(context, entries, NULL);
    place_add_options(context, &ret->place);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    count -= ret->group != NULL ? 1 : 0;
    ret->id = ret->group != NULL ? ret->group : *argc > 1 ? (*argv)[1] : "";
    ret->value = *argc > 1 ? (*argv)[*argc - 1] : "";
    if (*argc != count + 1)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "it takes %s%s", arguments,
                    with_group ? ", or --group GROUP" : "");
    else if (!topic_is_id(ret->id, strlen(ret->id)))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s: an id is of a-z 0-9 and -", ret->id);
    return *error == NULL && place_resolve(&ret->place, error);
}

int tell_command(int argc, char **argv)
{
    const char *command = argv[0];
    Telling telling = {0};
    GError *error = NULL;
    gsize i = 0;
    while (strcmp(table[i].command, command) != 0)
        i++;
    bool has_value = table[i].value == NULL;
    g_autofree char *arguments =
        has_value ? g_strdup_printf("ATHLETE %s", argument_name(command)) : g_strdup("ATHLETE");
    bool told = parse(&argc, &argv, arguments, table[i].summary, has_value ? 2 : 1, !has_value, &telling, &error) &&
                ask_set(&telling.place, telling.group != NULL ? "group" : "athlete", telling.id, table[i].key,
                        has_value ? telling.value : table[i].value, &error);
    clear(&telling);
    return told ? EX_OK : ask_report(command, error);
}

int forget_command(int argc, char **argv)
{
    Telling telling = {0};
    GError *error = NULL;
    cJSON *data = NULL;
    if (parse(&argc, &argv, "ATHLETE", "Forgets all of an athlete's sessions, here and at the broker.", 1, false,
              &telling, &error)) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "athlete", telling.id);
        data = ask_gateway(&telling.place, "forget", object, ASK_PATIENCE_MS, &error);
    }
    clear(&telling);
    cJSON_Delete(data);
    return data != NULL ? EX_OK : ask_report("forget", error);
}
