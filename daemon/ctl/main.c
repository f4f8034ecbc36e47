/* SPDX-License-Identifier: MIT
 *
 * zone1ctl: the command for people.
 */
#include "ctl/check.h"
#include "ctl/command.h"
#include "ctl/notes.h"
#include "ctl/straps_command.h"
#include "ctl/tell_command.h"
#include "ctl/watch_command.h"

#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the name */
    const char *arguments, *summary;
} commands[] = {
    {"watch", watch_command, "[ATHLETE]", "an athlete, live; or with --group a group"},
    {"judge", judge_command, "RECORDING", "a recording, judged"},
    {"sessions", sessions_command, "", "the stored sessions, newest first"},
    {"show", show_command, "ID", "one of them: verdict, numbers, curve"},
    {"export", export_command, "ID --format F", "one of them as csv, tcx, fit or json"},
    {"delete", delete_command, "ID", "one of them, deleted"},
    {"start", tell_command, "ATHLETE", "begins a session"},
    {"stop", tell_command, "ATHLETE", "ends it"},
    {"pause", tell_command, "ATHLETE", "pauses it"},
    {"resume", tell_command, "ATHLETE", "goes on with it"},
    {"target", tell_command, "ATHLETE TARGET", "what the session is judged by, from now on"},
    {"cap", tell_command, "ATHLETE BPM", "the same, by a highest heart rate"},
    {"rpe", tell_command, "ATHLETE N", "how hard it felt, 1 to 10"},
    {"speed", tell_command, "ATHLETE KMH", "the treadmill's speed"},
    {"scan", scan_command, "", "which straps are heard"},
    {"straps", straps_command, "", "how each strap is"},
    {"bind", bind_command, "ID ATHLETE", "a strap that was heard is an athlete's"},
    {"unbind", bind_command, "ATHLETE", "takes that back"},
    {"check", check_command, "", "all that zone1d needs: ok, or what to do"},
    {"forget", forget_command, "ATHLETE", "forgets all of an athlete's sessions"},
};

static void print_usage(FILE *file)
{
    fputs("usage: zone1ctl COMMAND [ARGUMENTS] [OPTIONS]    (zone1ctl COMMAND --help)\n"
          "       zone1ctl --help | --version\n\n", file);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(file, "  %-9s%-18s%s\n", commands[i].name, commands[i].arguments, commands[i].summary);
}

static int run(int argc, char **argv)
{
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0) {
            g_autofree char *name = g_strdup_printf("zone1ctl %s", argv[0]);
            g_set_prgname(name);
            return commands[i].run(argc, argv);
        }
    fprintf(stderr, "zone1ctl: there is no command '%s'; see zone1ctl --help\n", argv[0]);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe): before any thread */
    notes_start();
    signal(SIGPIPE, SIG_IGN);
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        puts("zone1ctl " ZONE1D_VERSION);
        return EX_OK;
    }
    bool help = argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0);
    if (argc >= 2 && !help)
        return run(argc - 1, argv + 1);
    print_usage(help ? stdout : stderr);
    return help ? EX_OK : EX_USAGE;
}
