/* SPDX-License-Identifier: MIT */
#include "group_note.h"

#include <cjson/cJSON.h>
#include <string.h>

#define MAX_ID_BYTES 80

void group_note_init(GroupNote *note)
{
    note->active = false;
    note->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

void group_note_clear(GroupNote *note)
{
    if (note->sessions != NULL)
        g_hash_table_unref(note->sessions);
    note->sessions = NULL;
}

char *group_note_key(const char *id) { return g_strconcat("group/", id, NULL); }

char *group_note_print(const GroupNote *note)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "active", note->active);
    cJSON *sessions = cJSON_AddObjectToObject(object, "sessions");
    GHashTableIter all;
    gpointer athlete, session;
    g_hash_table_iter_init(&all, note->sessions);
    while (g_hash_table_iter_next(&all, &athlete, &session))
        cJSON_AddStringToObject(sessions, athlete, session);
    char *printed = cJSON_PrintUnformatted(object), *text = g_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(object);
    return text;
}

static bool take_sessions(const cJSON *sessions, GroupNote *note)
{
    const cJSON *item;
    if (!cJSON_IsObject(sessions))
        return false;
    cJSON_ArrayForEach(item, sessions) {
        const char *id = cJSON_GetStringValue(item);
        if (id == NULL || strlen(id) > MAX_ID_BYTES || strlen(item->string) > MAX_ID_BYTES)
            return false;
        g_hash_table_replace(note->sessions, g_strdup(item->string), g_strdup(id));
    }
    return true;
}

bool group_note_parse(const char *text, GroupNote *note)
{
    cJSON *object = strlen(text) <= GROUP_NOTE_MAX_BYTES ? cJSON_Parse(text) : NULL;
    const cJSON *active = cJSON_GetObjectItemCaseSensitive(object, "active");
    const bool sound =
        cJSON_IsBool(active) && take_sessions(cJSON_GetObjectItemCaseSensitive(object, "sessions"), note);
    note->active = sound && cJSON_IsTrue(active);
    cJSON_Delete(object);
    return sound;
}
