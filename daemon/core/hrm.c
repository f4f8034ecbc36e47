/* SPDX-License-Identifier: MIT */
#include "core/hrm.h"

#include <math.h>

enum {
    FLAG_RATE_U16 = 1u << 0,
    FLAG_CONTACT_DETECTED = 1u << 1,
    FLAG_CONTACT_SUPPORTED = 1u << 2,
    FLAG_ENERGY = 1u << 3,
    FLAG_RR = 1u << 4,
};

static uint16_t get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | (uint16_t)(bytes[1] << 8));
}

static Contact get_contact(unsigned flags)
{
    if (!(flags & FLAG_CONTACT_SUPPORTED))
        return CONTACT_UNSUPPORTED;
    return flags & FLAG_CONTACT_DETECTED ? CONTACT_DETECTED : CONTACT_NOT_DETECTED;
}

/* Reads the RR intervals from BYTES on. Without the RR flag more bytes are a future field's, not RR. */
static size_t get_rr(const uint8_t *bytes, size_t len, HrmMeasurement *hrm)
{
    size_t complete = len / 2;

    if (complete == 0)
        hrm->anomalies |= HRM_ANOMALY_RR_MISSING;
    if (complete > SAMPLE_MAX_RR) {
        hrm->anomalies |= HRM_ANOMALY_RR_TOO_MANY;
        complete = SAMPLE_MAX_RR;
    }
    for (size_t i = 0; i < complete; i++)
        hrm->rr_1024[i] = get_u16(bytes + 2 * i);
    hrm->rr_count = (unsigned)complete;
    return len / 2 * 2;
}

HrmResult hrm_decode(const uint8_t *bytes, size_t len, HrmMeasurement *ret)
{
    if (len == 0)
        return HRM_EMPTY;

    const unsigned flags = bytes[0];
    size_t at = 1;
    const size_t rate_size = flags & FLAG_RATE_U16 ? 2 : 1;
    if (len - at < rate_size)
        return HRM_RATE_CUT;

    HrmMeasurement hrm = {.contact = get_contact(flags)};
    hrm.bpm = rate_size == 2 ? get_u16(bytes + at) : bytes[at];
    at += rate_size;

    if (flags & FLAG_ENERGY) {
        if (len - at >= 2) {
            hrm.has_energy = true;
            hrm.energy_kj = get_u16(bytes + at);
            at += 2;
        } else {
            /* What is left is half an energy, so it is no RR either, and not odd besides. */
            hrm.anomalies |= HRM_ANOMALY_ENERGY_CUT;
            at = len;
        }
    }
    if (flags & FLAG_RR)
        at += get_rr(bytes + at, len - at, &hrm);
    if ((len - at) % 2 == 1)
        hrm.anomalies |= HRM_ANOMALY_ODD_BYTE;

    *ret = hrm;
    return HRM_OK;
}

void hrm_to_sample(const HrmMeasurement *measurement, int64_t t_ms, Sample *ret)
{
    ret->t_ms = t_ms;
    ret->bpm = measurement->bpm;
    ret->contact = measurement->contact;
    ret->speed_mps = (double)NAN;
    ret->rr_count = measurement->rr_count;
    /* x 1000 / 1024 is exact in a double for every u16. */
    for (unsigned i = 0; i < measurement->rr_count; i++)
        ret->rr_ms[i] = measurement->rr_1024[i] * 1000.0 / 1024.0;
}

const char *hrm_result_name(HrmResult result)
{
    switch (result) {
    case HRM_OK:
        return "ok";
    case HRM_EMPTY:
        return "empty";
    case HRM_RATE_CUT:
        return "rate_cut";
    }
    return "?";
}
