/* SPDX-License-Identifier: MIT
 *
 * Bytes of any kind as a recording: taken whole and sound, or refused with file and line.
 */
#include "recording.h"

#include <math.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) recording = recording_parse((const char *)data, size, "fuzz.csv", &error);
    g_assert_true((recording == NULL) == (error != NULL));
    if (recording == NULL) {
        g_assert_true(g_str_has_prefix(error->message, "fuzz.csv:"));
        g_assert_true(g_str_is_ascii(error->message));
        return 0;
    }
    g_assert_cmpuint(recording_count(recording), >, 0);
    int64_t before_ms = 0;
    for (gsize i = 0; i < recording_count(recording); i++) {
        Sample sample;
        recording_get(recording, i, &sample);
        g_assert_true(sample.t_ms >= before_ms && sample.t_ms <= RECORDING_MAX_S * (int64_t)1000);
        g_assert_true(isnan(sample.speed_mps) || (sample.speed_mps >= 0 && sample.speed_mps <= 50));
        g_assert_cmpuint(sample.rr_count, <=, SAMPLE_MAX_RR);
        for (unsigned beat = 0; beat < sample.rr_count; beat++)
            g_assert_true(sample.rr_ms[beat] >= 0 && sample.rr_ms[beat] <= RECORDING_MAX_SENT_RR_MS);
        before_ms = sample.t_ms;
    }
    for (gsize i = 0; i < recording_mark_count(recording); i++) {
        const RecordingMark mark = recording_mark(recording, i);
        g_assert_true(mark.before <= recording_count(recording) && mark.command <= SESSION_CMD_RESUME);
    }
    return 0;
}
