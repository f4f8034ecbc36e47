/* SPDX-License-Identifier: MIT
 *
 * The characteristics of a strap that are of use here, by their UUID. Bluetooth Assigned Numbers,
 * section 3.8; services: Heart Rate 1.0, Battery 1.1, Device Information 1.1. Pure; any thread.
 */
#ifndef ZONE1D_BLUEZ_CHARACTERISTICS_H
#define ZONE1D_BLUEZ_CHARACTERISTICS_H

#include <stdbool.h>

typedef enum {
    CHARACTERISTIC_MEASUREMENT,   /* 0x2A37: notifies */
    CHARACTERISTIC_BATTERY,       /* 0x2A19: read, and mostly notifies */
    CHARACTERISTIC_LOCATION,      /* 0x2A38: read */
    CHARACTERISTIC_MAKER,         /* 0x2A29: read, as are all that follow but the last */
    CHARACTERISTIC_MODEL,         /* 0x2A24 */
    CHARACTERISTIC_SERIAL,        /* 0x2A25 */
    CHARACTERISTIC_HARDWARE,      /* 0x2A27 */
    CHARACTERISTIC_FIRMWARE,      /* 0x2A26 */
    CHARACTERISTIC_SOFTWARE,      /* 0x2A28 */
    CHARACTERISTIC_CONTROL_POINT, /* 0x2A39: write; where energy is counted */
    CHARACTERISTIC_COUNT
} CharacteristicKind;

/* One object of BlueZ's. */
typedef struct {
    char *path;
    char *device_path;
    CharacteristicKind kind;
    bool notifies; /* its flags say so */
} CharacteristicObject;

/* UUID in any case, as BlueZ writes it (128 bits). False, *RET untouched, for any other. */
bool characteristic_kind(const char *uuid, CharacteristicKind *ret);

#endif
