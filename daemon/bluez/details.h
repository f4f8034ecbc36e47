/* SPDX-License-Identifier: MIT
 *
 * What a live strap tells besides its heart rate: battery, where it is worn, who made it. Read once a
 * connection, one value after the other with pauses, each wait with a deadline, every failure without
 * consequence. The battery comes from Battery1 where bluetoothd offers it (it then hides 0x2A19), else
 * from 0x2A19: notified, or read again every battery_again_ms. Main thread.
 *
 * BlueZ drops a link on which a read went unanswered for 30 s (Core specification vol 3 part F 3.3.3).
 * A value whose reading the link did not survive twice is not asked for again.
 */
#ifndef ZONE1D_BLUEZ_DETAILS_H
#define ZONE1D_BLUEZ_DETAILS_H

#include "bluez/objects.h"
#include "core/strap_info.h"

typedef struct Details Details;

typedef struct {
    /* details_fill would fill in something else now; never from within a call of details_stop or details_free. */
    void (*changed)(void *user);
    /* details_advance is to be called at AT_MS of bluez_now_ms, or before. */
    void (*wake)(void *user, int64_t at_ms);
} DetailsEvents;

/* BUS, OBJECTS and TIMING stay the caller's and outlive it; EVENTS are copied. */
Details *details_new(Bus *bus, Objects *objects, const BluezTiming *timing, const DetailsEvents *events, void *user);
void details_free(Details *details); /* NULL is fine */

/* The device at PATH is live: begins to read. */
void details_start(Details *details, const char *path);
/* It is not any more: what was known is forgotten, what is under way is given up. Fine when not started. */
void details_stop(Details *details);

/* When details_advance is due, in bluez_now_ms; INT64_MAX: not at all. */
int64_t details_due_ms(const Details *details);

/* It is NOW_MS: does what is due. */
void details_advance(Details *details, int64_t now_ms);

/* The objects' events; of other devices, or while not started, they are ignored. */
void details_device_changed(Details *details, const DeviceObject *device);
void details_value(Details *details, const CharacteristicObject *characteristic, const uint8_t *bytes, size_t len);

/* The strap says that it has counted ENERGY_KJ. At 65535 it stands still (Heart Rate Service 1.0, 3.3): it is
 * told to count from 0 again, where it can and was not told to within the last minute. */
void details_energy(Details *details, unsigned energy_kj);

/* Fills in what is known: battery, location, energy and texts. Texts are valid until details_ is called again. */
void details_fill(const Details *details, StrapInfo *ret);

#endif
