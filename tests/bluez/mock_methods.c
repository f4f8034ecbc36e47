/* SPDX-License-Identifier: MIT */
#include "mock_methods.h"

#include "mock_values.h"
#include "mock_whole.h"

#include <string.h>

static void handle_adapter(MockAdapter *adapter, const char *method, GDBusMessage *call);
static void handle_device(MockDevice *device, const char *method, GDBusMessage *call);
static void handle_characteristic(MockDevice *device, const char *method, GDBusMessage *call);

void mock_reply(MockBluez *mock, GDBusMessage *call, GVariant *body)
{
    g_autoptr(GDBusMessage) message = g_dbus_message_new_method_reply(call);

    if (body != NULL)
        g_dbus_message_set_body(message, body);
    if ((g_dbus_message_get_flags(call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0)
        return;
    g_dbus_connection_send_message(mock->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static void reply_error(MockBluez *mock, GDBusMessage *call, const char *name, const char *text)
{
    g_autoptr(GDBusMessage) message = g_dbus_message_new_method_error_literal(call, name, text);

    g_dbus_connection_send_message(mock->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

void mock_handle_method(MockBluez *mock, GDBusMessage *call)
{
    const char *path = g_dbus_message_get_path(call), *method = g_dbus_message_get_member(call);

    if (strcmp(method, "GetManagedObjects") == 0) {
        if (!mock->hang_objects)
            mock_reply(mock, call, mock_tree(mock));
        return;
    }
    if (mock->whole && mock_whole_handle(mock, call))
        return;
    for (guint i = 0; i < mock->adapters->len; i++) {
        MockAdapter *adapter = mock->adapters->pdata[i];

        if (adapter->in_tree && strcmp(adapter->path, path) == 0) {
            handle_adapter(adapter, method, call);
            return;
        }
    }
    for (guint i = 0; i < mock->devices->len; i++) {
        MockDevice *device = mock->devices->pdata[i];
        g_autofree char *characteristic = mock_characteristic_path(device);

        if (device->in_tree && strcmp(device->path, path) == 0) {
            handle_device(device, method, call);
            return;
        }
        if (device->has_objects && strcmp(characteristic, path) == 0) {
            handle_characteristic(device, method, call);
            return;
        }
        if (device->has_objects && mock_values_handle(device, path, method, call))
            return;
    }
    reply_error(mock, call, "org.freedesktop.DBus.Error.UnknownObject", "Method call to an object that is not there");
}

void mock_answer_held(MockBluez *mock)
{
    mock_reply(mock, mock->held, NULL);
    g_clear_object(&mock->held);
}

bool mock_follow_script(MockBluez *mock, MockScript *script, GDBusMessage *call)
{
    script->calls++;
    if (script->hang_times > 0) {
        script->hang_times--;
        g_set_object(&mock->held, call);
        return true;
    }
    if (script->fail_times == 0)
        return false;
    script->fail_times--;
    reply_error(mock, call, script->error, script->text);
    return true;
}

static void read_filter(MockAdapter *adapter, GDBusMessage *call)
{
    g_autoptr(GVariant) filter = g_variant_get_child_value(g_dbus_message_get_body(call), 0);
    g_autoptr(GVariant) uuids = g_variant_lookup_value(filter, "UUIDs", G_VARIANT_TYPE_STRING_ARRAY);
    const char *transport = "";

    g_variant_lookup(filter, "Transport", "&s", &transport);
    adapter->filter_is_le = strcmp(transport, "le") == 0;
    adapter->filter_has_uuids = uuids != NULL;
}

static void remove_by_path(MockAdapter *adapter, GDBusMessage *call)
{
    g_autoptr(GVariant) path = g_variant_get_child_value(g_dbus_message_get_body(call), 0);

    for (guint i = 0; i < adapter->mock->devices->len; i++) {
        MockDevice *device = adapter->mock->devices->pdata[i];

        if (strcmp(device->path, g_variant_get_string(path, NULL)) != 0)
            continue;
        adapter->removed_devices++;
        mock_remove_device(device);
    }
}

static gboolean on_discovery_stopped(gpointer user)
{
    MockAdapter *adapter = user;

    adapter->stop_timer = 0;
    mock_discover(adapter, false);
    mock_reply(adapter->mock, adapter->stop_call, NULL);
    g_clear_object(&adapter->stop_call);
    return G_SOURCE_REMOVE;
}

static void handle_adapter(MockAdapter *adapter, const char *method, GDBusMessage *call)
{
    MockBluez *mock = adapter->mock;

    if (!adapter->powered) {
        reply_error(mock, call, "org.bluez.Error.NotReady", "Resource Not Ready");
        return;
    }
    if (strcmp(method, "SetDiscoveryFilter") == 0) {
        read_filter(adapter, call);
    } else if (strcmp(method, "RemoveDevice") == 0) {
        remove_by_path(adapter, call);
    } else if (strcmp(method, "StartDiscovery") == 0) {
        if (mock_follow_script(mock, &adapter->start_discovery, call))
            return;
        mock_discover(adapter, true);
    } else if (strcmp(method, "StopDiscovery") == 0) {
        if (!adapter->discovering || adapter->stop_timer != 0) {
            reply_error(mock, call, "org.bluez.Error.Failed", "No discovery started");
            return;
        }
        adapter->stop_call = g_object_ref(call);
        adapter->stop_timer = g_timeout_add(mock->stop_ms, on_discovery_stopped, adapter);
        return;
    }
    mock_reply(mock, call, NULL);
}

/* True when the link was lost in STEP, as the script wants it. */
static bool drop_in_step(MockDevice *device, MockStep step)
{
    if (device->drop_in != step || device->drop_times == 0)
        return false;
    device->drop_times--;
    mock_drop(device);
    return true;
}

static gboolean on_second_half(gpointer user)
{
    MockDevice *device = user;

    device->objects_timer = 0;
    if (drop_in_step(device, MOCK_STEP_RESOLVE))
        return G_SOURCE_REMOVE;
    if (device->resolve_early)
        mock_add_objects(device);
    else
        mock_resolve(device);
    return G_SOURCE_REMOVE;
}

static void connect_device(MockDevice *device, GDBusMessage *call)
{
    MockBluez *mock = device->mock;

    if (device->adapter->discovering)
        device->adapter->connects_while_discovering++;
    if (device->connect.fail_times > 0 && device->flicker) {
        mock_set_connected(device, true);
        mock_set_connected(device, false);
    }
    mock->pending += device->connect.hang_times > 0 ? 1 : 0;
    mock->pending_max = MAX(mock->pending_max, mock->pending);
    if (mock_follow_script(mock, &device->connect, call))
        return;
    if (device->unannounced)
        device->connected = true;
    else
        mock_set_connected(device, true);
    /* Lost before Connect is answered, and answered well: the order on the bus is BlueZ's affair. */
    if (drop_in_step(device, MOCK_STEP_CONNECT)) {
        mock_reply(mock, call, NULL);
        return;
    }
    mock_reply(mock, call, NULL);
    if (device->never_resolve)
        return;
    if (device->resolve_early)
        mock_resolve(device);
    else
        mock_add_objects(device);
    device->objects_timer = g_timeout_add(mock->resolve_gap_ms, on_second_half, device);
}

static void disconnect_device(MockDevice *device, GDBusMessage *call)
{
    device->mock->pending = 0;
    if (mock_follow_script(device->mock, &device->disconnect, call))
        return;
    if (!device->connected) {
        reply_error(device->mock, call, "org.bluez.Error.NotConnected", "Not Connected");
        return;
    }
    mock_reply(device->mock, call, NULL);
    if (!device->undying)
        mock_drop(device);
}

static void handle_device(MockDevice *device, const char *method, GDBusMessage *call)
{
    if (strcmp(method, "Connect") == 0)
        connect_device(device, call);
    else if (strcmp(method, "Disconnect") == 0)
        disconnect_device(device, call);
    else
        reply_error(device->mock, call, "org.freedesktop.DBus.Error.UnknownMethod", "No such method");
}

static void handle_characteristic(MockDevice *device, const char *method, GDBusMessage *call)
{
    if (strcmp(method, "StartNotify") == 0) {
        if (drop_in_step(device, MOCK_STEP_SUBSCRIBE))
            return; /* the object went before it could answer */
        if (mock_follow_script(device->mock, &device->start_notify, call)) {
            if (device->notifies_anyway)
                mock_start_beat(device);
            return;
        }
        device->notifying = true;
        mock_start_beat(device);
    }
    mock_reply(device->mock, call, NULL);
}
