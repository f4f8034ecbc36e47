/* SPDX-License-Identifier: MIT */
#include "bluez/bus_source.h"

#include <stdbool.h>

/* Messages handled before the rest of the main loop gets its turn: a storm must starve nobody. */
#define MESSAGES_A_DISPATCH 64
/* libdbus could not get memory for the next message: how soon it is asked again. */
#define NO_MEMORY_RETRY_MS 100

/* libdbus may free a watch while it is being handled: it is touched only while REMOVED is false. */
typedef struct {
    DBusWatch *watch;
    gpointer tag; /* NULL while disabled: polled at all, a hung-up fd would spin the loop */
    bool removed;
} Watch;

typedef struct {
    DBusTimeout *timeout;
    gint64 due_us;
    bool removed;
} Timeout;

typedef struct {
    GSource source;
    DBusConnection *connection;
    GPtrArray *watches;  /* of Watch, an rc box */
    GPtrArray *timeouts; /* of Timeout, an rc box */
} BusSource;

static gboolean prepare(GSource *source, gint *timeout_ms);
static gboolean check(GSource *source);
static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data);
static void finalize(GSource *source);
static dbus_bool_t add_watch(DBusWatch *watch, void *data);
static void remove_watch(DBusWatch *watch, void *data);
static void toggle_watch(DBusWatch *watch, void *data);
static dbus_bool_t add_timeout(DBusTimeout *timeout, void *data);
static void remove_timeout(DBusTimeout *timeout, void *data);
static void toggle_timeout(DBusTimeout *timeout, void *data);

static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize};

GSource *bus_source_attach(DBusConnection *connection)
{
    GSource *source = g_source_new(&functions, sizeof(BusSource));
    BusSource *self = (BusSource *)source;

    g_source_set_static_name(source, "D-Bus");
    /* Nobody runs the main loop from within a dispatch. Without this, GLib takes the fds out of its poll for each and
     * puts them back after it, and wakes itself up for both: half as many system calls again for each message. */
    g_source_set_can_recurse(source, TRUE);
    self->connection = dbus_connection_ref(connection);
    self->watches = g_ptr_array_new_with_free_func(g_rc_box_release);
    self->timeouts = g_ptr_array_new_with_free_func(g_rc_box_release);
    if (!dbus_connection_set_watch_functions(connection, add_watch, remove_watch, toggle_watch, self, NULL) ||
        !dbus_connection_set_timeout_functions(connection, add_timeout, remove_timeout, toggle_timeout, self,
                                               NULL)) {
        bus_source_destroy(&source);
        return NULL;
    }
    g_source_attach(source, NULL);
    return source;
}

void bus_source_destroy(GSource **source)
{
    BusSource *self = (BusSource *)*source;

    if (self == NULL)
        return;
    /* Makes libdbus call remove for every watch and timeout. */
    dbus_connection_set_watch_functions(self->connection, NULL, NULL, NULL, NULL, NULL);
    dbus_connection_set_timeout_functions(self->connection, NULL, NULL, NULL, NULL, NULL);
    g_source_destroy(*source);
    g_source_unref(*source);
    *source = NULL;
}

static void finalize(GSource *source)
{
    BusSource *self = (BusSource *)source;

    g_ptr_array_unref(self->watches);
    g_ptr_array_unref(self->timeouts);
    dbus_connection_unref(self->connection);
}

static gint64 next_due_us(const BusSource *self)
{
    gint64 due_us = G_MAXINT64;

    for (guint i = 0; i < self->timeouts->len; i++) {
        const Timeout *timeout = self->timeouts->pdata[i];

        if (dbus_timeout_get_enabled(timeout->timeout))
            due_us = MIN(due_us, timeout->due_us);
    }
    return due_us;
}

static gboolean prepare(GSource *source, gint *timeout_ms)
{
    BusSource *self = (BusSource *)source;
    DBusDispatchStatus status = dbus_connection_get_dispatch_status(self->connection);
    gint64 due_us = next_due_us(self);
    gint64 now_us = g_source_get_time(source);

    *timeout_ms = -1;
    if (due_us != G_MAXINT64)
        *timeout_ms = (gint)CLAMP((due_us - now_us + 999) / 1000, 0, G_MAXINT);
    if (status == DBUS_DISPATCH_NEED_MEMORY)
        *timeout_ms = *timeout_ms < 0 ? NO_MEMORY_RETRY_MS : MIN(*timeout_ms, NO_MEMORY_RETRY_MS);
    return status == DBUS_DISPATCH_DATA_REMAINS || due_us <= now_us;
}

static gboolean check(GSource *source)
{
    BusSource *self = (BusSource *)source;

    for (guint i = 0; i < self->watches->len; i++) {
        const Watch *watch = self->watches->pdata[i];

        if (watch->tag != NULL && g_source_query_unix_fd(source, watch->tag) != 0)
            return TRUE;
    }
    return dbus_connection_get_dispatch_status(self->connection) == DBUS_DISPATCH_DATA_REMAINS ||
           next_due_us(self) <= g_source_get_time(source);
}

static unsigned watch_flags_of(GIOCondition condition)
{
    return ((condition & G_IO_IN) != 0 ? DBUS_WATCH_READABLE : 0u) |
           ((condition & G_IO_OUT) != 0 ? DBUS_WATCH_WRITABLE : 0u) |
           ((condition & G_IO_HUP) != 0 ? DBUS_WATCH_HANGUP : 0u) |
           ((condition & (G_IO_ERR | G_IO_NVAL)) != 0 ? DBUS_WATCH_ERROR : 0u);
}

/* What is ready is noted first: handling one watch may add, toggle or remove any of them. */
static void handle_watches(BusSource *self)
{
    g_autoptr(GPtrArray) ready = g_ptr_array_new_with_free_func(g_rc_box_release);
    g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(unsigned));

    for (guint i = 0; i < self->watches->len; i++) {
        Watch *watch = self->watches->pdata[i];
        GIOCondition condition = watch->tag != NULL ? g_source_query_unix_fd(&self->source, watch->tag) : 0;
        unsigned bits = watch_flags_of(condition);

        if (bits == 0)
            continue;
        g_ptr_array_add(ready, g_rc_box_acquire(watch));
        g_array_append_val(flags, bits);
    }
    for (guint i = 0; i < ready->len; i++) {
        Watch *watch = ready->pdata[i];

        if (!watch->removed && dbus_watch_get_enabled(watch->watch))
            dbus_watch_handle(watch->watch, g_array_index(flags, unsigned, i));
    }
}

static void handle_timeouts(BusSource *self)
{
    g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func(g_rc_box_release);
    gint64 now_us = g_source_get_time(&self->source);

    for (guint i = 0; i < self->timeouts->len; i++) {
        Timeout *timeout = self->timeouts->pdata[i];

        if (dbus_timeout_get_enabled(timeout->timeout) && timeout->due_us <= now_us)
            g_ptr_array_add(due, g_rc_box_acquire(timeout));
    }
    for (guint i = 0; i < due->len; i++) {
        Timeout *timeout = due->pdata[i];

        if (timeout->removed || !dbus_timeout_get_enabled(timeout->timeout))
            continue;
        timeout->due_us = now_us + (gint64)dbus_timeout_get_interval(timeout->timeout) * 1000;
        dbus_timeout_handle(timeout->timeout);
    }
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    BusSource *self = (BusSource *)source;

    (void)callback;
    (void)data;
    handle_watches(self);
    handle_timeouts(self);
    /* A handler may destroy the source; what is left is then nobody's any more. */
    for (int i = 0; i < MESSAGES_A_DISPATCH && !g_source_is_destroyed(source); i++)
        if (dbus_connection_dispatch(self->connection) != DBUS_DISPATCH_DATA_REMAINS)
            break;
    return G_SOURCE_CONTINUE;
}

static GIOCondition condition_of(DBusWatch *watch)
{
    unsigned flags = dbus_watch_get_flags(watch);
    /* The flags never include these two, and they are wanted always. */
    GIOCondition condition = G_IO_HUP | G_IO_ERR;

    if ((flags & DBUS_WATCH_READABLE) != 0)
        condition |= G_IO_IN;
    if ((flags & DBUS_WATCH_WRITABLE) != 0)
        condition |= G_IO_OUT;
    return condition;
}

static void follow_watch(BusSource *self, Watch *watch)
{
    bool enabled = dbus_watch_get_enabled(watch->watch);

    if (enabled && watch->tag == NULL) {
        watch->tag = g_source_add_unix_fd(&self->source, dbus_watch_get_unix_fd(watch->watch),
                                          condition_of(watch->watch));
    } else if (enabled) {
        g_source_modify_unix_fd(&self->source, watch->tag, condition_of(watch->watch));
    } else if (watch->tag != NULL) {
        g_source_remove_unix_fd(&self->source, watch->tag);
        watch->tag = NULL;
    }
}

static dbus_bool_t add_watch(DBusWatch *watch, void *data)
{
    BusSource *self = data;
    Watch *entry = g_rc_box_new0(Watch);

    entry->watch = watch;
    g_ptr_array_add(self->watches, entry);
    follow_watch(self, entry);
    return TRUE;
}

static Watch *find_watch(BusSource *self, DBusWatch *watch)
{
    for (guint i = 0; i < self->watches->len; i++) {
        Watch *entry = self->watches->pdata[i];

        if (entry->watch == watch)
            return entry;
    }
    return NULL;
}

static void remove_watch(DBusWatch *watch, void *data)
{
    BusSource *self = data;
    Watch *entry = find_watch(self, watch);

    if (entry == NULL)
        return;
    if (entry->tag != NULL) /* it may be removed while it is enabled */
        g_source_remove_unix_fd(&self->source, entry->tag);
    entry->tag = NULL;
    entry->removed = true;
    g_ptr_array_remove_fast(self->watches, entry);
}

static void toggle_watch(DBusWatch *watch, void *data)
{
    BusSource *self = data;
    Watch *entry = find_watch(self, watch);

    if (entry != NULL)
        follow_watch(self, entry);
}

static void start_timeout(Timeout *timeout)
{
    timeout->due_us = g_get_monotonic_time() + (gint64)dbus_timeout_get_interval(timeout->timeout) * 1000;
}

static dbus_bool_t add_timeout(DBusTimeout *timeout, void *data)
{
    BusSource *self = data;
    Timeout *entry = g_rc_box_new0(Timeout);

    entry->timeout = timeout;
    start_timeout(entry);
    g_ptr_array_add(self->timeouts, entry);
    return TRUE;
}

static Timeout *find_timeout(BusSource *self, DBusTimeout *timeout)
{
    for (guint i = 0; i < self->timeouts->len; i++) {
        Timeout *entry = self->timeouts->pdata[i];

        if (entry->timeout == timeout)
            return entry;
    }
    return NULL;
}

static void remove_timeout(DBusTimeout *timeout, void *data)
{
    BusSource *self = data;
    Timeout *entry = find_timeout(self, timeout);

    if (entry == NULL)
        return;
    entry->removed = true;
    g_ptr_array_remove_fast(self->timeouts, entry);
}

/* Its interval may have changed as well. */
static void toggle_timeout(DBusTimeout *timeout, void *data)
{
    BusSource *self = data;
    Timeout *entry = find_timeout(self, timeout);

    if (entry != NULL)
        start_timeout(entry);
}
