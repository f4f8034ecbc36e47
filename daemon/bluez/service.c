/* SPDX-License-Identifier: MIT */
#include "bluez/service.h"

#include "bluez/objects.h"

#include <string.h>

static const char *const MATCHES[] = {
    "type='signal',sender='" DBUS_SERVICE_DBUS "',interface='" DBUS_INTERFACE_DBUS
    "',member='NameOwnerChanged',arg0='" BLUEZ_SERVICE "'",
    "type='signal',sender='" BLUEZ_SERVICE "',interface='org.freedesktop.DBus.ObjectManager'",
    "type='signal',sender='" BLUEZ_SERVICE "',interface='" DBUS_INTERFACE_PROPERTIES
    "',member='PropertiesChanged',path_namespace='/org/bluez'",
    "type='signal',sender='" BLUEZ_SERVICE "',interface='" BLUEZ_DEVICE "',member='Disconnected'",
};

struct Service {
    Bus *bus;
    const BluezTiming *timing;
    ServiceOwner fn;
    void *user;
    char *owner;
    BusCall *call;
    guint timer; /* next try to start it */
    unsigned retry_ms;
    bool complained;
};

static void on_owner(void *user, DBusMessage *reply, const char *error, const char *text);
static void set_owner(Service *service, const char *owner);
static void start_later(Service *service);
static gboolean on_start_timer(gpointer user);
static void on_started(void *user, DBusMessage *reply, const char *error, const char *text);

Service *service_new(Bus *bus, const BluezTiming *timing, ServiceOwner fn, void *user)
{
    Service *service = g_new0(Service, 1);

    *service = (Service){.bus = bus, .timing = timing, .fn = fn, .user = user};
    service->retry_ms = timing->service_retry_min_ms;
    return service;
}

void service_free(Service *service)
{
    if (service == NULL)
        return;
    service_bus_down(service);
    g_free(service);
}

static DBusMessage *bus_daemon_method(const char *method)
{
    return bus_method(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, method);
}

static void append_string(DBusMessage *message, const char *text)
{
    dbus_message_append_args(message, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID);
}

/* The bus answers in order: what GetNameOwner says is as of a moment at which the matches stand. */
void service_bus_up(Service *service)
{
    g_autoptr(DBusMessage) get = bus_daemon_method("GetNameOwner");

    for (size_t i = 0; i < G_N_ELEMENTS(MATCHES); i++) {
        g_autoptr(DBusMessage) add = bus_daemon_method("AddMatch");

        append_string(add, MATCHES[i]);
        bus_send(service->bus, add);
    }
    append_string(get, BLUEZ_SERVICE);
    bus_call(service->bus, &service->call, get, (int)service->timing->call_ms, on_owner, service);
}

void service_bus_down(Service *service)
{
    bus_cancel(&service->call);
    g_clear_handle_id(&service->timer, g_source_remove);
    g_clear_pointer(&service->owner, g_free);
    service->retry_ms = service->timing->service_retry_min_ms;
}

bool service_signal(Service *service, DBusMessage *signal)
{
    const char *name = NULL, *old = NULL, *new = NULL;

    if (!dbus_message_has_sender(signal, DBUS_SERVICE_DBUS))
        return false;
    if (!dbus_message_is_signal(signal, DBUS_INTERFACE_DBUS, "NameOwnerChanged") ||
        !dbus_message_get_args(signal, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_STRING, &old, DBUS_TYPE_STRING, &new,
                               DBUS_TYPE_INVALID) ||
        strcmp(name, BLUEZ_SERVICE) != 0)
        return true;
    set_owner(service, new[0] != '\0' ? new : NULL);
    return true;
}

const char *service_owner(const Service *service) { return service->owner; }

static void on_owner(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Service *service = user;
    const char *owner = NULL;

    (void)text;
    if (error == NULL && dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &owner, DBUS_TYPE_INVALID))
        set_owner(service, owner);
    else if (service->owner == NULL)
        set_owner(service, NULL);
}

static void set_owner(Service *service, const char *owner)
{
    if (owner != NULL && g_strcmp0(owner, service->owner) == 0)
        return;
    if (service->owner != NULL) {
        g_clear_pointer(&service->owner, g_free);
        service->fn(service->user, NULL);
    }
    if (owner == NULL) {
        if (!service->complained)
            g_warning("Bluetooth: bluetoothd is not running; waiting for it (is the package bluez installed, "
                      "and bluetooth.service enabled?)");
        service->complained = true;
        start_later(service);
        return;
    }
    g_clear_handle_id(&service->timer, g_source_remove);
    service->retry_ms = service->timing->service_retry_min_ms;
    if (service->complained)
        g_message("Bluetooth: bluetoothd is there");
    service->complained = false;
    service->owner = g_strdup(owner);
    service->fn(service->user, owner);
}

static void start_later(Service *service)
{
    if (service->timer != 0)
        return;
    service->timer = g_timeout_add(service->retry_ms, on_start_timer, service);
    service->retry_ms = MIN(service->retry_ms * 2, service->timing->service_retry_max_ms);
}

static gboolean on_start_timer(gpointer user)
{
    Service *service = user;
    g_autoptr(DBusMessage) start = bus_daemon_method("StartServiceByName");
    const char *name = BLUEZ_SERVICE;
    dbus_uint32_t flags = 0;

    service->timer = 0;
    dbus_message_append_args(start, DBUS_TYPE_STRING, &name, DBUS_TYPE_UINT32, &flags, DBUS_TYPE_INVALID);
    bus_call(service->bus, &service->call, start, (int)service->timing->call_ms, on_started, service);
    return G_SOURCE_REMOVE;
}

/* Success is told by NameOwnerChanged. */
static void on_started(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Service *service = user;

    (void)reply;
    if (error != NULL)
        g_debug("bluetoothd could not be started: %s: %s", error, text);
    if (service->owner == NULL)
        start_later(service);
}
