/* SPDX-License-Identifier: MIT
 *
 * The wall clock of a machine that may have no clock battery: it starts at some time of the past and jumps when
 * the network tells the right one. Nothing is measured by it here; it labels sessions.
 */
#ifndef ZONE1D_WALL_CLOCK_H
#define ZONE1D_WALL_CLOCK_H

#include <glib.h>
#include <stdbool.h>

#define WALL_CLOCK_FLOOR_US (G_GINT64_CONSTANT(1735689600) * G_USEC_PER_SEC) /* 2025: no earlier time is right */
#define WALL_CLOCK_JUMP_US (2 * G_USEC_PER_SEC) /* less is the clock being steered */

/* Whether the system says that its clock has been set by the network: systemd-timesyncd's mark, or the kernel's
 * (adjtimex(2)), which a sandbox may forbid to read. Any thread. */
bool wall_clock_trusted(void);

/* One word for this boot, and so for its monotonic clock: the kernel's, or where a sandbox hides it that of
 * $ZONE1D_BOOT_ID; NULL when neither tells. Caller frees. */
char *wall_clock_boot(void);

/* Calls FN from the default main context whenever the wall clock has been set, and not merely steered
 * (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). NULL when the kernel will not tell. Free with
 * wall_clock_alarm_free. Main thread. */
typedef struct WallClockAlarm WallClockAlarm;
WallClockAlarm *wall_clock_alarm_new(void (*fn)(void *user), void *user);
void wall_clock_alarm_free(WallClockAlarm *alarm); /* NULL is fine */

/* Watches the wall clock against a monotonic one. All zero at first. */
typedef struct {
    bool known;
    gint64 offset_us; /* wall - monotonic */
} ClockWatch;

/* The clocks show NOW_MS and WALL_US. Returns by how much the wall clock has been set since the last look, us; 0 when
 * it was not, or to a time before WALL_CLOCK_FLOOR_US. */
gint64 clock_watch_look(ClockWatch *watch, gint64 now_ms, gint64 wall_us);

#endif
