/* SPDX-License-Identifier: MIT
 *
 * One GSource that runs a DBusConnection: its watches, its timeouts and the dispatch of its messages.
 */
#ifndef ZONE1D_BLUEZ_BUS_SOURCE_H
#define ZONE1D_BLUEZ_BUS_SOURCE_H

#include <dbus/dbus.h>
#include <glib.h>

/* Attaches CONNECTION, which the source references, to the default main context. Main thread only.
 * NULL when out of memory. End with bus_source_destroy before closing the connection. */
GSource *bus_source_attach(DBusConnection *connection);

/* Takes the source off the main context and off the connection, drops the caller's reference and sets
 * *SOURCE to NULL. May be called from within a message handler. */
void bus_source_destroy(GSource **source);

#endif
