/* SPDX-License-Identifier: MIT */
#include "mock_whole.h"

#include "mock_methods.h"

#include <string.h>

#define SERVICE "org.bluez.GattService1"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

#define METHOD(name) "<method name='" name "'/>"
#define METHOD_OF(name, type) "<method name='" name "'><arg type='" type "' direction='in'/></method>"

static const struct {
    const char *name, *members;
} INTERFACES[] = {
    {"org.bluez.AgentManager1", ""},
    {"org.bluez.Adapter1", METHOD("StartDiscovery") METHOD("StopDiscovery") METHOD_OF("SetDiscoveryFilter", "a{sv}")
                               METHOD_OF("RemoveDevice", "o")},
    {"org.bluez.Device1", METHOD("Connect") METHOD("Disconnect")},
    {"org.bluez.Battery1", ""},
    {SERVICE, ""},
    {"org.bluez.GattCharacteristic1", METHOD("StartNotify") METHOD("StopNotify")},
};

static const char PROPERTIES_XML[] =
    "<interface name='" PROPERTIES "'>"
    "<method name='Get'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='v' direction='out'/></method>"
    "<method name='GetAll'><arg type='s' direction='in'/><arg type='a{sv}' direction='out'/></method>"
    "<signal name='PropertiesChanged'><arg type='s'/><arg type='a{sv}'/><arg type='as'/></signal></interface>";

static char *path_of(const MockDevice *device) { return g_strdup_printf("%s/service0010", device->path); }

static GVariant *interfaces_of(const MockDevice *device)
{
    GVariantBuilder properties, interfaces;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", "UUID", g_variant_new_string("0000180d-0000-1000-8000-00805f9b34fb"));
    g_variant_builder_add(&properties, "{sv}", "Primary", g_variant_new_boolean(TRUE));
    g_variant_builder_add(&properties, "{sv}", "Device", g_variant_new_object_path(device->path));
    g_variant_builder_init(&interfaces, G_VARIANT_TYPE("a{sa{sv}}"));
    g_variant_builder_add(&interfaces, "{sa{sv}}", SERVICE, &properties);
    return g_variant_builder_end(&interfaces);
}

void mock_whole_emit(const MockDevice *device, bool added)
{
    const char *names[] = {SERVICE, NULL};
    g_autofree char *path = path_of(device);

    if (added)
        mock_emit(device->mock, "/", OBJECT_MANAGER, "InterfacesAdded",
                  g_variant_new("(o@a{sa{sv}})", path, interfaces_of(device)));
    else
        mock_emit(device->mock, "/", OBJECT_MANAGER, "InterfacesRemoved", g_variant_new("(o^as)", path, names));
}

void mock_whole_add_to_tree(const MockDevice *device, GVariantBuilder *tree)
{
    g_autofree char *path = path_of(device);

    g_variant_builder_add(tree, "{o@a{sa{sv}}}", path, interfaces_of(device));
}

void mock_whole_describe(const MockDevice *device, GVariantBuilder *properties)
{
    static const char *const FLAGS[] = {"notify"};
    g_autofree char *path = path_of(device);

    g_variant_builder_add(properties, "{sv}", "Service", g_variant_new_object_path(path));
    g_variant_builder_add(properties, "{sv}", "Flags", g_variant_new_strv(FLAGS, 1));
}

/* The interfaces of PATH, a{sa{sv}}; NULL: there is no such object. */
static GVariant *look_up(const MockBluez *mock, const char *path)
{
    g_autoptr(GVariant) tree = g_variant_ref_sink(mock_tree(mock)), objects = g_variant_get_child_value(tree, 0);

    return g_variant_lookup_value(objects, path, G_VARIANT_TYPE("a{sa{sv}}"));
}

static void reply_error(MockBluez *mock, GDBusMessage *call, const char *name)
{
    g_autoptr(GDBusMessage) message = g_dbus_message_new_method_error_literal(call, name, "it is not there");

    g_dbus_connection_send_message(mock->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* Get (KEY) or GetAll (NULL). */
static void tell_properties(MockBluez *mock, GDBusMessage *call, const char *interface, const char *key)
{
    g_autoptr(GVariant) interfaces = look_up(mock, g_dbus_message_get_path(call));
    g_autoptr(GVariant) all = NULL, one = NULL;

    if (interfaces != NULL)
        all = g_variant_lookup_value(interfaces, interface, G_VARIANT_TYPE_VARDICT);
    if (all != NULL && key != NULL)
        one = g_variant_lookup_value(all, key, NULL);
    if (all != NULL && key == NULL)
        mock_reply(mock, call, g_variant_new("(@a{sv})", all));
    else if (one != NULL)
        mock_reply(mock, call, g_variant_new("(v)", one));
    else
        reply_error(mock, call, "org.freedesktop.DBus.Error.InvalidArgs");
}

/* The names right below PATH, each once. */
static void add_children(const MockBluez *mock, const char *path, GString *xml)
{
    g_autoptr(GVariant) tree = g_variant_ref_sink(mock_tree(mock)), objects = g_variant_get_child_value(tree, 0);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GVariantIter iter;
    const char *object;
    gsize len = strcmp(path, "/") == 0 ? 0 : strlen(path);

    g_variant_iter_init(&iter, objects);
    while (g_variant_iter_next(&iter, "{&o@a{sa{sv}}}", &object, NULL)) {
        const char *rest = object + len;
        char *name;

        if (strncmp(object, path, len) != 0 || rest[0] != '/' || rest[1] == '\0')
            continue;
        name = g_strndup(rest + 1, strcspn(rest + 1, "/"));
        if (g_hash_table_add(seen, name))
            g_string_append_printf(xml, "<node name='%s'/>", name);
    }
}

static void introspect(MockBluez *mock, GDBusMessage *call)
{
    const char *path = g_dbus_message_get_path(call);
    g_autoptr(GVariant) interfaces = look_up(mock, path);
    g_autoptr(GString) xml = g_string_new("<node>");

    for (gsize i = 0; i < G_N_ELEMENTS(INTERFACES); i++) {
        g_autoptr(GVariant) there = NULL;

        if (interfaces != NULL)
            there = g_variant_lookup_value(interfaces, INTERFACES[i].name, NULL);
        if (there != NULL || (i == 0 && strcmp(path, "/org/bluez") == 0))
            g_string_append_printf(xml, "<interface name='%s'>%s</interface>", INTERFACES[i].name,
                                   INTERFACES[i].members);
    }
    if (interfaces != NULL)
        g_string_append(xml, PROPERTIES_XML);
    add_children(mock, path, xml);
    g_string_append(xml, "</node>");
    mock_reply(mock, call, g_variant_new("(s)", xml->str));
}

bool mock_whole_handle(MockBluez *mock, GDBusMessage *call)
{
    const char *method = g_dbus_message_get_member(call);
    GVariant *body = g_dbus_message_get_body(call);
    const char *interface, *key;

    if (strcmp(method, "Introspect") == 0) {
        introspect(mock, call);
    } else if (strcmp(method, "Get") == 0 && g_variant_is_of_type(body, G_VARIANT_TYPE("(ss)"))) {
        g_variant_get(body, "(&s&s)", &interface, &key);
        tell_properties(mock, call, interface, key);
    } else if (strcmp(method, "GetAll") == 0 && g_variant_is_of_type(body, G_VARIANT_TYPE("(s)"))) {
        g_variant_get(body, "(&s)", &interface);
        tell_properties(mock, call, interface, NULL);
    } else {
        return false;
    }
    return true;
}
