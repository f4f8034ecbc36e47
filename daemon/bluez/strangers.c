/* SPDX-License-Identifier: MIT */
#include "bluez/bluez_source_private.h"

#include <string.h>

/* What is told of straps that are seen: so many in a row, and then one in that time. */
#define SEEN_BURST 16
#define SEEN_COST_MS 4000

static const BluezEvents NO_EVENTS;

static gboolean on_look(gpointer user);
static void release(BluezSource *self, unsigned guest);

void strangers_init(BluezSource *self)
{
    guint32 key[8];

    for (size_t i = 0; i < G_N_ELEMENTS(key); i++)
        key[i] = g_random_int();
    self->more = &NO_EVENTS;
    self->heard = heard_new((const uint8_t *)key, sizeof key, self->timing.gone_ms);
}

void strangers_clear(BluezSource *self)
{
    g_clear_handle_id(&self->look_timer, g_source_remove);
    g_clear_handle_id(&self->look_end_timer, g_source_remove);
    heard_free(self->heard);
}

void bluez_source_set_options(Source *source, const BluezOptions *options)
{
    BluezSource *self = (BluezSource *)source;

    self->unknown = options->unknown;
    self->guests = MIN(MIN(options->guests, BLUEZ_MAX_GUESTS), self->count);
    self->more = options->events != NULL ? options->events : &NO_EVENTS;
    self->more_user = options->user;
    if (options->id_key_len == 0)
        return;
    heard_free(self->heard);
    self->heard = heard_new(options->id_key, options->id_key_len, self->timing.gone_ms);
}

void strangers_start(BluezSource *self)
{
    if (self->unknown == UNKNOWN_IGNORE || self->look_timer != 0)
        return;
    self->look_timer = g_timeout_add(self->timing.look_every_ms, on_look, self);
    bluez_source_look(&self->base, self->timing.look_ms);
}

void strangers_set(BluezSource *self, UnknownStraps unknown)
{
    self->unknown = unknown;
    if (unknown == UNKNOWN_IGNORE)
        g_clear_handle_id(&self->look_timer, g_source_remove);
    else
        strangers_start(self);
}

bool strangers_is_guest(const BluezSource *self, unsigned number) { return number >= self->count - self->guests; }

bool strangers_are_looked_for(const BluezSource *self) { return self->look_end_timer != 0; }

/* ---- looking around ---- */

static gboolean on_look_end(gpointer user)
{
    BluezSource *self = user;

    self->look_end_timer = 0;
    bluez_source_search(self);
    return G_SOURCE_REMOVE;
}

void bluez_source_look(Source *source, int64_t duration_ms)
{
    BluezSource *self = (BluezSource *)source;
    int64_t now_ms = bluez_now_ms();

    self->look_until_ms = MAX(self->look_until_ms, now_ms + duration_ms);
    g_clear_handle_id(&self->look_end_timer, g_source_remove);
    self->look_end_timer =
        g_timeout_add((guint)CLAMP(self->look_until_ms - now_ms, 1, G_MAXINT), on_look_end, self);
    bluez_source_search(self);
}

/* A guest whose strap has been away for long, and who is in no session, gives the number back. */
static void free_guests(BluezSource *self)
{
    int64_t now_ms = bluez_now_ms();

    for (unsigned guest = 0; guest < self->guests; guest++) {
        unsigned number = self->count - self->guests + guest;
        GuestSlot *slot = &self->slots[guest];

        if (!slot->taken)
            continue;
        if (strap_link(self->straps[number])->state == LINK_LIVE)
            slot->live_ms = now_ms;
        else if (now_ms - slot->live_ms >= self->timing.guest_gone_ms &&
                 (self->more->guest_busy == NULL || !self->more->guest_busy(self->more_user, number)))
            release(self, guest);
    }
}

static gboolean on_look(gpointer user)
{
    BluezSource *self = user;

    free_guests(self);
    bluez_source_look(&self->base, self->timing.look_ms);
    return G_SOURCE_CONTINUE;
}

/* ---- guests ---- */

static void release(BluezSource *self, unsigned guest)
{
    unsigned number = self->count - self->guests + guest;

    g_message("strap %u: its guest has gone; the number is free", number + 1);
    self->slots[guest].taken = false;
    self->slots[guest].freed_ms = bluez_now_ms();
    strap_unbind(self->straps[number], NULL);
    if (self->more->guest_strap != NULL)
        self->more->guest_strap(self->more_user, number, NULL);
}

/* Its session still runs: one that was restored, and nobody knows of which strap. */
static bool is_kept(const BluezSource *self, unsigned guest)
{
    return self->more->guest_busy != NULL &&
           self->more->guest_busy(self->more_user, self->count - self->guests + guest);
}

/* The number that it had, else one that nobody had yet, else the one that has been free for longest. */
static GuestSlot *slot_for(BluezSource *self, const char *id)
{
    GuestSlot *best = NULL;

    for (unsigned guest = 0; guest < self->guests; guest++) {
        GuestSlot *slot = &self->slots[guest];

        if (slot->taken)
            continue;
        if (strcmp(slot->id, id) == 0)
            return slot;
        if (is_kept(self, guest))
            continue;
        if (best == NULL || (best->id[0] != '\0' && (slot->id[0] == '\0' || slot->freed_ms < best->freed_ms)))
            best = slot;
    }
    return best;
}

static void take(BluezSource *self, unsigned guest, const GuestStrap *strap)
{
    GuestSlot *slot = &self->slots[guest];

    g_strlcpy(slot->id, strap->id, sizeof slot->id);
    slot->taken = true;
    slot->taken_ms = slot->live_ms = bluez_now_ms();
    strap_bind(self->straps[self->count - self->guests + guest], strap->address, strap->name);
}

void bluez_source_restore_guest(Source *source, unsigned athlete, const GuestStrap *strap)
{
    BluezSource *self = (BluezSource *)source;

    if (athlete >= self->count || !strangers_is_guest(self, athlete))
        return;
    for (unsigned i = 0; i < self->count; i++)
        if (strap_claims(self->straps[i], strap->address))
            return;
    take(self, athlete - (self->count - self->guests), strap);
    g_message("strap %u: a guest's, as before", athlete + 1);
}

static void take_in(BluezSource *self, const HeardEntry *entry)
{
    GuestSlot *slot = slot_for(self, entry->id);
    const GuestStrap strap = {entry->id, entry->address, entry->name};
    unsigned number;
    bool returned;

    if (slot == NULL)
        return;
    number = self->count - self->guests + (unsigned)(slot - self->slots);
    returned = strcmp(slot->id, entry->id) == 0;
    take(self, (unsigned)(slot - self->slots), &strap);
    g_message("strap %u: a guest%s", number + 1, returned ? ", again" : "");
    if (self->more->guest_strap != NULL)
        self->more->guest_strap(self->more_user, number, &strap);
    if (self->more->guest != NULL)
        self->more->guest(self->more_user, number, returned);
}

static bool is_athletes(const BluezSource *self, const DeviceObject *device)
{
    for (unsigned i = 0; i < self->count - self->guests; i++)
        if (strap_wants(self->straps[i], device) || strap_claims(self->straps[i], device->address))
            return true;
    return false;
}

/* A guest's strap that turns out to be an athlete's is theirs. */
void strangers_give_back(BluezSource *self, const char *address)
{
    for (unsigned guest = 0; guest < self->guests; guest++)
        if (self->slots[guest].taken &&
            strap_claims(self->straps[self->count - self->guests + guest], address))
            release(self, guest);
}

static bool is_guests(const BluezSource *self, const DeviceObject *device)
{
    for (unsigned i = self->count - self->guests; i < self->count; i++)
        if (strap_wants(self->straps[i], device))
            return true;
    return false;
}

/* ---- what is heard ---- */

static void report(BluezSource *self, HeardEntry *entry, int64_t now_ms)
{
    int64_t paid_until_ms = MAX(self->seen_paid_until_ms, now_ms);
    HeardStrap strap = {
        .id = entry->id,
        .address = entry->address,
        .name = entry->name,
        .heart_rate = true,
        .address_changes = entry->address_changes,
        .rssi_dbm = entry->rssi_dbm,
        .since_ms = entry->since_ms,
        .heard_ms = entry->heard_ms,
        .athlete = -1,
    };

    /* Not told now: perhaps the next time that it is heard. */
    if (entry->reported || paid_until_ms - now_ms > (SEEN_BURST - 1) * SEEN_COST_MS)
        return;
    self->seen_paid_until_ms = paid_until_ms + SEEN_COST_MS;
    entry->reported = true;
    if (self->more->seen != NULL)
        self->more->seen(self->more_user, &strap);
}

void strangers_device_changed(BluezSource *self, const DeviceObject *device, bool heard)
{
    int64_t now_ms = bluez_now_ms();
    HeardEntry *entry = NULL;

    if (device->address[0] == '\0')
        return;
    if (heard)
        entry = heard_note(self->heard, device, now_ms);
    if (self->guests > 0 && is_athletes(self, device)) {
        strangers_give_back(self, device->address);
        return;
    }
    if (entry == NULL || !entry->heart_rate || self->unknown == UNKNOWN_IGNORE || is_athletes(self, device) ||
        is_guests(self, device))
        return;
    if (self->unknown == UNKNOWN_ASK)
        report(self, entry, now_ms);
    else
        take_in(self, entry);
}
