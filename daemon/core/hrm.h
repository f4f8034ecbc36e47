/* SPDX-License-Identifier: MIT
 *
 * Heart Rate Measurement (0x2A37) bytes to a measurement.
 * Source: Bluetooth Heart Rate Service 1.0, section 3.1 and GATT Specification Supplement
 * "Heart Rate Measurement". Little-endian throughout:
 *
 *   octet 0      flags: bit 0 rate is u16, bits 1-2 sensor contact, bit 3 energy, bit 4 RR, 5-7 ignored
 *   next 1 or 2  heart rate, bpm
 *   next 2       energy expended, kJ            (bit 3)
 *   next 2 x n   RR intervals, 1/1024 s, oldest first (bit 4)
 */
#ifndef ZONE1D_CORE_HRM_H
#define ZONE1D_CORE_HRM_H

#include "core/sample.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    HRM_OK,
    HRM_EMPTY,    /* no bytes at all */
    HRM_RATE_CUT, /* the bytes end before the heart rate is complete */
} HrmResult;

/* What was wrong with a value whose rate is good; a bit set. */
enum {
    HRM_ANOMALY_ENERGY_CUT = 1u << 0, /* energy flag without its two bytes */
    HRM_ANOMALY_RR_MISSING = 1u << 1, /* RR flag without one complete RR interval */
    HRM_ANOMALY_ODD_BYTE = 1u << 2,   /* one byte left over at the end */
    HRM_ANOMALY_RR_TOO_MANY = 1u << 3, /* more than an attribute can carry: the oldest SAMPLE_MAX_RR are kept */
};

typedef struct {
    uint16_t bpm;
    Contact contact;
    bool has_energy;
    uint16_t energy_kj;
    unsigned rr_count;
    uint16_t rr_1024[SAMPLE_MAX_RR]; /* 1/1024 s, oldest first */
    unsigned anomalies;              /* HRM_ANOMALY_ bits */
} HrmMeasurement;

/* Decodes LEN bytes of any content; BYTES may be NULL when LEN is 0. On HRM_OK *ret is filled whole
 * (rr_1024 past rr_count is 0); otherwise it is untouched. Only a cut-off rate loses the value: of
 * everything behind it, what is complete is kept and what is not becomes an anomaly. Bytes left over
 * without an RR flag belong to a field this version of the service does not have: ignored.
 * Pure: no allocation, any thread. */
HrmResult hrm_decode(const uint8_t *bytes, size_t len, HrmMeasurement *ret);

/* Makes the sample that arrived at T_MS of a measurement; RR become milliseconds (x 1000 / 1024).
 * Pure, any thread. */
void hrm_to_sample(const HrmMeasurement *measurement, int64_t t_ms, Sample *ret);

/* The result as a word for logs and tests ("ok", "empty", "rate_cut"). Static storage. */
const char *hrm_result_name(HrmResult result);

#endif
