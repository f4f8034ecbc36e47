/* SPDX-License-Identifier: MIT */
#include "mqtt/backoff.h"

unsigned backoff_next_ms(Backoff *backoff, double random)
{
    unsigned base_ms = backoff->base_ms == 0 ? BACKOFF_MIN_MS : backoff->base_ms;
    unsigned delay_ms = base_ms + (unsigned)(random * (double)base_ms / 2);
    backoff->base_ms = base_ms * 2 < BACKOFF_MAX_MS ? base_ms * 2 : BACKOFF_MAX_MS;
    return delay_ms < BACKOFF_MAX_MS ? delay_ms : BACKOFF_MAX_MS;
}

void backoff_slow_down(Backoff *backoff)
{
    backoff->base_ms = BACKOFF_MAX_MS / 2;
}

void backoff_reset(Backoff *backoff)
{
    backoff->base_ms = 0;
}
