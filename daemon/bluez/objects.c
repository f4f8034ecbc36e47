/* SPDX-License-Identifier: MIT */
#include "bluez/objects.h"

#include "bluez/bus_read.h"
#include "bluez/device_read.h"
#include "bluez/service.h"

#include <string.h>

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

struct Objects {
    Bus *bus;
    const BluezTiming *timing;
    const ObjectsEvents *events;
    void *user;
    Service *service;
    BusCall *call; /* GetManagedObjects */
    guint timer;   /* to call it again */
    unsigned retry_ms;
    bool up;
    GHashTable *adapters;        /* path -> AdapterObject */
    GHashTable *devices;         /* path -> DeviceObject */
    GHashTable *characteristics; /* path -> CharacteristicObject */
};

/* The dictionary of one interface's properties, wherever it came from. */
typedef struct {
    const char *path;
    const char *interface;
    DBusMessageIter properties; /* in the array of entries */
    bool found;                 /* from GetManagedObjects */
} Update;

static void on_owner(void *user, const char *owner);
static gboolean get_objects(gpointer user);
static void on_objects(void *user, DBusMessage *reply, const char *error, const char *text);
static void drop_all(Objects *objects);
static void take_interfaces(Objects *objects, const char *path, DBusMessageIter *interfaces,
                            const char *only);
static void take_update(Objects *objects, const Update *update);
static void remove_interface(Objects *objects, const char *path, const char *interface);
static void adapter_free(gpointer data);
static void device_free(gpointer data);
static void characteristic_free(gpointer data);

Objects *objects_new(Bus *bus, const BluezTiming *timing, const ObjectsEvents *events, void *user)
{
    Objects *objects = g_new0(Objects, 1);

    *objects = (Objects){.bus = bus, .timing = timing, .events = events, .user = user};
    objects->service = service_new(bus, timing, on_owner, objects);
    objects->adapters = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, adapter_free);
    objects->devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, device_free);
    objects->characteristics = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, characteristic_free);
    return objects;
}

void objects_free(Objects *objects)
{
    if (objects == NULL)
        return;
    service_free(objects->service);
    drop_all(objects);
    g_hash_table_unref(objects->characteristics);
    g_hash_table_unref(objects->devices);
    g_hash_table_unref(objects->adapters);
    g_free(objects);
}

void objects_bus_up(Objects *objects) { service_bus_up(objects->service); }

void objects_bus_down(Objects *objects)
{
    service_bus_down(objects->service);
    on_owner(objects, NULL);
}

bool objects_service_up(const Objects *objects) { return objects->up; }

const AdapterObject *objects_adapter(const Objects *objects, const char *path)
{
    return g_hash_table_lookup(objects->adapters, path);
}

const DeviceObject *objects_device(const Objects *objects, const char *path)
{
    return g_hash_table_lookup(objects->devices, path);
}

void objects_note_connected(Objects *objects, const char *path)
{
    DeviceObject *device = g_hash_table_lookup(objects->devices, path);

    if (device != NULL)
        device->connected = true;
}

void objects_each_device(const Objects *objects, void (*fn)(void *user, const DeviceObject *device), void *user)
{
    GHashTableIter iter;
    gpointer device;

    g_hash_table_iter_init(&iter, objects->devices);
    while (g_hash_table_iter_next(&iter, NULL, &device))
        fn(user, device);
}

void objects_each_adapter(const Objects *objects, void (*fn)(void *user, const AdapterObject *adapter), void *user)
{
    GHashTableIter iter;
    gpointer adapter;

    g_hash_table_iter_init(&iter, objects->adapters);
    while (g_hash_table_iter_next(&iter, NULL, &adapter))
        fn(user, adapter);
}

unsigned objects_links(const Objects *objects, const char *path)
{
    unsigned links = 0;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, objects->devices);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const DeviceObject *device = value;

        links += device->connected && strcmp(device->adapter_path, path) == 0;
    }
    return links;
}

static void on_owner(void *user, const char *owner)
{
    Objects *objects = user;
    bool was_up = objects->up;

    drop_all(objects);
    objects->retry_ms = objects->timing->bus_retry_min_ms;
    if (was_up)
        objects->events->service(objects->user, false);
    if (owner != NULL)
        get_objects(objects);
}

static void drop_all(Objects *objects)
{
    objects->up = false;
    bus_cancel(&objects->call);
    g_clear_handle_id(&objects->timer, g_source_remove);
    g_hash_table_remove_all(objects->devices);
    g_hash_table_remove_all(objects->characteristics);
    g_hash_table_remove_all(objects->adapters);
}

static gboolean get_objects(gpointer user)
{
    Objects *objects = user;
    g_autoptr(DBusMessage) get = bus_method(BLUEZ_SERVICE, "/", OBJECT_MANAGER, "GetManagedObjects");

    objects->timer = 0;
    bus_call(objects->bus, &objects->call, get, (int)objects->timing->call_ms, on_objects, objects);
    return G_SOURCE_REMOVE;
}

static void take_tree(Objects *objects, DBusMessageIter *tree, const char *only)
{
    DBusMessageIter entries, interfaces;
    const char *path;

    dbus_message_iter_recurse(tree, &entries);
    while (bus_read_entry(&entries, &path, &interfaces))
        take_interfaces(objects, path, &interfaces, only);
}

static void on_objects(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Objects *objects = user;
    DBusMessageIter body;

    if (error != NULL || !bus_read_open(reply, "a{oa{sa{sv}}}", &body)) {
        g_debug("bluetoothd did not tell its objects: %s: %s", error != NULL ? error : "nonsense", text);
        objects->timer = g_timeout_add(objects->retry_ms, get_objects, objects);
        objects->retry_ms = MIN(objects->retry_ms * 2, objects->timing->bus_retry_max_ms);
        return;
    }
    objects->up = true;
    /* The dictionary is in no order: what hangs on another object comes after it. */
    take_tree(objects, &body, BLUEZ_ADAPTER);
    take_tree(objects, &body, BLUEZ_DEVICE);
    take_tree(objects, &body, BLUEZ_BATTERY);
    take_tree(objects, &body, BLUEZ_CHARACTERISTIC);
    objects->events->service(objects->user, true);
}

static void on_added(Objects *objects, DBusMessage *signal)
{
    DBusMessageIter body;
    const char *path;

    if (!bus_read_open(signal, "oa{sa{sv}}", &body) || !bus_read_string(&body, &path))
        return;
    dbus_message_iter_next(&body);
    take_interfaces(objects, path, &body, NULL);
}

static void on_removed(Objects *objects, DBusMessage *signal)
{
    DBusMessageIter body, names;
    const char *path, *interface;

    if (!bus_read_open(signal, "oas", &body) || !bus_read_string(&body, &path))
        return;
    dbus_message_iter_next(&body);
    dbus_message_iter_recurse(&body, &names);
    for (; dbus_message_iter_get_arg_type(&names) == DBUS_TYPE_STRING; dbus_message_iter_next(&names))
        if (bus_read_string(&names, &interface))
            remove_interface(objects, path, interface);
}

static void on_properties(Objects *objects, DBusMessage *signal)
{
    Update update = {.path = dbus_message_get_path(signal)};
    DBusMessageIter body;

    if (update.path == NULL || strlen(update.path) > BUS_MAX_STRING || !bus_read_open(signal, "sa{sv}as", &body) ||
        !bus_read_string(&body, &update.interface))
        return;
    dbus_message_iter_next(&body);
    dbus_message_iter_recurse(&body, &update.properties);
    /* Only the arrival of an object makes one: a change of what is not known is no news. */
    if (g_hash_table_contains(objects->adapters, update.path) ||
        g_hash_table_contains(objects->devices, update.path) ||
        g_hash_table_contains(objects->characteristics, update.path))
        take_update(objects, &update);
}

static void on_disconnected(Objects *objects, DBusMessage *signal)
{
    const char *path = dbus_message_get_path(signal), *reason;
    const DeviceObject *device = path != NULL ? objects_device(objects, path) : NULL;
    DBusMessageIter body;

    if (device != NULL && bus_read_open(signal, "ss", &body) && bus_read_string(&body, &reason))
        objects->events->disconnected(objects->user, device, reason);
}

void objects_signal(Objects *objects, DBusMessage *signal)
{
    const char *owner;

    if (service_signal(objects->service, signal))
        return;
    /* Anybody may send us a signal; what bluetoothd says before GetManagedObjects is in its answer. */
    owner = service_owner(objects->service);
    if (!objects->up || owner == NULL || !dbus_message_has_sender(signal, owner))
        return;
    if (dbus_message_is_signal(signal, OBJECT_MANAGER, "InterfacesAdded"))
        on_added(objects, signal);
    else if (dbus_message_is_signal(signal, OBJECT_MANAGER, "InterfacesRemoved"))
        on_removed(objects, signal);
    else if (dbus_message_is_signal(signal, DBUS_INTERFACE_PROPERTIES, "PropertiesChanged"))
        on_properties(objects, signal);
    else if (dbus_message_is_signal(signal, BLUEZ_DEVICE, "Disconnected"))
        on_disconnected(objects, signal);
}

/* ONLY: of GetManagedObjects, the one interface to take; NULL: an arrival, all of them. */
static void take_interfaces(Objects *objects, const char *path, DBusMessageIter *interfaces, const char *only)
{
    Update update = {.path = path, .found = only != NULL};
    DBusMessageIter entries, properties;

    if (path[0] == '\0')
        return;
    dbus_message_iter_recurse(interfaces, &entries);
    while (bus_read_entry(&entries, &update.interface, &properties)) {
        if (only != NULL && strcmp(update.interface, only) != 0)
            continue;
        dbus_message_iter_recurse(&properties, &update.properties);
        take_update(objects, &update);
    }
}

static void take_adapter(Objects *objects, const Update *update)
{
    AdapterObject *adapter = g_hash_table_lookup(objects->adapters, update->path);
    DBusMessageIter entries = update->properties, value;
    const char *key, *text;

    if (adapter == NULL) {
        if (g_hash_table_size(objects->adapters) >= OBJECTS_MAX_ADAPTERS)
            return;
        adapter = g_new0(AdapterObject, 1);
        adapter->path = g_strdup(update->path);
        g_hash_table_insert(objects->adapters, adapter->path, adapter);
    }
    while (bus_read_entry(&entries, &key, &value)) {
        if (strcmp(key, "Address") == 0)
            device_read_address(&value, adapter->address);
        else if (strcmp(key, "Powered") == 0)
            bus_read_bool(&value, &adapter->powered);
        else if (strcmp(key, "Discovering") == 0)
            bus_read_bool(&value, &adapter->discovering);
        else if (strcmp(key, "Modalias") == 0 && bus_read_string(&value, &text))
            bluez_version_parse(text, &adapter->version);
    }
    objects->events->adapter_changed(objects->user, adapter);
}

static void find_oldest(gpointer key, gpointer value, gpointer user)
{
    DeviceObject *device = value, **oldest = user;

    (void)key;
    if (!device->connected && !device->paired && (*oldest == NULL || device->heard_ms < (*oldest)->heard_ms))
        *oldest = device;
}

/* Of the adapter of DEVICE: what objects_links counts there has changed. */
static void tell_links(Objects *objects, const DeviceObject *device)
{
    const AdapterObject *adapter = objects_adapter(objects, device->adapter_path);

    if (adapter != NULL)
        objects->events->adapter_changed(objects->user, adapter);
}

static void remove_device(Objects *objects, DeviceObject *device)
{
    g_hash_table_steal(objects->devices, device->path);
    objects->events->device_removed(objects->user, device);
    if (device->connected)
        tell_links(objects, device);
    for (int kind = 0; kind < CHARACTERISTIC_COUNT; kind++)
        if (device->characteristics[kind] != NULL)
            g_hash_table_remove(objects->characteristics, device->characteristics[kind]->path);
    device_free(device);
}

/* NULL when there are too many. */
static DeviceObject *add_device(Objects *objects, const char *path)
{
    DeviceObject *device = NULL;
    const char *slash = strrchr(path, '/');

    if (g_hash_table_size(objects->devices) >= OBJECTS_MAX_DEVICES) {
        g_hash_table_foreach(objects->devices, find_oldest, &device);
        if (device == NULL)
            return NULL;
        remove_device(objects, device);
    }
    device = g_new0(DeviceObject, 1);
    device->path = g_strdup(path);
    device->path_hash = g_str_hash(path);
    device->battery_percent = -1;
    device->rssi_dbm = OBJECTS_NO_RSSI;
    device->adapter_path = g_strndup(path, (gsize)(slash - path));
    g_hash_table_insert(objects->devices, device->path, device);
    return device;
}

static void take_device(Objects *objects, const Update *update)
{
    DeviceObject *device = g_hash_table_lookup(objects->devices, update->path);
    DBusMessageIter entries = update->properties, value;
    bool added = device == NULL, rssi = false, advertised = false;
    const AdapterObject *adapter;
    const char *key;

    if (added)
        device = add_device(objects, update->path);
    if (device == NULL)
        return;
    const bool was_connected = device->connected;
    while (bus_read_entry(&entries, &key, &value)) {
        rssi |= device_read_property(device, key, &value);
        advertised |= strcmp(key, "ManufacturerData") == 0 || strcmp(key, "ServiceData") == 0;
    }
    adapter = objects_adapter(objects, device->adapter_path);
    /* A device that bluetoothd knew from its store is in the tree without having been heard. */
    if (!rssi && !update->found)
        rssi = (advertised || added) && adapter != NULL && adapter->discovering;
    if (rssi) {
        device->heard = true;
        device->heard_ms = bluez_now_ms();
    }
    if (device->connected != was_connected)
        tell_links(objects, device);
    objects->events->device_changed(objects->user, device, update->found, rssi);
}

/* ".../dev_AA_BB_CC_DD_EE_FF/service000c/char000d": its device is two levels up. */
static DeviceObject *device_of(Objects *objects, const char *path)
{
    g_autofree char *parent = g_strdup(path);

    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(parent, '/');

        if (slash == NULL)
            return NULL;
        *slash = '\0';
    }
    return g_hash_table_lookup(objects->devices, parent);
}

static void take_battery(Objects *objects, const Update *update)
{
    DeviceObject *device = g_hash_table_lookup(objects->devices, update->path);
    DBusMessageIter entries = update->properties, value;
    const char *key;
    uint8_t percent;

    if (device == NULL)
        return;
    while (bus_read_entry(&entries, &key, &value))
        if (strcmp(key, "Percentage") == 0 && bus_read_byte(&value, &percent))
            device->battery_percent = percent <= 100 ? percent : -1;
    objects->events->device_changed(objects->user, device, update->found, false);
}

/* What a PropertiesChanged, or an arrival, tells of a characteristic. */
typedef struct {
    const char *uuid; /* NULL: not an arrival */
    bool notifies, has_value;
    const uint8_t *bytes;
    size_t len;
} CharacteristicNews;

static void add_characteristic(Objects *objects, const Update *update, const CharacteristicNews *news)
{
    DeviceObject *device = device_of(objects, update->path);
    CharacteristicObject *characteristic;
    CharacteristicKind kind;

    if (device == NULL || !characteristic_kind(news->uuid, &kind) ||
        g_hash_table_size(objects->characteristics) >= OBJECTS_MAX_CHARACTERISTICS)
        return;
    if (device->characteristics[kind] != NULL) /* a second one: the first is as good */
        return;
    characteristic = g_new0(CharacteristicObject, 1);
    *characteristic = (CharacteristicObject){.kind = kind, .notifies = news->notifies};
    characteristic->path = g_strdup(update->path);
    characteristic->device_path = g_strdup(device->path);
    device->characteristics[kind] = characteristic;
    g_hash_table_insert(objects->characteristics, characteristic->path, characteristic);
    objects->events->device_changed(objects->user, device, update->found, false);
}

static void take_characteristic(Objects *objects, const Update *update)
{
    DBusMessageIter entries = update->properties, value;
    const CharacteristicObject *characteristic;
    CharacteristicNews news = {0};
    const char *key;

    while (bus_read_entry(&entries, &key, &value)) {
        if (strcmp(key, "UUID") == 0)
            bus_read_string(&value, &news.uuid);
        else if (strcmp(key, "Flags") == 0)
            news.notifies = bus_read_has_word(&value, "notify") || bus_read_has_word(&value, "indicate");
        else if (strcmp(key, "Value") == 0)
            news.has_value = bus_read_bytes(&value, &news.bytes, &news.len);
    }
    if (news.uuid != NULL)
        add_characteristic(objects, update, &news);
    characteristic = g_hash_table_lookup(objects->characteristics, update->path);
    /* The Value that comes with the object itself is an old one. */
    if (news.uuid == NULL && news.has_value && characteristic != NULL)
        objects->events->value(objects->user, g_hash_table_lookup(objects->devices, characteristic->device_path),
                               characteristic, news.bytes, news.len);
}

static void take_update(Objects *objects, const Update *update)
{
    if (strcmp(update->interface, BLUEZ_ADAPTER) == 0)
        take_adapter(objects, update);
    else if (strcmp(update->interface, BLUEZ_DEVICE) == 0)
        take_device(objects, update);
    else if (strcmp(update->interface, BLUEZ_BATTERY) == 0)
        take_battery(objects, update);
    else if (strcmp(update->interface, BLUEZ_CHARACTERISTIC) == 0)
        take_characteristic(objects, update);
}

static void remove_characteristic(Objects *objects, const char *path)
{
    const CharacteristicObject *characteristic = g_hash_table_lookup(objects->characteristics, path);
    DeviceObject *device;

    if (characteristic == NULL)
        return;
    device = g_hash_table_lookup(objects->devices, characteristic->device_path);
    if (device != NULL)
        device->characteristics[characteristic->kind] = NULL;
    g_hash_table_remove(objects->characteristics, path);
    if (device != NULL)
        objects->events->device_changed(objects->user, device, false, false);
}

static void remove_interface(Objects *objects, const char *path, const char *interface)
{
    AdapterObject *adapter = g_hash_table_lookup(objects->adapters, path);
    DeviceObject *device = g_hash_table_lookup(objects->devices, path);

    if (adapter != NULL && strcmp(interface, BLUEZ_ADAPTER) == 0) {
        g_hash_table_steal(objects->adapters, path);
        objects->events->adapter_removed(objects->user, adapter);
        adapter_free(adapter);
    } else if (device != NULL && strcmp(interface, BLUEZ_DEVICE) == 0) {
        remove_device(objects, device);
    } else if (device != NULL && strcmp(interface, BLUEZ_BATTERY) == 0) {
        device->battery_percent = -1;
        objects->events->device_changed(objects->user, device, false, false);
    } else if (strcmp(interface, BLUEZ_CHARACTERISTIC) == 0) {
        remove_characteristic(objects, path);
    }
}

static void adapter_free(gpointer data)
{
    AdapterObject *adapter = data;

    g_free(adapter->path);
    g_free(adapter);
}

static void device_free(gpointer data)
{
    DeviceObject *device = data;

    g_free(device->path);
    g_free(device->adapter_path);
    g_free(device->name);
    g_free(device);
}

static void characteristic_free(gpointer data)
{
    CharacteristicObject *characteristic = data;

    g_free(characteristic->path);
    g_free(characteristic->device_path);
    g_free(characteristic);
}
