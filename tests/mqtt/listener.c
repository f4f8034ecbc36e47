/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include "waiting.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct Listener {
    GPid pid;
    GIOChannel *output;
    guint watch;
    bool subscribed;
    GPtrArray *lines;
};

static gboolean on_output(GIOChannel *output, GIOCondition condition, gpointer data);

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static bool is_subscribed(gconstpointer subject, guint64 value)
{
    (void)value;
    return ((const Listener *)subject)->subscribed;
}

Listener *listener_new(unsigned port, const char *filter)
{
    Listener *listener = g_new0(Listener, 1);
    char *number = g_strdup_printf("%u", port);
    /* -d tells when the subscription stands; what is ours is marked with =. */
    const char *arguments[] = {"stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", number,
                               "-q", "1", "-t", filter, "-F", "=%r %t %p", NULL};
    GError *error = NULL;
    int fd = -1;
    if (!g_spawn_async_with_pipes(NULL, (char **)(guintptr)arguments, NULL,
                                  G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL,
                                  &listener->pid, NULL, &fd, NULL, &error))
        give_up("mosquitto_sub: %s", error->message);
    g_free(number);
    listener->lines = g_ptr_array_new_with_free_func(g_free);
    listener->output = g_io_channel_unix_new(fd);
    g_io_channel_set_close_on_unref(listener->output, TRUE);
    g_io_channel_set_encoding(listener->output, NULL, NULL);
    g_io_channel_set_flags(listener->output, G_IO_FLAG_NONBLOCK, NULL);
    listener->watch = g_io_add_watch(listener->output, G_IO_IN | G_IO_HUP, on_output, listener);
    if (!wait_until(is_subscribed, listener, 0))
        give_up("mosquitto_sub does not subscribe to %s on port %u", filter, port);
    return listener;
}

static void take_line(Listener *listener, const char *line)
{
    if (g_str_has_prefix(line, "Subscribed"))
        listener->subscribed = true;
    else if (g_str_has_prefix(line, "=0 "))
        g_ptr_array_add(listener->lines, g_strdup(line + 3));
    else if (g_str_has_prefix(line, "=1 "))
        g_ptr_array_add(listener->lines, g_strconcat("R ", line + 3, NULL));
}

static gboolean on_output(GIOChannel *output, GIOCondition condition, gpointer data)
{
    Listener *listener = data;
    char *line = NULL;
    gsize end = 0;
    GIOStatus status;
    (void)condition;
    while ((status = g_io_channel_read_line(output, &line, NULL, &end, NULL)) == G_IO_STATUS_NORMAL) {
        line[end] = '\0';
        take_line(listener, line);
        g_free(line);
    }
    if (status == G_IO_STATUS_AGAIN)
        return G_SOURCE_CONTINUE;
    listener->watch = 0;
    return G_SOURCE_REMOVE;
}

guint listener_count(const Listener *listener)
{
    return listener->lines->len;
}

const char *listener_line(const Listener *listener, guint index)
{
    return index < listener->lines->len ? listener->lines->pdata[index] : "";
}

guint listener_times(const Listener *listener, const char *line)
{
    guint count = 0;
    for (guint i = 0; i < listener->lines->len; i++)
        count += strcmp(listener->lines->pdata[i], line) == 0;
    return count;
}

static bool has_lines(gconstpointer subject, guint64 value)
{
    return listener_count(subject) >= value;
}

bool listener_wait(const Listener *listener, guint count)
{
    return wait_until(has_lines, listener, count);
}

typedef struct {
    const Listener *listener;
    const char *line;
} Wanted;

static bool has_line(gconstpointer subject, guint64 value)
{
    const Wanted *wanted = subject;
    return listener_times(wanted->listener, wanted->line) >= value;
}

bool listener_wait_line(const Listener *listener, const char *line, guint times)
{
    Wanted wanted = {listener, line};
    return wait_until(has_line, &wanted, times);
}

void listener_free(Listener *listener)
{
    if (listener == NULL)
        return;
    if (listener->watch != 0)
        g_source_remove(listener->watch);
    g_io_channel_unref(listener->output);
    kill(listener->pid, SIGKILL);
    waitpid(listener->pid, NULL, 0);
    g_ptr_array_unref(listener->lines);
    g_free(listener);
}
