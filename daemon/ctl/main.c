/* SPDX-License-Identifier: MIT
 *
 * zone1ctl: the command for people.
 */
#include "ctl/judge.h"
#include "ctl/notes.h"
#include "ctl/watch.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] = "usage: zone1ctl watch [ATHLETE] [options]    an athlete, live (zone1ctl watch --help)\n"
                            "       zone1ctl judge RECORDING [options]    a recording, judged "
                            "(zone1ctl judge --help)\n";

static WatchOptions watch_options = {.host = "localhost", .port = 1883, .prefix = "zone1d"};

/* The strings live as long as the program. */
static bool parse_watch(int *argc, char ***argv, GError **error)
{
    static char *host, *prefix, *username, *password_file;
    static int port = 1883, total_s;
    static gboolean until_finished;
    static const GOptionEntry entries[] = {
        {"host", 'h', 0, G_OPTION_ARG_STRING, &host, "the broker (localhost)", "HOST"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &port, "its port (1883)", "PORT"},
        {"prefix", 0, 0, G_OPTION_ARG_STRING, &prefix, "first level of the topics (zone1d)", "PREFIX"},
        {"username", 'u', 0, G_OPTION_ARG_STRING, &username, "for the broker", "NAME"},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &password_file, "its first line is the password", "FILE"},
        {"until-finished", 0, 0, G_OPTION_ARG_NONE, &until_finished, "end with the session, and its verdict", NULL},
        {"total-s", 0, 0, G_OPTION_ARG_INT, &total_s, "length of the recording that is replayed", "SECONDS"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[ATHLETE]");
    g_option_context_set_summary(context, "Shows an athlete live; q quits. Without ATHLETE: the first that is heard.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (port < 1 || port > 65535) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--port %d: must be 1 to 65535", port);
        return false;
    }
    watch_options.host = host != NULL ? host : watch_options.host;
    watch_options.port = (unsigned)port;
    watch_options.prefix = prefix != NULL ? prefix : watch_options.prefix;
    watch_options.username = username;
    watch_options.password_file = password_file;
    watch_options.until_finished = until_finished;
    watch_options.total_s = MAX(total_s, 0);
    return true;
}

/* It goes into a topic filter: no wildcard and no level may slip in. */
static bool athlete_is_id(const char *athlete)
{
    gsize length = strlen(athlete);
    return length > 0 && length <= 32 && strspn(athlete, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static int watch_command(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (!parse_watch(&argc, &argv, &error)) {
        fprintf(stderr, "zone1ctl watch: %s\n", error->message);
        return EX_USAGE;
    }
    if (argc > 2 || (argc == 2 && !athlete_is_id(argv[1]))) {
        fprintf(stderr, "zone1ctl watch: %s: one athlete's id, of a-z 0-9 and -\n", argv[argc - 1]);
        return EX_USAGE;
    }
    watch_options.athlete = argc == 2 ? argv[1] : NULL;
    return watch_run(&watch_options);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe): before any thread */
    notes_start();
    signal(SIGPIPE, SIG_IGN);
    if (argc >= 2 && strcmp(argv[1], "watch") == 0) {
        g_set_prgname("zone1ctl watch");
        return watch_command(argc - 1, argv + 1);
    }
    if (argc >= 2 && strcmp(argv[1], "judge") == 0) {
        g_set_prgname("zone1ctl judge");
        return judge_command(argc - 1, argv + 1);
    }
    bool help = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    fputs(usage, help ? stdout : stderr);
    return help ? EX_OK : EX_USAGE;
}
