/* SPDX-License-Identifier: MIT */
#include "observer.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* seen by the thread sanitizer */
static GPtrArray *lines;

static GLogWriterOutput keep_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    (void)user;
    for (gsize i = 0; level != G_LOG_LEVEL_DEBUG && i < count; i++) {
        if (strcmp(fields[i].key, "MESSAGE") != 0)
            continue;
        pthread_mutex_lock(&lock);
        g_ptr_array_add(lines, g_strdup(fields[i].value));
        pthread_mutex_unlock(&lock);
    }
    return G_LOG_WRITER_HANDLED;
}

void log_capture(void)
{
    lines = g_ptr_array_new_with_free_func(g_free);
    g_log_set_writer_func(keep_line, NULL, NULL);
}

guint log_count(const char *text)
{
    guint count = 0;
    pthread_mutex_lock(&lock);
    for (guint i = 0; i < lines->len; i++)
        count += strstr(lines->pdata[i], text) != NULL;
    pthread_mutex_unlock(&lock);
    return count;
}

void log_clear(void)
{
    pthread_mutex_lock(&lock);
    g_ptr_array_set_size(lines, 0);
    pthread_mutex_unlock(&lock);
}

static bool has_text(gconstpointer subject, guint64 value)
{
    (void)value;
    return log_count(subject) > 0;
}

bool log_wait(const char *text)
{
    bool seen = wait_until(has_text, text, 0);
    for (guint i = 0; !seen && i < lines->len; i++)
        g_printerr("logged: %s\n", (const char *)lines->pdata[i]);
    return seen;
}
