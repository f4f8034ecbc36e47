/* SPDX-License-Identifier: MIT */
#include "mock_values.h"

#include "mock_methods.h"

#include <string.h>

#define READ_MS 3
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"

static char *path_of(const MockDevice *device, const MockValue *value)
{
    return g_strdup_printf("%s/service0020/char%04x", device->path, value->number);
}

MockValue *mock_add_value(MockDevice *device, unsigned number, const char *text, bool notifies)
{
    MockValue *value;

    g_assert_cmpuint(device->value_count, <, G_N_ELEMENTS(device->values));
    value = &device->values[device->value_count++];
    *value = (MockValue){.number = number, .text = text, .notifies = notifies};
    return value;
}

static void change(MockDevice *device, const char *path, const char *interface, const char *key, GVariant *to)
{
    GVariantBuilder changed;

    g_variant_builder_init(&changed, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&changed, "{sv}", key, to);
    mock_emit(device->mock, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
              g_variant_new("(sa{sv}as)", interface, &changed, NULL));
}

static GVariant *bytes_of(const char *text)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, text, strlen(text), 1);
}

void mock_change_value(MockDevice *device, MockValue *value, const char *text)
{
    g_autofree char *path = path_of(device, value);

    value->text = text;
    if (value->notifying)
        change(device, path, CHARACTERISTIC, "Value", bytes_of(text));
}

static void emit(MockDevice *device, bool added, const char *path, const char *interface, GVariant *properties)
{
    const char *names[] = {interface, NULL};
    GVariantBuilder interfaces;

    if (!added) {
        mock_emit(device->mock, "/", OBJECT_MANAGER, "InterfacesRemoved", g_variant_new("(o^as)", path, names));
        return;
    }
    g_variant_builder_init(&interfaces, G_VARIANT_TYPE("a{sa{sv}}"));
    g_variant_builder_add(&interfaces, "{s@a{sv}}", interface, properties);
    mock_emit(device->mock, "/", OBJECT_MANAGER, "InterfacesAdded", g_variant_new("(oa{sa{sv}})", path, &interfaces));
}

void mock_battery1(MockDevice *device, GVariant *percentage)
{
    GVariantBuilder properties;
    bool had = device->has_battery1;

    device->has_battery1 = percentage != NULL;
    if (had && percentage != NULL) {
        change(device, device->path, "org.bluez.Battery1", "Percentage", percentage);
        return;
    }
    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    if (percentage != NULL)
        g_variant_builder_add(&properties, "{sv}", "Percentage", percentage);
    emit(device, percentage != NULL, device->path, "org.bluez.Battery1",
         g_variant_ref_sink(g_variant_builder_end(&properties)));
}

static GVariant *properties_of(const MockValue *value)
{
    const char *const reads[] = {"read", value->notifies ? "notify" : NULL, NULL}, *const writes[] = {"write", NULL};
    g_autofree char *uuid = g_strdup_printf("0000%04x-0000-1000-8000-00805f9b34fb", value->number);
    GVariantBuilder properties;

    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", "UUID", g_variant_new_string(uuid));
    g_variant_builder_add(&properties, "{sv}", "Flags",
                          g_variant_new_strv(value->number == 0x2a39 ? writes : reads, -1));
    return g_variant_builder_end(&properties);
}

void mock_values_emit(MockDevice *device, bool added)
{
    for (unsigned i = 0; i < device->value_count; i++) {
        g_autofree char *path = path_of(device, &device->values[i]);
        g_autoptr(GVariant) properties = g_variant_ref_sink(properties_of(&device->values[i]));

        emit(device, added, path, CHARACTERISTIC, properties);
        device->values[i].notifying = false;
    }
}

void mock_values_add_to_tree(MockDevice *device, GVariantBuilder *tree)
{
    for (unsigned i = 0; i < device->value_count; i++) {
        g_autofree char *path = path_of(device, &device->values[i]);
        GVariantBuilder interfaces;

        g_variant_builder_init(&interfaces, G_VARIANT_TYPE("a{sa{sv}}"));
        g_variant_builder_add(&interfaces, "{s@a{sv}}", CHARACTERISTIC, properties_of(&device->values[i]));
        g_variant_builder_add(tree, "{oa{sa{sv}}}", path, &interfaces);
    }
}

/* The mock may be gone when a read would be answered. */
typedef struct {
    MockDevice *device;
    gint *alive;
    const MockValue *value;
    GDBusMessage *call;
} Reading;

static gboolean on_read_done(gpointer user)
{
    Reading *reading = user;

    if (*reading->alive != 0) {
        reading->device->reads_at_once--;
        mock_reply(reading->device->mock, reading->call, g_variant_new("(@ay)", bytes_of(reading->value->text)));
    }
    g_rc_box_release(reading->alive);
    g_object_unref(reading->call);
    g_free(reading);
    return G_SOURCE_REMOVE;
}

/* Over the air it takes a moment. */
static void read_value(MockDevice *device, MockValue *value, GDBusMessage *call)
{
    Reading *reading;

    if (mock_follow_script(device->mock, &value->read, call))
        return;
    device->reads_at_once++;
    device->reads_at_once_max = MAX(device->reads_at_once_max, device->reads_at_once);
    reading = g_new0(Reading, 1);
    *reading = (Reading){device, g_rc_box_acquire(device->mock->alive), value, g_object_ref(call)};
    g_timeout_add(READ_MS, on_read_done, reading);
}

static void write_value(MockDevice *device, MockValue *value, GDBusMessage *call)
{
    g_autoptr(GVariant) bytes = g_variant_get_child_value(g_dbus_message_get_body(call), 0);
    gsize len = 0;
    const guint8 *written = g_variant_get_fixed_array(bytes, &len, 1);

    value->writes++;
    value->written = len == 1 ? written[0] : -1;
    mock_reply(device->mock, call, NULL);
}

bool mock_values_handle(MockDevice *device, const char *path, const char *method, GDBusMessage *call)
{
    for (unsigned i = 0; i < device->value_count; i++) {
        MockValue *value = &device->values[i];
        g_autofree char *own = path_of(device, value);

        if (strcmp(own, path) != 0)
            continue;
        if (strcmp(method, "ReadValue") == 0) {
            read_value(device, value, call);
        } else if (strcmp(method, "WriteValue") == 0) {
            write_value(device, value, call);
        } else if (!mock_follow_script(device->mock, &value->start_notify, call)) {
            value->notifying = true;
            mock_reply(device->mock, call, NULL);
        }
        return true;
    }
    return false;
}
