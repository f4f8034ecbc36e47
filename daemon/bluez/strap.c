/* SPDX-License-Identifier: MIT */
#include "bluez/strap.h"

#include <string.h>

/* The main loop may be late, but not by so much. */
#define HEALTHY_DELAY_US (30 * G_USEC_PER_SEC)

/* Of the configuration: one of them, or none. */
typedef struct {
    char *address, *name;
} Key;

struct Strap {
    const StrapContext *context;
    unsigned number;
    Key keys[1 + STRAP_MAX_SPARES];
    unsigned key_count;
    Link link;
    Turn turn;
    char *live_adapter;     /* that it was live on last; NULL before */
    char bound_address[18]; /* the device that was live last; "" before */
    char *path;             /* the device it goes for; NULL: none. Not necessarily there any more */
    char *adapter_path;
    char path_address[18];
    bool connected, ready; /* as link was told */
    BusCall *call;
    LinkState call_state; /* the state that the call is for */
    guint timer;
    gint64 timer_due_us;  /* monotonic */
    int64_t timer_for_ms; /* the deadline it was set for */
    int64_t searching_since_ms, lost_ms;
    bool was_live;
    Details *details;
    unsigned reconnects;
    int64_t lost_total_ms; /* without the loss that lasts */
};

static void on_granted(void *user);
static void on_details(void *user);
static void consider(Strap *strap, const DeviceObject *device);
static void move_queue(Strap *strap, const DeviceObject *device);
static void tell_device(Strap *strap, const DeviceObject *device, bool found, bool heard);
static void step(Strap *strap, LinkEvent event);
static void perform(Strap *strap, unsigned actions, int64_t now_ms);
static void set_timer(Strap *strap, int64_t now_ms);
static void log_step(Strap *strap, LinkState before, unsigned failures_before, int64_t now_ms);

static void add_key(Strap *strap, const StrapId *id)
{
    if (id->address == NULL && id->name == NULL)
        return;
    strap->keys[strap->key_count++] = (Key){
        .address = id->address != NULL ? g_ascii_strup(id->address, -1) : NULL,
        .name = id->address == NULL ? g_strdup(id->name) : NULL,
    };
}

Strap *strap_new(const StrapContext *context, unsigned number, const StrapId *id)
{
    Strap *strap = g_new0(Strap, 1);

    strap->context = context;
    strap->number = number;
    add_key(strap, id);
    for (unsigned i = 0; i < MIN(id->spare_count, STRAP_MAX_SPARES); i++)
        add_key(strap, &id->spares[i]);
    strap->turn = (Turn){.granted = on_granted, .user = strap};
    strap->searching_since_ms = bluez_now_ms();
    strap->details = details_new(context->bus, context->objects, context->timing, on_details, strap);
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
    g_clear_handle_id(&strap->timer, g_source_remove);
    for (unsigned i = 0; i < strap->key_count; i++) {
        g_free(strap->keys[i].address);
        g_free(strap->keys[i].name);
    }
    g_free(strap->path);
    g_free(strap->adapter_path);
    g_free(strap->live_adapter);
    g_free(strap);
}

bool strap_is_searching(const Strap *strap)
{
    return strap->key_count > 0 && link_searching(&strap->link);
}

bool strap_claims(const Strap *strap, const char *address)
{
    if (address[0] == '\0')
        return false;
    for (unsigned i = 0; i < strap->key_count; i++)
        if (g_strcmp0(strap->keys[i].address, address) == 0)
            return true;
    return strcmp(strap->bound_address, address) == 0 ||
           (strap->path != NULL && strcmp(strap->path_address, address) == 0);
}

bool strap_burdens(const Strap *strap, const char *adapter_path)
{
    return strap->path != NULL && !link_searching(&strap->link) && strcmp(strap->adapter_path, adapter_path) == 0;
}

bool strap_is_healthy(const Strap *strap)
{
    return strap->timer == 0 || g_get_monotonic_time() - strap->timer_due_us < HEALTHY_DELAY_US;
}

const Link *strap_link(const Strap *strap) { return &strap->link; }

static bool fits(const Strap *strap, const Key *key, const DeviceObject *device)
{
    const StrapContext *context = strap->context;

    if (key->address != NULL)
        return strcmp(key->address, device->address) == 0;
    return g_strcmp0(key->name, device->name) == 0 &&
           !context->is_others(context->user, strap->number, device->address);
}

/* Which of the athlete's straps DEVICE is; NULL: none. */
static const Key *key_of(const Strap *strap, const DeviceObject *device)
{
    for (unsigned i = 0; device->address[0] != '\0' && i < strap->key_count; i++)
        if (fits(strap, &strap->keys[i], device))
            return &strap->keys[i];
    return NULL;
}

static bool is_my_device(const Strap *strap, const DeviceObject *device)
{
    return g_strcmp0(strap->path, device->path) == 0;
}

void strap_device_changed(Strap *strap, const DeviceObject *device, bool found, bool heard)
{
    /* Its name may change while it is ours: that does not make it another. */
    if (!is_my_device(strap, device)) {
        if (key_of(strap, device) == NULL || strap->connected)
            return;
        if (link_searching(&strap->link))
            consider(strap, device);
        else if (heard)
            move_queue(strap, device);
    }
    if (!is_my_device(strap, device))
        return;
    tell_device(strap, device, found, heard);
    details_device_changed(strap->details, device);
}

static void forget_path(Strap *strap)
{
    g_clear_pointer(&strap->path, g_free);
    g_clear_pointer(&strap->adapter_path, g_free);
    strap->connected = strap->ready = false;
}

void strap_device_removed(Strap *strap, const DeviceObject *device)
{
    if (!is_my_device(strap, device))
        return;
    step(strap, LINK_EV_GONE);
    forget_path(strap);
}

void strap_adapter_lost(Strap *strap, const char *path)
{
    if (strap->path == NULL || (path != NULL && strcmp(strap->adapter_path, path) != 0))
        return;
    step(strap, LINK_EV_RESET);
    forget_path(strap);
}

bool strap_takes_measurement(Strap *strap, const DeviceObject *device)
{
    if (!is_my_device(strap, device) ||
        (strap->link.state != LINK_LIVE && strap->link.state != LINK_SUBSCRIBING))
        return false;
    step(strap, LINK_EV_NOTIFICATION);
    return true;
}

void strap_takes_detail(Strap *strap, const CharacteristicObject *characteristic, const uint8_t *bytes, size_t len)
{
    details_value(strap->details, characteristic, bytes, len);
}

void strap_reset_energy(Strap *strap) { details_reset_energy(strap->details); }

void strap_info(const Strap *strap, int64_t now_ms, StrapInfo *ret)
{
    bool connected = strap->link.state == LINK_LIVE;

    *ret = (StrapInfo){.connected = connected, .battery_percent = -1, .reconnects = strap->reconnects};
    ret->lost_ms = strap->lost_total_ms + (strap->was_live && !connected ? now_ms - strap->lost_ms : 0);
    if (!connected)
        return;
    ret->adapter = strrchr(strap->adapter_path, '/') + 1;
    details_fill(strap->details, ret);
}

static void on_details(void *user)
{
    Strap *strap = user;

    strap->context->changed(strap->context->user, strap->number, bluez_now_ms());
}

static int rank_of(const Strap *strap, const DeviceObject *device)
{
    if (strcmp(strap->bound_address, device->address) == 0)
        return 2;
    return device->paired ? 1 : 0;
}

typedef struct {
    const Strap *strap;
    const Key *key;
    int rank;
    bool better;
} Rivals;

static void look_for_better(void *user, const DeviceObject *device)
{
    Rivals *rivals = user;

    if (key_of(rivals->strap, device) == rivals->key && rank_of(rivals->strap, device) > rivals->rank)
        rivals->better = true;
}

static bool is_fresh(const Strap *strap, const DeviceObject *device, int64_t now_ms)
{
    return device->heard && now_ms - device->heard_ms <= strap->context->timing->link.fresh_ms;
}

static void go_for(Strap *strap, const DeviceObject *device)
{
    forget_path(strap);
    strap->path = g_strdup(device->path);
    strap->adapter_path = g_strdup(device->adapter_path);
    g_strlcpy(strap->path_address, device->address, sizeof strap->path_address);
    g_debug("strap %u: is %s", strap->number + 1, device->path);
}

/* Another adapter has fewer links, and may hear the strap yet: discovery does not begin on all at once. */
static bool may_find_better(const Strap *strap, const DeviceObject *device, int64_t now_ms)
{
    const StrapContext *context = strap->context;

    return now_ms - strap->searching_since_ms < 2 * (int64_t)context->timing->scan_cycle_ms &&
           g_strcmp0(strap->live_adapter, device->adapter_path) != 0 &&
           context->load(context->user, device->adapter_path) > context->least_load(context->user);
}

/* The strap is free: should it go for this device, which is one of its own? */
static void consider(Strap *strap, const DeviceObject *device)
{
    const StrapContext *context = strap->context;
    const DeviceObject *now = strap->path != NULL ? objects_device(context->objects, strap->path) : NULL;
    Rivals rivals = {.strap = strap, .key = key_of(strap, device), .rank = rank_of(strap, device)};
    int64_t now_ms = bluez_now_ms();

    if (!adapters_usable(context->adapters, device->adapter_path))
        return;
    objects_each_device(context->objects, look_for_better, &rivals);
    if (rivals.better && now_ms - strap->searching_since_ms < context->timing->prefer_ms) {
        g_debug("strap %u: %s has the name too; preferring the one known before", strap->number + 1, device->path);
        return;
    }
    if (now != NULL && is_fresh(strap, now, now_ms) && rank_of(strap, now) >= rivals.rank &&
        context->load(context->user, now->adapter_path) <= context->load(context->user, device->adapter_path))
        return;
    if (!may_find_better(strap, device, now_ms))
        go_for(strap, device);
}

/* It waits for one adapter, and another one hears it too, which has less to do: its own wait counted. */
static void move_queue(Strap *strap, const DeviceObject *device)
{
    const StrapContext *context = strap->context;

    if (strap->link.state != LINK_QUEUED || strcmp(strap->path_address, device->address) != 0 ||
        !adapters_usable(context->adapters, device->adapter_path) ||
        context->load(context->user, strap->adapter_path) <= context->load(context->user, device->adapter_path) + 1)
        return;
    adapters_release(context->adapters, &strap->turn);
    go_for(strap, device);
    adapters_queue(context->adapters, strap->adapter_path, &strap->turn);
}

static void tell_device(Strap *strap, const DeviceObject *device, bool found, bool heard)
{
    bool ready = device->connected && device->resolved && device->characteristics[CHARACTERISTIC_MEASUREMENT] != NULL;

    if (device->connected != strap->connected) {
        strap->connected = device->connected;
        if (!device->connected)
            strap->ready = false;
        step(strap, !device->connected ? LINK_EV_DISCONNECTED : found ? LINK_EV_STALE : LINK_EV_CONNECTED);
    }
    if (ready != strap->ready) {
        strap->ready = ready;
        step(strap, ready ? LINK_EV_READY : LINK_EV_UNREADY);
    }
    if (heard)
        step(strap, LINK_EV_SEEN);
}

static void on_granted(void *user) { step(user, LINK_EV_GRANTED); }

static void step(Strap *strap, LinkEvent event)
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
    log_step(strap, before, failures, now_ms);
    perform(strap, actions, now_ms);
    set_timer(strap, now_ms);
    if (searching != link_searching(&strap->link))
        strap->context->search_changed(strap->context->user);
}

static gboolean on_timer(gpointer user)
{
    Strap *strap = user;

    strap->timer = 0;
    step(strap, LINK_EV_TIME);
    return G_SOURCE_REMOVE;
}

/* A live strap moves its deadline with each value: the timer is let run out and set anew then. */
static void set_timer(Strap *strap, int64_t now_ms)
{
    int64_t deadline_ms = link_deadline_ms(&strap->link);
    int64_t wait_ms = CLAMP(deadline_ms - now_ms, 0, G_MAXINT);

    if (strap->timer != 0 && deadline_ms != LINK_NEVER && strap->timer_for_ms <= deadline_ms)
        return;
    g_clear_handle_id(&strap->timer, g_source_remove);
    if (deadline_ms == LINK_NEVER)
        return;
    strap->timer_for_ms = deadline_ms;
    strap->timer_due_us = g_get_monotonic_time() + wait_ms * 1000;
    strap->timer = g_timeout_add((guint)wait_ms, on_timer, strap);
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

static void log_error(const Strap *strap, const char *what, const char *error, const char *text)
{
    /* Some errors name the object, and with it the address. */
    bool discreet = strstr(text, "dev_") == NULL && strchr(text, ':') == NULL;

    if (strap->link.failures == 0)
        g_info("strap %u: %s: %s%s%s", strap->number + 1, what, error, discreet ? ": " : "", discreet ? text : "");
    else
        g_debug("strap %u: %s: %s: %s", strap->number + 1, what, error, text);
}

static void on_connected(Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);

    objects_note_connected(strap->context->objects, strap->path);
    strap->connected = true;
    step(strap, LINK_EV_CONNECT_OK);
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
    log_error(strap, "Connect", error, text);
    if (is_full(text))
        note_links(strap, true);
    if (is_unknown_object(error))
        step(strap, LINK_EV_GONE);
    else
        step(strap, is_busy(error, text) ? LINK_EV_CONNECT_BUSY : LINK_EV_CONNECT_FAILED);
}

static void on_subscribe(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;

    (void)reply;
    if (error == NULL) {
        step(strap, LINK_EV_SUBSCRIBE_OK);
        return;
    }
    log_error(strap, "StartNotify", error, text);
    step(strap, strcmp(error, "org.bluez.Error.InProgress") == 0 ? LINK_EV_SUBSCRIBE_PENDING
                                                                  : LINK_EV_SUBSCRIBE_FAILED);
}

static void on_disconnect(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;

    (void)reply;
    if (error != NULL)
        g_debug("strap %u: Disconnect: %s: %s", strap->number + 1, error, text);
    if (error != NULL && strcmp(error, "org.bluez.Error.NotConnected") == 0)
        step(strap, LINK_EV_DISCONNECTED);
    step(strap, LINK_EV_DISCONNECT_DONE);
}

/* core/link has the deadlines; the call's own is there only to be sure that it ends. */
static void call(Strap *strap, const char *path, const char *interface, const char *method, BusReply fn)
{
    const LinkTiming *timing = &strap->context->timing->link;
    int64_t longest_ms = MAX(timing->connect_ms, MAX(timing->subscribe_ms, timing->disconnect_ms));
    g_autoptr(DBusMessage) message = bus_method(BLUEZ_SERVICE, path, interface, method);

    strap->call_state = strap->link.state;
    bus_call(strap->context->bus, &strap->call, message, (int)(2 * longest_ms), fn, strap);
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

static void subscribe(Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);

    if (device != NULL && device->characteristics[CHARACTERISTIC_MEASUREMENT] != NULL)
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
        strap->lost_total_ms += now_ms - strap->lost_ms;
    }
    strap->was_live = true;
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
        call(strap, strap->path, BLUEZ_DEVICE, "Connect", on_connect);
    if ((actions & LINK_DO_SUBSCRIBE) != 0)
        subscribe(strap);
    if ((actions & LINK_DO_UP) != 0)
        tell_up(strap, now_ms);
}

/* A loss and a return are worth a line each, unless they come in quick succession. */
static void log_step(Strap *strap, LinkState before, unsigned failures_before, int64_t now_ms)
{
    const Link *link = &strap->link;
    unsigned strap_no = strap->number + 1;

    if (link->state == before)
        return;
    g_debug("strap %u: %s -> %s", strap_no, link_state_name(before), link_state_name(link->state));
    if (link->state == LINK_LIVE && !strap->was_live)
        g_message("strap %u: live", strap_no);
    else if (link->state == LINK_LIVE)
        g_log(G_LOG_DOMAIN, link->failures <= 1 ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_INFO,
              "strap %u: live again after %.1f s", strap_no, (double)(now_ms - strap->lost_ms) / 1000);
    else if (before == LINK_LIVE)
        g_log(G_LOG_DOMAIN, link->failures <= 1 ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_INFO, "strap %u: lost: %s",
              strap_no, link_why_text(link->why));
    else if (link->failures == 1 && failures_before == 0)
        g_info("strap %u: not reached: %s; trying on", strap_no, link_why_text(link->why));
}
