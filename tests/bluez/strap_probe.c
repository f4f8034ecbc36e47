/* SPDX-License-Identifier: MIT
 *
 * For people and scripts: prints what the straps given as arguments (addresses or advertised names)
 * yield, one line an event, until SECONDS are over or a signal comes.
 *   strap_probe SECONDS STRAP...
 */
#include "bluez/bluez_source.h"

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_sample(void *user, unsigned athlete, const Sample *sample)
{
    (void)user;
    printf("%.3f strap %u: %u bpm, contact %d, %u RR\n", (double)sample->t_ms / 1000, athlete + 1, sample->bpm,
           (int)sample->contact, sample->rr_count);
    fflush(stdout);
}

static void on_link(void *user, unsigned athlete, bool up, int64_t now_ms)
{
    (void)user;
    printf("%.3f strap %u: link %s\n", (double)now_ms / 1000, athlete + 1, up ? "up" : "down");
    fflush(stdout);
}

static void on_timer(void *user, int64_t now_ms)
{
    (void)now_ms;
    g_main_loop_quit(user);
}

static void print_log(const char *domain, GLogLevelFlags level, const char *message, void *user)
{
    (void)domain;
    (void)level;
    (void)user;
    printf("%.3f   %s\n", (double)bluez_now_ms() / 1000, message);
    fflush(stdout);
}

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0)
            print_log(NULL, level, fields[i].value, user);
    return G_LOG_WRITER_HANDLED;
}

static gboolean on_stop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
    static const SourceEvents EVENTS = {.sample = on_sample, .link = on_link, .timer = on_timer};
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autofree StrapId *straps = g_new0(StrapId, argc);
    long seconds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    Source *source;

    setlocale(LC_ALL, "");
    if (seconds <= 0) {
        fprintf(stderr, "usage: strap_probe SECONDS STRAP...\n");
        return 64;
    }
    for (int i = 2; i < argc; i++) {
        bool address = strlen(argv[i]) == 17 && argv[i][2] == ':';

        straps[i - 2] = (StrapId){.address = address ? argv[i] : NULL, .name = address ? NULL : argv[i]};
    }
    g_log_set_writer_func(write_log, NULL, NULL);
    g_unix_signal_add(SIGTERM, on_stop, loop);
    g_unix_signal_add(SIGINT, on_stop, loop);
    source = bluez_source_new(straps, (unsigned)argc - 2, &EVENTS, loop);
    source_start(source);
    source_set_timer(source, source_now_ms(source) + seconds * 1000);
    g_main_loop_run(loop);
    source_free(source);
    return 0;
}
