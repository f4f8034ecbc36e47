/* SPDX-License-Identifier: MIT */
#include "mqtt/topics.h"

#include <glib.h>
#include <string.h>

char *topic_gateway(const char *prefix, const char *gateway_id, const char *leaf)
{
    return g_strdup_printf("%s/gateway/%s/%s", prefix, gateway_id, leaf);
}

char *topic_athlete(const char *prefix, const char *athlete_id, const char *leaf)
{
    return g_strdup_printf("%s/athlete/%s/%s", prefix, athlete_id, leaf);
}

bool topic_is_id(const char *text, gsize len)
{
    if (len == 0 || len > TOPIC_MAX_ID_BYTES)
        return false;
    for (gsize i = 0; i < len; i++)
        if (!g_ascii_islower(text[i]) && !g_ascii_isdigit(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* What follows "WORD/" in TEXT, or NULL. */
static const char *after(const char *text, const char *word)
{
    gsize length = strlen(word);
    return text != NULL && strncmp(text, word, length) == 0 && text[length] == '/' ? text + length + 1 : NULL;
}

const char *topic_split(const char *topic, const char *prefix, const char *kind, char ret_id[TOPIC_MAX_ID_BYTES + 1])
{
    const char *id = after(after(topic, prefix), kind);
    const char *slash = id != NULL ? strchr(id, '/') : NULL;
    if (slash == NULL || !topic_is_id(id, (gsize)(slash - id)))
        return NULL;
    memcpy(ret_id, id, (gsize)(slash - id));
    ret_id[slash - id] = '\0';
    return slash + 1;
}

bool topic_is_sound(const char *topic)
{
    gsize length = strlen(topic);
    return length > 0 && length <= TOPIC_MAX_BYTES && strpbrk(topic, "+#") == NULL && g_utf8_validate(topic, -1, NULL);
}
