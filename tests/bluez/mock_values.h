/* SPDX-License-Identifier: MIT
 *
 * What a strap of the mock has besides its heart rate: characteristics that can be read, notified or
 * written, and BlueZ's own Battery1.
 */
#ifndef ZONE1D_TESTS_MOCK_VALUES_H
#define ZONE1D_TESTS_MOCK_VALUES_H

#include "mock_bluez.h"

/* Gives DEVICE, before it is connected, characteristic NUMBER (0x2a19 ...) with TEXT as its value, and the
 * flag "read", "notify" too, or "write" as NUMBER 0x2a39. TEXT is a static string. */
MockValue *mock_add_value(MockDevice *device, unsigned number, const char *text, bool notifies);

/* The value changes; a notification, when it is subscribed. */
void mock_change_value(MockDevice *device, MockValue *value, const char *text);

/* bluetoothd shows Battery1 with this Percentage, of any type; NULL: takes it away. */
void mock_battery1(MockDevice *device, GVariant *percentage);

/* The objects of all values appear, or go. For the mock itself. */
void mock_values_emit(MockDevice *device, bool added);
void mock_values_add_to_tree(MockDevice *device, GVariantBuilder *tree);
/* True when CALL was to one of them, and is answered. */
bool mock_values_handle(MockDevice *device, const char *path, const char *method, GDBusMessage *call);

#endif
