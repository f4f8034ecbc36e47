/* SPDX-License-Identifier: MIT */
#include "bluez/gatt.h"

#include "bluez/objects.h"

DBusMessage *gatt_method(const char *path, const char *method, const uint8_t *byte)
{
    DBusMessage *message = bus_method(BLUEZ_SERVICE, path, BLUEZ_CHARACTERISTIC, method);
    DBusMessageIter body, options;

    if (byte != NULL)
        dbus_message_append_args(message, DBUS_TYPE_ARRAY, DBUS_TYPE_BYTE, &byte, 1, DBUS_TYPE_INVALID);
    dbus_message_iter_init_append(message, &body);
    dbus_message_iter_open_container(&body, DBUS_TYPE_ARRAY, "{sv}", &options);
    dbus_message_iter_close_container(&body, &options);
    return message;
}
