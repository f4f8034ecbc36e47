/* SPDX-License-Identifier: MIT
 *
 * Method calls to a GattCharacteristic1 that take options. Main thread.
 */
#ifndef ZONE1D_BLUEZ_GATT_H
#define ZONE1D_BLUEZ_GATT_H

#include "bluez/bus.h"

#include <stdint.h>

/* METHOD (ReadValue, or WriteValue with *BYTE) of the characteristic at PATH, without options. BYTE may be
 * NULL. Caller unrefs. */
DBusMessage *gatt_method(const char *path, const char *method, const uint8_t *byte);

#endif
