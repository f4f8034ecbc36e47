/* SPDX-License-Identifier: MIT
 *
 * Typed readers of D-Bus values. libdbus has checked that a message is well formed; that a value has
 * the type and the size that its name promises is checked here. All return false and leave *RET as it
 * was when it has not. What they return belongs to the message.
 */
#ifndef ZONE1D_BLUEZ_BUS_READ_H
#define ZONE1D_BLUEZ_BUS_READ_H

#include <dbus/dbus.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_MAX_STRING 255 /* bytes; longer than any address, name, UUID or path of BlueZ's */

/* VALUE is at a value, not at the variant around it. */
bool bus_read_bool(DBusMessageIter *value, bool *ret);
bool bus_read_int16(DBusMessageIter *value, int16_t *ret);
bool bus_read_byte(DBusMessageIter *value, uint8_t *ret);
bool bus_read_string(DBusMessageIter *value, const char **ret); /* string or object path */
bool bus_read_bytes(DBusMessageIter *value, const uint8_t **ret, size_t *ret_len);

/* VALUE is an array of strings, and WORD is among them. */
bool bus_read_has_word(const DBusMessageIter *value, const char *word);

/* Opens the body of MESSAGE when it has SIGNATURE. */
bool bus_read_open(DBusMessage *message, const char *signature, DBusMessageIter *ret);

/* Steps through the array of dictionary entries that ENTRIES is in (opened with recurse): the entry's
 * key, a string or object path, and ret_value at its value, inside the variant if it is one. A key that
 * is too long is "". False at the end. */
bool bus_read_entry(DBusMessageIter *entries, const char **ret_key, DBusMessageIter *ret_value);

#endif
