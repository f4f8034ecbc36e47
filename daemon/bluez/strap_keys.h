/* SPDX-License-Identifier: MIT
 *
 * What identifies an athlete's straps: of the configuration an address, a name or a serial number each,
 * and what was bound at run time. Pure but for allocation; main thread.
 */
#ifndef ZONE1D_BLUEZ_STRAP_KEYS_H
#define ZONE1D_BLUEZ_STRAP_KEYS_H

#include "bluez/bluez_source.h"
#include "bluez/objects.h"
#include "bluez/serials.h"

typedef struct {
    char *address, *name, *serial; /* one of them; bound: an address, and a name if it has one */
    bool bound;                    /* at run time */
} StrapKey;

typedef struct {
    StrapKey keys[1 + STRAP_MAX_SPARES + STRAP_MAX_BOUND];
    unsigned count;
    const Serials *serials; /* the caller's */
    bool probes; /* for a serial number's sake every strap may be connected, once */
} StrapKeys;

/* How surely a device is the one, from the best: what is taken first. */
typedef enum { STRAP_FIT_NONE, STRAP_FIT_PROBE, STRAP_FIT_HINT, STRAP_FIT_SURE } StrapFit;

/* Those of ID and its spares, copied. Free with strap_keys_clear. */
void strap_keys_init(StrapKeys *keys, const StrapId *id, const Serials *serials);
void strap_keys_clear(StrapKeys *keys);

/* Puts those of ID and its spares in the place of those of the configuration; what was bound at run time stays. False
 * when they are the same, and only ID's probes was taken over. */
bool strap_keys_configure(StrapKeys *keys, const StrapId *id);

/* Binds the device of ADDRESS and NAME (may be NULL; both copied). True when it is bound now; false when
 * STRAP_MAX_BOUND are. */
bool strap_keys_bind(StrapKeys *keys, const char *address, const char *name);

/* Takes back the binding of ADDRESS, or with NULL every one; those of the configuration stay. True when there
 * was one. */
bool strap_keys_unbind(StrapKeys *keys, const char *address);

/* How DEVICE fits KEY. A name may be anybody's: whether the device is another athlete's is not asked here. */
StrapFit strap_key_fit(const StrapKeys *keys, const StrapKey *key, const DeviceObject *device);

/* Is ADDRESS itself one of the keys? */
bool strap_keys_have_address(const StrapKeys *keys, const char *address);

/* DEVICE's address is one that changes (Core specification vol 6 part B 1.3.2.2): its two upper bits tell. */
bool strap_address_changes(const DeviceObject *device);

#endif
