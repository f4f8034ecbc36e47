/* SPDX-License-Identifier: MIT
 *
 * The two halves of the mock to each other: its state, and the methods that it answers.
 */
#ifndef ZONE1D_TESTS_MOCK_METHODS_H
#define ZONE1D_TESTS_MOCK_METHODS_H

#include "mock_bluez.h"

/* Answers one method call, in the main loop. */
void mock_handle_method(MockBluez *mock, GDBusMessage *call);

GVariant *mock_tree(const MockBluez *mock);
void mock_discover(MockAdapter *adapter, bool on);
void mock_set_connected(MockDevice *device, bool connected);
void mock_add_objects(MockDevice *device);
void mock_resolve(MockDevice *device);
void mock_start_beat(MockDevice *device);

/* Answers CALL well; BODY may be NULL. */
void mock_reply(MockBluez *mock, GDBusMessage *call, GVariant *body);
/* True when the script answers the call, or lets it hang. */
bool mock_follow_script(MockBluez *mock, MockScript *script, GDBusMessage *call);

#endif
