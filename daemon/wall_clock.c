/* SPDX-License-Identifier: MIT */
#include "wall_clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <unistd.h>

#define TIMESYNC_MARK "/run/systemd/timesync/synchronized"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
/* What the unit hands over: its sandbox (ProcSubset=pid) has no /proc/sys. */
#define BOOT_VARIABLE "ZONE1D_BOOT_ID"
#define FAR_S ((time_t)(sizeof(time_t) > 4 ? G_GINT64_CONSTANT(1) << 40 : G_MAXINT32)) /* 2038, where that is the end */

bool wall_clock_trusted(void)
{
    struct timex kernel = {0};
    if (g_get_real_time() < WALL_CLOCK_FLOOR_US)
        return false;
    if (g_file_test(TIMESYNC_MARK, G_FILE_TEST_EXISTS))
        return true;
    const int state = adjtimex(&kernel);
    return state >= 0 && state != TIME_ERROR;
}

char *wall_clock_boot(void)
{
    char *text = NULL;
    if (!g_file_get_contents(BOOT_ID, &text, NULL, NULL))
        text = g_strdup(g_getenv(BOOT_VARIABLE));
    if (text == NULL)
        return NULL;
    /* The kernel writes it with dashes, systemd without. */
    g_auto(GStrv) parts = g_strsplit(g_strstrip(text), "-", 0);
    g_free(text);
    return g_strjoinv("", parts);
}

struct WallClockAlarm {
    int fd;
    guint source;
    void (*fn)(void *user);
    void *user;
};

/* Far in the future: it never comes, but a clock that is set cancels it. */
static bool arm(int fd)
{
    const struct itimerspec never = {.it_value.tv_sec = FAR_S};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == 0;
}

static gboolean on_set(gint fd, GIOCondition condition, gpointer user)
{
    WallClockAlarm *alarm = user;
    guint64 count;
    (void)condition;
    if (read(fd, &count, sizeof count) >= 0 || errno != ECANCELED)
        return G_SOURCE_CONTINUE;
    arm(fd);
    alarm->fn(alarm->user);
    return G_SOURCE_CONTINUE;
}

WallClockAlarm *wall_clock_alarm_new(void (*fn)(void *user), void *user)
{
    const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0 || !arm(fd)) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    WallClockAlarm *alarm = g_new0(WallClockAlarm, 1);
    *alarm = (WallClockAlarm){.fd = fd, .fn = fn, .user = user};
    alarm->source = g_unix_fd_add(fd, G_IO_IN, on_set, alarm);
    return alarm;
}

void wall_clock_alarm_free(WallClockAlarm *alarm)
{
    if (alarm == NULL)
        return;
    g_source_remove(alarm->source);
    close(alarm->fd);
    g_free(alarm);
}

gint64 clock_watch_look(ClockWatch *watch, gint64 now_ms, gint64 wall_us)
{
    const gint64 offset_us = wall_us - now_ms * 1000, delta_us = offset_us - watch->offset_us;
    const bool first = !watch->known;
    const bool jumped = ABS(delta_us) > WALL_CLOCK_JUMP_US && wall_us >= WALL_CLOCK_FLOOR_US;
    watch->known = true;
    if (first || jumped)
        watch->offset_us = offset_us;
    return !first && jumped ? delta_us : 0;
}
