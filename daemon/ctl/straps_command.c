/* SPDX-License-Identifier: MIT */
#include "ctl/straps_command.h"

#include "ctl/ask.h"
#include "ctl/straps_text.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define SCAN_DEFAULT_S 10
#define SCAN_MAX_S 60

typedef struct {
    Place place;
    gboolean json;
    int seconds;
} Options;

/* The options of all, and --json; SECONDS: --seconds too. COUNT arguments are left. */
static bool parse(int *argc, char ***argv, Options *options, const char *arguments, const char *summary, bool seconds,
                  int count, GError **error)
{
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, "as JSON, one line", NULL},
        {seconds ? "seconds" : NULL, 's', 0, G_OPTION_ARG_INT, &options->seconds, "for how long, 1 to 60 (10)", "N"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(arguments);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, ASK_EXIT_STATUSES);
    g_option_context_add_main_entries(context, entries, NULL);
    place_add_options(context, &options->place);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (*argc != count + 1)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "it takes %s",
                    arguments != NULL ? arguments : "no argument");
    else if (options->seconds < 1 || options->seconds > SCAN_MAX_S)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--seconds must be 1 to %d", SCAN_MAX_S);
    return *error == NULL && place_resolve(&options->place, error);
}

/* DATA as JSON or by TEXT_OF; frees it. */
static int show(const Options *options, cJSON *data, char *(*text_of)(const cJSON *data))
{
    g_autofree char *text = NULL;
    if (options->json) {
        char *json = cJSON_PrintUnformatted(data);
        text = g_strconcat(json != NULL ? json : "null", "\n", NULL);
        cJSON_free(json);
    } else {
        text = text_of(data);
    }
    cJSON_Delete(data);
    if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
        return EX_IOERR;
    return EX_OK;
}

int scan_command(int argc, char **argv)
{
    Options options = {.seconds = SCAN_DEFAULT_S};
    GError *error = NULL;
    cJSON *data = NULL;
    if (parse(&argc, &argv, &options, NULL, "Says which Bluetooth devices are heard, the nearest first.", true, 0,
              &error)) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "seconds", options.seconds);
        data = ask_gateway(&options.place, "scan", object, (unsigned)options.seconds * 1000 + ASK_PATIENCE_MS, &error);
    }
    int status = data != NULL ? show(&options, data, straps_text_scan) : ask_report("scan", error);
    place_clear(&options.place);
    return status;
}

int straps_command(int argc, char **argv)
{
    Options options = {.seconds = SCAN_DEFAULT_S};
    GError *error = NULL;
    cJSON *data = NULL;
    if (parse(&argc, &argv, &options, NULL, "Says how each athlete's strap is, and each adapter.", false, 0, &error))
        data = ask_gateway(&options.place, "straps", cJSON_CreateObject(), ASK_PATIENCE_MS, &error);
    int status = data != NULL ? show(&options, data, straps_text_table) : ask_report("straps", error);
    place_clear(&options.place);
    return status;
}

static char *say_done(const cJSON *data)
{
    (void)data;
    return g_strdup("done\n");
}

int bind_command(int argc, char **argv)
{
    const char *command = argv[0];
    bool bind = strcmp(command, "bind") == 0;
    Options options = {.seconds = SCAN_DEFAULT_S};
    GError *error = NULL;
    cJSON *data = NULL;
    if (parse(&argc, &argv, &options, bind ? "ID ATHLETE" : "ATHLETE",
              bind ? "Binds a strap to an athlete, beside those of the configuration; its ID is told by zone1ctl scan."
                   : "Takes back all that was bound to an athlete by zone1ctl bind.",
              false, bind ? 2 : 1, &error)) {
        cJSON *object = cJSON_CreateObject();
        if (bind)
            cJSON_AddStringToObject(object, "id", argv[1]);
        cJSON_AddStringToObject(object, "athlete", argv[bind ? 2 : 1]);
        data = ask_gateway(&options.place, command, object, ASK_PATIENCE_MS, &error);
    }
    int status = data != NULL ? show(&options, data, say_done) : ask_report(command, error);
    place_clear(&options.place);
    return status;
}
