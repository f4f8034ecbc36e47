/* SPDX-License-Identifier: MIT */
#include "core/validity.h"

#include "core/zones.h"

#include <stdlib.h>

#define SPIKE_SLACK_BPM 8
#define SPIKE_BPM_PER_S 6
#define SPIKE_MAX_MS 30000
#define SPIKE_RUN_TO_TAKE 3

void validity_init(Validity *validity) { *validity = (Validity){0}; }

/* Further from the base than a heart can get in the time since. In bpm x ms, to stay in integers. */
static bool too_far(const Validity *validity, const Sample *sample)
{
    int64_t since_ms = sample->t_ms - validity->base_t_ms;
    if (since_ms > SPIKE_MAX_MS)
        since_ms = SPIKE_MAX_MS;
    int64_t step_bpm = abs((int)sample->bpm - validity->base_bpm);
    return step_bpm * 1000 > SPIKE_SLACK_BPM * 1000 + SPIKE_BPM_PER_S * since_ms;
}

/* True when this spike is the third in a row of its like, and so a real change of level. */
static bool spike_is_new_level(Validity *validity, int bpm)
{
    bool like_last = validity->spike_run > 0 && abs(bpm - validity->spike_bpm) <= SPIKE_SLACK_BPM;
    validity->spike_run = like_last ? validity->spike_run + 1 : 1;
    validity->spike_bpm = bpm;
    return validity->spike_run >= SPIKE_RUN_TO_TAKE;
}

SampleValidity validity_check(Validity *validity, const Sample *sample)
{
    if (sample->contact == CONTACT_DETECTED)
        validity->contact_seen = true;
    if (sample->bpm == 0)
        return SAMPLE_NO_SIGNAL;
    if (sample->bpm < ZONES_MIN_BPM || sample->bpm > ZONES_MAX_BPM)
        return SAMPLE_IMPLAUSIBLE;
    if (sample->contact == CONTACT_NOT_DETECTED && validity->contact_seen)
        return SAMPLE_NO_CONTACT;
    if (validity->have_base && too_far(validity, sample) && !spike_is_new_level(validity, sample->bpm))
        return SAMPLE_SPIKE;
    validity->have_base = true;
    validity->base_bpm = sample->bpm;
    validity->base_t_ms = sample->t_ms;
    validity->spike_run = 0;
    return SAMPLE_VALID;
}
