/* SPDX-License-Identifier: MIT */
#include "bluez/details.h"

#include "bluez/bus_read.h"
#include "bluez/details_parse.h"
#include "bluez/gatt.h"

#include <string.h>

#define ENERGY_AGAIN_MS 60000
#define ENERGY_SATURATED_KJ 0xFFFF
#define MAX_LINKS_LOST 2

struct Details {
    Bus *bus;
    Objects *objects;
    const BluezTiming *timing;
    DetailsEvents events;
    void *user;
    char *path; /* the live device; NULL: none */
    BusCall *call, *energy_call;
    CharacteristicKind reading; /* what call is for */
    int64_t due_ms; /* when to go on; INT64_MAX: when something happens */
    bool resting; /* all is read; what is due, if anything, is the battery */
    unsigned asked; /* bits 1 << kind: read, or tried to, in this connection */
    bool battery_asked_notify, battery_notifies;
    int battery_percent; /* from 0x2A19; -1 */
    int battery1_percent; /* as BlueZ's Battery1 says; -1 */
    bool has_energy;
    unsigned energy_kj;
    const char *location;
    char *texts[CHARACTERISTIC_COUNT];
    unsigned links_lost[CHARACTERISTIC_COUNT]; /* while it was being read; never forgotten */
    int64_t energy_reset_ms;
};

static void wait_for_next(Details *details, unsigned ms);
static const CharacteristicObject *next_wanted(const Details *details, const DeviceObject *device);
static void ask_next(Details *details);
static bool ask_notify(Details *details, const DeviceObject *device);
static void read_value(Details *details, const CharacteristicObject *characteristic);
static void take_value(Details *details, CharacteristicKind kind, const uint8_t *bytes, size_t len);

Details *details_new(Bus *bus, Objects *objects, const BluezTiming *timing, const DetailsEvents *events, void *user)
{
    Details *details = g_new0(Details, 1);

    *details = (Details){.bus = bus, .objects = objects, .timing = timing, .events = *events, .user = user};
    details->battery_percent = details->battery1_percent = -1;
    details->energy_reset_ms = INT64_MIN;
    details->due_ms = INT64_MAX;
    return details;
}

void details_free(Details *details)
{
    if (details == NULL)
        return;
    details_stop(details);
    g_free(details);
}

void details_start(Details *details, const char *path)
{
    const DeviceObject *device = objects_device(details->objects, path);

    details_stop(details);
    details->path = g_strdup(path);
    if (device != NULL)
        details->battery1_percent = device->battery_percent;
    wait_for_next(details, details->timing->details_start_ms);
}

void details_stop(Details *details)
{
    if (details->call != NULL && details->path != NULL)
        details->links_lost[details->reading]++;
    bus_cancel(&details->call);
    bus_cancel(&details->energy_call);
    details->due_ms = INT64_MAX;
    g_clear_pointer(&details->path, g_free);
    details->asked = 0;
    details->resting = false;
    details->battery_asked_notify = details->battery_notifies = false;
    details->battery_percent = details->battery1_percent = -1;
    details->has_energy = false;
    details->location = NULL;
    for (int kind = 0; kind < CHARACTERISTIC_COUNT; kind++)
        g_clear_pointer(&details->texts[kind], g_free);
}

static bool is_mine(const Details *details, const char *path)
{
    return details->path != NULL && strcmp(details->path, path) == 0;
}

void details_device_changed(Details *details, const DeviceObject *device)
{
    if (!is_mine(details, device->path))
        return;
    /* Objects may come later than the first heart rate. */
    if (details->resting && next_wanted(details, device) != NULL)
        wait_for_next(details, details->timing->details_gap_ms);
    if (device->battery_percent == details->battery1_percent)
        return;
    details->battery1_percent = device->battery_percent;
    details->events.changed(details->user);
}

void details_value(Details *details, const CharacteristicObject *characteristic, const uint8_t *bytes, size_t len)
{
    if (is_mine(details, characteristic->device_path) && characteristic->kind == CHARACTERISTIC_BATTERY)
        take_value(details, characteristic->kind, bytes, len);
}

void details_fill(const Details *details, StrapInfo *ret)
{
    ret->battery_percent = details->battery1_percent >= 0 ? details->battery1_percent : details->battery_percent;
    ret->location = details->location;
    ret->has_energy = details->has_energy;
    ret->energy_kj = details->energy_kj;
    ret->maker = details->texts[CHARACTERISTIC_MAKER];
    ret->model = details->texts[CHARACTERISTIC_MODEL];
    ret->serial = details->texts[CHARACTERISTIC_SERIAL];
    ret->firmware = details->texts[CHARACTERISTIC_FIRMWARE];
}

static void wait_for_next(Details *details, unsigned ms)
{
    details->resting = false;
    details->due_ms = bluez_now_ms() + ms;
    details->events.wake(details->user, details->due_ms);
}

int64_t details_due_ms(const Details *details) { return details->due_ms; }

void details_advance(Details *details, int64_t now_ms)
{
    if (details->due_ms > now_ms)
        return;
    details->due_ms = INT64_MAX;
    if (details->resting)
        details->asked &= ~(1u << CHARACTERISTIC_BATTERY);
    ask_next(details);
}

/* Not asked for yet, there, and of use. */
static bool is_wanted(const Details *details, const DeviceObject *device, CharacteristicKind kind)
{
    return device->characteristics[kind] != NULL && (details->asked & 1u << kind) == 0 &&
           details->links_lost[kind] < MAX_LINKS_LOST &&
           (kind != CHARACTERISTIC_BATTERY || details->battery1_percent < 0);
}

static const CharacteristicObject *next_wanted(const Details *details, const DeviceObject *device)
{
    for (int kind = CHARACTERISTIC_BATTERY; kind < CHARACTERISTIC_CONTROL_POINT; kind++)
        if (is_wanted(details, device, (CharacteristicKind)kind))
            return device->characteristics[kind];
    return NULL;
}

static void ask_next(Details *details)
{
    const DeviceObject *device = objects_device(details->objects, details->path);
    const CharacteristicObject *wanted = device != NULL ? next_wanted(details, device) : NULL;

    details->resting = false;
    if (device == NULL)
        return;
    if (wanted != NULL) {
        read_value(details, wanted);
    } else if (!ask_notify(details, device)) {
        if (!details->battery_notifies)
            wait_for_next(details, details->timing->battery_again_ms);
        details->resting = true;
    }
}

static void on_read(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Details *details = user;
    const uint8_t *bytes = NULL;
    DBusMessageIter body;
    size_t len = 0;

    if (error != NULL)
        g_debug("a strap's value %d was not read: %s: %s", (int)details->reading, error, text);
    else if (bus_read_open(reply, "ay", &body) && bus_read_bytes(&body, &bytes, &len))
        take_value(details, details->reading, bytes, len);
    wait_for_next(details, details->timing->details_gap_ms);
}

static void read_value(Details *details, const CharacteristicObject *characteristic)
{
    g_autoptr(DBusMessage) message = gatt_method(characteristic->path, "ReadValue", NULL);

    details->reading = characteristic->kind;
    details->asked |= 1u << characteristic->kind;
    bus_call(details->bus, &details->call, message, (int)details->timing->call_ms, on_read, details);
}

static void on_notify(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Details *details = user;

    (void)reply;
    if (error != NULL)
        g_debug("a strap's battery is not notified: %s: %s", error, text);
    details->battery_notifies = error == NULL;
    wait_for_next(details, details->timing->details_gap_ms);
}

/* Once a connection; true when it was done now. */
static bool ask_notify(Details *details, const DeviceObject *device)
{
    const CharacteristicObject *battery = device->characteristics[CHARACTERISTIC_BATTERY];
    g_autoptr(DBusMessage) message = NULL;

    if (battery == NULL || !battery->notifies || details->battery_asked_notify || details->battery1_percent >= 0 ||
        details->links_lost[CHARACTERISTIC_BATTERY] >= MAX_LINKS_LOST)
        return false;
    details->battery_asked_notify = true;
    details->reading = CHARACTERISTIC_BATTERY;
    message = bus_method(BLUEZ_SERVICE, battery->path, BLUEZ_CHARACTERISTIC, "StartNotify");
    bus_call(details->bus, &details->call, message, (int)details->timing->call_ms, on_notify, details);
    return true;
}

static void take_value(Details *details, CharacteristicKind kind, const uint8_t *bytes, size_t len)
{
    if (kind == CHARACTERISTIC_BATTERY) {
        int percent = details_parse_battery(bytes, len);

        if (percent == details->battery_percent)
            return;
        details->battery_percent = percent;
    } else if (kind == CHARACTERISTIC_LOCATION) {
        details->location = details_parse_location(bytes, len);
    } else {
        g_free(details->texts[kind]);
        details->texts[kind] = details_parse_text(bytes, len);
    }
    details->events.changed(details->user);
}

static void on_energy_reset(void *user, DBusMessage *reply, const char *error, const char *text)
{
    (void)user;
    (void)reply;
    if (error != NULL)
        g_debug("a strap's energy was not reset: %s: %s", error, text);
}

static void reset_energy(Details *details)
{
    const DeviceObject *device = details->path != NULL ? objects_device(details->objects, details->path) : NULL;
    const CharacteristicObject *control = device != NULL ? device->characteristics[CHARACTERISTIC_CONTROL_POINT] : NULL;
    int64_t now_ms = bluez_now_ms();
    g_autoptr(DBusMessage) message = NULL;
    uint8_t reset = 0x01;

    if (control == NULL ||
        (details->energy_reset_ms != INT64_MIN && now_ms - details->energy_reset_ms < ENERGY_AGAIN_MS))
        return;
    details->energy_reset_ms = now_ms;
    message = gatt_method(control->path, "WriteValue", &reset);
    bus_call(details->bus, &details->energy_call, message, (int)details->timing->call_ms, on_energy_reset, details);
}

void details_energy(Details *details, unsigned energy_kj)
{
    if (energy_kj == ENERGY_SATURATED_KJ)
        reset_energy(details);
    if (details->path == NULL || (details->has_energy && details->energy_kj == energy_kj))
        return;
    details->has_energy = true;
    details->energy_kj = energy_kj;
    details->events.changed(details->user);
}
