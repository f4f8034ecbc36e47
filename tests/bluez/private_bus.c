/* SPDX-License-Identifier: MIT */
#include "private_bus.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

static const char CONFIG[] =
    "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'\n"
    " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
    "<busconfig><type>zone1d-test</type><listen>%s</listen><auth>EXTERNAL</auth>\n"
    "<policy context='default'><allow user='*'/><allow own='*'/><allow send_destination='*'/>\n"
    "<allow receive_sender='*'/><allow send_type='method_call'/></policy></busconfig>\n";

static char *file_in(const PrivateBus *bus, const char *name) { return g_build_filename(bus->dir, name, NULL); }

static void end_with_parent(gpointer user)
{
    (void)user;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

PrivateBus *private_bus_new(void)
{
    PrivateBus *bus = g_new0(PrivateBus, 1);
    g_autofree char *config = NULL, *path = NULL, *text = NULL, *cwd = g_get_current_dir();

    bus->dir = g_build_filename(cwd, "zbus-XXXXXX", NULL);
    if (strlen(bus->dir) > 90) { /* a Unix socket's path has 107 bytes at most */
        g_free(bus->dir);
        bus->dir = g_strdup("zbus-XXXXXX");
    }
    g_assert_nonnull(g_mkdtemp(bus->dir));
    path = file_in(bus, "socket");
    config = file_in(bus, "bus.conf");
    bus->address = g_strdup_printf("unix:path=%s", path);
    text = g_strdup_printf(CONFIG, bus->address);
    g_assert_true(g_file_set_contents(config, text, -1, NULL));
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", bus->address, TRUE);
    private_bus_start(bus);
    return bus;
}

/* Its address on its standard output tells that it listens. */
void private_bus_start(PrivateBus *bus)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_autofree char *config = file_in(bus, "bus.conf"), *option = g_strdup_printf("--config-file=%s", config);
    g_autoptr(GError) error = NULL;
    char byte = 0;

    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    bus->daemon = g_subprocess_launcher_spawn(launcher, &error, "dbus-daemon", "--nofork", "--nopidfile",
                                              "--print-address", option, NULL);
    g_assert_no_error(error);
    g_assert_cmpint(g_input_stream_read(g_subprocess_get_stdout_pipe(bus->daemon), &byte, 1, NULL, NULL), ==, 1);
}

void private_bus_kill(PrivateBus *bus)
{
    g_subprocess_force_exit(bus->daemon);
    g_subprocess_wait(bus->daemon, NULL, NULL);
    g_clear_object(&bus->daemon);
}

void private_bus_free(PrivateBus *bus)
{
    g_autofree char *config = file_in(bus, "bus.conf"), *path = file_in(bus, "socket");

    if (bus->daemon != NULL)
        private_bus_kill(bus);
    g_remove(config);
    g_remove(path);
    g_rmdir(bus->dir);
    g_free(bus->dir);
    g_free(bus->address);
    g_free(bus);
}
