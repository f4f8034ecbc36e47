/* SPDX-License-Identifier: MIT
 *
 * What is known of an athlete's strap besides its heart rate.
 */
#ifndef ZONE1D_CORE_STRAP_INFO_H
#define ZONE1D_CORE_STRAP_INFO_H

#include <stdbool.h>
#include <stdint.h>

/* Texts are UTF-8 of at most 64 bytes without control characters, or NULL: not known. All but reconnects
 * and what follows it is of the present connection: nothing is known of a strap that is not connected. */
typedef struct {
    bool connected;       /* its notifications come */
    int battery_percent;  /* 0..100; -1: not known */
    const char *location; /* "chest", "wrist", "finger", "hand", "ear_lobe", "foot", "other" */
    const char *maker, *model, *serial, *firmware;
    bool has_energy;
    unsigned energy_kj;   /* that it has counted, 0..65535; in kilojoule */
    const char *adapter;  /* "hci0" */
    unsigned reconnects;  /* since the start */
    int64_t lost_ms;      /* in all, between the first connection and now */
    uint64_t drops;       /* links lost since the start */
    const char *drop_reason; /* why the last one was, in words */
    int64_t recovery_ms;     /* how long the last loss that ended lasted; 0: none has */
} StrapInfo;

/* What becomes of a heart-rate strap that is heard and bound to nobody. */
typedef enum {
    UNKNOWN_IGNORE, /* nothing */
    UNKNOWN_ASK,    /* it is told of, and never connected */
    UNKNOWN_GUEST,  /* it is connected, as a guest */
} UnknownStraps;

#endif
