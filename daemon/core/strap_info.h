/* SPDX-License-Identifier: MIT
 *
 * What is known of an athlete's strap besides its heart rate.
 */
#ifndef ZONE1D_CORE_STRAP_INFO_H
#define ZONE1D_CORE_STRAP_INFO_H

#include <stdbool.h>
#include <stdint.h>

/* Texts are UTF-8 of at most 64 bytes without control characters, or NULL: not known. All but reconnects
 * and lost_ms is of the present connection: nothing is known of a strap that is not connected. */
typedef struct {
    bool connected;       /* its notifications come */
    int battery_percent;  /* 0..100; -1: not known */
    const char *location; /* "chest", "wrist", "finger", "hand", "ear_lobe", "foot", "other" */
    const char *maker, *model, *serial, *firmware;
    const char *adapter;  /* "hci0" */
    unsigned reconnects;  /* since the start */
    int64_t lost_ms;      /* in all, between the first connection and now */
} StrapInfo;

#endif
