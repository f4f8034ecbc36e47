/* SPDX-License-Identifier: MIT */
#include "mqtt/memory.h"

#include "mqtt/json.h"

#include <string.h>

#define VERSION 1
#define MAX_COMPONENTS 64
#define MAX_WORD_BYTES 32
#define MAX_TOPIC_BYTES 128

Memory *memory_new(void) { return g_new0(Memory, 1); }

static void names_clear(MemoryNames *names)
{
    g_free((gpointer)names->gateway_id);
    g_free((gpointer)names->prefix);
    g_free((gpointer)names->discovery_prefix);
    *names = (MemoryNames){0};
}

void memory_free(Memory *memory)
{
    if (memory == NULL)
        return;
    for (unsigned i = 0; i < memory->count; i++)
        names_clear(&memory->names[i]);
    cJSON_Delete(memory->components);
    g_free(memory);
}

static bool only_of(const char *text, const char *allowed, gsize max_bytes)
{
    const gsize len = text != NULL ? strlen(text) : 0;
    return len > 0 && len <= max_bytes && strspn(text, allowed) == len;
}

#define WORD "abcdefghijklmnopqrstuvwxyz0123456789"

static bool is_topic(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= MAX_TOPIC_BYTES && strpbrk(text, "+#") == NULL &&
           text[0] != '$';
}

static bool same(const MemoryNames *one, const MemoryNames *other)
{
    return strcmp(one->gateway_id, other->gateway_id) == 0 && strcmp(one->prefix, other->prefix) == 0 &&
           strcmp(one->discovery_prefix, other->discovery_prefix) == 0;
}

static void add(Memory *memory, const MemoryNames *names)
{
    memory->names[memory->count++] = (MemoryNames){.gateway_id = g_strdup(names->gateway_id),
                                                   .prefix = g_strdup(names->prefix),
                                                   .discovery_prefix = g_strdup(names->discovery_prefix)};
}

static void parse_names(Memory *memory, const cJSON *item)
{
    const MemoryNames names = {
        .gateway_id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "gateway")),
        .prefix = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "prefix")),
        .discovery_prefix = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "discovery_prefix"))};
    if (memory->count < MEMORY_MAX_NAMES && only_of(names.gateway_id, WORD "-", MAX_WORD_BYTES) &&
        is_topic(names.prefix) && is_topic(names.discovery_prefix))
        add(memory, &names);
}

static void parse_components(Memory *memory, const cJSON *list)
{
    const cJSON *item;
    if (!cJSON_IsObject(list) || cJSON_GetArraySize(list) > MAX_COMPONENTS)
        return;
    memory->components = cJSON_CreateObject();
    cJSON_ArrayForEach(item, list)
    {
        const char *platform = cJSON_GetStringValue(item);
        if (only_of(item->string, WORD "_", MAX_WORD_BYTES) && only_of(platform, WORD "_", MAX_WORD_BYTES))
            cJSON_AddStringToObject(memory->components, item->string, platform);
    }
}

Memory *memory_parse(const char *bytes, gsize len)
{
    Memory *memory = memory_new();
    cJSON *object = len <= MEMORY_MAX_BYTES ? cJSON_ParseWithLength(bytes, len) : NULL;
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(object, "v"), *item;
    if (cJSON_IsNumber(version) && version->valueint == VERSION) {
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "names"))
            parse_names(memory, item);
        parse_components(memory, cJSON_GetObjectItemCaseSensitive(object, "components"));
    }
    cJSON_Delete(object);
    return memory;
}

static void remove_at(Memory *memory, unsigned index)
{
    names_clear(&memory->names[index]);
    memory->count--;
    memmove(&memory->names[index], &memory->names[index + 1], (memory->count - index) * sizeof memory->names[0]);
}

bool memory_note(Memory *memory, const MemoryNames *names)
{
    if (memory->count > 0 && same(&memory->names[0], names))
        return false;
    for (unsigned i = memory->count; i > 0; i--)
        if (same(&memory->names[i - 1], names))
            remove_at(memory, i - 1);
    if (memory->count == MEMORY_MAX_NAMES)
        remove_at(memory, memory->count - 1);
    add(memory, names);
    const MemoryNames newest = memory->names[memory->count - 1];
    memmove(&memory->names[1], &memory->names[0], (memory->count - 1) * sizeof memory->names[0]);
    memory->names[0] = newest;
    return true;
}

void memory_keep_first(Memory *memory)
{
    while (memory->count > 1)
        remove_at(memory, memory->count - 1);
}

char *memory_print(const Memory *memory)
{
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", VERSION);
    cJSON *list = cJSON_AddArrayToObject(object, "names");
    for (unsigned i = 0; i < memory->count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "gateway", memory->names[i].gateway_id);
        cJSON_AddStringToObject(item, "prefix", memory->names[i].prefix);
        cJSON_AddStringToObject(item, "discovery_prefix", memory->names[i].discovery_prefix);
        cJSON_AddItemToArray(list, item);
    }
    if (memory->components != NULL)
        cJSON_AddItemToObject(object, "components", cJSON_Duplicate(memory->components, true));
    return json_print(object);
}
