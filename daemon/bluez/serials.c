/* SPDX-License-Identifier: MIT */
#include "bluez/serials.h"

#include <glib.h>
#include <string.h>

#define MIN_HINT_BYTES 4

typedef struct {
    char *serial; /* NULL: not known yet */
    unsigned misses;
    guint64 order;
} Entry;

struct Serials {
    GHashTable *entries; /* address -> Entry */
    guint64 next_order;
};

static void entry_free(gpointer data)
{
    Entry *entry = data;

    g_free(entry->serial);
    g_free(entry);
}

Serials *serials_new(void)
{
    Serials *serials = g_new0(Serials, 1);

    serials->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    return serials;
}

void serials_free(Serials *serials)
{
    if (serials == NULL)
        return;
    g_hash_table_unref(serials->entries);
    g_free(serials);
}

const char *serials_known(const Serials *serials, const char *address)
{
    const Entry *entry = g_hash_table_lookup(serials->entries, address);

    return entry != NULL ? entry->serial : NULL;
}

static void forget_oldest(Serials *serials)
{
    GHashTableIter iter;
    gpointer key, value, oldest = NULL;
    guint64 order = G_MAXUINT64;

    g_hash_table_iter_init(&iter, serials->entries);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (((Entry *)value)->order < order) {
            order = ((Entry *)value)->order;
            oldest = key;
        }
    g_hash_table_remove(serials->entries, oldest);
}

static Entry *entry_of(Serials *serials, const char *address)
{
    Entry *entry = g_hash_table_lookup(serials->entries, address);

    if (entry != NULL)
        return entry;
    if (g_hash_table_size(serials->entries) >= SERIALS_MAX)
        forget_oldest(serials);
    entry = g_new0(Entry, 1);
    entry->order = serials->next_order++;
    g_hash_table_insert(serials->entries, g_strdup(address), entry);
    return entry;
}

void serials_learn(Serials *serials, const char *address, const char *serial)
{
    Entry *entry = entry_of(serials, address);

    g_free(entry->serial);
    entry->serial = g_strdup(serial != NULL ? serial : "");
}

bool serials_miss(Serials *serials, const char *address)
{
    Entry *entry = entry_of(serials, address);

    if (++entry->misses < SERIALS_TRIES)
        return false;
    serials_learn(serials, address, NULL);
    return true;
}

bool serials_equal(const char *one, const char *other) { return g_ascii_strcasecmp(one, other) == 0; }

bool serials_name_hints(const char *name, const char *serial)
{
    size_t name_len = name != NULL ? strlen(name) : 0, serial_len = strlen(serial);

    if (serial_len < MIN_HINT_BYTES || name_len < serial_len || !serials_equal(name + name_len - serial_len, serial))
        return false;
    return name_len == serial_len || !g_ascii_isalnum(name[name_len - serial_len - 1]);
}
