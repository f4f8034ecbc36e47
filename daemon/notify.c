/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <errno.h>
#include <glib.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_TIMEOUT_S 1

/* False for what is neither an absolute path nor an abstract name, or is too long. */
static bool socket_address(const char *name, struct sockaddr_un *ret, socklen_t *ret_len)
{
    const size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(ret->sun_path))
        return false;
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret->sun_path, name, len);
    if (name[0] == '@') /* an abstract name is as long as the address says: no NUL behind it */
        ret->sun_path[0] = '\0';
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (name[0] == '/' ? 1 : 0));
    return true;
}

static bool send_to(const struct sockaddr_un *address, socklen_t address_len, const char *state)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    const struct timeval timeout = {.tv_sec = SEND_TIMEOUT_S};
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    const ssize_t sent =
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)address, address_len);
    const int code = errno;
    (void)close(fd);
    errno = code;
    return sent >= 0;
}

bool notify_send(const char *state)
{
    const char *name = g_getenv("NOTIFY_SOCKET");
    if (name == NULL || name[0] == '\0' || state[0] == '\0')
        return false;
    struct sockaddr_un address;
    socklen_t address_len;
    if (!socket_address(name, &address, &address_len)) {
        g_debug("NOTIFY_SOCKET is neither an absolute path nor an abstract name: the service manager is not told");
        return false;
    }
    if (!send_to(&address, address_len, state)) {
        g_debug("the service manager could not be told: %s", g_strerror(errno));
        return false;
    }
    return true;
}

unsigned notify_watchdog_interval_ms(void)
{
    const char *usec = g_getenv("WATCHDOG_USEC"), *pid = g_getenv("WATCHDOG_PID");
    guint64 period_us = 0, wanted_pid = 0;
    if (usec == NULL || !g_ascii_string_to_unsigned(usec, 10, 1, G_MAXUINT64 - 1, &period_us, NULL))
        return 0;
    if (pid != NULL &&
        (!g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT32, &wanted_pid, NULL) || (pid_t)wanted_pid != getpid()))
        return 0;
    return (unsigned)CLAMP(period_us / 2000, 1, G_MAXUINT);
}
