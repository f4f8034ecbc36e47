/* SPDX-License-Identifier: MIT
 *
 * One heart-rate sample, as every source yields it and the core judges it.
 */
#ifndef ZONE1D_CORE_SAMPLE_H
#define ZONE1D_CORE_SAMPLE_H

#include <stdint.h>

/* Most RR intervals one 0x2A37 value can carry: (512 byte attribute - 2 byte header) / 2. */
#define SAMPLE_MAX_RR 255

/* Sensor contact, bits 1-2 of the Heart Rate Measurement flags. */
typedef enum {
    CONTACT_UNSUPPORTED,
    CONTACT_NOT_DETECTED,
    CONTACT_DETECTED,
} Contact;

typedef struct {
    int64_t t_ms;     /* when it arrived, on the source's monotonic clock */
    uint16_t bpm;     /* as the strap sent it: 0 and absurd values included */
    Contact contact;
    double speed_mps; /* NAN when not known */
    unsigned rr_count;
    double rr_ms[SAMPLE_MAX_RR]; /* oldest first; only the first rr_count are set */
} Sample;

#endif
