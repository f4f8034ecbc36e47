/* SPDX-License-Identifier: MIT
 *
 * Which devices were heard lately, whoever's they are, and the short id of each: eight letters and digits made
 * of its address (or, where that is one that changes, of its name) with a secret, so that it is the same over
 * restarts and tells nobody the address. One entry an id, HEARD_MAX at most; beyond it the one not heard for
 * longest goes, and before it those without a heart rate service. Main thread.
 */
#ifndef ZONE1D_BLUEZ_HEARD_H
#define ZONE1D_BLUEZ_HEARD_H

#include "bluez/objects.h"

#define HEARD_MAX 256
#define HEARD_ID_SIZE 9 /* with the NUL */

typedef struct {
    char id[HEARD_ID_SIZE];
    char address[18];
    char *name; /* NULL: none */
    bool heart_rate, address_changes;
    int rssi_dbm;              /* OBJECTS_NO_RSSI: not known */
    int64_t since_ms, heard_ms; /* of this appearance; last heard. BOOTTIME */
    bool reported;             /* the caller's: in this appearance; false again in the next */
} HeardEntry;

typedef struct Heard Heard;

/* KEY of LEN bytes is the secret; copied. An appearance ends when a device was not heard for GONE_MS. */
Heard *heard_new(const uint8_t *key, size_t len, int64_t gone_ms);
void heard_free(Heard *heard); /* NULL is fine */

/* DEVICE, which has an address, was heard at NOW_MS. The entry is valid until the next call. */
HeardEntry *heard_note(Heard *heard, const DeviceObject *device, int64_t now_ms);

/* NULL when there is none of that id. */
const HeardEntry *heard_find(const Heard *heard, const char *id);

/* Calls FN for each entry, in no order; FN changes nothing. */
void heard_each(const Heard *heard, void (*fn)(void *user, const HeardEntry *entry), void *user);

#endif
