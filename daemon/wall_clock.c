/* SPDX-License-Identifier: MIT */
#include "wall_clock.h"

#include <sys/timex.h>

#define TIMESYNC_MARK "/run/systemd/timesync/synchronized"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
/* What the unit hands over: its sandbox (ProcSubset=pid) has no /proc/sys. */
#define BOOT_VARIABLE "ZONE1D_BOOT_ID"

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
