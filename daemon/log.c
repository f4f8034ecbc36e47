/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static GLogLevelFlags wanted = G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE;

static const char *level_word(GLogLevelFlags level)
{
    if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
        return "error: ";
    if ((level & G_LOG_LEVEL_WARNING) != 0)
        return "warning: ";
    return (level & G_LOG_LEVEL_DEBUG) != 0 ? "debug: " : "";
}

static const char *message_of(const GLogField *fields, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0 && fields[i].length < 0)
            return fields[i].value;
    return "(no message)";
}

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    if ((level & G_LOG_LEVEL_MASK & wanted) == 0)
        return G_LOG_WRITER_HANDLED;
    if (g_log_writer_is_journald(fileno(stderr)) &&
        g_log_writer_journald(level, fields, count, user) == G_LOG_WRITER_HANDLED)
        return G_LOG_WRITER_HANDLED;
    fprintf(stderr, "zone1d: %s%s\n", level_word(level), message_of(fields, count));
    return G_LOG_WRITER_HANDLED;
}

void log_init(int verbosity)
{
    if (verbosity >= 1)
        wanted |= G_LOG_LEVEL_INFO;
    if (verbosity >= 2)
        wanted |= G_LOG_LEVEL_DEBUG;
    g_log_set_writer_func(write_log, NULL, NULL);
}
