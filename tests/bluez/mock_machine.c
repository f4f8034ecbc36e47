/* SPDX-License-Identifier: MIT
 *
 * usage: mock_machine ADDRESS...
 * A machine with Bluetooth for a real zone1d: a bus of its own with the scripted org.bluez on it, and a strap of each
 * ADDRESS, which sends its rate once a second. Says "BUS address", and then obeys lines on its standard input until
 * that ends: "bpm N ADDRESS", "off ADDRESS" (out of reach), "on ADDRESS".
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define START_BPM 125

static MockBluez *mock;

static MockDevice *find(const char *address)
{
    for (guint i = 0; i < mock->devices->len; i++) {
        MockDevice *device = mock->devices->pdata[i];

        if (strcmp(device->address, address) == 0)
            return device;
    }
    return NULL;
}

static void obey(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 0);
    MockDevice *device = find(words[g_strv_length(words) - 1]);

    g_assert_nonnull(device);
    if (strcmp(words[0], "bpm") == 0) {
        device->bpm = (unsigned)g_ascii_strtoull(words[1], NULL, 10);
    } else if (strcmp(words[0], "on") == 0) {
        mock_advertise(device, true);
    } else {
        mock_advertise(device, false);
        if (device->connected)
            mock_drop(device);
    }
}

static gboolean on_line(GIOChannel *input, GIOCondition condition, gpointer user)
{
    g_autofree char *line = NULL;
    GIOStatus status = g_io_channel_read_line(input, &line, NULL, NULL, NULL);

    (void)condition;
    if (status != G_IO_STATUS_NORMAL) {
        g_main_loop_quit(user);
        return G_SOURCE_REMOVE;
    }
    obey(g_strstrip(line));
    return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
    PrivateBus *bus = private_bus_new();
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);
    MockAdapter *adapter;

    mock = mock_bluez_new(bus->address);
    mock->beat_ms = 1000;
    adapter = mock_add_adapter(mock, "hci0", true);
    for (int i = 1; i < argc; i++)
        mock_add_device(adapter, argv[i], "HRM")->bpm = START_BPM;
    printf("BUS %s\n", bus->address);
    fflush(stdout);
    g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_line, loop);
    g_main_loop_run(loop);
    mock_bluez_free(mock);
    private_bus_free(bus);
    return 0;
}
