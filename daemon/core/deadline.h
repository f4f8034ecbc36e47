/* SPDX-License-Identifier: MIT
 *
 * Which of several moments comes next.
 */
#ifndef ZONE1D_CORE_DEADLINE_H
#define ZONE1D_CORE_DEADLINE_H

#include <stdint.h>

/* The earlier of BEST_MS and CANDIDATE_MS, a candidate that is not after NOW_MS left aside. Pure. */
static inline int64_t deadline_earlier(int64_t candidate_ms, int64_t best_ms, int64_t now_ms)
{
    return candidate_ms > now_ms && candidate_ms < best_ms ? candidate_ms : best_ms;
}

#endif
