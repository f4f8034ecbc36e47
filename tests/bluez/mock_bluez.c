/* SPDX-License-Identifier: MIT */
#include "mock_bluez.h"

#include "mock_methods.h"
#include "mock_values.h"
#include "mock_whole.h"

#include <string.h>

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

static const char *const ROLES[] = {"central", "peripheral"};
static const char *const SERVICES[] = {"0000180d-0000-1000-8000-00805f9b34fb"};

void (*mock_on_notify)(const MockDevice *device, const guint8 *bytes, gsize len);

/* A message on its way from GDBus' thread to the main loop; the mock may be gone when it comes. */
typedef struct {
    MockBluez *mock;
    gint *alive;
    GDBusMessage *message;
} Delivery;

static GDBusMessage *filter(GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user);
static gboolean deliver(gpointer user);

MockBluez *mock_bluez_new(const char *address)
{
    MockBluez *mock = g_new0(MockBluez, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = NULL;

    mock->alive = g_rc_box_new0(gint);
    *mock->alive = 1;
    mock->adapters = g_ptr_array_new();
    mock->devices = g_ptr_array_new();
    mock->beat_ms = 20;
    mock->resolve_gap_ms = 30;
    mock->stop_ms = 10;
    mock->connection = g_dbus_connection_new_for_address_sync(
        address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
        NULL, &error);
    g_assert_no_error(error);
    g_dbus_connection_set_exit_on_close(mock->connection, FALSE);
    g_dbus_connection_add_filter(mock->connection, filter, mock, NULL);
    reply = g_dbus_connection_call_sync(mock->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                        "org.freedesktop.DBus", "RequestName", g_variant_new("(su)", "org.bluez", 4u),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
    g_assert_no_error(error);
    return mock;
}

static void stop_timers(MockDevice *device)
{
    g_clear_handle_id(&device->beat, g_source_remove);
    g_clear_handle_id(&device->objects_timer, g_source_remove);
}

void mock_bluez_free(MockBluez *mock)
{
    if (mock == NULL)
        return;
    g_dbus_connection_close_sync(mock->connection, NULL, NULL);
    *mock->alive = 0;
    g_rc_box_release(mock->alive);
    for (guint i = 0; i < mock->devices->len; i++) {
        MockDevice *device = mock->devices->pdata[i];

        stop_timers(device);
        g_free(device->path);
        g_free(device);
    }
    for (guint i = 0; i < mock->adapters->len; i++) {
        MockAdapter *adapter = mock->adapters->pdata[i];

        g_clear_handle_id(&adapter->stop_timer, g_source_remove);
        g_clear_object(&adapter->stop_call);
        g_clear_object(&mock->held);
        g_free(adapter->path);
        g_free(adapter);
    }
    g_ptr_array_unref(mock->devices);
    g_ptr_array_unref(mock->adapters);
    g_object_unref(mock->connection);
    g_free(mock);
}

static GDBusMessage *filter(GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user)
{
    MockBluez *mock = user;
    Delivery *delivery;

    (void)connection;
    if (!incoming || g_dbus_message_get_message_type(message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
        return message;
    delivery = g_new0(Delivery, 1);
    *delivery = (Delivery){.mock = mock, .alive = g_rc_box_acquire(mock->alive), .message = message};
    g_idle_add_full(G_PRIORITY_DEFAULT, deliver, delivery, NULL);
    return NULL;
}

static gboolean deliver(gpointer user)
{
    Delivery *delivery = user;

    if (*delivery->alive != 0)
        mock_handle_method(delivery->mock, delivery->message);
    g_rc_box_release(delivery->alive);
    g_object_unref(delivery->message);
    g_free(delivery);
    return G_SOURCE_REMOVE;
}

void mock_emit(MockBluez *mock, const char *path, const char *interface, const char *member, GVariant *body)
{
    g_dbus_connection_emit_signal(mock->connection, NULL, path, interface, member, body, NULL);
}

static void emit_property(MockBluez *mock, const char *path, const char *interface, const char *key, GVariant *value)
{
    GVariantBuilder changed;

    g_variant_builder_init(&changed, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&changed, "{sv}", key, value);
    mock_emit(mock, path, PROPERTIES, "PropertiesChanged", g_variant_new("(sa{sv}as)", interface, &changed, NULL));
}

void mock_property(MockDevice *device, const char *key, GVariant *value)
{
    emit_property(device->mock, device->path, "org.bluez.Device1", key, value);
}

char *mock_characteristic_path(const MockDevice *device)
{
    return g_strdup_printf("%s/service0010/char0011", device->path);
}

static GVariant *adapter_properties(const MockAdapter *adapter)
{
    GVariantBuilder properties;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", "Address", g_variant_new_string("00:11:22:33:44:55"));
    if (adapter->mock->whole)
        g_variant_builder_add(&properties, "{sv}", "Roles", g_variant_new_strv(ROLES, 2));
    if (adapter->modalias != NULL)
        g_variant_builder_add(&properties, "{sv}", "Modalias", g_variant_new_string(adapter->modalias));
    g_variant_builder_add(&properties, "{sv}", "Powered", g_variant_new_boolean(adapter->powered));
    g_variant_builder_add(&properties, "{sv}", "Discovering", g_variant_new_boolean(adapter->discovering));
    return g_variant_builder_end(&properties);
}

static GVariant *rssi_of(const MockDevice *device)
{
    return g_variant_new_int16(device->rssi_dbm != 0 ? device->rssi_dbm : 127);
}

static GVariant *device_properties(const MockDevice *device)
{
    GVariantBuilder properties;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", "Address", g_variant_new_string(device->address));
    if (device->name != NULL)
        g_variant_builder_add(&properties, "{sv}", "Name", g_variant_new_string(device->name));
    if (device->mock->whole)
        g_variant_builder_add(&properties, "{sv}", "Alias", g_variant_new_string(device->address));
    g_variant_builder_add(&properties, "{sv}", "Adapter", g_variant_new_object_path(device->adapter->path));
    g_variant_builder_add(&properties, "{sv}", "Connected", g_variant_new_boolean(device->connected));
    g_variant_builder_add(&properties, "{sv}", "ServicesResolved", g_variant_new_boolean(device->resolved));
    g_variant_builder_add(&properties, "{sv}", "Paired", g_variant_new_boolean(device->paired));
    g_variant_builder_add(&properties, "{sv}", "AddressType",
                          g_variant_new_string(device->random_address ? "random" : "public"));
    g_variant_builder_add(&properties, "{sv}", "UUIDs", g_variant_new_strv(SERVICES, device->hides_service ? 0 : 1));
    if (device->advertising && device->adapter->discovering)
        g_variant_builder_add(&properties, "{sv}", "RSSI", rssi_of(device));
    return g_variant_builder_end(&properties);
}

static GVariant *characteristic_properties(const MockDevice *device)
{
    GVariantBuilder properties;
    const char *uuid = device->no_measurement ? "00002a38-0000-1000-8000-00805f9b34fb"
                                              : "00002a37-0000-1000-8000-00805f9b34fb";

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", "UUID", g_variant_new_string(uuid));
    g_variant_builder_add(&properties, "{sv}", "Notifying", g_variant_new_boolean(device->notifying));
    if (device->mock->whole)
        mock_whole_describe(device, &properties);
    return g_variant_builder_end(&properties);
}

static GVariant *interfaces_of(const char *interface, GVariant *properties)
{
    GVariantBuilder interfaces;

    g_variant_builder_init(&interfaces, G_VARIANT_TYPE("a{sa{sv}}"));
    g_variant_builder_add(&interfaces, "{s@a{sv}}", interface, properties);
    return g_variant_builder_end(&interfaces);
}

/* Backwards, so that a characteristic comes before its device and that before its adapter. */
GVariant *mock_tree(const MockBluez *mock)
{
    GVariantBuilder tree;

    g_variant_builder_init(&tree, G_VARIANT_TYPE("a{oa{sa{sv}}}"));
    for (guint i = 0; i < mock->devices->len; i++) {
        MockDevice *device = mock->devices->pdata[i];
        g_autofree char *path = mock_characteristic_path(device);

        if (device->in_tree && device->has_objects)
            mock_values_add_to_tree(device, &tree);
        if (device->in_tree && device->has_objects && mock->whole)
            mock_whole_add_to_tree(device, &tree);
        if (device->in_tree && device->has_objects)
            g_variant_builder_add(&tree, "{o@a{sa{sv}}}", path,
                                  interfaces_of("org.bluez.GattCharacteristic1", characteristic_properties(device)));
        if (device->in_tree)
            g_variant_builder_add(&tree, "{o@a{sa{sv}}}", device->path,
                                  interfaces_of("org.bluez.Device1", device_properties(device)));
    }
    for (guint i = 0; i < mock->adapters->len; i++) {
        MockAdapter *adapter = mock->adapters->pdata[i];

        if (adapter->in_tree)
            g_variant_builder_add(&tree, "{o@a{sa{sv}}}", adapter->path,
                                  interfaces_of("org.bluez.Adapter1", adapter_properties(adapter)));
    }
    return g_variant_new("(@a{oa{sa{sv}}})", g_variant_builder_end(&tree));
}

static void emit_added(MockBluez *mock, const char *path, GVariant *interfaces)
{
    mock_emit(mock, "/", OBJECT_MANAGER, "InterfacesAdded", g_variant_new("(o@a{sa{sv}})", path, interfaces));
}

static void emit_removed(MockBluez *mock, const char *path, const char *interface)
{
    const char *interfaces[] = {interface, NULL};

    mock_emit(mock, "/", OBJECT_MANAGER, "InterfacesRemoved", g_variant_new("(o^as)", path, interfaces));
}

MockAdapter *mock_add_adapter(MockBluez *mock, const char *name, bool powered)
{
    MockAdapter *adapter = g_new0(MockAdapter, 1);

    *adapter = (MockAdapter){.mock = mock, .powered = powered, .in_tree = true};
    adapter->path = g_strdup_printf("/org/bluez/%s", name);
    g_ptr_array_add(mock->adapters, adapter);
    emit_added(mock, adapter->path, interfaces_of("org.bluez.Adapter1", adapter_properties(adapter)));
    return adapter;
}

void mock_remove_adapter(MockAdapter *adapter)
{
    for (guint i = 0; i < adapter->mock->devices->len; i++) {
        MockDevice *device = adapter->mock->devices->pdata[i];

        if (device->adapter == adapter && device->in_tree)
            mock_remove_device(device);
    }
    adapter->in_tree = adapter->discovering = false;
    emit_removed(adapter->mock, adapter->path, "org.bluez.Adapter1");
}

static void emit_adapter(MockAdapter *adapter, const char *key, bool value)
{
    emit_property(adapter->mock, adapter->path, "org.bluez.Adapter1", key, g_variant_new_boolean(value));
}

void mock_power(MockAdapter *adapter, bool powered)
{
    adapter->powered = powered;
    if (!powered) {
        mock_discover(adapter, false);
        for (guint i = 0; i < adapter->mock->devices->len; i++) {
            MockDevice *device = adapter->mock->devices->pdata[i];

            if (device->adapter == adapter && device->connected)
                mock_drop(device);
        }
    }
    emit_adapter(adapter, "Powered", powered);
}

MockDevice *mock_add_device(MockAdapter *adapter, const char *address, const char *name)
{
    MockDevice *device = g_new0(MockDevice, 1);
    g_autofree char *last = g_strdup(address);

    *device = (MockDevice){.mock = adapter->mock, .adapter = adapter, .address = address, .name = name, .bpm = 100};
    device->path = g_strdup_printf("%s/dev_%s", adapter->path, g_strdelimit(last, ":", '_'));
    g_ptr_array_add(adapter->mock->devices, device);
    mock_advertise(device, true);
    return device;
}

static void hear(MockDevice *device)
{
    if (device->in_tree) {
        mock_property(device, "RSSI", rssi_of(device));
        return;
    }
    device->in_tree = true;
    emit_added(device->mock, device->path, interfaces_of("org.bluez.Device1", device_properties(device)));
}

void mock_advertise(MockDevice *device, bool on)
{
    device->advertising = on;
    if (on && device->adapter->discovering && !device->connected)
        hear(device);
}

void mock_discover(MockAdapter *adapter, bool on)
{
    if (adapter->discovering == on)
        return;
    adapter->discovering = on;
    emit_adapter(adapter, "Discovering", on);
    for (guint i = 0; on && i < adapter->mock->devices->len; i++) {
        MockDevice *device = adapter->mock->devices->pdata[i];

        if (device->adapter == adapter && device->advertising && !device->connected)
            hear(device);
    }
}

void mock_add_objects(MockDevice *device)
{
    g_autofree char *path = mock_characteristic_path(device);

    if (device->has_objects)
        return;
    device->has_objects = true;
    if (device->mock->whole)
        mock_whole_emit(device, true);
    emit_added(device->mock, path,
               interfaces_of("org.bluez.GattCharacteristic1", characteristic_properties(device)));
    mock_values_emit(device, true);
}

void mock_resolve(MockDevice *device)
{
    device->resolved = true;
    mock_property(device, "ServicesResolved", g_variant_new_boolean(TRUE));
}

void mock_set_connected(MockDevice *device, bool connected)
{
    device->connected = connected;
    mock_property(device, "Connected", g_variant_new_boolean(connected));
}

void mock_drop(MockDevice *device)
{
    g_autofree char *path = mock_characteristic_path(device);

    stop_timers(device);
    if (device->drop_reason != NULL && device->connected)
        mock_emit(device->mock, device->path, "org.bluez.Device1", "Disconnected",
                  g_variant_new("(ss)", device->drop_reason, "it ended"));
    if (device->has_objects) {
        emit_removed(device->mock, path, "org.bluez.GattCharacteristic1");
        mock_values_emit(device, false);
        if (device->mock->whole)
            mock_whole_emit(device, false);
    }
    if (device->has_battery1)
        mock_battery1(device, NULL);
    device->has_objects = device->notifying = false;
    if (device->resolved)
        mock_property(device, "ServicesResolved", g_variant_new_boolean(FALSE));
    device->resolved = false;
    mock_set_connected(device, false);
}

void mock_remove_device(MockDevice *device)
{
    stop_timers(device);
    device->in_tree = device->connected = device->resolved = device->has_objects = device->notifying = false;
    emit_removed(device->mock, device->path, "org.bluez.Device1");
    if (device->advertising && device->adapter->discovering)
        hear(device);
}

void mock_notify(MockDevice *device, const guint8 *bytes, gsize len)
{
    g_autofree char *path = mock_characteristic_path(device);

    device->sent++;
    if (mock_on_notify != NULL)
        mock_on_notify(device, bytes, len);
    emit_property(device->mock, path, "org.bluez.GattCharacteristic1", "Value",
                  g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, len, 1));
}

static gboolean on_beat(gpointer user)
{
    MockDevice *device = user;
    guint8 packet[] = {0x06, (guint8)(device->bpm + (device->walk != 0 ? device->sent % device->walk : 0))};

    if (!device->phantom)
        mock_notify(device, packet, sizeof packet);
    return G_SOURCE_CONTINUE;
}

void mock_start_beat(MockDevice *device)
{
    if (device->beat == 0 && device->mock->beat_ms != 0)
        device->beat = g_timeout_add(device->mock->beat_ms, on_beat, device);
}
