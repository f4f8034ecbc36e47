/* SPDX-License-Identifier: MIT
 *
 * Which samples count. The rules are in docs/verdict.md, "Which samples count".
 */
#ifndef ZONE1D_CORE_VALIDITY_H
#define ZONE1D_CORE_VALIDITY_H

#include "core/sample.h"

#include <stdbool.h>

typedef enum {
    SAMPLE_VALID,
    SAMPLE_NO_SIGNAL,   /* rate 0 */
    SAMPLE_IMPLAUSIBLE, /* outside 25..250 bpm */
    SAMPLE_NO_CONTACT,  /* not detected, by a strap that has reported contact before */
    SAMPLE_SPIKE,       /* too far from the last valid sample */
    SAMPLE_VALIDITY_COUNT,
} SampleValidity;

/* Caller-owned; start with validity_init. One for each athlete, kept over sessions. */
typedef struct {
    bool contact_seen; /* this strap has reported contact detected */
    bool have_base;
    int base_bpm;      /* the last valid sample */
    int64_t base_t_ms;
    unsigned spike_run; /* consecutive spikes within 8 bpm of each other */
    int spike_bpm;
} Validity;

/* Forgets all: nothing is known of the strap. */
void validity_init(Validity *validity);

/* Judges SAMPLE, whose t_ms never goes back, and remembers it. Any thread, no allocation. */
SampleValidity validity_check(Validity *validity, const Sample *sample);

#endif
