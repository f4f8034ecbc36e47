/* SPDX-License-Identifier: MIT
 *
 * A scriptable org.bluez on a private bus: adapters, devices with one heart rate service each, and
 * everything that can go wrong between them. Runs in the default main context, beside what it tests.
 */
#ifndef ZONE1D_TESTS_MOCK_BLUEZ_H
#define ZONE1D_TESTS_MOCK_BLUEZ_H

#include <gio/gio.h>
#include <stdbool.h>

typedef struct MockBluez MockBluez;
typedef struct MockAdapter MockAdapter;

/* What a method does: FAIL_TIMES times it fails with ERROR and TEXT, HANG_TIMES times it never answers. */
typedef struct {
    unsigned fail_times, hang_times;
    const char *error, *text;
    unsigned calls; /* counted */
} MockScript;

/* Where a link is lost by itself on its way. */
typedef enum { MOCK_STEP_NONE, MOCK_STEP_CONNECT, MOCK_STEP_RESOLVE, MOCK_STEP_SUBSCRIBE } MockStep;

/* A characteristic besides 0x2A37 (mock_values.h). */
typedef struct {
    unsigned number;
    const char *text;
    bool notifies, notifying;
    MockScript read, start_notify;
    unsigned writes;
    int written; /* the last byte written; -1: not one byte */
} MockValue;

typedef struct {
    MockBluez *mock;
    MockAdapter *adapter;
    char *path;
    const char *address, *name; /* name NULL: none */
    bool advertising;           /* heard whenever discovery runs */
    bool known;                 /* in the tree without having been heard */
    bool paired;
    bool hides_service;         /* does not advertise its heart rate service */
    bool random_address;
    gint16 rssi_dbm;            /* 0: 127, not known */
    const char *drop_reason;    /* as BlueZ 5.82 tells it before a link is lost; NULL: it does not */
    bool in_tree, connected, resolved, has_objects, notifying;
    MockScript connect, start_notify, disconnect;
    bool flicker;             /* a failing Connect: Connected goes true and false before the error */
    bool resolve_early;       /* ServicesResolved comes before the objects */
    bool never_resolve;       /* services stay unresolved */
    bool no_measurement;      /* the service has no 0x2A37 */
    bool phantom;             /* no notification ever comes */
    bool notifies_anyway;     /* a StartNotify that fails: notifications come all the same */
    MockStep drop_in;         /* the link is lost in this step, drop_times times */
    unsigned drop_times;
    bool unannounced;         /* Connected does not become true for all to see */
    bool undying;             /* Disconnect is answered and does nothing */
    unsigned bpm, sent;       /* what it notifies; notifications sent */
    unsigned walk;            /* it notifies bpm, bpm + 1 .. bpm + walk - 1 in turn; 0: bpm always */
    guint beat, objects_timer;
    MockValue values[12];
    unsigned value_count;
    bool has_battery1;
    unsigned reads_at_once, reads_at_once_max;
} MockDevice;

struct MockAdapter {
    MockBluez *mock;
    char *path;
    bool in_tree, powered, discovering;
    const char *modalias; /* NULL: none */
    MockScript start_discovery;
    guint stop_timer; /* StopDiscovery takes a moment */
    GDBusMessage *stop_call;
    unsigned connects_while_discovering, removed_devices; /* counted */
    bool filter_is_le, filter_has_uuids;                  /* the last one set */
};

struct MockBluez {
    GDBusConnection *connection;
    gint *alive;
    GPtrArray *adapters, *devices;
    unsigned beat_ms;    /* between notifications; 20 */
    unsigned resolve_gap_ms; /* between ServicesResolved and the objects, whichever is first; 30 */
    unsigned stop_ms;     /* that StopDiscovery takes; 10 */
    unsigned pending_max; /* most Connects that were pending at once on one adapter */
    unsigned pending;
    GDBusMessage *held;  /* the last call that was not answered */
    bool hang_objects;   /* GetManagedObjects never answers */
    bool whole;          /* with all that programs besides zone1d want of BlueZ (mock_whole.h) */
};

/* Told of each notification before it is sent; NULL: nobody is. */
extern void (*mock_on_notify)(const MockDevice *device, const guint8 *bytes, gsize len);

/* Connects to ADDRESS and takes the name org.bluez. No adapter yet. */
MockBluez *mock_bluez_new(const char *address);
/* Leaves the bus, as a killed bluetoothd does. */
void mock_bluez_free(MockBluez *mock);

MockAdapter *mock_add_adapter(MockBluez *mock, const char *name, bool powered);
void mock_remove_adapter(MockAdapter *adapter);
/* Off: discovery ends, its devices lose their links. */
void mock_power(MockAdapter *adapter, bool powered);

/* ADDRESS and NAME are static strings. Advertises from the start; is in the tree once it was heard. */
MockDevice *mock_add_device(MockAdapter *adapter, const char *address, const char *name);
void mock_advertise(MockDevice *device, bool on);
/* The link is lost. */
void mock_drop(MockDevice *device);
/* BlueZ takes the object out of the tree. */
void mock_remove_device(MockDevice *device);
void mock_notify(MockDevice *device, const guint8 *bytes, gsize len);
/* PropertiesChanged of the device with one property of any type. */
void mock_property(MockDevice *device, const char *key, GVariant *value);
/* Answers well, late, the last call that was left hanging. */
void mock_answer_held(MockBluez *mock);
/* Any signal. */
void mock_emit(MockBluez *mock, const char *path, const char *interface, const char *member, GVariant *body);
char *mock_characteristic_path(const MockDevice *device);

#endif
