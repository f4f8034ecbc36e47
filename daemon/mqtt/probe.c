/* SPDX-License-Identifier: MIT */
#include "mqtt/probe.h"

#include <errno.h>
#include <glib.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLICE_MS 50
#define FLAG_CLEAN_START 0x02
#define FLAG_PASSWORD 0x40
#define FLAG_USERNAME 0x80

static int connect_any(const ProbeTarget *target, struct addrinfo *addresses, ProbeAnswer *ret);
static int connect_one(const ProbeTarget *target, const struct addrinfo *address);
static void describe_address(const struct addrinfo *address, ProbeAnswer *ret);
static ProbeResult ask(const ProbeTarget *target, int fd, ProbeAnswer *ret);
static GByteArray *connect_packet(const ProbeTarget *target);
static int wait_for(const ProbeTarget *target, int fd, short events);

ProbeResult probe_broker(const ProbeTarget *target, ProbeAnswer *ret)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char port[16];
    memset(ret, 0, sizeof *ret);
    g_snprintf(port, sizeof port, "%u", target->port);
    int failure = getaddrinfo(target->host, port, &hints, &addresses);
    if (failure != 0) {
        g_snprintf(ret->reason, sizeof ret->reason, "its address cannot be found: %s",
                   failure == EAI_SYSTEM ? g_strerror(errno) : gai_strerror(failure));
        return PROBE_UNREACHABLE;
    }
    int fd = connect_any(target, addresses, ret);
    freeaddrinfo(addresses);
    if (fd < 0)
        return target->cancelled(target->user) ? PROBE_CANCELLED : PROBE_UNREACHABLE;
    ProbeResult result = ask(target, fd, ret);
    close(fd);
    return result;
}

/* IPv4 and IPv6 in the resolver's order: "localhost" may be either. */
static int connect_any(const ProbeTarget *target, struct addrinfo *addresses, ProbeAnswer *ret)
{
    int failure = EADDRNOTAVAIL;
    for (const struct addrinfo *address = addresses; address != NULL; address = address->ai_next) {
        if (target->cancelled(target->user))
            return -1;
        int fd = connect_one(target, address);
        if (fd >= 0) {
            describe_address(address, ret);
            return fd;
        }
        failure = errno;
    }
    g_strlcpy(ret->reason, failure == ECONNREFUSED ? "connection refused (nothing listens there)" : g_strerror(failure),
              sizeof ret->reason);
    return -1;
}

static int connect_one(const ProbeTarget *target, const struct addrinfo *address)
{
    int failure = 0;
    socklen_t size = sizeof failure;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    failure = errno;
    if (failure == EINPROGRESS) {
        failure = ETIMEDOUT;
        if (wait_for(target, fd, POLLOUT) > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
            failure = errno;
    }
    if (failure == 0)
        return fd;
    close(fd);
    errno = failure;
    return -1;
}

static void describe_address(const struct addrinfo *address, ProbeAnswer *ret)
{
    char text[INET6_ADDRSTRLEN + 16] = "";
    bool six = address->ai_family == AF_INET6;
    if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        text[0] = '\0';
    g_snprintf(ret->address, sizeof ret->address, six ? "[%s]" : "%s", text);
    ret->loopback = g_str_has_prefix(text, "127.") || strcmp(text, "::1") == 0;
}

/* CONNACK: 0x20, the length of the rest, flags, code; 3.1.1 ends here, 5 has properties, if only their length. */
static ProbeResult ask(const ProbeTarget *target, int fd, ProbeAnswer *ret)
{
    static const guint8 goodbye[] = {0xE0, 0x00};
    guint8 answer[2];
    gssize count = -1;
    GByteArray *packet = connect_packet(target);
    gssize sent = send(fd, packet->data, packet->len, MSG_NOSIGNAL);
    bool complete = sent == (gssize)packet->len;
    explicit_bzero(packet->data, packet->len);
    g_byte_array_unref(packet);
    int ready = complete ? wait_for(target, fd, POLLIN) : 1;
    if (ready < 0)
        return PROBE_CANCELLED;
    if (ready == 0)
        return PROBE_SILENT;
    count = recv(fd, answer, sizeof answer, 0);
    if (count <= 0) {
        ret->hung_up = true;
        return PROBE_MQTT3;
    }
    if (count != sizeof answer || answer[0] != 0x20) {
        g_snprintf(ret->reason, sizeof ret->reason, "what answers there does not speak MQTT%s",
                   answer[0] == 0x15 ? " (but TLS)" : "");
        return PROBE_FOREIGN;
    }
    (void)send(fd, goodbye, sizeof goodbye, MSG_NOSIGNAL);
    return answer[1] > 2 ? PROBE_MQTT5 : PROBE_MQTT3;
}

static void append_string(GByteArray *packet, const char *text)
{
    gsize length = strlen(text);
    guint8 size[2] = {(guint8)(length >> 8), (guint8)length};
    g_byte_array_append(packet, size, sizeof size);
    g_byte_array_append(packet, (const guint8 *)text, (guint)length);
}

static GByteArray *connect_packet(const ProbeTarget *target)
{
    GByteArray *body = g_byte_array_new();
    guint8 head[] = {5, FLAG_CLEAN_START, 0, 10 /* keep-alive, s */, 0 /* no properties */};
    if (target->username != NULL)
        head[1] |= FLAG_USERNAME;
    if (target->password != NULL)
        head[1] |= FLAG_PASSWORD;
    append_string(body, "MQTT");
    g_byte_array_append(body, head, sizeof head);
    append_string(body, "");
    if (target->username != NULL)
        append_string(body, target->username);
    if (target->password != NULL)
        append_string(body, target->password);

    GByteArray *packet = g_byte_array_new();
    guint8 byte = 0x10;
    g_byte_array_append(packet, &byte, 1);
    guint rest = body->len;
    do {
        byte = (guint8)((rest % 128) | (rest > 127 ? 128 : 0));
        g_byte_array_append(packet, &byte, 1);
        rest /= 128;
    } while (rest > 0);
    g_byte_array_append(packet, body->data, body->len);
    explicit_bzero(body->data, body->len);
    g_byte_array_unref(body);
    return packet;
}

/* 1: ready (or broken: the next call tells), 0: timed out, -1: cancelled. */
static int wait_for(const ProbeTarget *target, int fd, short events)
{
    gint64 deadline_us = g_get_monotonic_time() + PROBE_TIMEOUT_MS * 1000;
    struct pollfd entry = {.fd = fd, .events = events};
    while (!target->cancelled(target->user)) {
        if (poll(&entry, 1, SLICE_MS) > 0)
            return 1;
        if (g_get_monotonic_time() >= deadline_us)
            return 0;
    }
    return -1;
}
