/* SPDX-License-Identifier: MIT */
#include "bluez/bus.h"

#include "bluez/bus_source.h"

#include <stdlib.h>

#define DEFAULT_ADDRESS "unix:path=/var/run/dbus/system_bus_socket"
#define HELLO_TIMEOUT_MS 10000

struct Bus {
    const BusEvents *events;
    void *user;
    DBusConnection *connection; /* NULL while there is none */
    GSource *source;
    BusCall *hello;
    GPtrArray *calls; /* of BusCall, owned; those that are pending */
    guint timer;      /* next try, or the end of a connection that died */
    unsigned retry_min_ms, retry_max_ms, retry_ms;
    bool up;
    bool complained;
};

struct BusCall {
    Bus *bus;
    BusCall **slot;
    DBusPendingCall *pending; /* NULL when the message could not be sent */
    guint idle;               /* then this tells so */
    BusReply fn;
    void *user;
};

static void try_to_connect(Bus *bus);
static void say_hello(Bus *bus);
static void on_hello(void *user, DBusMessage *reply, const char *error, const char *text);
static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *user);
static gboolean on_lost(gpointer user);
static void close_connection(Bus *bus);
static void retry_later(Bus *bus);
static void on_pending(DBusPendingCall *pending, void *user);
static gboolean on_unsent(gpointer user);
static void call_free(gpointer data);

Bus *bus_new(const BusEvents *events, void *user, unsigned retry_min_ms, unsigned retry_max_ms)
{
    Bus *bus = g_new0(Bus, 1);

    bus->events = events;
    bus->user = user;
    bus->retry_min_ms = retry_min_ms;
    bus->retry_max_ms = retry_max_ms;
    bus->retry_ms = retry_min_ms;
    bus->calls = g_ptr_array_new_with_free_func(call_free);
    return bus;
}

void bus_start(Bus *bus) { try_to_connect(bus); }

void bus_free(Bus *bus)
{
    if (bus == NULL)
        return;
    g_clear_handle_id(&bus->timer, g_source_remove);
    close_connection(bus);
    g_ptr_array_unref(bus->calls);
    g_free(bus);
}

bool bus_is_up(const Bus *bus) { return bus->up; }

static void complain_once(Bus *bus, const char *text)
{
    if (!bus->complained)
        g_warning("D-Bus: no system bus (%s); trying until it is there", text);
    bus->complained = true;
}

/* Opening and authenticating do not block; libdbus' own way to register would, for 25 s on a bus that
 * hangs, so Hello is a call like any other. */
static void try_to_connect(Bus *bus)
{
    const char *address = g_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    DBusError error = DBUS_ERROR_INIT;

    bus->connection = dbus_connection_open_private(address != NULL ? address : DEFAULT_ADDRESS, &error);
    if (bus->connection == NULL) {
        complain_once(bus, error.message != NULL ? error.message : "out of memory");
        dbus_error_free(&error);
        retry_later(bus);
        return;
    }
    dbus_connection_set_exit_on_disconnect(bus->connection, FALSE);
    dbus_connection_set_max_message_size(bus->connection, BUS_MAX_MESSAGE_BYTES);
    bus->source = bus_source_attach(bus->connection);
    if (bus->source == NULL || !dbus_connection_add_filter(bus->connection, on_message, bus, NULL)) {
        complain_once(bus, "out of memory");
        close_connection(bus);
        retry_later(bus);
        return;
    }
    say_hello(bus);
}

static void say_hello(Bus *bus)
{
    g_autoptr(DBusMessage) hello = bus_method(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "Hello");

    bus_call(bus, &bus->hello, hello, HELLO_TIMEOUT_MS, on_hello, bus);
}

static void on_hello(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Bus *bus = user;
    const char *name = NULL;

    if (error != NULL || !dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID) ||
        !dbus_bus_set_unique_name(bus->connection, name)) {
        complain_once(bus, error != NULL ? text : "it gave us no name");
        if (bus->timer == 0) /* never close from within a dispatch */
            bus->timer = g_idle_add(on_lost, bus);
        return;
    }
    if (bus->complained)
        g_message("D-Bus: the system bus is there");
    bus->complained = false;
    bus->retry_ms = bus->retry_min_ms;
    bus->up = true;
    bus->events->up(bus->user);
}

static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *user)
{
    Bus *bus = user;

    (void)connection;
    if (dbus_message_get_type(message) != DBUS_MESSAGE_TYPE_SIGNAL)
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    if (dbus_message_is_signal(message, DBUS_INTERFACE_LOCAL, "Disconnected") &&
        dbus_message_get_sender(message) == NULL) {
        if (bus->timer == 0)
            bus->timer = g_idle_add(on_lost, bus);
        return DBUS_HANDLER_RESULT_HANDLED;
    }
    if (bus->up)
        bus->events->signal(bus->user, message);
    return DBUS_HANDLER_RESULT_HANDLED;
}

static gboolean on_lost(gpointer user)
{
    Bus *bus = user;
    bool was_up = bus->up;

    bus->timer = 0;
    close_connection(bus);
    if (was_up) {
        g_warning("D-Bus: the system bus has gone; trying until it is back");
        bus->complained = true;
        bus->events->down(bus->user);
    }
    retry_later(bus);
    return G_SOURCE_REMOVE;
}

static void close_connection(Bus *bus)
{
    bus->up = false;
    g_ptr_array_set_size(bus->calls, 0);
    bus_source_destroy(&bus->source);
    if (bus->connection == NULL)
        return;
    dbus_connection_remove_filter(bus->connection, on_message, bus);
    dbus_connection_close(bus->connection);
    dbus_connection_unref(bus->connection);
    bus->connection = NULL;
}

static gboolean on_retry(gpointer user)
{
    Bus *bus = user;

    bus->timer = 0;
    try_to_connect(bus);
    return G_SOURCE_REMOVE;
}

static void retry_later(Bus *bus)
{
    unsigned jitter_ms = (unsigned)g_random_int_range(0, (gint32)(bus->retry_ms / 4 + 1));

    bus->timer = g_timeout_add(bus->retry_ms + jitter_ms, on_retry, bus);
    bus->retry_ms = MIN(bus->retry_ms * 2, bus->retry_max_ms);
}

DBusMessage *bus_method(const char *service, const char *path, const char *interface, const char *method)
{
    DBusMessage *message = dbus_message_new_method_call(service, path, interface, method);

    if (message == NULL) /* out of memory: as GLib does */
        abort();
    dbus_message_set_auto_start(message, FALSE);
    return message;
}

void bus_call(Bus *bus, BusCall **slot, DBusMessage *message, int timeout_ms, BusReply fn, void *user)
{
    BusCall *call = g_new0(BusCall, 1);

    bus_cancel(slot);
    *call = (BusCall){.bus = bus, .slot = slot, .fn = fn, .user = user};
    /* TRUE with a NULL pending call means: disconnected. */
    if (bus->connection == NULL ||
        !dbus_connection_send_with_reply(bus->connection, message, &call->pending, timeout_ms) ||
        call->pending == NULL || !dbus_pending_call_set_notify(call->pending, on_pending, call, NULL))
        call->idle = g_idle_add(on_unsent, call);
    g_ptr_array_add(bus->calls, call);
    *slot = call;
}

void bus_cancel(BusCall **slot)
{
    BusCall *call = *slot;

    if (call != NULL)
        g_ptr_array_remove_fast(call->bus->calls, call);
}

void bus_send(Bus *bus, DBusMessage *message)
{
    dbus_message_set_no_reply(message, TRUE);
    if (bus->connection != NULL)
        dbus_connection_send(bus->connection, message, NULL);
}

static void call_free(gpointer data)
{
    BusCall *call = data;

    *call->slot = NULL;
    g_clear_handle_id(&call->idle, g_source_remove);
    if (call->pending != NULL) {
        dbus_pending_call_cancel(call->pending);
        dbus_pending_call_unref(call->pending);
    }
    g_free(call);
}

/* The call is freed first: what its owner does in the callback must find an empty slot. */
static void finish(BusCall *call, DBusMessage *reply)
{
    BusReply fn = call->fn;
    void *user = call->user;
    DBusError error = DBUS_ERROR_INIT;

    g_ptr_array_remove_fast(call->bus->calls, call);
    if (reply == NULL)
        dbus_set_error_const(&error, DBUS_ERROR_DISCONNECTED, "not connected to the bus");
    if (reply != NULL && !dbus_set_error_from_message(&error, reply))
        fn(user, reply, NULL, "");
    else
        fn(user, NULL, error.name, error.message != NULL ? error.message : "");
    dbus_error_free(&error);
}

static void on_pending(DBusPendingCall *pending, void *user)
{
    BusCall *call = user;
    g_autoptr(DBusMessage) reply = dbus_pending_call_steal_reply(pending);

    finish(call, reply);
}

static gboolean on_unsent(gpointer user)
{
    BusCall *call = user;

    call->idle = 0;
    finish(call, NULL);
    return G_SOURCE_REMOVE;
}
