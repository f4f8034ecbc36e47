/* SPDX-License-Identifier: MIT
 *
 * The scripted bluetoothd as a program of its own, for tests of the real daemon: hci0, and straps that send all the
 * time. The first line on standard output is the bus' address; then commands on standard input:
 *   strap ADDRESS BPM    one more, on the air
 *   tell ADDRESS         prints "ADDRESS connected|away CONNECTS", CONNECTS being the calls of Connect so far
 * It ends with its input.
 */
#include "mock_bluez.h"
#include "private_bus.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BEAT_MS 500

typedef struct {
    GMainLoop *loop;
    MockBluez *mock;
    MockAdapter *hci0;
} Mock;

static void tell(const Mock *mock, const char *address)
{
    for (guint i = 0; i < mock->mock->devices->len; i++) {
        const MockDevice *device = mock->mock->devices->pdata[i];

        if (strcmp(device->address, address) == 0)
            printf("%s %s %u\n", address, device->connected ? "connected" : "away", device->connect.calls);
    }
    fflush(stdout);
}

static void obey(const Mock *mock, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 0);
    const guint count = g_strv_length(words);

    if (count == 3 && strcmp(words[0], "strap") == 0)
        mock_add_device(mock->hci0, g_intern_string(words[1]), NULL)->bpm =
            (unsigned)g_ascii_strtoull(words[2], NULL, 10);
    else if (count == 2 && strcmp(words[0], "tell") == 0)
        tell(mock, words[1]);
    else
        g_error("no such command: %s", line);
}

static gboolean on_input(GIOChannel *channel, GIOCondition condition, gpointer user)
{
    const Mock *mock = user;
    GIOStatus status;
    char *line;
    gsize end;

    (void)condition;
    while ((status = g_io_channel_read_line(channel, &line, NULL, &end, NULL)) == G_IO_STATUS_NORMAL) {
        line[end] = '\0';
        obey(mock, line);
        g_free(line);
    }
    if (status == G_IO_STATUS_AGAIN)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(mock->loop);
    return G_SOURCE_REMOVE;
}

int main(void)
{
    PrivateBus *bus = private_bus_new();
    Mock mock = {.loop = g_main_loop_new(NULL, FALSE), .mock = mock_bluez_new(bus->address)};
    GIOChannel *input = g_io_channel_unix_new(STDIN_FILENO);

    mock.mock->beat_ms = BEAT_MS;
    mock.hci0 = mock_add_adapter(mock.mock, "hci0", true);
    g_io_channel_set_flags(input, G_IO_FLAG_NONBLOCK, NULL);
    g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_input, &mock);
    printf("%s\n", bus->address);
    fflush(stdout);
    g_main_loop_run(mock.loop);
    mock_bluez_free(mock.mock);
    g_io_channel_unref(input);
    g_main_loop_unref(mock.loop);
    private_bus_free(bus);
    return 0;
}
