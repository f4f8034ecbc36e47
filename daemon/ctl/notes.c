/* SPDX-License-Identifier: MIT */
#include "ctl/notes.h"

#include <string.h>

static GMutex lock;
static char last[200];

static GLogWriterOutput keep_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    (void)user;
    if ((level & G_LOG_FLAG_FATAL) != 0)
        return g_log_writer_standard_streams(level, fields, count, NULL);
    if ((level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)) == 0)
        return G_LOG_WRITER_HANDLED;
    for (gsize i = 0; i < count; i++) {
        if (strcmp(fields[i].key, "MESSAGE") != 0 || fields[i].length >= 0)
            continue;
        g_mutex_lock(&lock);
        g_strlcpy(last, fields[i].value, sizeof last);
        g_mutex_unlock(&lock);
    }
    return G_LOG_WRITER_HANDLED;
}

void notes_start(void)
{
    g_log_set_writer_func(keep_log, NULL, NULL);
}

void notes_last(char *buf, gsize size)
{
    g_mutex_lock(&lock);
    g_strlcpy(buf, last, size);
    g_mutex_unlock(&lock);
}

void notes_forget(void)
{
    g_mutex_lock(&lock);
    last[0] = '\0';
    g_mutex_unlock(&lock);
}
