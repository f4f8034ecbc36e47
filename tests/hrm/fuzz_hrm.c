/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a Heart Rate Measurement: what is decoded must fit in the bytes it came from.
 */
#include "core/hrm.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HrmMeasurement measurement;
    Sample sample;

    memset(&measurement, 0xA5, sizeof measurement);
    if (hrm_decode(data, size, &measurement) != HRM_OK)
        return 0;
    if (measurement.rr_count > SAMPLE_MAX_RR || 2 + 2 * (size_t)measurement.rr_count > size)
        abort();
    if (measurement.contact > CONTACT_DETECTED || measurement.anomalies > 15)
        abort();
    hrm_to_sample(&measurement, 1000, &sample);
    for (unsigned i = 0; i < sample.rr_count; i++)
        if (!(sample.rr_ms[i] >= 0 && sample.rr_ms[i] < 64000))
            abort();
    return 0;
}
