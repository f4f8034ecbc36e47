/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a stored chunk, and as a stored summary: what is let in is in range and can be written again.
 */
#include "core/session_state.h"
#include "core/track.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t bytes[2 * TRACK_MAX_ENTRY_BYTES];

static void check(const TrackEntry *entry, int64_t last_ms)
{
    const Sample *sample = &entry->sample;
    TrackWriter writer = {.bytes = bytes, .size = sizeof bytes};
    TrackEntry again;
    if (sample->t_ms < last_ms || sample->rr_count > SAMPLE_MAX_RR)
        abort();
    for (unsigned i = 0; i < sample->rr_count; i++)
        if (!isfinite(sample->rr_ms[i]))
            abort();
    bool added = entry->is_target ? track_add_target(&writer, sample->t_ms, &entry->target)
                 : entry->is_mark ? track_add_mark(&writer, sample->t_ms, entry->mark)
                                : track_add_sample(&writer, sample->t_ms, sample);
    TrackReader reader = track_read(bytes, writer.len);
    if (!added || track_next(&reader, &again) != TRACK_ENTRY || again.sample.t_ms != sample->t_ms)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TrackReader reader = track_read(data, size);
    TrackEntry entry;
    Summary summary;
    for (int64_t last_ms = INT64_MIN; track_next(&reader, &entry) == TRACK_ENTRY; last_ms = entry.sample.t_ms)
        check(&entry, last_ms);
    if (summary_restore(&summary, data, size) == SESSION_STATE_OK &&
        summary_save(&summary, bytes, SUMMARY_MAX_BYTES) == 0)
        abort();
    return 0;
}
