/* SPDX-License-Identifier: MIT
 *
 * Values to bytes and back, by one list of fields for both ways, so that saving and restoring cannot
 * drift apart. Little-endian, fixed width but for codec_short, no padding: the same bytes on every machine.
 * A failure sticks: after it nothing is written or changed any more. Pure, any thread.
 */
#ifndef ZONE1D_CORE_CODEC_H
#define ZONE1D_CORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *out;      /* saving: the caller's bytes; NULL while restoring */
    const uint8_t *in; /* restoring */
    size_t size, at;
    int64_t shift_ms; /* restoring: added to every time */
    bool failed;      /* out of bytes, or a value out of its range */
} Codec;

/* Writes to BYTES, SIZE of them at most. */
Codec codec_save(uint8_t *bytes, size_t size);

/* Every codec_time_ms is moved by SHIFT_MS, and what is told by it: monotonic clocks start anew at each boot. */
Codec codec_restore(const uint8_t *bytes, size_t size, int64_t shift_ms);

/* Each saves *value, or restores it when it lies in LOW..HIGH and fails otherwise. */
void codec_i64(Codec *codec, int64_t *value, int64_t low, int64_t high);
void codec_u8(Codec *codec, uint8_t *value);
void codec_u32(Codec *codec, uint32_t *value);
void codec_u64(Codec *codec, uint64_t *value);
void codec_size(Codec *codec, size_t *value, size_t high);
void codec_int(Codec *codec, int *value, int low, int high);
void codec_unsigned(Codec *codec, unsigned *value, unsigned high);
void codec_bool(Codec *codec, bool *value);

/* The same in as few bytes as it needs, 7 bits in each, the lowest first, the sign as the lowest bit of all (the
 * sint64 of Protocol Buffers). */
void codec_short(Codec *codec, int64_t *value, int64_t low, int64_t high);

/* As the first ones, of a number in 8 bytes; or_nan: NAN is one of them, too. */
void codec_double(Codec *codec, double *value, double low, double high);
void codec_double_or_nan(Codec *codec, double *value, double low, double high);

/* A time on the monotonic clock, within CODEC_TIME_LIMIT_MS before and after the shift. */
void codec_time_ms(Codec *codec, int64_t *value);

/* The same as a codec_short, told by how much it is after AFTER_MS, a time that is saved or restored already. */
void codec_time_after_ms(Codec *codec, int64_t *value, int64_t after_ms);

/* As codec_time_ms, but SENTINEL ("not yet", "never") stays what it is. */
void codec_time_or_ms(Codec *codec, int64_t *value, int64_t sentinel);

/* Far beyond any uptime, and far enough from the ends that sums of times cannot overflow. */
#define CODEC_TIME_LIMIT_MS (INT64_C(1) << 52)

/* An enumeration of COUNT values from 0 on. */
#define CODEC_ENUM(codec, field, type, count)                                                                          \
    do {                                                                                                               \
        int codec_value = (int)*(field);                                                                               \
        codec_int((codec), &codec_value, 0, (int)(count)-1);                                                           \
        *(field) = (type)codec_value;                                                                                  \
    } while (0)

/* CRC-32 (IEEE 802.3, reflected, as in zlib) of LEN bytes. */
uint32_t codec_crc32(const uint8_t *bytes, size_t len);

#endif
