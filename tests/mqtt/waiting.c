/* SPDX-License-Identifier: MIT */
#include "waiting.h"

#include <stdarg.h>
#include <stdlib.h>

void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("%s\n", text);
    g_print("Bail out! %s\n", text);
    exit(99);
}

static gboolean on_time_up(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static gboolean on_tick(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static bool wait_for_ms(Condition condition, gconstpointer subject, guint64 value, guint limit_ms)
{
    bool time_up = false;
    guint limit = g_timeout_add(limit_ms, on_time_up, &time_up);
    guint tick = g_timeout_add(5, on_tick, NULL);
    while (!time_up && !condition(subject, value))
        g_main_context_iteration(NULL, TRUE);
    if (!time_up)
        g_source_remove(limit);
    g_source_remove(tick);
    return condition(subject, value);
}

bool wait_until(Condition condition, gconstpointer subject, guint64 value)
{
    return wait_for_ms(condition, subject, value, WAIT_MS);
}

static bool never(gconstpointer subject, guint64 value)
{
    (void)subject;
    (void)value;
    return false;
}

void run_for_ms(unsigned ms)
{
    (void)wait_for_ms(never, NULL, 0, ms);
}
