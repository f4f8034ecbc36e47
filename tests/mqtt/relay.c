/* SPDX-License-Identifier: MIT */
#include "relay.h"

#include "waiting.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PAIRS 16
#define TICK_MS 5
#define MAX_CHUNK 16384

typedef struct {
    int client, broker; /* -1: none */
    gboolean checked;   /* the first packet was looked at */
} Pair;

struct Relay {
    int listener;
    unsigned port, broker_port;
    gint mode, accepted, ending, code, mqtt5; /* atomic */
    GThread *thread;
    Pair pairs[MAX_PAIRS];
    guint count;
};

static gpointer run(gpointer data);
static void take_new(Relay *relay, RelayMode mode);
static void serve(Relay *relay, Pair *pair, RelayMode mode);
static gboolean copy(int from, int to, gsize most);
static gboolean refuses(Pair *pair);
static void refuse_with_code(Relay *relay, Pair *pair);
static void drop(Relay *relay, Pair *pair);

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

Relay *relay_new(unsigned broker_port, RelayMode mode)
{
    Relay *relay = g_new0(Relay, 1);
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (relay->listener < 0 || bind(relay->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(relay->listener, MAX_PAIRS) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0)
        give_up("no port for the relay");
    relay->port = ntohs(address.sin_port);
    relay->broker_port = broker_port;
    relay->mode = (gint)mode;
    relay->thread = g_thread_new("relay", run, relay);
    return relay;
}

unsigned relay_port(const Relay *relay)
{
    return relay->port;
}

void relay_set(Relay *relay, RelayMode mode)
{
    g_atomic_int_set(&relay->mode, (gint)mode);
}

void relay_refuse(Relay *relay, guint8 code, gboolean mqtt5)
{
    g_atomic_int_set(&relay->code, code);
    g_atomic_int_set(&relay->mqtt5, mqtt5);
    relay_set(relay, RELAY_REFUSE);
}

guint relay_accepted(Relay *relay)
{
    return (guint)g_atomic_int_get(&relay->accepted);
}

void relay_free(Relay *relay)
{
    g_atomic_int_set(&relay->ending, 1);
    g_thread_join(relay->thread);
    while (relay->count > 0)
        drop(relay, &relay->pairs[0]);
    close(relay->listener);
    g_free(relay);
}

static gpointer run(gpointer data)
{
    Relay *relay = data;
    while (!g_atomic_int_get(&relay->ending)) {
        RelayMode mode = (RelayMode)g_atomic_int_get(&relay->mode);
        take_new(relay, mode);
        for (guint i = relay->count; i > 0; i--)
            serve(relay, &relay->pairs[i - 1], mode);
        g_usleep(TICK_MS * 1000);
    }
    return NULL;
}

static void take_new(Relay *relay, RelayMode mode)
{
    int client;
    while (relay->count < MAX_PAIRS &&
           (client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        Pair pair = {.client = client, .broker = -1};
        g_atomic_int_inc(&relay->accepted);
        if (mode == RELAY_GREET)
            (void)!write(client, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
        relay->pairs[relay->count++] = pair;
    }
}

static void serve(Relay *relay, Pair *pair, RelayMode mode)
{
    if (mode == RELAY_TAKE_OVER && pair->broker >= 0) {
        static const guint8 disconnect[] = {0xE0, 0x02, 0x8E, 0x00};
        (void)!write(pair->client, disconnect, sizeof disconnect);
    }
    if (mode == RELAY_HANG_UP || (mode == RELAY_TAKE_OVER && pair->broker >= 0)) {
        drop(relay, pair);
        return;
    }
    if (mode == RELAY_REFUSE) {
        refuse_with_code(relay, pair);
        return;
    }
    if (mode == RELAY_SILENT || mode == RELAY_STALL || mode == RELAY_GREET)
        return;
    if (mode == RELAY_REFUSE_V5 && refuses(pair)) {
        drop(relay, pair);
        return;
    }
    if (pair->broker < 0) {
        struct sockaddr_in address = loopback(relay->broker_port);
        pair->broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(pair->broker, (struct sockaddr *)&address, sizeof address) != 0) {
            drop(relay, pair);
            return;
        }
        fcntl(pair->broker, F_SETFL, O_NONBLOCK);
    }
    const gsize most = mode == RELAY_TRICKLE ? 1 : MAX_CHUNK;
    if (!copy(pair->client, pair->broker, most) || (mode != RELAY_MUTE && !copy(pair->broker, pair->client, most)))
        drop(relay, pair);
}

/* FALSE when one of them is closed. */
static gboolean copy(int from, int to, gsize most)
{
    char bytes[MAX_CHUNK];
    gssize count = recv(from, bytes, most, MSG_DONTWAIT);
    for (gssize done = 0; done < count;) {
        gssize sent = send(to, bytes + done, (gsize)(count - done), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            done += sent;
            continue;
        }
        struct pollfd entry = {.fd = to, .events = POLLOUT};
        if (poll(&entry, 1, 1000) <= 0 || (entry.revents & (POLLERR | POLLHUP)) != 0)
            return FALSE;
    }
    return count != 0;
}

/* CONNECT: type, length (one byte or two), 00 04 "MQTT", version. Not taken from the socket. */
static gboolean refuses(Pair *pair)
{
    static const guint8 refusal[] = {0x20, 0x02, 0x00, 0x01};
    guint8 packet[16];
    gssize count = pair->checked ? 0 : recv(pair->client, packet, sizeof packet, MSG_PEEK | MSG_DONTWAIT);
    if (count < 10)
        return FALSE;
    gsize name = (packet[1] & 0x80) != 0 ? 5 : 4;
    pair->checked = TRUE;
    if (memcmp(packet + name, "MQTT", 4) != 0 || packet[name + 4] != 5)
        return FALSE;
    (void)!write(pair->client, refusal, sizeof refusal);
    (void)!recv(pair->client, packet, sizeof packet, MSG_DONTWAIT);
    return TRUE;
}

/* A broker of 3.1.1 refuses MQTT 5 for its version, whatever else it minds. */
static void refuse_with_code(Relay *relay, Pair *pair)
{
    guint8 packet[256];
    guint8 code = (guint8)g_atomic_int_get(&relay->code);
    gssize count = recv(pair->client, packet, sizeof packet, MSG_DONTWAIT);
    if (count == 0)
        drop(relay, pair);
    if (count < 10)
        return;
    gsize name = (packet[1] & 0x80) != 0 ? 5 : 4;
    const guint8 new[] = {0x20, 0x03, 0x00, code, 0x00};
    const guint8 old[] = {0x20, 0x02, 0x00, packet[name + 4] == 5 ? 1 : code};
    if (g_atomic_int_get(&relay->mqtt5))
        (void)!write(pair->client, new, sizeof new);
    else
        (void)!write(pair->client, old, sizeof old);
}

static void drop(Relay *relay, Pair *pair)
{
    close(pair->client);
    if (pair->broker >= 0)
        close(pair->broker);
    *pair = relay->pairs[--relay->count];
}
