/* SPDX-License-Identifier: MIT
 *
 * What of BlueZ's object tree matters here: adapters, devices and their characteristics, kept up to
 * date by signals. When bluetoothd goes, everything goes; when it comes, everything is read anew.
 * Only signals of the present owner of org.bluez are believed. Main thread.
 */
#ifndef ZONE1D_BLUEZ_OBJECTS_H
#define ZONE1D_BLUEZ_OBJECTS_H

#include "bluez/bus.h"
#include "bluez/characteristics.h"
#include "bluez/timing.h"
#include "bluez/version.h"

#include <stddef.h>

#define BLUEZ_SERVICE "org.bluez"
#define BLUEZ_ADAPTER "org.bluez.Adapter1"
#define BLUEZ_DEVICE "org.bluez.Device1"
#define BLUEZ_BATTERY "org.bluez.Battery1"
#define BLUEZ_CHARACTERISTIC "org.bluez.GattCharacteristic1"

#define BLUEZ_UUID_HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"

#define OBJECTS_MAX_DEVICES 1024 /* beyond it the one not heard for longest is forgotten */
#define OBJECTS_MAX_ADAPTERS 32
#define OBJECTS_MAX_CHARACTERISTICS 1024
#define OBJECTS_MAX_NAME 248 /* bytes, Core specification vol 4 part E 7.3.11 */
#define OBJECTS_NO_RSSI 127  /* Core specification vol 4 part E 7.7.65.2 */

typedef struct {
    char *path;
    char address[18]; /* "" when not known or nonsense */
    bool powered;
    bool discovering;
    BluezVersion version; /* of BlueZ; 0.0 when not known */
} AdapterObject;

typedef struct {
    char *path;
    guint path_hash; /* g_str_hash */
    char *adapter_path;
    char address[18]; /* upper case; "" when not known or nonsense */
    char *name;       /* as advertised, without blanks at the ends; NULL when not known */
    bool connected, resolved, paired;
    bool heart_rate;     /* advertised the heart rate service, or has it */
    bool random_address; /* of some kind; "random" is how BlueZ says that it is not public */
    int rssi_dbm;        /* of the last advertisement; OBJECTS_NO_RSSI: not known */
    bool heard;          /* since it is in the tree */
    int64_t heard_ms;    /* last advertisement; BOOTTIME */
    int battery_percent; /* of Battery1: bluetoothd claims service 180f for itself; -1 while there is none */
    const CharacteristicObject *characteristics[CHARACTERISTIC_COUNT]; /* NULL while there is none */
} DeviceObject;

/* None may free the objects. Pointers are valid until the object's removed callback has returned. */
typedef struct {
    /* bluetoothd has come, and its objects have been told (as found); or it has gone: then every object
     * is removed without its own callback. */
    void (*service)(void *user, bool up);
    void (*adapter_changed)(void *user, const AdapterObject *adapter);
    void (*adapter_removed)(void *user, const AdapterObject *adapter);
    /* FOUND: it was in the tree when we came. HEARD: this change is an advertisement. */
    void (*device_changed)(void *user, const DeviceObject *device, bool found, bool heard);
    void (*device_removed)(void *user, const DeviceObject *device);
    /* BlueZ (from 5.82) says why DEVICE lost its link, before the property does: REASON is a D-Bus name. */
    void (*disconnected)(void *user, const DeviceObject *device, const char *reason);
    /* A notification of CHARACTERISTIC, or a value that somebody read; any length and content. */
    void (*value)(void *user, const DeviceObject *device, const CharacteristicObject *characteristic,
                  const uint8_t *bytes, size_t len);
} ObjectsEvents;

typedef struct Objects Objects;

/* BUS and TIMING stay the caller's and outlive it. */
Objects *objects_new(Bus *bus, const BluezTiming *timing, const ObjectsEvents *events, void *user);
void objects_free(Objects *objects); /* NULL is fine */

/* To be called from the bus' events. */
void objects_bus_up(Objects *objects);
void objects_bus_down(Objects *objects);
void objects_signal(Objects *objects, DBusMessage *signal);

/* bluetoothd is there and its objects are read. */
bool objects_service_up(const Objects *objects);

/* NULL when there is none. */
const AdapterObject *objects_adapter(const Objects *objects, const char *path);
const DeviceObject *objects_device(const Objects *objects, const char *path);

/* Connect to the device at PATH was answered well: it is connected, whatever its property says. BlueZ
 * 5.66 does not announce the first connection that follows one it found at its start. Tells nobody. */
void objects_note_connected(Objects *objects, const char *path);

/* How many devices are connected over the adapter at PATH, straps or not. */
unsigned objects_links(const Objects *objects, const char *path);

/* Calls FN for each adapter; FN changes nothing. */
void objects_each_adapter(const Objects *objects, void (*fn)(void *user, const AdapterObject *adapter), void *user);

/* Calls FN for each device; FN changes nothing. */
void objects_each_device(const Objects *objects, void (*fn)(void *user, const DeviceObject *device), void *user);

#endif
