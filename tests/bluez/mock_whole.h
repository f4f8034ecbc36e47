/* SPDX-License-Identifier: MIT
 *
 * What other programs than zone1d look at in BlueZ, for MockBluez.whole: the service as an object, properties one by
 * one, introspection.
 */
#ifndef ZONE1D_TESTS_MOCK_WHOLE_H
#define ZONE1D_TESTS_MOCK_WHOLE_H

#include "mock_bluez.h"

/* The object of DEVICE's service appears, or goes. */
void mock_whole_emit(const MockDevice *device, bool added);
void mock_whole_add_to_tree(const MockDevice *device, GVariantBuilder *tree);
/* The service that CHARACTERISTIC of DEVICE belongs to, and what it can. */
void mock_whole_describe(const MockDevice *device, GVariantBuilder *properties);
/* True when CALL was Introspect, Get or GetAll, and is answered. */
bool mock_whole_handle(MockBluez *mock, GDBusMessage *call);

#endif
