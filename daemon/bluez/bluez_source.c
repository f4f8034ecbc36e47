/* SPDX-License-Identifier: MIT */
#include "bluez/bluez_source.h"

#include "bluez/bluez_source_private.h"
#include "bluez/wakeup.h"
#include "core/hrm.h"

/* A strap sends once or twice a second. What comes beyond this rate for longer than a second's worth, by a fault or on
 * purpose, is not let through to the athletes: it proves that the link is alive, and no more. */
#define SAMPLES_A_SECOND 20
#define SAMPLE_COST_MS (1000 / SAMPLES_A_SECOND)

/* Heart Rate Service 1.0, 3.1.1.3 */
#define FULL 1000 /* more than any number of links */

static void start(Source *source);
static int64_t now_ms(const Source *source);
static int64_t wall_us(const Source *source);
static void set_timer(Source *source, int64_t at_ms);
static bool healthy(const Source *source);
static void destroy(Source *source);

static const SourceClass CLASS = {
    .start = start, .now_ms = now_ms, .wall_us = wall_us, .set_timer = set_timer, .healthy = healthy, .free = destroy,
};

static void on_timer(void *user);
static void on_strap_timer(void *user);
static void on_bus_up(void *user);
static void on_bus_down(void *user);
static void on_signal(void *user, DBusMessage *signal);

static const BusEvents BUS_EVENTS = {.up = on_bus_up, .down = on_bus_down, .signal = on_signal};

static void on_service(void *user, bool up);
static void on_adapter_changed(void *user, const AdapterObject *adapter);
static void on_adapter_removed(void *user, const AdapterObject *adapter);
static void on_device_changed(void *user, const DeviceObject *device, bool found, bool heard);
static void on_device_removed(void *user, const DeviceObject *device);
static void on_disconnected(void *user, const DeviceObject *device, const char *reason);
static void on_value(void *user, const DeviceObject *device, const CharacteristicObject *characteristic,
                     const uint8_t *bytes, size_t len);

static const ObjectsEvents OBJECTS_EVENTS = {
    .service = on_service,
    .adapter_changed = on_adapter_changed,
    .adapter_removed = on_adapter_removed,
    .device_changed = on_device_changed,
    .device_removed = on_device_removed,
    .disconnected = on_disconnected,
    .value = on_value,
};

static void on_adapter_lost(void *user, const char *path);
/* A guest's claim is none against an athlete: the guest is let go of then. */
static bool is_others(void *user, unsigned number, const char *address);
static bool is_taken(void *user, const char *address);
static unsigned load(void *user, const char *adapter_path);
static unsigned least_load(void *user);
static void on_link(void *user, unsigned number, bool up, int64_t at_ms);
static void on_strap_changed(void *user, unsigned number, int64_t at_ms);
static void on_step_changed(void *user);
static void on_wake(void *user, int64_t at_ms);

Source *bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user)
{
    BluezTiming timing = bluez_timing_default();

    return bluez_source_new_timed(straps, count, events, user, &timing);
}

Source *bluez_source_new_timed(const StrapId *straps, unsigned count, const SourceEvents *events, void *user,
                               const BluezTiming *timing)
{
    BluezSource *self = g_new0(BluezSource, 1);

    self->base = (Source){.class = &CLASS, .events = events, .user = user};
    self->timing = *timing;
    self->timer = wakeup_new(on_timer, self);
    self->strap_timer = wakeup_new(on_strap_timer, self);
    self->bus = bus_new(&BUS_EVENTS, self, timing->bus_retry_min_ms, timing->bus_retry_max_ms);
    self->objects = objects_new(self->bus, &self->timing, &OBJECTS_EVENTS, self);
    self->adapters = adapters_new(self->bus, &self->timing, on_adapter_lost, self);
    self->serials = serials_new();
    strangers_init(self);
    self->context = (StrapContext){
        .bus = self->bus,
        .objects = self->objects,
        .adapters = self->adapters,
        .serials = self->serials,
        .timing = &self->timing,
        .user = self,
        .is_others = is_others,
        .is_taken = is_taken,
        .load = load,
        .least_load = least_load,
        .link = on_link,
        .changed = on_strap_changed,
        .step_changed = on_step_changed,
        .wake = on_wake,
    };
    self->count = count;
    self->straps = g_new0(Strap *, count);
    self->malformed = g_new0(uint64_t, count);
    self->excess = g_new0(uint64_t, count);
    self->paid_until_ms = g_new0(int64_t, count);
    for (unsigned i = 0; i < count; i++)
        self->straps[i] = strap_new(&self->context, i, &straps[i]);
    bluez_source_search(self);
    return &self->base;
}

const Link *bluez_source_link(const Source *source, unsigned athlete)
{
    return strap_link(((const BluezSource *)source)->straps[athlete]);
}

uint64_t bluez_source_malformed(const Source *source, unsigned athlete)
{
    return ((const BluezSource *)source)->malformed[athlete];
}

uint64_t bluez_source_excess(const Source *source, unsigned athlete)
{
    return ((const BluezSource *)source)->excess[athlete];
}

static void destroy(Source *source)
{
    BluezSource *self = (BluezSource *)source;

    wakeup_destroy(&self->timer);
    for (unsigned i = 0; i < self->count; i++)
        strap_free(self->straps[i]);
    wakeup_destroy(&self->strap_timer); /* what one strap lets go of may wake another */
    strangers_clear(self);
    serials_free(self->serials);
    adapters_free(self->adapters);
    objects_free(self->objects);
    bus_free(self->bus);
    g_free(self->straps);
    g_free(self->malformed);
    g_free(self->excess);
    g_free(self->paid_until_ms);
    g_free(self);
}

static void start(Source *source)
{
    BluezSource *self = (BluezSource *)source;

    bus_start(self->bus);
    strangers_start(self);
}

static int64_t now_ms(const Source *source)
{
    (void)source;
    return bluez_now_ms();
}

static int64_t wall_us(const Source *source)
{
    (void)source;
    return g_get_real_time();
}

static void on_timer(void *user)
{
    BluezSource *self = user;

    self->base.events->timer(self->base.user, bluez_now_ms());
}

/* A strap moves its deadline with each value, away from the time that the timer was set for: it is looked for anew. */
static void on_strap_timer(void *user)
{
    BluezSource *self = user;
    int64_t time_ms = bluez_now_ms(), next_ms = INT64_MAX;

    for (unsigned i = 0; i < self->count; i++)
        strap_advance(self->straps[i], time_ms);
    for (unsigned i = 0; i < self->count; i++)
        next_ms = MIN(next_ms, strap_due_ms(self->straps[i]));
    wakeup_set(self->strap_timer, next_ms);
}

static void on_wake(void *user, int64_t at_ms) { wakeup_sooner(((BluezSource *)user)->strap_timer, at_ms); }

static void set_timer(Source *source, int64_t at_ms) { wakeup_set(((BluezSource *)source)->timer, at_ms); }

static bool healthy(const Source *source)
{
    const BluezSource *self = (const BluezSource *)source;

    for (unsigned i = 0; i < self->count; i++)
        if (!strap_is_healthy(self->straps[i]))
            return false;
    return true;
}

static void on_bus_up(void *user) { objects_bus_up(((BluezSource *)user)->objects); }

static void on_bus_down(void *user) { objects_bus_down(((BluezSource *)user)->objects); }

static void on_signal(void *user, DBusMessage *signal) { objects_signal(((BluezSource *)user)->objects, signal); }

static void on_service(void *user, bool up)
{
    BluezSource *self = user;

    if (up) {
        g_info("Bluetooth: bluetoothd told its objects");
    } else {
        g_message("Bluetooth: bluetoothd has gone; all links with it");
        for (unsigned i = 0; i < self->count; i++)
            strap_adapter_lost(self->straps[i], NULL);
    }
    adapters_service(self->adapters, up);
    bluez_source_changed(self);
}

static void on_adapter_changed(void *user, const AdapterObject *adapter)
{
    adapters_changed(((BluezSource *)user)->adapters, adapter);
    bluez_source_changed(user);
}

static void on_adapter_removed(void *user, const AdapterObject *adapter)
{
    adapters_removed(((BluezSource *)user)->adapters, adapter->path);
    bluez_source_changed(user);
}

static void on_device_changed(void *user, const DeviceObject *device, bool found, bool heard)
{
    BluezSource *self = user;

    strangers_device_changed(self, device, heard);
    for (unsigned i = 0; i < self->count; i++)
        strap_device_changed(self->straps[i], device, found, heard);
}

static void on_device_removed(void *user, const DeviceObject *device)
{
    BluezSource *self = user;

    for (unsigned i = 0; i < self->count; i++)
        strap_device_removed(self->straps[i], device);
}

static void on_disconnected(void *user, const DeviceObject *device, const char *reason)
{
    BluezSource *self = user;

    for (unsigned i = 0; i < self->count; i++)
        strap_disconnected(self->straps[i], device, reason);
}

static void take_packet(BluezSource *self, unsigned athlete, const uint8_t *bytes, size_t len)
{
    HrmMeasurement measurement;
    HrmResult result = hrm_decode(bytes, len, &measurement);
    Sample sample;

    if (result != HRM_OK) {
        if (self->malformed[athlete]++ == 0)
            g_info("strap %u: a packet without a rate (%s, %zu bytes); such are counted and ignored", athlete + 1,
                   hrm_result_name(result), len);
        return;
    }
    if (measurement.has_energy)
        strap_energy(self->straps[athlete], measurement.energy_kj);
    hrm_to_sample(&measurement, bluez_now_ms(), &sample);
    self->base.events->sample(self->base.user, athlete, &sample);
}

static bool is_affordable(BluezSource *self, unsigned athlete)
{
    int64_t time_ms = bluez_now_ms(), paid_until_ms = MAX(self->paid_until_ms[athlete], time_ms);

    if (paid_until_ms - time_ms <= 1000 - SAMPLE_COST_MS) {
        self->paid_until_ms[athlete] = paid_until_ms + SAMPLE_COST_MS;
        return true;
    }
    if (self->excess[athlete]++ == 0)
        g_info("strap %u: sends more than %d packets a second; the rest is counted and ignored", athlete + 1,
               SAMPLES_A_SECOND);
    return false;
}

static void on_value(void *user, const DeviceObject *device, const CharacteristicObject *characteristic,
                     const uint8_t *bytes, size_t len)
{
    BluezSource *self = user;

    for (unsigned i = 0; i < self->count; i++)
        if (characteristic->kind != CHARACTERISTIC_MEASUREMENT)
            strap_takes_detail(self->straps[i], characteristic, bytes, len);
        else if (strap_takes_measurement(self->straps[i], device) && is_affordable(self, i))
            take_packet(self, i, bytes, len);
}

static void on_adapter_lost(void *user, const char *path)
{
    BluezSource *self = user;

    for (unsigned i = 0; i < self->count; i++)
        strap_adapter_lost(self->straps[i], path);
}

static bool is_taken(void *user, const char *address)
{
    const BluezSource *self = user;

    return self->more->taken != NULL && self->more->taken(self->more_user, address);
}

static bool is_others(void *user, unsigned number, const char *address)
{
    BluezSource *self = user;

    for (unsigned i = 0; i < self->count; i++)
        if (i != number && strap_claims(self->straps[i], address) &&
            (strangers_is_guest(self, number) || !strangers_is_guest(self, i)))
            return true;
    return false;
}

static unsigned load(void *user, const char *adapter_path)
{
    BluezSource *self = user;
    unsigned links = 0, slots;

    for (unsigned i = 0; i < self->count; i++)
        links += strap_burdens(self->straps[i], adapter_path) ? 1 : 0;
    slots = adapters_slots(self->adapters, adapter_path);
    if (slots != 0 && objects_links(self->objects, adapter_path) >= slots)
        links += FULL;
    return links;
}

typedef struct {
    BluezSource *source;
    unsigned load;
} Least;

static void note_least(void *user, const char *adapter_path)
{
    Least *least = user;

    least->load = MIN(least->load, load(least->source, adapter_path));
}

static unsigned least_load(void *user)
{
    Least least = {.source = user, .load = G_MAXUINT};

    adapters_each_usable(least.source->adapters, note_least, &least);
    return least.load;
}

static void on_link(void *user, unsigned number, bool up, int64_t at_ms)
{
    BluezSource *self = user;

    self->base.events->link(self->base.user, number, up, at_ms);
}

static void on_strap_changed(void *user, unsigned number, int64_t at_ms)
{
    BluezSource *self = user;
    StrapInfo info;

    strap_info(self->straps[number], at_ms, &info);
    bluez_source_changed(self);
    if (self->base.events->strap != NULL)
        self->base.events->strap(self->base.user, number, &info, at_ms);
}

static void on_step_changed(void *user)
{
    bluez_source_search(user);
    bluez_source_changed(user);
}

void bluez_source_search(BluezSource *self)
{
    bool searching = strangers_are_looked_for(self);

    for (unsigned i = 0; i < self->count; i++)
        searching |= strap_is_searching(self->straps[i]);
    adapters_search(self->adapters, searching);
}

void bluez_source_changed(BluezSource *self)
{
    if (self->more->changed != NULL)
        self->more->changed(self->more_user);
}

BluezBind bluez_source_bind(Source *source, unsigned athlete, const char *address, const char *name)
{
    BluezSource *self = (BluezSource *)source;
    DeviceObject device = {.name = (char *)name};

    g_strlcpy(device.address, address, sizeof device.address);
    for (unsigned i = 0; i < self->count; i++)
        if (i != athlete && strap_is_configured(self->straps[i], &device))
            return BLUEZ_BIND_CONFIGURED;
    if (!strap_bind(self->straps[athlete], address, name))
        return BLUEZ_BIND_FULL;
    strangers_give_back(self, address);
    for (unsigned i = 0; i < self->count - self->guests; i++)
        if (i != athlete)
            strap_unbind(self->straps[i], address);
    return BLUEZ_BOUND;
}

bool bluez_source_unbind(Source *source, unsigned athlete, const char *address)
{
    return strap_unbind(((BluezSource *)source)->straps[athlete], address);
}
