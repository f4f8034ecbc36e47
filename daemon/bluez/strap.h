/* SPDX-License-Identifier: MIT
 *
 * One athlete's strap: which of BlueZ's devices it is, and what core/link decides, carried out.
 *
 * A strap is bound by address, by advertised name or by serial number, and at run time; there may be spare
 * ones: whichever is heard first is it, until it is lost and another is heard. Of several devices that
 * advertise the name, the one that was live before is preferred, then a paired one; another is taken only
 * when the preferred one has not been heard for timing's prefer_ms of searching (it may have changed its
 * random address). Of several adapters the one with the fewest links of ours is taken, also while the strap
 * queues. One with more links than another is taken only when the strap was live there last, or when no
 * other has heard it for two stretches of discovery. A device that another strap is bound to is never
 * taken, and one that nothing is bound to never connected. A serial number is read before anything is
 * subscribed, from a device whose name ends in it (or, with probes, from each heart-rate strap once);
 * another's is hung up on and remembered. Main thread.
 */
#ifndef ZONE1D_BLUEZ_STRAP_H
#define ZONE1D_BLUEZ_STRAP_H

#include "bluez/adapters.h"
#include "bluez/bluez_source.h"
#include "bluez/details.h"
#include "bluez/serials.h"

typedef struct Strap Strap;

/* What the straps share; all of it outlives them. */
typedef struct {
    Bus *bus;
    Objects *objects;
    Adapters *adapters;
    Serials *serials;
    const BluezTiming *timing;
    void *user;
    /* Is ADDRESS another strap's than NUMBER's? */
    bool (*is_others)(void *user, unsigned number, const char *address);
    /* Does somebody else's gateway have the strap of ADDRESS? */
    bool (*is_taken)(void *user, const char *address);
    /* How many straps have, or go for, a link on the adapter. */
    unsigned (*load)(void *user, const char *adapter_path);
    /* The same of the adapter that has the fewest, of those that can be used. */
    unsigned (*least_load)(void *user);
    void (*link)(void *user, unsigned number, bool up, int64_t now_ms);
    /* strap_info fills in something else now. */
    void (*changed)(void *user, unsigned number, int64_t now_ms);
    /* The step of a link, and so strap_is_searching, may have changed, of any. */
    void (*step_changed)(void *user);
    /* strap_advance is to be called at AT_MS of bluez_now_ms, or before. */
    void (*wake)(void *user, int64_t at_ms);
} StrapContext;

/* NUMBER: the athlete's index. ID is copied; without one: a strap that is never found. */
Strap *strap_new(const StrapContext *context, unsigned number, const StrapId *id);
/* Hangs up, without waiting for it. Calls nothing back; NULL is fine. */
void strap_free(Strap *strap);

/* It is athlete NUMBER's from now on, for what is called back. */
void strap_renumber(Strap *strap, unsigned number);

/* Is identified by ID (copied) from now on, and by what was bound at run time. Hangs up when the one that it has, or
 * goes for, is not it any more. */
void strap_configure(Strap *strap, const StrapId *id);

/* Hangs up when what it has, or goes for, is OTHER's by its address, and its own by a name only. */
void strap_yield(Strap *strap, const Strap *other);

/* It is configured, and discovery should run to find it. */
bool strap_is_searching(const Strap *strap);

/* Is ADDRESS what this strap is bound to, or goes for now? */
bool strap_claims(const Strap *strap, const char *address);

/* Has it, or does it go for, a link on the adapter? */
bool strap_burdens(const Strap *strap, const char *adapter_path);

/* The objects' events. */
void strap_device_changed(Strap *strap, const DeviceObject *device, bool found, bool heard);
void strap_device_removed(Strap *strap, const DeviceObject *device);

/* A value of DEVICE's other than the heart rate arrived. */
void strap_takes_detail(Strap *strap, const CharacteristicObject *characteristic, const uint8_t *bytes, size_t len);

/* It says that it has counted so much energy. */
void strap_energy(Strap *strap, unsigned energy_kj);

/* A heart rate of DEVICE's arrived: true when it is this strap's and counts. */
bool strap_takes_measurement(Strap *strap, const DeviceObject *device);

/* BlueZ says why DEVICE lost its link. */
void strap_disconnected(Strap *strap, const DeviceObject *device, const char *reason);

/* Binds one more device (copied), of ADDRESS, or of NAME (may be NULL) where the address is one that changes.
 * False when STRAP_MAX_BOUND are. */
bool strap_bind(Strap *strap, const char *address, const char *name);

/* Takes a binding back, or with NULL all; hangs up when it was that strap. False when there was none. */
bool strap_unbind(Strap *strap, const char *address);

/* Would the athlete's keys take DEVICE, whoever has it now? */
bool strap_wants(const Strap *strap, const DeviceObject *device);

/* The same of the keys of the configuration alone, and not for the sake of a probe. */
bool strap_is_configured(const Strap *strap, const DeviceObject *device);

/* Is DEVICE the one it goes for, or has? */
bool strap_is_device(const Strap *strap, const DeviceObject *device);

/* The adapter at PATH, or with NULL everything, is lost. */
void strap_adapter_lost(Strap *strap, const char *path);

/* When strap_advance is due, in bluez_now_ms; INT64_MAX: not at all. */
int64_t strap_due_ms(const Strap *strap);

/* It is NOW_MS: does what is due. */
void strap_advance(Strap *strap, int64_t now_ms);

/* False when it has been due for far too long. */
bool strap_is_healthy(const Strap *strap);

/* What is known of it at NOW_MS. Texts are valid until the main loop runs on. */
void strap_info(const Strap *strap, int64_t now_ms, StrapInfo *ret);

/* What zone1ctl straps tells of it, without the adapter's slots. Texts likewise. */
void strap_status(const Strap *strap, int64_t now_ms, StrapStatus *ret);

/* Its state, for reports. */
const Link *strap_link(const Strap *strap);

#endif
