/* SPDX-License-Identifier: MIT
 *
 * The floor: the smallest program that takes the notifications of straps from BlueZ with libdbus and publishes the bare
 * rate with Paho. No zones, no session, no healing; nothing that does the same can cost less.
 *   floor PORT ADDRESS...
 * Built with FLOOR_ASYNC, the same with Paho's asynchronous client, which sends on a thread of its own: what has to be
 * paid by whoever must not wait for the network.
 */
#ifdef FLOOR_ASYNC
#include <MQTTAsync.h>
#else
#include <MQTTClient.h>
#endif
#include <dbus/dbus.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADAPTER "/org/bluez/hci0"
#define CHARACTERISTIC "/service0010/char0011"

static DBusConnection *bus;

#ifdef FLOOR_ASYNC
static MQTTAsync client;

static bool connect_broker(const char *uri)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    if (MQTTAsync_create(&client, uri, "floor", MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0 ||
        MQTTAsync_connect(client, &options) != 0)
        return false;
    while (!MQTTAsync_isConnected(client))
        dbus_connection_read_write(bus, 10);
    return true;
}

static void send_text(const char *topic, const char *text, int len)
{
    MQTTAsync_send(client, topic, len, text, 0, 0, NULL);
}
#else
static MQTTClient client;

static bool connect_broker(const char *uri)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;

    return MQTTClient_create(&client, uri, "floor", MQTTCLIENT_PERSISTENCE_NONE, NULL) == 0 &&
           MQTTClient_connect(client, &options) == 0;
}

static void send_text(const char *topic, const char *text, int len)
{
    MQTTClient_publish(client, topic, len, text, 0, 0, NULL);
}
#endif

static DBusMessage *call(const char *path, const char *interface, const char *method)
{
    DBusMessage *message = dbus_message_new_method_call("org.bluez", path, interface, method);
    DBusMessage *reply = dbus_connection_send_with_reply_and_block(bus, message, 30000, NULL);

    dbus_message_unref(message);
    return reply;
}

static bool carry_out(const char *path, const char *interface, const char *method)
{
    DBusMessage *reply = call(path, interface, method);

    if (reply == NULL)
        return false;
    dbus_message_unref(reply);
    return true;
}

/* PATH of the strap's device, from its address. */
static void device_path(const char *address, char *path, size_t size)
{
    snprintf(path, size, ADAPTER "/dev_%s", address);
    for (char *at = path + strlen(ADAPTER "/dev_"); *at != '\0'; at++)
        if (*at == ':')
            *at = '_';
}

static void subscribe(const char *address)
{
    char device[128], characteristic[192];

    device_path(address, device, sizeof device);
    snprintf(characteristic, sizeof characteristic, "%s" CHARACTERISTIC, device);
    while (!carry_out(device, "org.bluez.Device1", "Connect"))
        dbus_connection_read_write_dispatch(bus, 100);
    while (!carry_out(characteristic, "org.bluez.GattCharacteristic1", "StartNotify"))
        dbus_connection_read_write_dispatch(bus, 10);
}

/* ".../dev_00_AA_03_00_00_07/..." -> "floor/00:AA:03:00:00:07" */
static void publish(const char *path, unsigned bpm)
{
    const char *device = strstr(path, "/dev_");
    char topic[] = "floor/00:00:00:00:00:00", text[8];

    if (device == NULL || strlen(device) < 22)
        return;
    memcpy(topic + 6, device + 5, 17);
    for (char *at = topic; *at != '\0'; at++)
        if (*at == '_')
            *at = ':';
    send_text(topic, text, snprintf(text, sizeof text, "%u", bpm));
}

/* BYTES: a value of 0x2A37. */
static void take_value(DBusMessage *message, DBusMessageIter *value)
{
    DBusMessageIter array;
    const unsigned char *bytes;
    int len = 0;

    dbus_message_iter_recurse(value, &array);
    dbus_message_iter_get_fixed_array(&array, &bytes, &len);
    if (len >= 3 && (bytes[0] & 1) != 0)
        publish(dbus_message_get_path(message), bytes[1] | (unsigned)bytes[2] << 8);
    else if (len >= 2)
        publish(dbus_message_get_path(message), bytes[1]);
}

static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *user)
{
    DBusMessageIter body, entries, entry, value;
    const char *key;

    (void)connection;
    (void)user;
    if (!dbus_message_is_signal(message, "org.freedesktop.DBus.Properties", "PropertiesChanged") ||
        !dbus_message_has_signature(message, "sa{sv}as"))
        return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
    dbus_message_iter_init(message, &body);
    dbus_message_iter_next(&body);
    for (dbus_message_iter_recurse(&body, &entries); dbus_message_iter_get_arg_type(&entries) == DBUS_TYPE_DICT_ENTRY;
         dbus_message_iter_next(&entries)) {
        dbus_message_iter_recurse(&entries, &entry);
        dbus_message_iter_get_basic(&entry, &key);
        dbus_message_iter_next(&entry);
        dbus_message_iter_recurse(&entry, &value);
        if (strcmp(key, "Value") == 0 && dbus_message_iter_get_arg_type(&value) == DBUS_TYPE_ARRAY)
            take_value(message, &value);
    }
    return DBUS_HANDLER_RESULT_HANDLED;
}

int main(int argc, char **argv)
{
    char uri[32];

    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%s", argc > 1 ? argv[1] : "1883");
    bus = dbus_bus_get(DBUS_BUS_SYSTEM, NULL);
    if (bus == NULL || !connect_broker(uri))
        return EXIT_FAILURE;
    dbus_bus_add_match(bus, "type='signal',sender='org.bluez',member='PropertiesChanged',path_namespace='/org/bluez'",
                       NULL);
    dbus_connection_add_filter(bus, on_message, NULL, NULL);
    carry_out(ADAPTER, "org.bluez.Adapter1", "StartDiscovery");
    for (int i = 2; i < argc; i++)
        subscribe(argv[i]);
    carry_out(ADAPTER, "org.bluez.Adapter1", "StopDiscovery");
    while (dbus_connection_read_write_dispatch(bus, -1))
        ;
    return EXIT_SUCCESS;
}
