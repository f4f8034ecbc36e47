/* SPDX-License-Identifier: MIT
 *
 * The straps of the configured athletes, over BlueZ, as a source of samples.
 */
#ifndef ZONE1D_BLUEZ_SOURCE_H
#define ZONE1D_BLUEZ_SOURCE_H

#include "bluez/timing.h"
#include "source.h"

#define STRAP_MAX_SPARES 3

/* What identifies an athlete's strap: an address ("AA:BB:CC:DD:EE:FF") or an advertised name; both
 * NULL: this athlete has none. Further straps of the same athlete stand in SPARES (whose own spares are
 * ignored): the first that is heard is connected, the others are let be while it is. */
typedef struct StrapId {
    const char *address;
    const char *name;
    const struct StrapId *spares;
    unsigned spare_count; /* more than STRAP_MAX_SPARES are ignored */
} StrapId;

/* STRAPS[i] is athlete i's; copied. Talks to the system bus (or DBUS_SYSTEM_BUS_ADDRESS). No bus, no
 * bluetoothd, no adapter: said once, retried for ever, noticed as soon as it is there. Samples carry
 * the CLOCK_BOOTTIME ms of their arrival. A malformed packet is counted and never stops anything.
 * Link up: the notifications are subscribed. Link down: they are not any more, or 10 s went by without. */
Source *bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);

/* The same with other waits than bluez_timing_default(): for tests. TIMING is copied. */
Source *bluez_source_new_timed(const StrapId *straps, unsigned count, const SourceEvents *events, void *user,
                               const BluezTiming *timing);

/* Athlete ATHLETE's link, for reports; valid until the source is freed or its main loop runs on. */
const Link *bluez_source_link(const Source *source, unsigned athlete);

/* Packets of athlete ATHLETE's strap that carried no rate, since the start. */
uint64_t bluez_source_malformed(const Source *source, unsigned athlete);

/* Packets of athlete ATHLETE's strap beyond 20 a second (a burst of 20 is let through), since the start:
 * they keep the link alive and are ignored otherwise. */
uint64_t bluez_source_excess(const Source *source, unsigned athlete);

#endif
