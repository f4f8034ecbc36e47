/* SPDX-License-Identifier: MIT */
#include "bluez/adapters.h"

#include "bluez/scanner.h"

#include <string.h>

struct Adapter {
    Adapters *adapters;
    char *path;
    Scanner *scanner;
    bool powered;
    GQueue waiting; /* of Turn, not owned */
    Turn *holder;
    bool granted; /* the holder has been told */
    unsigned slots; /* 0: never found full */
};

struct Adapters {
    Bus *bus;
    const BluezTiming *timing;
    AdapterLost lost;
    void *user;
    GHashTable *table; /* path -> Adapter */
    bool searching;
    bool complained;
    bool version_said; /* since bluetoothd came */
    guint pump;     /* idle */
    guint complain; /* timer: then it is said that none can be used */
};

static void complain_later(Adapters *adapters);
static void pump_later(Adapters *adapters);
static gboolean pump(gpointer user);
static void pump_adapter(Adapter *adapter);
static void on_scanner_off(void *user);
static void lose(Adapter *adapter);
static void adapter_free(gpointer data);

Adapters *adapters_new(Bus *bus, const BluezTiming *timing, AdapterLost lost, void *user)
{
    Adapters *adapters = g_new0(Adapters, 1);

    *adapters = (Adapters){.bus = bus, .timing = timing, .lost = lost, .user = user};
    adapters->table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, adapter_free);
    return adapters;
}

void adapters_free(Adapters *adapters)
{
    if (adapters == NULL)
        return;
    g_clear_handle_id(&adapters->pump, g_source_remove);
    g_clear_handle_id(&adapters->complain, g_source_remove);
    g_hash_table_unref(adapters->table);
    g_free(adapters);
}

static Adapter *add_adapter(Adapters *adapters, const char *path)
{
    Adapter *adapter = g_new0(Adapter, 1);

    adapter->adapters = adapters;
    adapter->path = g_strdup(path);
    adapter->scanner = scanner_new(adapters->bus, adapters->timing, path, on_scanner_off, adapter);
    g_queue_init(&adapter->waiting);
    g_hash_table_insert(adapters->table, adapter->path, adapter);
    return adapter;
}

static void say_version(Adapters *adapters, BluezVersion version)
{
    const char *warning = bluez_version_warning(version);

    if (adapters->version_said || version.major == 0)
        return;
    adapters->version_said = true;
    g_message("Bluetooth: BlueZ %u.%u", version.major, version.minor);
    if (warning != NULL)
        g_info("Bluetooth: of BlueZ %u.%u it is known: %s", version.major, version.minor, warning);
}

void adapters_changed(Adapters *adapters, const AdapterObject *object)
{
    Adapter *adapter = g_hash_table_lookup(adapters->table, object->path);

    if (adapter == NULL)
        adapter = add_adapter(adapters, object->path);
    say_version(adapters, object->version);
    if (object->powered == adapter->powered)
        return;
    adapter->powered = object->powered;
    if (adapter->powered) {
        g_message("Bluetooth: adapter %s is on", strrchr(adapter->path, '/') + 1);
        adapters->complained = false;
        pump_later(adapters);
    } else {
        lose(adapter);
        complain_later(adapters);
    }
}

void adapters_removed(Adapters *adapters, const char *path)
{
    Adapter *adapter = g_hash_table_lookup(adapters->table, path);

    if (adapter == NULL)
        return;
    g_hash_table_steal(adapters->table, path);
    adapter->powered = false;
    lose(adapter);
    adapter_free(adapter);
    complain_later(adapters);
}

void adapters_service(Adapters *adapters, bool up)
{
    g_autoptr(GList) all = NULL;

    adapters->complained = false;
    if (!up)
        adapters->version_said = false;
    if (up) {
        complain_later(adapters);
        return;
    }
    g_clear_handle_id(&adapters->complain, g_source_remove);
    all = g_hash_table_get_values(adapters->table);
    g_hash_table_steal_all(adapters->table);
    for (GList *item = all; item != NULL; item = item->next) {
        Adapter *adapter = item->data;

        adapter->powered = false;
        lose(adapter);
        adapter_free(adapter);
    }
}

static gboolean is_powered(gpointer key, gpointer value, gpointer user)
{
    const Adapter *adapter = value;

    (void)key;
    (void)user;
    return adapter->powered;
}

static gboolean on_complain(gpointer user)
{
    Adapters *adapters = user;

    adapters->complain = 0;
    if (adapters->complained || g_hash_table_find(adapters->table, is_powered, NULL) != NULL)
        return G_SOURCE_REMOVE;
    adapters->complained = true;
    if (g_hash_table_size(adapters->table) == 0)
        g_warning("Bluetooth: this machine has no adapter (or its driver is not loaded); waiting for one");
    else
        g_warning("Bluetooth: the adapter is switched off; waiting for it (\"bluetoothctl power on\", after "
                  "\"rfkill unblock bluetooth\" if need be)");
    return G_SOURCE_REMOVE;
}

static void complain_later(Adapters *adapters)
{
    if (adapters->complain == 0)
        adapters->complain = g_timeout_add(adapters->timing->no_adapter_ms, on_complain, adapters);
}

bool adapters_usable(const Adapters *adapters, const char *path)
{
    const Adapter *adapter = g_hash_table_lookup(adapters->table, path);

    return adapter != NULL && adapter->powered;
}

void adapters_each_usable(const Adapters *adapters, void (*fn)(void *user, const char *path), void *user)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, adapters->table);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Adapter *adapter = value;

        if (adapter->powered)
            fn(user, adapter->path);
    }
}

void adapters_note_links(Adapters *adapters, const char *path, unsigned links, bool full)
{
    Adapter *adapter = g_hash_table_lookup(adapters->table, path);

    if (adapter == NULL || links == 0 || (!full && links <= adapter->slots))
        return;
    if (full && adapter->slots != links)
        g_info("Bluetooth: adapter %s has no slot for more than %u links", strrchr(path, '/') + 1, links);
    if (full || adapter->slots != 0)
        adapter->slots = links;
}

unsigned adapters_slots(const Adapters *adapters, const char *path)
{
    const Adapter *adapter = g_hash_table_lookup(adapters->table, path);

    return adapter != NULL ? adapter->slots : 0;
}

void adapters_queue(Adapters *adapters, const char *path, Turn *turn)
{
    Adapter *adapter = g_hash_table_lookup(adapters->table, path);

    adapters_release(adapters, turn);
    if (adapter == NULL)
        return;
    turn->adapter = adapter;
    g_queue_push_tail(&adapter->waiting, turn);
    pump_later(adapters);
}

void adapters_release(Adapters *adapters, Turn *turn)
{
    Adapter *adapter = turn->adapter;

    if (adapter == NULL)
        return;
    turn->adapter = NULL;
    if (adapter->holder == turn)
        adapter->holder = NULL;
    else
        g_queue_remove(&adapter->waiting, turn);
    pump_later(adapters);
}

void adapters_search(Adapters *adapters, bool wanted)
{
    if (adapters->searching != wanted)
        pump_later(adapters);
    adapters->searching = wanted;
}

/* From the main loop, so that no strap is called from within another's doings. */
static void pump_later(Adapters *adapters)
{
    if (adapters->pump == 0)
        adapters->pump = g_idle_add(pump, adapters);
}

static gboolean pump(gpointer user)
{
    Adapters *adapters = user;
    g_autoptr(GList) all = g_hash_table_get_values(adapters->table);

    adapters->pump = 0;
    for (GList *item = all; item != NULL; item = item->next)
        pump_adapter(item->data);
    return G_SOURCE_REMOVE;
}

static void pump_adapter(Adapter *adapter)
{
    if (!adapter->powered)
        return;
    if (adapter->holder == NULL) {
        adapter->holder = g_queue_pop_head(&adapter->waiting);
        adapter->granted = false;
    }
    scanner_want(adapter->scanner, adapter->holder == NULL && adapter->adapters->searching);
    if (adapter->holder != NULL && !adapter->granted && scanner_is_off(adapter->scanner)) {
        adapter->granted = true;
        adapter->holder->granted(adapter->holder->user);
    }
}

static void on_scanner_off(void *user)
{
    Adapter *adapter = user;

    pump_later(adapter->adapters);
}

static void lose(Adapter *adapter)
{
    Turn *turn;

    adapter->slots = 0;
    scanner_reset(adapter->scanner);
    if (adapter->holder != NULL)
        adapter->holder->adapter = NULL;
    adapter->holder = NULL;
    while ((turn = g_queue_pop_head(&adapter->waiting)) != NULL)
        turn->adapter = NULL;
    adapter->adapters->lost(adapter->adapters->user, adapter->path);
}

static void adapter_free(gpointer data)
{
    Adapter *adapter = data;

    if (adapter->holder != NULL)
        adapter->holder->adapter = NULL;
    for (GList *item = adapter->waiting.head; item != NULL; item = item->next)
        ((Turn *)item->data)->adapter = NULL;
    g_queue_clear(&adapter->waiting);
    scanner_free(adapter->scanner);
    g_free(adapter->path);
    g_free(adapter);
}
