/* SPDX-License-Identifier: MIT
 *
 * Which strap has a guest's number, as a note in the store (store/record.h), so that it is the same after a restart.
 * Main thread.
 */
#ifndef ZONE1D_GATEWAY_GUESTS_H
#define ZONE1D_GATEWAY_GUESTS_H

#include "bluez/bluez_source.h"
#include "store/reader.h"
#include "store/store.h"

/* Keeps that STRAP has the number of the guest whose athlete id is GUEST; NULL: that nobody has. STORE NULL: does
 * nothing. */
void gateway_guests_keep(Store *store, const char *guest, const GuestStrap *strap);

/* Tells SOURCE, which is not started, the strap that READER knows of GUEST, its athlete ATHLETE. The note's bytes may
 * be anything: what is not sound is left out. */
void gateway_guests_restore(StoreReader *reader, const char *guest, Source *source, unsigned athlete);

#endif
