/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_FIELDS 16 /* GLib gives six; with more there is no room for one of ours */
#define MAX_STRAP 1000

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

/* The number in "strap 2: live"; 0 in TEXT of anything else. */
static unsigned strap_of(const char *text)
{
    const char *digits = g_str_has_prefix(text, "strap ") ? text + strlen("strap ") : "";
    char *end = NULL;
    const guint64 number = g_ascii_isdigit(*digits) ? g_ascii_strtoull(digits, &end, 10) : 0;
    return number > 0 && number < MAX_STRAP && *end == ':' ? (unsigned)number : 0;
}

/* With ZONE1D_STRAP, where it is about one (docs/config.md, "The journal"). */
static GLogWriterOutput write_journal(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    GLogField more[MAX_FIELDS + 1];
    char number[8];
    const unsigned strap = strap_of(message_of(fields, count));
    if (strap == 0 || count > MAX_FIELDS)
        return g_log_writer_journald(level, fields, count, user);
    g_snprintf(number, sizeof number, "%u", strap);
    memcpy(more, fields, count * sizeof fields[0]);
    more[count] = (GLogField){"ZONE1D_STRAP", number, -1};
    return g_log_writer_journald(level, more, count + 1, user);
}

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    if ((level & G_LOG_LEVEL_MASK & wanted) == 0)
        return G_LOG_WRITER_HANDLED;
    if (g_log_writer_is_journald(fileno(stderr)) &&
        write_journal(level, fields, count, user) == G_LOG_WRITER_HANDLED)
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
