/* SPDX-License-Identifier: MIT
 *
 * The system bus as the rest of bluez/ uses it: one private connection, asynchronous from the first
 * byte, that comes back by itself; calls that can be cancelled. Main thread only.
 */
#ifndef ZONE1D_BLUEZ_BUS_H
#define ZONE1D_BLUEZ_BUS_H

#include <dbus/dbus.h>
#include <glib.h>
#include <stdbool.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DBusMessage, dbus_message_unref)

/* Beyond this a signal's sender floods us, or is not what it says. */
#define BUS_MAX_MESSAGE_BYTES (4 * 1024 * 1024)

typedef struct Bus Bus;
typedef struct BusCall BusCall;

/* None may free the bus. */
typedef struct {
    void (*up)(void *user);
    /* The connection is gone, and every call on it with it: none of them is answered any more, their
     * slots are NULL. */
    void (*down)(void *user);
    /* A signal, from anybody: judge its sender. Valid during the call. */
    void (*signal)(void *user, DBusMessage *signal);
} BusEvents;

/* Exactly one of REPLY and ERROR is not NULL; ERROR is a D-Bus error name, TEXT what was said with it
 * (never NULL). All end with the call. The slot is NULL already: the callback may start the next call. */
typedef void (*BusReply)(void *user, DBusMessage *reply, const char *error, const char *text);

/* RETRY_MIN_MS, RETRY_MAX_MS: the wait before each try to connect again. Never NULL. */
Bus *bus_new(const BusEvents *events, void *user, unsigned retry_min_ms, unsigned retry_max_ms);

/* Connects, now and for ever again. Failure is logged once until it has worked again. */
void bus_start(Bus *bus);

/* Closes at once; no callback comes afterwards. NULL is fine. */
void bus_free(Bus *bus);

/* Between up and down: calls reach the bus. */
bool bus_is_up(const Bus *bus);

/* A method call to org.bluez, or any other service, that starts no service. Caller unrefs. */
DBusMessage *bus_method(const char *service, const char *path, const char *interface, const char *method);

/* Sends MESSAGE and puts the pending call into *SLOT, cancelling the one that is there. FN is called
 * once, later, from the main loop, also when the message could not be sent; not after bus_cancel, nor
 * after the bus went down. Errors of libdbus' own making: org.freedesktop.DBus.Error.NoReply after
 * TIMEOUT_MS, .Disconnected. */
void bus_call(Bus *bus, BusCall **slot, DBusMessage *message, int timeout_ms, BusReply fn, void *user);

/* Drops the call in *SLOT and sets it to NULL; its reply is ignored. An empty slot is fine. */
void bus_cancel(BusCall **slot);

/* Sends a call whose outcome is nobody's business. */
void bus_send(Bus *bus, DBusMessage *message);

#endif
