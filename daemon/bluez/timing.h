/* SPDX-License-Identifier: MIT
 *
 * The clock of bluez/ and every wait in it that is not core/link's. docs/bluez.md gives the reasons.
 */
#ifndef ZONE1D_BLUEZ_TIMING_H
#define ZONE1D_BLUEZ_TIMING_H

#include "core/link.h"

#include <stdint.h>

/* All in ms. */
typedef struct {
    LinkTiming link;
    unsigned bus_retry_min_ms, bus_retry_max_ms; /* to reach the bus, to read its objects */
    unsigned service_retry_min_ms, service_retry_max_ms; /* to start bluetoothd */
    unsigned scan_cycle_ms;                              /* one stretch of discovery */
    unsigned scan_retry_min_ms, scan_retry_max_ms;       /* after a discovery that would not start */
    unsigned no_adapter_ms;                              /* before it is said that there is none */
    unsigned prefer_ms;        /* another device of a strap's name is not taken before */
    unsigned prefer_random_ms; /* and where that device's address is no public one, which may have changed */
    unsigned call_ms;                                    /* a D-Bus call that nobody else has a deadline for */
    unsigned details_start_ms, details_gap_ms;           /* before the first of a strap's details is read, between */
    unsigned battery_again_ms;                           /* a battery that does not notify */
    unsigned look_every_ms, look_ms; /* for unknown straps: how often discovery runs, and for how long */
    unsigned gone_ms;                /* a device not heard for so long has gone */
    unsigned guest_gone_ms;          /* a guest's strap that was not live for so long gives its number back */
} BluezTiming;

/* The waits of normal work. */
static inline BluezTiming bluez_timing_default(void)
{
    return (BluezTiming){
        .link = link_timing_default(),
        .bus_retry_min_ms = 500,
        .bus_retry_max_ms = 3000,
        .service_retry_min_ms = 1000,
        .service_retry_max_ms = 30000,
        .scan_cycle_ms = 3000,
        .scan_retry_min_ms = 1000,
        .scan_retry_max_ms = 3000,
        .no_adapter_ms = 5000,
        .prefer_ms = 20000,
        .prefer_random_ms = 4000,
        .call_ms = 10000,
        .details_start_ms = 2000,
        .details_gap_ms = 200,
        .battery_again_ms = 600000,
        .look_every_ms = 30000,
        .look_ms = 7000,
        .gone_ms = 120000,
        .guest_gone_ms = 60000,
    };
}

/* CLOCK_BOOTTIME: goes on while the machine sleeps. Any thread. */
int64_t bluez_now_ms(void);

#endif
