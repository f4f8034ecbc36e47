/* SPDX-License-Identifier: MIT
 *
 * What this gateway has announced and under which names, from one run to the next: so that a new name, a
 * new prefix or an entity that is no more leaves nothing behind. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_MQTT_MEMORY_H
#define ZONE1D_MQTT_MEMORY_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

#define MEMORY_MAX_NAMES 8 /* the oldest are forgotten */
#define MEMORY_MAX_BYTES (64 * 1024)

/* The names under which a gateway publishes. */
typedef struct {
    const char *gateway_id;
    const char *prefix;           /* of its topics */
    const char *discovery_prefix; /* of Home Assistant's */
} MemoryNames;

typedef struct {
    MemoryNames names[MEMORY_MAX_NAMES]; /* the newest first; own memory */
    unsigned count;
    cJSON *components; /* key -> platform of what an athlete's device had; NULL: not known */
} Memory;

/* Nothing known yet. */
Memory *memory_new(void);
/* LEN bytes of anything. What is not understood, or is too much, is left out: the memory of less does no harm,
 * as it only says what to look for. Never NULL. */
Memory *memory_parse(const char *bytes, gsize len);
/* NULL is fine. */
void memory_free(Memory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Memory, memory_free)

/* Puts NAMES (copied) first; whether they are not what was first. */
bool memory_note(Memory *memory, const MemoryNames *names);
/* Forgets all names but the first. */
void memory_keep_first(Memory *memory);

/* As text that memory_parse reads. Caller frees. */
char *memory_print(const Memory *memory);

#endif
