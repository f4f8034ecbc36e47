/* SPDX-License-Identifier: MIT */
#include "mqtt/nodelay.h"

#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>

/* It may be closed, and be something else, at any moment: then it is only left as it is, or gets what does no harm. */
static bool is_connected_to(int fd, unsigned port)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
        return false;
    if (peer.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)&peer)->sin_port) == port;
    return peer.ss_family == AF_INET6 && ntohs(((const struct sockaddr_in6 *)(const void *)&peer)->sin6_port) == port;
}

unsigned nodelay_set(unsigned port)
{
    const int on = 1;
    unsigned count = 0;
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        int fd = (int)g_ascii_strtoll(name, NULL, 10);
        if (is_connected_to(fd, port) && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0)
            count++;
    }
    return count;
}
