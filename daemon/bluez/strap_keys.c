/* SPDX-License-Identifier: MIT */
#include "bluez/strap_keys.h"

#include <string.h>

static void add_key(StrapKeys *keys, const StrapId *id)
{
    StrapKey key = {0};

    if (id->address != NULL)
        key.address = g_ascii_strup(id->address, -1);
    else if (id->name != NULL)
        key.name = g_strdup(id->name);
    else if (id->serial != NULL)
        key.serial = g_strdup(id->serial);
    else
        return;
    keys->keys[keys->count++] = key;
}

void strap_keys_init(StrapKeys *keys, const StrapId *id, const Serials *serials)
{
    *keys = (StrapKeys){.serials = serials, .probes = id->probes};
    add_key(keys, id);
    for (unsigned i = 0; i < MIN(id->spare_count, STRAP_MAX_SPARES); i++)
        add_key(keys, &id->spares[i]);
}

static void clear_key(StrapKey *key)
{
    g_free(key->address);
    g_free(key->name);
    g_free(key->serial);
}

void strap_keys_clear(StrapKeys *keys)
{
    for (unsigned i = 0; i < keys->count; i++)
        clear_key(&keys->keys[i]);
    keys->count = 0;
}

static bool is_same_key(const StrapKey *one, const StrapKey *other)
{
    return g_strcmp0(one->address, other->address) == 0 && g_strcmp0(one->name, other->name) == 0 &&
           g_strcmp0(one->serial, other->serial) == 0 && one->bound == other->bound;
}

/* Those of the configuration stand before the others. */
static bool have_same_configured(const StrapKeys *one, const StrapKeys *other)
{
    unsigned i = 0;

    while (i < one->count && i < other->count && !one->keys[i].bound && is_same_key(&one->keys[i], &other->keys[i]))
        i++;
    return (i == one->count || one->keys[i].bound) && (i == other->count || other->keys[i].bound);
}

bool strap_keys_configure(StrapKeys *keys, const StrapId *id)
{
    StrapKeys fresh;
    bool changed;

    keys->probes = id->probes;
    strap_keys_init(&fresh, id, keys->serials);
    changed = !have_same_configured(keys, &fresh);
    for (unsigned i = 0; changed && i < keys->count; i++)
        if (keys->keys[i].bound && !strap_keys_have_address(&fresh, keys->keys[i].address)) {
            fresh.keys[fresh.count++] = keys->keys[i];
            keys->keys[i] = (StrapKey){0};
        }
    if (!changed) {
        strap_keys_clear(&fresh);
        return false;
    }
    strap_keys_clear(keys);
    *keys = fresh;
    return true;
}

bool strap_keys_bind(StrapKeys *keys, const char *address, const char *name)
{
    unsigned bound = 0;

    for (unsigned i = 0; i < keys->count; i++) {
        bound += keys->keys[i].bound ? 1 : 0;
        if (g_strcmp0(keys->keys[i].address, address) == 0)
            return true;
    }
    if (bound >= STRAP_MAX_BOUND)
        return false;
    keys->keys[keys->count++] =
        (StrapKey){.address = g_ascii_strup(address, -1), .name = g_strdup(name), .bound = true};
    return true;
}

bool strap_keys_unbind(StrapKeys *keys, const char *address)
{
    unsigned kept = 0, before = keys->count;

    for (unsigned i = 0; i < before; i++) {
        StrapKey *key = &keys->keys[i];

        if (key->bound && (address == NULL || strcmp(key->address, address) == 0))
            clear_key(key);
        else
            keys->keys[kept++] = *key;
    }
    keys->count = kept;
    return kept < before;
}

bool strap_address_changes(const DeviceObject *device)
{
    int upper = g_ascii_xdigit_value(device->address[0]);

    return device->random_address && upper >= 0 && upper < 0xC;
}

static StrapFit fit_serial(const StrapKeys *keys, const char *serial, const DeviceObject *device)
{
    const char *known = serials_known(keys->serials, device->address);

    if (known != NULL)
        return serials_equal(known, serial) ? STRAP_FIT_SURE : STRAP_FIT_NONE;
    if (serials_name_hints(device->name, serial))
        return STRAP_FIT_HINT;
    return device->heart_rate && (device->paired || keys->probes) ? STRAP_FIT_PROBE : STRAP_FIT_NONE;
}

StrapFit strap_key_fit(const StrapKeys *keys, const StrapKey *key, const DeviceObject *device)
{
    if (key->serial != NULL)
        return fit_serial(keys, key->serial, device);
    if (key->address != NULL && strcmp(key->address, device->address) == 0)
        return STRAP_FIT_SURE;
    /* A binding outlives the address of a strap that changes it by the name, if it has one. */
    if (key->name == NULL || (key->bound && !strap_address_changes(device)))
        return STRAP_FIT_NONE;
    return g_strcmp0(key->name, device->name) == 0 ? STRAP_FIT_SURE : STRAP_FIT_NONE;
}

bool strap_keys_have_address(const StrapKeys *keys, const char *address)
{
    for (unsigned i = 0; i < keys->count; i++)
        if (g_strcmp0(keys->keys[i].address, address) == 0)
            return true;
    return false;
}
