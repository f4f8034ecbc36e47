/* SPDX-License-Identifier: MIT */
#include "bluez/timing.h"

#include <time.h>

int64_t bluez_now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
