/* SPDX-License-Identifier: MIT
 *
 * A dbus-daemon of the test's own, in a folder below the current one. It dies with the test.
 */
#ifndef ZONE1D_TESTS_PRIVATE_BUS_H
#define ZONE1D_TESTS_PRIVATE_BUS_H

#include <gio/gio.h>

typedef struct {
    char *dir;
    char *address;
    GSubprocess *daemon; /* NULL while it is killed */
} PrivateBus;

/* Starts it and sets DBUS_SYSTEM_BUS_ADDRESS. Aborts on any fault. */
PrivateBus *private_bus_new(void);
/* SIGKILL; the address stays the same. */
void private_bus_kill(PrivateBus *bus);
void private_bus_start(PrivateBus *bus);
void private_bus_free(PrivateBus *bus);

#endif
