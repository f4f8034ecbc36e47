/* SPDX-License-Identifier: MIT */
#include "bluez/device_read.h"

#include "bluez/bus_read.h"

#include <string.h>

void device_read_address(DBusMessageIter *value, char ret[18])
{
    const char *text;

    if (!bus_read_string(value, &text) || strlen(text) != 17)
        return;
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]))
            return;
    for (int i = 0; i < 17; i++)
        ret[i] = g_ascii_toupper(text[i]);
    ret[17] = '\0';
}

static void read_name(DBusMessageIter *value, DeviceObject *device)
{
    const char *text;

    if (!bus_read_string(value, &text) || strlen(text) > OBJECTS_MAX_NAME)
        return;
    g_free(device->name);
    device->name = g_strstrip(g_strdup(text));
}

bool device_read_property(DeviceObject *device, const char *key, DBusMessageIter *value)
{
    const char *text;
    int16_t rssi_dbm;

    if (strcmp(key, "Address") == 0)
        device_read_address(value, device->address);
    else if (strcmp(key, "Name") == 0)
        read_name(value, device);
    else if (strcmp(key, "Connected") == 0)
        bus_read_bool(value, &device->connected);
    else if (strcmp(key, "ServicesResolved") == 0)
        bus_read_bool(value, &device->resolved);
    else if (strcmp(key, "Paired") == 0)
        bus_read_bool(value, &device->paired);
    else if (strcmp(key, "Adapter") == 0 && bus_read_string(value, &text)) {
        g_free(device->adapter_path);
        device->adapter_path = g_strdup(text);
    } else if (strcmp(key, "UUIDs") == 0)
        device->heart_rate = bus_read_has_word(value, BLUEZ_UUID_HEART_RATE);
    else if (strcmp(key, "AddressType") == 0 && bus_read_string(value, &text))
        device->random_address = strcmp(text, "random") == 0;
    else if (strcmp(key, "RSSI") == 0) {
        if (bus_read_int16(value, &rssi_dbm))
            device->rssi_dbm = rssi_dbm;
        return true;
    }
    return false;
}
