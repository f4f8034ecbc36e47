/* SPDX-License-Identifier: MIT
 *
 * The source from within: what bluez_source.c (samples), strangers.c (straps that are bound to nobody) and
 * bluez_status.c (what is told of it) share. Main thread.
 */
#ifndef ZONE1D_BLUEZ_SOURCE_PRIVATE_H
#define ZONE1D_BLUEZ_SOURCE_PRIVATE_H

#include "bluez/bluez_source.h"
#include "bluez/heard.h"
#include "bluez/strap.h"

/* One guest's number. */
typedef struct {
    char id[HEARD_ID_SIZE]; /* of the strap that has it, or had it last; "": nobody yet */
    bool taken;
    int64_t taken_ms, live_ms, freed_ms; /* live_ms: live last, or taken */
} GuestSlot;

typedef struct {
    Source base;
    BluezTiming timing;
    Bus *bus;
    Objects *objects;
    Adapters *adapters;
    Serials *serials;
    StrapContext context;
    Strap **straps;
    uint64_t *malformed, *excess;
    int64_t *paid_until_ms; /* of each strap: its samples so far are paid for until then, at their cost */
    unsigned count;
    GSource *timer; /* what the athletes wait for */
    GSource *strap_timer; /* what the straps do: one for all, as each look at the main loop costs by the timers in it */
    /* strangers.c */
    UnknownStraps unknown;
    const BluezEvents *more; /* never NULL */
    void *more_user;
    Heard *heard;
    unsigned guests; /* the last so many straps */
    GuestSlot slots[BLUEZ_MAX_GUESTS];
    guint look_timer, look_end_timer;
    int64_t look_until_ms;
    int64_t seen_paid_until_ms; /* as paid_until_ms, of what was told */
} BluezSource;

/* Tells that something of the status has changed. */
void bluez_source_changed(BluezSource *self);

/* Has discovery run as long as somebody is searched for. */
void bluez_source_search(BluezSource *self);

/* ---- strangers.c ---- */

/* After the timing, and before the end. */
void strangers_init(BluezSource *self);
void strangers_clear(BluezSource *self);

/* Begins to look around from time to time, when unknown straps are of interest. */
void strangers_start(BluezSource *self);

/* What becomes of unknown straps from now on. */
void strangers_set(BluezSource *self, UnknownStraps unknown);

/* DEVICE has changed; HEARD: it advertises. Before the straps are told. */
void strangers_device_changed(BluezSource *self, const DeviceObject *device, bool heard);

/* The strap of ADDRESS is no guest's any more, if it was one. */
void strangers_give_back(BluezSource *self, const char *address);

/* Is somebody looking around? */
bool strangers_are_looked_for(const BluezSource *self);

/* Strap NUMBER is a guest's. */
bool strangers_is_guest(const BluezSource *self, unsigned number);

#endif
