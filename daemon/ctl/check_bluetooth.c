/* SPDX-License-Identifier: MIT */
#include "ctl/check.h"

#include "bluez/bluez_source.h"
#include "bluez/version.h"
#include "ctl/notes.h"

#include <string.h>

#define PATIENCE_MS 7000 /* bluetoothd is started by the bus when it is not there, and then takes a moment */
#define SETTLE_MS 500    /* after the last change: an adapter is switched on shortly after it came */
#define MAX_ADAPTERS 32

typedef struct {
    GMainLoop *loop;
    guint settle, patience;
} Wait;

static gboolean on_time(gpointer user)
{
    g_main_loop_quit(((Wait *)user)->loop);
    return G_SOURCE_CONTINUE;
}

static void on_changed(void *user)
{
    Wait *wait = user;
    g_clear_handle_id(&wait->settle, g_source_remove);
    wait->settle = g_timeout_add(SETTLE_MS, on_time, wait);
}

static void say_version(const AdapterStatus *adapter, CheckLine line, void *user)
{
    const BluezVersion version = {adapter->version[0], adapter->version[1]};
    const char *warning = bluez_version_warning(version);
    g_autofree char *text = g_strdup_printf("BlueZ %u.%02u%s%s", version.major, version.minor,
                                            warning != NULL ? ": " : "", warning != NULL ? warning : "");
    if (version.major == 0)
        line(user, CHECK_HINT, "bluez", "its version is not known");
    else
        line(user, warning != NULL ? CHECK_HINT : CHECK_OK, "bluez", text);
}

static void say_adapter(const AdapterStatus *adapter, CheckLine line, void *user)
{
    g_autofree char *name = g_path_get_basename(adapter->path);
    g_autofree char *text =
        adapter->powered
            ? g_strdup_printf("%s is on, with %u link%s", name, adapter->links, adapter->links == 1 ? "" : "s")
            : g_strdup_printf("%s is off: bluetoothctl power on (if it is blocked: rfkill unblock bluetooth)", name);
    line(user, adapter->powered ? CHECK_OK : CHECK_BAD, "adapter", text);
}

/* What the source said is the reason; without it, the usual one. */
static void say_none(CheckLine line, void *user)
{
    char why[200];
    notes_last(why, sizeof why);
    /* Without what the daemon would go on to do about it. */
    g_auto(GStrv) parts = g_strsplit(why, ";", 2);
    g_autofree char *text = g_strdup_printf("%s: apt install bluez, systemctl enable --now bluetooth",
                                            parts[0] != NULL ? parts[0] : "bluetoothd does not answer");
    line(user, CHECK_BAD, "adapter", text);
}

void check_bluetooth(CheckLine line, void *user)
{
    static const SourceEvents nothing;
    static const BluezEvents events = {.changed = on_changed};
    AdapterStatus adapters[MAX_ADAPTERS];
    Wait wait = {.loop = g_main_loop_new(NULL, FALSE)};
    const BluezOptions options = {.events = &events, .user = &wait};
    notes_forget();
    Source *source = bluez_source_new(NULL, 0, &nothing, NULL);
    bluez_source_set_options(source, &options);
    wait.patience = g_timeout_add(PATIENCE_MS, on_time, &wait);
    source_start(source);
    g_main_loop_run(wait.loop);
    g_clear_handle_id(&wait.settle, g_source_remove);
    g_source_remove(wait.patience);
    unsigned count = bluez_source_adapters(source, adapters, MAX_ADAPTERS);
    if (count == 0)
        say_none(line, user);
    else
        say_version(&adapters[0], line, user);
    for (unsigned i = 0; i < count; i++)
        say_adapter(&adapters[i], line, user);
    source_free(source);
    g_main_loop_unref(wait.loop);
}
