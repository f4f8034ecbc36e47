/* SPDX-License-Identifier: MIT */
#include "ctl/words.h"

#include <math.h>

const char *words_duration(int seconds, char buf[static WORDS_DURATION])
{
    int s = CLAMP(seconds, 0, 99999999);
    if (s >= 3600)
        g_snprintf(buf, WORDS_DURATION, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    else
        g_snprintf(buf, WORDS_DURATION, "%d:%02d", s / 60, s % 60);
    return buf;
}

const char *words_percent(double percent, char buf[static WORDS_PERCENT])
{
    if (isnan(percent)) {
        g_strlcpy(buf, "- %", WORDS_PERCENT);
        return buf;
    }
    int tenths = (int)lround(CLAMP(percent, 0, 1000) * 10);
    g_snprintf(buf, WORDS_PERCENT, "%d.%d %%", tenths / 10, tenths % 10);
    return buf;
}

const char *words_status(TargetStatus status)
{
    switch (status) {
    case STATUS_SETTLING:
        return "settling";
    case STATUS_BELOW:
        return "below target";
    case STATUS_IN:
        return "in target";
    case STATUS_ABOVE:
        return "above target";
    case STATUS_UNKNOWN:
        return "not known";
    case STATUS_NONE:
        break;
    }
    return "no session";
}
