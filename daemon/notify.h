/* SPDX-License-Identifier: MIT
 *
 * The service manager's notification protocol, sd_notify(3) and sd_watchdog_enabled(3): one datagram
 * to the Unix socket $NOTIFY_SOCKET. Any thread, as long as nobody changes the environment.
 */
#ifndef ZONE1D_NOTIFY_H
#define ZONE1D_NOTIFY_H

#include <stdbool.h>

/* Sends STATE ("READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=..."; several in one go with '\n'
 * between them). True when it was sent; false without a NOTIFY_SOCKET, which is not an error, and
 * when it cannot be reached (logged at debug level). Waits 1 s at most for a busy manager. The
 * socket is an absolute path or, with a leading '@', an abstract name. */
bool notify_send(const char *state);

/* Half of $WATCHDOG_USEC in ms (1 at least), which is how often to send WATCHDOG=1; 0 when the
 * manager expects nothing of this process: unset, not a number, or $WATCHDOG_PID is another's. */
unsigned notify_watchdog_interval_ms(void);

#endif
