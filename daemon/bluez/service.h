/* SPDX-License-Identifier: MIT
 *
 * The name org.bluez on the bus: who owns it, and bringing it back when nobody does. bluetoothd is
 * started by D-Bus activation, which systemd refuses where the user has disabled bluetooth.service
 * (disabling takes away the alias dbus-org.bluez.service), so nobody's will is overruled; Debian's
 * unit does not restart a bluetoothd that has crashed. Main thread.
 */
#ifndef ZONE1D_BLUEZ_SERVICE_H
#define ZONE1D_BLUEZ_SERVICE_H

#include "bluez/bus.h"
#include "bluez/timing.h"

typedef struct Service Service;

/* OWNER is the new owner's unique name, or NULL: there is none any more. An owner that is replaced by
 * another is told as gone first. */
typedef void (*ServiceOwner)(void *user, const char *owner);

/* BUS and TIMING stay the caller's and outlive it. */
Service *service_new(Bus *bus, const BluezTiming *timing, ServiceOwner fn, void *user);
void service_free(Service *service); /* NULL is fine */

/* Asks who owns the name, and has its signals sent to us. */
void service_bus_up(Service *service);
void service_bus_down(Service *service); /* tells nothing */

/* True when SIGNAL was the bus' own about a name: then it is dealt with. */
bool service_signal(Service *service, DBusMessage *signal);

/* The unique name of bluetoothd, NULL while there is none. */
const char *service_owner(const Service *service);

#endif
