/* SPDX-License-Identifier: MIT */
#include "bluez/scanner.h"

#include "bluez/objects.h"

#include <string.h>

typedef enum { SCAN_OFF, SCAN_FILTERING, SCAN_STARTING, SCAN_ON, SCAN_STOPPING } ScanState;

struct Scanner {
    Bus *bus;
    const BluezTiming *timing;
    char *path;
    ScannerOff off;
    void *user;
    ScanState state;
    bool wanted;
    bool open; /* this stretch hears everything, not only what advertises the service */
    BusCall *call;
    guint timer; /* SCAN_ON: the stretch ends; SCAN_OFF: the next try */
    unsigned retry_ms;
};

static void start(Scanner *scanner);
static void on_filtered(void *user, DBusMessage *reply, const char *error, const char *text);
static void on_started(void *user, DBusMessage *reply, const char *error, const char *text);
static gboolean on_stretch_end(gpointer user);
static void stop(Scanner *scanner);
static void on_stopped(void *user, DBusMessage *reply, const char *error, const char *text);
static gboolean on_retry(gpointer user);

Scanner *scanner_new(Bus *bus, const BluezTiming *timing, const char *adapter_path, ScannerOff off, void *user)
{
    Scanner *scanner = g_new0(Scanner, 1);

    *scanner = (Scanner){.bus = bus, .timing = timing, .off = off, .user = user};
    scanner->path = g_strdup(adapter_path);
    scanner->retry_ms = timing->scan_retry_min_ms;
    scanner->open = true; /* the first stretch is to be a filtered one */
    return scanner;
}

void scanner_free(Scanner *scanner)
{
    if (scanner == NULL)
        return;
    scanner_reset(scanner);
    g_free(scanner->path);
    g_free(scanner);
}

bool scanner_is_off(const Scanner *scanner) { return scanner->state == SCAN_OFF; }

void scanner_reset(Scanner *scanner)
{
    bus_cancel(&scanner->call);
    g_clear_handle_id(&scanner->timer, g_source_remove);
    scanner->state = SCAN_OFF;
    scanner->wanted = false;
}

/* A step that is under way is let end: its answer looks at what is wanted then. */
void scanner_want(Scanner *scanner, bool wanted)
{
    scanner->wanted = wanted;
    if (!wanted && scanner->state == SCAN_OFF)
        g_clear_handle_id(&scanner->timer, g_source_remove);
    if (wanted && scanner->state == SCAN_OFF && scanner->timer == 0)
        start(scanner);
    else if (!wanted && scanner->state == SCAN_ON)
        stop(scanner);
}

static DBusMessage *adapter_method(Scanner *scanner, const char *method)
{
    return bus_method(BLUEZ_SERVICE, scanner->path, BLUEZ_ADAPTER, method);
}

static void append_transport(DBusMessageIter *dict)
{
    DBusMessageIter entry, variant;
    const char *key = "Transport", *le = "le";

    dbus_message_iter_open_container(dict, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
    dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
    dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "s", &variant);
    dbus_message_iter_append_basic(&variant, DBUS_TYPE_STRING, &le);
    dbus_message_iter_close_container(&entry, &variant);
    dbus_message_iter_close_container(dict, &entry);
}

static void append_uuids(DBusMessageIter *dict)
{
    DBusMessageIter entry, variant, array;
    const char *key = "UUIDs", *uuid = BLUEZ_UUID_HEART_RATE;

    dbus_message_iter_open_container(dict, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
    dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
    dbus_message_iter_open_container(&entry, DBUS_TYPE_VARIANT, "as", &variant);
    dbus_message_iter_open_container(&variant, DBUS_TYPE_ARRAY, "s", &array);
    dbus_message_iter_append_basic(&array, DBUS_TYPE_STRING, &uuid);
    dbus_message_iter_close_container(&variant, &array);
    dbus_message_iter_close_container(&entry, &variant);
    dbus_message_iter_close_container(dict, &entry);
}

static void start(Scanner *scanner)
{
    g_autoptr(DBusMessage) filter = adapter_method(scanner, "SetDiscoveryFilter");
    DBusMessageIter body, dict;

    scanner->open = !scanner->open;
    dbus_message_iter_init_append(filter, &body);
    dbus_message_iter_open_container(&body, DBUS_TYPE_ARRAY, "{sv}", &dict);
    append_transport(&dict);
    if (!scanner->open)
        append_uuids(&dict);
    dbus_message_iter_close_container(&body, &dict);
    scanner->state = SCAN_FILTERING;
    bus_call(scanner->bus, &scanner->call, filter, (int)scanner->timing->call_ms, on_filtered, scanner);
}

static void end_off(Scanner *scanner, unsigned retry_ms)
{
    scanner->state = SCAN_OFF;
    if (scanner->wanted)
        scanner->timer = g_timeout_add(retry_ms, on_retry, scanner);
    else
        scanner->off(scanner->user);
}

static void fail(Scanner *scanner, const char *what, const char *error, const char *text)
{
    unsigned retry_ms = scanner->retry_ms;

    /* NotReady: the adapter has just been switched off, which is told elsewhere. */
    if (retry_ms == scanner->timing->scan_retry_min_ms && strcmp(error, "org.bluez.Error.NotReady") != 0)
        g_info("Bluetooth: discovery would not start at %s (%s: %s); trying on", what, error, text);
    scanner->retry_ms = MIN(retry_ms * 2, scanner->timing->scan_retry_max_ms);
    end_off(scanner, retry_ms);
}

static void on_filtered(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Scanner *scanner = user;
    g_autoptr(DBusMessage) begin = NULL;

    (void)reply;
    if (error != NULL) {
        fail(scanner, "SetDiscoveryFilter", error, text);
        return;
    }
    if (!scanner->wanted) {
        end_off(scanner, 0);
        return;
    }
    begin = adapter_method(scanner, "StartDiscovery");
    scanner->state = SCAN_STARTING;
    bus_call(scanner->bus, &scanner->call, begin, (int)scanner->timing->call_ms, on_started, scanner);
}

static void on_started(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Scanner *scanner = user;

    (void)reply;
    /* InProgress: an earlier start of ours that was not answered then. It is on, or a stop cures it. */
    if (error != NULL && strcmp(error, "org.bluez.Error.InProgress") != 0) {
        fail(scanner, "StartDiscovery", error, text);
        return;
    }
    scanner->retry_ms = scanner->timing->scan_retry_min_ms;
    scanner->state = SCAN_ON;
    if (scanner->wanted)
        scanner->timer = g_timeout_add(scanner->timing->scan_cycle_ms, on_stretch_end, scanner);
    else
        stop(scanner);
}

static gboolean on_stretch_end(gpointer user)
{
    Scanner *scanner = user;

    scanner->timer = 0;
    stop(scanner);
    return G_SOURCE_REMOVE;
}

static void stop(Scanner *scanner)
{
    g_autoptr(DBusMessage) end = adapter_method(scanner, "StopDiscovery");

    g_clear_handle_id(&scanner->timer, g_source_remove);
    scanner->state = SCAN_STOPPING;
    bus_call(scanner->bus, &scanner->call, end, (int)scanner->timing->call_ms, on_stopped, scanner);
}

/* An error says that none was running (any more), which is as good. */
static void on_stopped(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Scanner *scanner = user;

    (void)reply;
    if (error != NULL)
        g_debug("StopDiscovery: %s: %s", error, text);
    end_off(scanner, 0);
}

static gboolean on_retry(gpointer user)
{
    Scanner *scanner = user;

    scanner->timer = 0;
    start(scanner);
    return G_SOURCE_REMOVE;
}
