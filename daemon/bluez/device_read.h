/* SPDX-License-Identifier: MIT
 *
 * The properties of a Device1, of any type and content, into what is kept of it. Pure but for
 * allocation; main thread.
 */
#ifndef ZONE1D_BLUEZ_DEVICE_READ_H
#define ZONE1D_BLUEZ_DEVICE_READ_H

#include "bluez/objects.h"

/* "AA:BB:CC:DD:EE:FF" in any case, and nothing else; RET is untouched then. */
void device_read_address(DBusMessageIter *value, char ret[18]);

/* Takes the property KEY. True when it is one that only an advertisement changes. The value of RSSI does
 * not matter for it: 127 is how some controllers say that they do not know. */
bool device_read_property(DeviceObject *device, const char *key, DBusMessageIter *value);

#endif
