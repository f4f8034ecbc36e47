/* SPDX-License-Identifier: MIT
 *
 * What the BlueZ source tells of itself, besides samples: devices heard, straps, adapters.
 */
#ifndef ZONE1D_BLUEZ_STATUS_H
#define ZONE1D_BLUEZ_STATUS_H

#include "core/link.h"
#include "core/strap_info.h"

#include <stdbool.h>
#include <stdint.h>

#define BLUEZ_NO_RSSI 127

/* A device that is heard, or in use. Times are ms of the source's clock. */
typedef struct {
    const char *id;      /* short; never an address */
    const char *address; /* stays in the house */
    const char *name;    /* NULL: none */
    bool heart_rate;     /* advertises the heart rate service */
    bool address_changes;
    int rssi_dbm;        /* BLUEZ_NO_RSSI: not known */
    int64_t since_ms, heard_ms;
    int athlete;         /* that it is bound to, or whose guest it is; -1: nobody's */
} HeardStrap;

typedef struct {
    LinkState state;
    bool bound;               /* there is a strap that is looked for at all */
    const char *address;      /* of the one that is live; NULL: none is. Stays in the house */
    const char *adapter_path; /* that it is on, or goes for; NULL: none */
    unsigned links, slots;    /* of that adapter, as below */
    int64_t packet_age_ms;    /* since the last heart rate; -1: none yet */
    StrapInfo info;           /* battery and what else it tells; its texts are valid until the next event */
    const char *reason;       /* why the last try failed or the last link was lost, in words; NULL: neither yet */
} StrapStatus;

typedef struct {
    char path[64];       /* "/org/bluez/hci0" */
    char address[18];    /* stays in the house */
    unsigned version[2]; /* of BlueZ, {5, 66}; {0, 0}: not known */
    bool powered;
    unsigned links; /* that are up, straps or not */
    unsigned slots; /* most links as far as was learnt; 0: not known */
} AdapterStatus;

#endif
