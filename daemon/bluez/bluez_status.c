/* SPDX-License-Identifier: MIT */
#include "bluez/bluez_source_private.h"

#include <stdlib.h>
#include <string.h>

static int athlete_of(const BluezSource *self, const char *address)
{
    for (unsigned i = 0; i < self->count; i++)
        if (strap_claims(self->straps[i], address))
            return (int)i;
    return -1;
}

/* A live strap does not advertise: it is heard as long as its heart rate comes. False when it has gone. */
static bool fill_heard(const BluezSource *self, const HeardEntry *entry, HeardStrap *ret)
{
    int athlete = athlete_of(self, entry->address);
    bool live = athlete >= 0 && strap_link(self->straps[athlete])->state == LINK_LIVE;
    int64_t now_ms = bluez_now_ms();

    *ret = (HeardStrap){
        .id = entry->id,
        .address = entry->address,
        .name = entry->name,
        .heart_rate = entry->heart_rate || live,
        .address_changes = entry->address_changes,
        .rssi_dbm = entry->rssi_dbm,
        .since_ms = entry->since_ms,
        .heard_ms = live ? strap_link(self->straps[athlete])->notified_ms : entry->heard_ms,
        .athlete = athlete,
    };
    return now_ms - ret->heard_ms <= self->timing.gone_ms;
}

bool bluez_source_find(const Source *source, const char *id, HeardStrap *ret)
{
    const BluezSource *self = (const BluezSource *)source;
    const HeardEntry *entry = heard_find(self->heard, id);

    return entry != NULL && fill_heard(self, entry, ret);
}

typedef struct {
    const BluezSource *self;
    void (*fn)(void *user, const HeardStrap *strap);
    void *user;
} Each;

static void pass_on(void *user, const HeardEntry *entry)
{
    const Each *each = user;
    HeardStrap strap;

    if (fill_heard(each->self, entry, &strap))
        each->fn(each->user, &strap);
}

void bluez_source_each_heard(const Source *source, void (*fn)(void *user, const HeardStrap *strap), void *user)
{
    Each each = {.self = (const BluezSource *)source, .fn = fn, .user = user};

    heard_each(each.self->heard, pass_on, &each);
}

void bluez_source_status(const Source *source, unsigned athlete, StrapStatus *ret)
{
    const BluezSource *self = (const BluezSource *)source;

    strap_status(self->straps[athlete], bluez_now_ms(), ret);
    if (ret->adapter_path == NULL)
        return;
    ret->links = objects_links(self->objects, ret->adapter_path);
    ret->slots = adapters_slots(self->adapters, ret->adapter_path);
}

typedef struct {
    const BluezSource *self;
    AdapterStatus *ret;
    unsigned count, max;
} Listing;

static void list_adapter(void *user, const AdapterObject *adapter)
{
    Listing *listing = user;
    AdapterStatus *ret = &listing->ret[listing->count];

    if (listing->count == listing->max)
        return;
    listing->count++;
    *ret = (AdapterStatus){
        .version = {adapter->version.major, adapter->version.minor},
        .powered = adapter->powered,
        .links = objects_links(listing->self->objects, adapter->path),
        .slots = adapters_slots(listing->self->adapters, adapter->path),
    };
    g_strlcpy(ret->path, adapter->path, sizeof ret->path);
    g_strlcpy(ret->address, adapter->address, sizeof ret->address);
}

static int by_path(const void *one, const void *other)
{
    return strcmp(((const AdapterStatus *)one)->path, ((const AdapterStatus *)other)->path);
}

unsigned bluez_source_adapters(const Source *source, AdapterStatus *ret, unsigned max)
{
    Listing listing = {.self = (const BluezSource *)source, .ret = ret, .max = max};

    objects_each_adapter(listing.self->objects, list_adapter, &listing);
    qsort(ret, listing.count, sizeof *ret, by_path);
    return listing.count;
}
