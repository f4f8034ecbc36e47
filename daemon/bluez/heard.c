/* SPDX-License-Identifier: MIT */
#include "bluez/heard.h"

#include "bluez/strap_keys.h"

#include <string.h>

struct Heard {
    GBytes *key;
    int64_t gone_ms;
    GHashTable *entries; /* id -> HeardEntry */
};

static void entry_free(gpointer data)
{
    HeardEntry *entry = data;

    g_free(entry->name);
    g_free(entry);
}

Heard *heard_new(const uint8_t *key, size_t len, int64_t gone_ms)
{
    Heard *heard = g_new0(Heard, 1);

    heard->key = g_bytes_new(key, len);
    heard->gone_ms = gone_ms;
    heard->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    return heard;
}

void heard_free(Heard *heard)
{
    if (heard == NULL)
        return;
    g_hash_table_unref(heard->entries);
    g_bytes_unref(heard->key);
    g_free(heard);
}

/* 40 bits of HMAC-SHA256 in Crockford's base 32: no i, l, o, u to be misread. */
static void make_id(const Heard *heard, const char *text, char ret[HEARD_ID_SIZE])
{
    static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz";
    gsize key_len = 0, digest_len = 32;
    const guchar *key = g_bytes_get_data(heard->key, &key_len);
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, key_len);
    guint8 digest[32];
    guint64 bits = 0;

    g_hmac_update(hmac, (const guchar *)text, -1);
    g_hmac_get_digest(hmac, digest, &digest_len);
    g_hmac_unref(hmac);
    for (int i = 0; i < 5; i++)
        bits = bits << 8 | digest[i];
    for (int i = 0; i < HEARD_ID_SIZE - 1; i++)
        ret[i] = DIGITS[bits >> (5 * (7 - i)) & 31];
    ret[HEARD_ID_SIZE - 1] = '\0';
}

static bool is_worse(const HeardEntry *one, const HeardEntry *other)
{
    if (one->heart_rate != other->heart_rate)
        return !one->heart_rate;
    return one->heard_ms < other->heard_ms;
}

static void make_room(Heard *heard)
{
    const HeardEntry *worst = NULL;
    GHashTableIter iter;
    gpointer value;

    if (g_hash_table_size(heard->entries) < HEARD_MAX)
        return;
    g_hash_table_iter_init(&iter, heard->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (worst == NULL || is_worse(value, worst))
            worst = value;
    g_hash_table_remove(heard->entries, worst->id);
}

static HeardEntry *entry_of(Heard *heard, const DeviceObject *device, int64_t now_ms)
{
    bool changes = strap_address_changes(device);
    HeardEntry *entry;
    char id[HEARD_ID_SIZE];

    make_id(heard, changes && device->name != NULL ? device->name : device->address, id);
    entry = g_hash_table_lookup(heard->entries, id);
    if (entry != NULL)
        return entry;
    make_room(heard);
    entry = g_new0(HeardEntry, 1);
    memcpy(entry->id, id, sizeof id);
    entry->since_ms = entry->heard_ms = now_ms;
    entry->address_changes = changes;
    g_hash_table_insert(heard->entries, entry->id, entry);
    return entry;
}

HeardEntry *heard_note(Heard *heard, const DeviceObject *device, int64_t now_ms)
{
    HeardEntry *entry = entry_of(heard, device, now_ms);

    if (now_ms - entry->heard_ms > heard->gone_ms) {
        entry->since_ms = now_ms;
        entry->reported = false;
    }
    entry->heard_ms = now_ms;
    g_strlcpy(entry->address, device->address, sizeof entry->address);
    if (g_strcmp0(entry->name, device->name) != 0) {
        g_free(entry->name);
        entry->name = g_strdup(device->name);
    }
    entry->heart_rate |= device->heart_rate;
    entry->rssi_dbm = device->rssi_dbm;
    return entry;
}

const HeardEntry *heard_find(const Heard *heard, const char *id) { return g_hash_table_lookup(heard->entries, id); }

void heard_each(const Heard *heard, void (*fn)(void *user, const HeardEntry *entry), void *user)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, heard->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        fn(user, value);
}
