/* SPDX-License-Identifier: MIT */
#include "mqtt/stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SLICE_MS 50

struct Stream {
    const StreamTarget *target;
    StreamPeer *peer;
    int fd;
    SSL *tls; /* NULL: none */
};

static int connect_unix(const StreamTarget *target, StreamPeer *peer);
static int connect_name(const StreamTarget *target, StreamPeer *peer, StreamResult *ret);
static int connect_any(const StreamTarget *target, const struct addrinfo *addresses, StreamPeer *peer);
static int connect_one(const StreamTarget *target, int family, const struct sockaddr *address, socklen_t size);
static void describe_address(const struct addrinfo *address, StreamPeer *peer);
static StreamResult start_tls(Stream *stream);
static StreamResult wait_for(const StreamTarget *target, int fd, short events, gint64 deadline_us);

static gint64 deadline(void)
{
    return g_get_monotonic_time() + STREAM_TIMEOUT_MS * 1000;
}

StreamResult stream_open(const StreamTarget *target, Stream **ret, StreamPeer *peer)
{
    StreamResult result = STREAM_FAILED;
    memset(peer, 0, sizeof *peer);
    *ret = NULL;
    int fd = target->host[0] == '/' ? connect_unix(target, peer) : connect_name(target, peer, &result);
    if (fd < 0)
        return target->cancelled(target->user) ? STREAM_CANCELLED : result;
    Stream *stream = g_new0(Stream, 1);
    stream->target = target;
    stream->peer = peer;
    stream->fd = fd;
    result = target->tls->on ? start_tls(stream) : STREAM_FINE;
    if (result == STREAM_FINE)
        *ret = stream;
    else
        stream_close(stream);
    return result;
}

static int connect_unix(const StreamTarget *target, StreamPeer *peer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    peer->loopback = true;
    if (g_strlcpy(address.sun_path, target->host, sizeof address.sun_path) >= sizeof address.sun_path) {
        g_strlcpy(peer->why, "the path of the socket is too long", sizeof peer->why);
        peer->needs_hand = true;
        return -1;
    }
    int fd = connect_one(target, AF_UNIX, (struct sockaddr *)&address, sizeof address);
    if (fd < 0)
        g_strlcpy(peer->why, errno == ECONNREFUSED ? "connection refused (nothing listens there)" : g_strerror(errno),
                  sizeof peer->why);
    return fd;
}

static int connect_name(const StreamTarget *target, StreamPeer *peer, StreamResult *ret)
{
    struct addrinfo *addresses = NULL;
    const char *why = "the resolver does not answer";
    *ret = STREAM_FAILED;
    switch (resolver_ask(target->resolver, target->cancelled, target->user, &addresses, &why)) {
    case RESOLVE_DONE:
        break;
    case RESOLVE_FAILED:
    case RESOLVE_TIMED_OUT:
        g_snprintf(peer->why, sizeof peer->why, "its address cannot be found: %s", why);
        return -1;
    case RESOLVE_CANCELLED:
        *ret = STREAM_CANCELLED;
        return -1;
    }
    int fd = connect_any(target, addresses, peer);
    freeaddrinfo(addresses);
    return fd;
}

/* IPv4 and IPv6 in the resolver's order: "localhost" may be either. */
static int connect_any(const StreamTarget *target, const struct addrinfo *addresses, StreamPeer *peer)
{
    int failure = EADDRNOTAVAIL;
    for (const struct addrinfo *address = addresses; address != NULL; address = address->ai_next) {
        if (target->cancelled(target->user))
            return -1;
        int fd = connect_one(target, address->ai_family, address->ai_addr, address->ai_addrlen);
        if (fd >= 0) {
            describe_address(address, peer);
            return fd;
        }
        failure = errno;
    }
    g_strlcpy(peer->why, failure == ECONNREFUSED ? "connection refused (nothing listens there)" : g_strerror(failure),
              sizeof peer->why);
    return -1;
}

static int connect_one(const StreamTarget *target, int family, const struct sockaddr *address, socklen_t size)
{
    int failure = 0;
    socklen_t failure_size = sizeof failure;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, address, size) == 0)
        return fd;
    failure = errno;
    if (failure == EINPROGRESS) {
        failure = ETIMEDOUT;
        if (wait_for(target, fd, POLLOUT, deadline()) == STREAM_FINE &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &failure_size) != 0)
            failure = errno;
    }
    if (failure == 0)
        return fd;
    close(fd);
    errno = failure;
    return -1;
}

static void describe_address(const struct addrinfo *address, StreamPeer *peer)
{
    char text[INET6_ADDRSTRLEN + 16] = "";
    bool six = address->ai_family == AF_INET6;
    if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        text[0] = '\0';
    g_snprintf(peer->address, sizeof peer->address, six ? "[%s]" : "%s", text);
    peer->loopback = g_str_has_prefix(text, "127.") || strcmp(text, "::1") == 0;
}

/* After a call on the TLS connection that returned RESULT, not over 0: FINE means try again. */
static StreamResult tls_wait(Stream *stream, int result, gint64 deadline_us)
{
    int fd_error = errno;
    switch (SSL_get_error(stream->tls, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(stream->target, stream->fd, POLLIN, deadline_us);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(stream->target, stream->fd, POLLOUT, deadline_us);
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_ENDED;
    default:
        tls_explain(stream->tls, result, fd_error, stream->target->host, stream->peer->why);
        stream->peer->needs_hand = true;
        return STREAM_FAILED;
    }
}

static StreamResult start_tls(Stream *stream)
{
    const StreamTarget *target = stream->target;
    gint64 deadline_us = deadline();
    StreamResult waited = STREAM_FINE;
    SSL_CTX *context = tls_context_new(target->tls, stream->peer->why);
    stream->peer->needs_hand = context == NULL;
    if (context == NULL)
        return STREAM_FAILED;
    stream->tls = tls_connection_new(context, stream->fd, target->host, target->tls->any_name);
    SSL_CTX_free(context);
    while (stream->tls != NULL && waited == STREAM_FINE) {
        ERR_clear_error();
        int result = SSL_connect(stream->tls);
        if (result == 1) {
            g_strlcpy(stream->peer->tls, SSL_get_version(stream->tls), sizeof stream->peer->tls);
            return STREAM_FINE;
        }
        waited = tls_wait(stream, result, deadline_us);
    }
    return stream->tls == NULL ? STREAM_FAILED : waited;
}

/* One attempt: over 0: so many bytes were moved; else *ret says what now. */
static gssize move(Stream *stream, bool writing, void *bytes, gsize len, gint64 deadline_us, StreamResult *ret)
{
    gssize count = 0;
    *ret = STREAM_FINE;
    if (stream->tls != NULL) {
        ERR_clear_error();
        int result = writing ? SSL_write(stream->tls, bytes, (int)len) : SSL_read(stream->tls, bytes, (int)len);
        if (result <= 0)
            *ret = tls_wait(stream, result, deadline_us);
        return result;
    }
    count = writing ? send(stream->fd, bytes, len, MSG_NOSIGNAL) : recv(stream->fd, bytes, len, 0);
    if (count == 0)
        *ret = STREAM_ENDED;
    else if (count < 0 && errno == EAGAIN)
        *ret = wait_for(stream->target, stream->fd, writing ? POLLOUT : POLLIN, deadline_us);
    else if (count < 0 && errno != EINTR)
        *ret = STREAM_ENDED;
    return count;
}

static StreamResult move_all(Stream *stream, bool writing, guint8 *bytes, gsize len)
{
    gint64 deadline_us = deadline();
    gsize done = 0;
    StreamResult result = STREAM_FINE;
    while (done < len && result == STREAM_FINE) {
        gssize count = move(stream, writing, bytes + done, len - done, deadline_us, &result);
        if (count > 0)
            done += (gsize)count;
    }
    return done == len ? STREAM_FINE : result;
}

StreamResult stream_write(Stream *stream, const void *bytes, gsize len)
{
    return move_all(stream, true, (guint8 *)(guintptr)bytes, len);
}

StreamResult stream_read(Stream *stream, void *bytes, gsize len)
{
    return move_all(stream, false, bytes, len);
}

void stream_close(Stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->tls != NULL) {
        if (SSL_is_init_finished(stream->tls))
            (void)SSL_shutdown(stream->tls);
        ERR_clear_error();
        SSL_free(stream->tls);
    }
    close(stream->fd);
    g_free(stream);
}

static StreamResult wait_for(const StreamTarget *target, int fd, short events, gint64 deadline_us)
{
    struct pollfd entry = {.fd = fd, .events = events};
    while (!target->cancelled(target->user)) {
        if (poll(&entry, 1, SLICE_MS) > 0)
            return STREAM_FINE; /* or broken: the next call tells */
        if (g_get_monotonic_time() >= deadline_us)
            return STREAM_TIMED_OUT;
    }
    return STREAM_CANCELLED;
}
