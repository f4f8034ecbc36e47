/* SPDX-License-Identifier: MIT */
#include "bluez/bus_read.h"

#include <string.h>

bool bus_read_bool(DBusMessageIter *value, bool *ret)
{
    dbus_bool_t read = FALSE;

    if (dbus_message_iter_get_arg_type(value) != DBUS_TYPE_BOOLEAN)
        return false;
    dbus_message_iter_get_basic(value, &read);
    *ret = read != FALSE;
    return true;
}

bool bus_read_byte(DBusMessageIter *value, uint8_t *ret)
{
    if (dbus_message_iter_get_arg_type(value) != DBUS_TYPE_BYTE)
        return false;
    dbus_message_iter_get_basic(value, ret);
    return true;
}

bool bus_read_int16(DBusMessageIter *value, int16_t *ret)
{
    if (dbus_message_iter_get_arg_type(value) != DBUS_TYPE_INT16)
        return false;
    dbus_message_iter_get_basic(value, ret);
    return true;
}

bool bus_read_string(DBusMessageIter *value, const char **ret)
{
    int type = dbus_message_iter_get_arg_type(value);
    const char *read = NULL;

    if (type != DBUS_TYPE_STRING && type != DBUS_TYPE_OBJECT_PATH)
        return false;
    dbus_message_iter_get_basic(value, &read);
    if (strnlen(read, BUS_MAX_STRING + 1) > BUS_MAX_STRING)
        return false;
    *ret = read;
    return true;
}

bool bus_read_bytes(DBusMessageIter *value, const uint8_t **ret, size_t *ret_len)
{
    DBusMessageIter bytes;
    const uint8_t *read = NULL;
    int len = 0;

    if (dbus_message_iter_get_arg_type(value) != DBUS_TYPE_ARRAY ||
        dbus_message_iter_get_element_type(value) != DBUS_TYPE_BYTE)
        return false;
    dbus_message_iter_recurse(value, &bytes);
    dbus_message_iter_get_fixed_array(&bytes, &read, &len);
    *ret = read;
    *ret_len = len > 0 ? (size_t)len : 0;
    return true;
}

bool bus_read_has_word(const DBusMessageIter *value, const char *word)
{
    DBusMessageIter array = *value, words;
    const char *read = NULL;

    if (dbus_message_iter_get_arg_type(&array) != DBUS_TYPE_ARRAY)
        return false;
    dbus_message_iter_recurse(&array, &words);
    for (; dbus_message_iter_get_arg_type(&words) == DBUS_TYPE_STRING; dbus_message_iter_next(&words)) {
        dbus_message_iter_get_basic(&words, &read);
        if (strcmp(read, word) == 0)
            return true;
    }
    return false;
}

bool bus_read_open(DBusMessage *message, const char *signature, DBusMessageIter *ret)
{
    return dbus_message_has_signature(message, signature) && dbus_message_iter_init(message, ret);
}

bool bus_read_entry(DBusMessageIter *entries, const char **ret_key, DBusMessageIter *ret_value)
{
    DBusMessageIter entry, value;

    if (dbus_message_iter_get_arg_type(entries) != DBUS_TYPE_DICT_ENTRY)
        return false;
    *ret_key = "";
    dbus_message_iter_recurse(entries, &entry);
    bus_read_string(&entry, ret_key);
    dbus_message_iter_next(&entry);
    value = entry;
    if (dbus_message_iter_get_arg_type(&entry) == DBUS_TYPE_VARIANT)
        dbus_message_iter_recurse(&entry, &value);
    *ret_value = value;
    dbus_message_iter_next(entries);
    return true;
}

_Static_assert(BUS_MAX_STRING >= 248, "a Bluetooth name has up to 248 bytes");
