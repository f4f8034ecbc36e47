/* SPDX-License-Identifier: MIT */
#include "bluez/strap_private.h"

#include <string.h>

/* The main loop may be late, but not by so much. */
#define HEALTHY_DELAY_MS 30000

static void on_granted(void *user);
static void on_details(void *user);
static void on_details_wait(void *user, int64_t at_ms);
static void tell_device(Strap *strap, const DeviceObject *device, bool found, bool heard);
static void perform(Strap *strap, unsigned actions, int64_t now_ms);
static void part(Strap *strap);

Strap *strap_new(const StrapContext *context, unsigned number, const StrapId *id)
{
    static const DetailsEvents details_events = {.changed = on_details, .wake = on_details_wait};
    Strap *strap = g_new0(Strap, 1);

    strap->context = context;
    strap->number = number;
    strap_keys_init(&strap->keys, id, context->serials);
    strap->packet_ms = INT64_MIN;
    strap->turn = (Turn){.granted = on_granted, .user = strap};
    strap->searching_since_ms = bluez_now_ms();
    strap->details = details_new(context->bus, context->objects, context->timing, &details_events, strap);
    link_init(&strap->link, &context->timing->link, g_random_int());
    return strap;
}

/* BlueZ keeps a link whose maker has left; the strap would stay with it, and nobody else could find it. */
static void hang_up(Strap *strap)
{
    LinkState state = strap->link.state;
    g_autoptr(DBusMessage) message = NULL;

    if (strap->path == NULL || (state != LINK_CONNECTING && state != LINK_RESOLVING && state != LINK_SUBSCRIBING &&
                                state != LINK_LIVE))
        return;
    message = bus_method(BLUEZ_SERVICE, strap->path, BLUEZ_DEVICE, "Disconnect");
    bus_send(strap->context->bus, message);
}

void strap_free(Strap *strap)
{
    if (strap == NULL)
        return;
    hang_up(strap);
    bus_cancel(&strap->call);
    details_free(strap->details);
    adapters_release(strap->context->adapters, &strap->turn);
    strap_keys_clear(&strap->keys);
    g_free(strap->path);
    g_free(strap->adapter_path);
    g_free(strap->live_adapter);
    g_free(strap);
}

bool strap_is_searching(const Strap *strap)
{
    return strap->keys.count > 0 && link_searching(&strap->link);
}

bool strap_claims(const Strap *strap, const char *address)
{
    if (address[0] == '\0')
        return false;
    return strap_keys_have_address(&strap->keys, address) || strcmp(strap->bound_address, address) == 0 ||
           (strap->path != NULL && strcmp(strap->path_address, address) == 0);
}

bool strap_burdens(const Strap *strap, const char *adapter_path)
{
    return strap->path != NULL && !link_searching(&strap->link) && strcmp(strap->adapter_path, adapter_path) == 0;
}

bool strap_is_healthy(const Strap *strap)
{
    int64_t due_ms = link_deadline_ms(&strap->link);

    return due_ms == LINK_NEVER || bluez_now_ms() - due_ms < HEALTHY_DELAY_MS;
}

const Link *strap_link(const Strap *strap) { return &strap->link; }

static bool is_my_device(const Strap *strap, const DeviceObject *device)
{
    /* Each strap is asked for each value, and all paths are the same but for the last bytes. */
    return strap->path_hash == device->path_hash && g_strcmp0(strap->path, device->path) == 0;
}

void strap_device_changed(Strap *strap, const DeviceObject *device, bool found, bool heard)
{
    /* Its name may change while it is ours: that does not make it another. */
    if (!is_my_device(strap, device)) {
        if (strap_fit(strap, device) == STRAP_FIT_NONE || strap->connected)
            return;
        if (link_searching(&strap->link))
            strap_consider(strap, device);
        else if (heard)
            strap_move_queue(strap, device);
    }
    if (!is_my_device(strap, device))
        return;
    tell_device(strap, device, found, heard);
    details_device_changed(strap->details, device);
}

void strap_forget_path(Strap *strap)
{
    g_clear_pointer(&strap->path, g_free);
    g_clear_pointer(&strap->adapter_path, g_free);
    strap->connected = strap->ready = false;
}

void strap_device_removed(Strap *strap, const DeviceObject *device)
{
    if (!is_my_device(strap, device))
        return;
    strap_step(strap, LINK_EV_GONE);
    strap_forget_path(strap);
}

void strap_adapter_lost(Strap *strap, const char *path)
{
    if (strap->path == NULL || (path != NULL && strcmp(strap->adapter_path, path) != 0))
        return;
    strap_step(strap, LINK_EV_RESET);
    strap_forget_path(strap);
}

bool strap_takes_measurement(Strap *strap, const DeviceObject *device)
{
    if (!is_my_device(strap, device) ||
        (strap->link.state != LINK_LIVE && strap->link.state != LINK_SUBSCRIBING) ||
        strap->unverified)
        return false;
    strap->packet_ms = bluez_now_ms();
    strap_step(strap, LINK_EV_NOTIFICATION);
    return true;
}

void strap_takes_detail(Strap *strap, const CharacteristicObject *characteristic, const uint8_t *bytes, size_t len)
{
    details_value(strap->details, characteristic, bytes, len);
}

void strap_energy(Strap *strap, unsigned energy_kj) { details_energy(strap->details, energy_kj); }

static void on_details(void *user)
{
    Strap *strap = user;
    StrapInfo info = {0};

    details_fill(strap->details, &info);
    if (info.serial != NULL)
        serials_learn(strap->context->serials, strap->path_address, info.serial);
    strap->context->changed(strap->context->user, strap->number, bluez_now_ms());
}

static void tell_device(Strap *strap, const DeviceObject *device, bool found, bool heard)
{
    bool ready = device->connected && device->resolved && device->characteristics[CHARACTERISTIC_MEASUREMENT] != NULL;

    if (device->connected != strap->connected) {
        strap->connected = device->connected;
        if (!device->connected)
            strap->ready = false;
        strap_step(strap, !device->connected ? LINK_EV_DISCONNECTED : found ? LINK_EV_STALE : LINK_EV_CONNECTED);
    }
    if (strap->path != NULL && ready != strap->ready) {
        strap->ready = ready;
        strap_step(strap, ready ? LINK_EV_READY : LINK_EV_UNREADY);
    }
    if (strap->path != NULL && heard)
        strap_step(strap, LINK_EV_SEEN);
    /* The number's object may come after the service's. */
    if (strap->link.state == LINK_SUBSCRIBING && strap->call == NULL)
        strap_subscribe(strap);
}

static void on_granted(void *user) { strap_step(user, LINK_EV_GRANTED); }

void strap_step(Strap *strap, LinkEvent event)
{
    int64_t now_ms = bluez_now_ms();
    LinkState before = strap->link.state;
    unsigned failures = strap->link.failures;
    bool searching = link_searching(&strap->link);
    unsigned actions = link_event(&strap->link, event, now_ms);

    if (strap->call_state != strap->link.state)
        bus_cancel(&strap->call);
    if (!searching && link_searching(&strap->link))
        strap->searching_since_ms = now_ms;
    strap_note_step(strap, before, failures, now_ms);
    perform(strap, actions, now_ms);
    strap->context->wake(strap->context->user, link_deadline_ms(&strap->link));
    if (before != strap->link.state)
        strap->context->step_changed(strap->context->user);
    part(strap);
}

/* What was said to be another's is let go of as soon as no link of it is left. */
static void part(Strap *strap)
{
    if (strap->parting && strap->link.state == LINK_BACKOFF)
        strap_step(strap, LINK_EV_REFUSED);
    if (!strap->parting || strap->link.state != LINK_WANTED)
        return;
    strap->parting = false;
    strap_forget_path(strap);
}

void strap_refuse(Strap *strap)
{
    strap->parting = true;
    strap->bound_address[0] = '\0';
    strap_step(strap, LINK_EV_REFUSED);
}

bool strap_wants(const Strap *strap, const DeviceObject *device)
{
    StrapFit best = STRAP_FIT_NONE;

    for (unsigned i = 0; i < strap->keys.count; i++)
        best = MAX(best, strap_key_fit(&strap->keys, &strap->keys.keys[i], device));
    return best > STRAP_FIT_PROBE || (best == STRAP_FIT_PROBE && link_searching(&strap->link));
}

bool strap_is_configured(const Strap *strap, const DeviceObject *device)
{
    for (unsigned i = 0; i < strap->keys.count; i++)
        if (!strap->keys.keys[i].bound &&
            strap_key_fit(&strap->keys, &strap->keys.keys[i], device) > STRAP_FIT_PROBE)
            return true;
    return false;
}

bool strap_is_device(const Strap *strap, const DeviceObject *device) { return is_my_device(strap, device); }

bool strap_bind(Strap *strap, const char *address, const char *name)
{
    if (!strap_keys_bind(&strap->keys, address, name))
        return false;
    strap->context->step_changed(strap->context->user);
    return true;
}

bool strap_unbind(Strap *strap, const char *address)
{
    const DeviceObject *device = strap->path != NULL ? objects_device(strap->context->objects, strap->path) : NULL;

    if (!strap_keys_unbind(&strap->keys, address))
        return false;
    if (device == NULL || strap_fit(strap, device) == STRAP_FIT_NONE)
        strap_refuse(strap);
    strap->context->step_changed(strap->context->user);
    return true;
}

static void on_details_wait(void *user, int64_t at_ms)
{
    const Strap *strap = user;

    strap->context->wake(strap->context->user, at_ms);
}

int64_t strap_due_ms(const Strap *strap)
{
    return MIN(link_deadline_ms(&strap->link), details_due_ms(strap->details));
}

void strap_advance(Strap *strap, int64_t now_ms)
{
    if (link_deadline_ms(&strap->link) <= now_ms)
        strap_step(strap, LINK_EV_TIME);
    details_advance(strap->details, now_ms);
}

static bool is_unknown_object(const char *error)
{
    return strcmp(error, DBUS_ERROR_UNKNOWN_OBJECT) == 0 || strcmp(error, DBUS_ERROR_UNKNOWN_METHOD) == 0 ||
           strcmp(error, DBUS_ERROR_UNKNOWN_INTERFACE) == 0;
}

/* org.bluez.Error.Failed tells its causes by words only: "le-connection-concurrent-connection-limit". */
static bool is_full(const char *text) { return strstr(text, "limit") != NULL; }

static bool is_busy(const char *error, const char *text)
{
    return strcmp(error, "org.bluez.Error.InProgress") == 0 || strstr(text, "busy") != NULL || is_full(text);
}

static void note_links(Strap *strap, bool full)
{
    adapters_note_links(strap->context->adapters, strap->adapter_path,
                        objects_links(strap->context->objects, strap->adapter_path), full);
}

static void on_connected(Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);

    objects_note_connected(strap->context->objects, strap->path);
    strap->connected = true;
    strap_step(strap, LINK_EV_CONNECT_OK);
    if (device != NULL)
        tell_device(strap, device, false, false);
}

static void on_connect(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;

    (void)reply;
    if (error == NULL || strcmp(error, "org.bluez.Error.AlreadyConnected") == 0) {
        on_connected(strap);
        return;
    }
    strap_note_error(strap, "Connect", error, text);
    if (is_full(text))
        note_links(strap, true);
    if (is_unknown_object(error))
        strap_step(strap, LINK_EV_GONE);
    else
        strap_step(strap, is_busy(error, text) ? LINK_EV_CONNECT_BUSY : LINK_EV_CONNECT_FAILED);
}

static void on_subscribe(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;

    (void)reply;
    if (error == NULL) {
        strap_step(strap, LINK_EV_SUBSCRIBE_OK);
        return;
    }
    strap_note_error(strap, "StartNotify", error, text);
    strap_step(strap, strcmp(error, "org.bluez.Error.InProgress") == 0 ? LINK_EV_SUBSCRIBE_PENDING
                                                                  : LINK_EV_SUBSCRIBE_FAILED);
}

static void on_disconnect(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;

    (void)reply;
    if (error != NULL)
        g_debug("strap %u: Disconnect: %s: %s", strap->number + 1, error, text);
    if (error != NULL && strcmp(error, "org.bluez.Error.NotConnected") == 0)
        strap_step(strap, LINK_EV_DISCONNECTED);
    strap_step(strap, LINK_EV_DISCONNECT_DONE);
}

/* core/link has the deadlines; the call's own is there only to be sure that it ends. */
void strap_call(Strap *strap, DBusMessage *message, BusReply fn)
{
    const LinkTiming *timing = &strap->context->timing->link;
    int64_t longest_ms = MAX(timing->connect_ms, MAX(timing->subscribe_ms, timing->disconnect_ms));

    strap->call_state = strap->link.state;
    bus_call(strap->context->bus, &strap->call, message, (int)(2 * longest_ms), fn, strap);
}

static void call(Strap *strap, const char *path, const char *interface, const char *method, BusReply fn)
{
    g_autoptr(DBusMessage) message = bus_method(BLUEZ_SERVICE, path, interface, method);

    strap_call(strap, message, fn);
}

static void remove_device(Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);
    g_autoptr(DBusMessage) message = NULL;

    if (device == NULL || device->paired) /* a pairing is the user's */
        return;
    g_info("strap %u: removing it from BlueZ, to be found afresh", strap->number + 1);
    message = bus_method(BLUEZ_SERVICE, strap->adapter_path, BLUEZ_ADAPTER, "RemoveDevice");
    dbus_message_append_args(message, DBUS_TYPE_OBJECT_PATH, &strap->path, DBUS_TYPE_INVALID);
    bus_send(strap->context->bus, message);
}

void strap_subscribe(Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);

    if (device == NULL || device->characteristics[CHARACTERISTIC_MEASUREMENT] == NULL)
        return;
    if (strap->unverified)
        strap_verify(strap, device);
    else
        call(strap, device->characteristics[CHARACTERISTIC_MEASUREMENT]->path, BLUEZ_CHARACTERISTIC, "StartNotify",
             on_subscribe);
}

static void tell_up(Strap *strap, int64_t now_ms)
{
    g_strlcpy(strap->bound_address, strap->path_address, sizeof strap->bound_address);
    g_free(strap->live_adapter);
    strap->live_adapter = g_strdup(strap->adapter_path);
    if (strap->was_live) {
        strap->reconnects++;
        strap->recovery_ms = MAX(now_ms - strap->lost_ms, 1);
        strap->lost_total_ms += strap->recovery_ms;
    }
    strap->was_live = true;
    strap->detail[0] = '\0';
    note_links(strap, false);
    details_start(strap->details, strap->path);
    strap->context->link(strap->context->user, strap->number, true, now_ms);
    strap->context->changed(strap->context->user, strap->number, now_ms);
}

static void perform(Strap *strap, unsigned actions, int64_t now_ms)
{
    const StrapContext *context = strap->context;

    if ((actions & LINK_DO_DOWN) != 0) {
        strap->lost_ms = now_ms;
        details_stop(strap->details);
        context->link(context->user, strap->number, false, now_ms);
        context->changed(context->user, strap->number, now_ms);
    }
    if ((actions & LINK_DO_DISCONNECT) != 0)
        call(strap, strap->path, BLUEZ_DEVICE, "Disconnect", on_disconnect);
    if ((actions & LINK_DO_REMOVE) != 0)
        remove_device(strap);
    if ((actions & LINK_DO_RELEASE) != 0)
        adapters_release(context->adapters, &strap->turn);
    if ((actions & LINK_DO_QUEUE) != 0)
        adapters_queue(context->adapters, strap->adapter_path, &strap->turn);
    if ((actions & LINK_DO_CONNECT) != 0)
        strap->detail[0] = '\0';
    if ((actions & LINK_DO_CONNECT) != 0)
        call(strap, strap->path, BLUEZ_DEVICE, "Connect", on_connect);
    if ((actions & LINK_DO_SUBSCRIBE) != 0)
        strap_subscribe(strap);
    if ((actions & LINK_DO_UP) != 0)
        tell_up(strap, now_ms);
}
