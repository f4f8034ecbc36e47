/* SPDX-License-Identifier: MIT */
#include "core/codec.h"

#include <limits.h>
#include <math.h>
#include <string.h>

Codec codec_save(uint8_t *bytes, size_t size) { return (Codec){.out = bytes, .size = size}; }

Codec codec_restore(const uint8_t *bytes, size_t size, int64_t shift_ms)
{
    return (Codec){.in = bytes, .size = size, .shift_ms = shift_ms};
}

static void put(uint8_t *bytes, uint64_t bits, size_t width)
{
    const uint8_t all[8] = {(uint8_t)bits,         (uint8_t)(bits >> 8),  (uint8_t)(bits >> 16), (uint8_t)(bits >> 24),
                            (uint8_t)(bits >> 32), (uint8_t)(bits >> 40), (uint8_t)(bits >> 48), (uint8_t)(bits >> 56)};
    memcpy(bytes, all, width);
}

static uint64_t get(const uint8_t *bytes, size_t width)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < width; i++)
        bits |= (uint64_t)bytes[i] << (8 * i);
    return bits;
}

/* The WIDTH bytes of *bits, out or in; false when there is no room for them. */
static bool transfer(Codec *codec, uint64_t *bits, size_t width)
{
    if (codec->failed || codec->size - codec->at < width) {
        codec->failed = true;
        return false;
    }
    if (codec->out != NULL)
        put(codec->out + codec->at, *bits, width);
    else
        *bits = get(codec->in + codec->at, width);
    codec->at += width;
    return true;
}

/* A signed value of WIDTH bytes; it is left alone when it is out of range. */
static void transfer_signed(Codec *codec, int64_t *value, size_t width, int64_t low, int64_t high)
{
    uint64_t bits = (uint64_t)*value;
    if (!transfer(codec, &bits, width) || codec->out != NULL)
        return;
    int64_t restored;
    if (width == 4)
        restored = (int64_t)(int32_t)(uint32_t)bits;
    else
        memcpy(&restored, &bits, sizeof restored);
    if (restored < low || restored > high)
        codec->failed = true;
    else
        *value = restored;
}

void codec_i64(Codec *codec, int64_t *value, int64_t low, int64_t high)
{
    transfer_signed(codec, value, 8, low, high);
}

void codec_u8(Codec *codec, uint8_t *value)
{
    uint64_t bits = *value;
    if (transfer(codec, &bits, 1))
        *value = (uint8_t)bits;
}

void codec_u32(Codec *codec, uint32_t *value)
{
    uint64_t bits = *value;
    if (transfer(codec, &bits, 4))
        *value = (uint32_t)bits;
}

void codec_u64(Codec *codec, uint64_t *value)
{
    uint64_t bits = *value;
    if (transfer(codec, &bits, 8))
        *value = bits;
}

void codec_size(Codec *codec, size_t *value, size_t high)
{
    int64_t wide = (int64_t)*value;
    transfer_signed(codec, &wide, 4, 0, (int64_t)high);
    *value = (size_t)wide;
}

void codec_int(Codec *codec, int *value, int low, int high)
{
    int64_t wide = *value;
    transfer_signed(codec, &wide, 4, low, high);
    *value = (int)wide;
}

void codec_unsigned(Codec *codec, unsigned *value, unsigned high)
{
    int64_t wide = (int64_t)*value;
    transfer_signed(codec, &wide, 4, 0, high > INT_MAX ? INT_MAX : (int64_t)high);
    *value = (unsigned)wide;
}

void codec_bool(Codec *codec, bool *value)
{
    int wide = *value ? 1 : 0;
    codec_int(codec, &wide, 0, 1);
    *value = wide == 1;
}

#define SHORT_MAX_BYTES 10 /* 64 bits, 7 in each */

static void save_short(Codec *codec, uint64_t bits)
{
    do {
        uint64_t octet = bits > 0x7f ? (bits & 0x7f) | 0x80 : bits;
        transfer(codec, &octet, 1);
        bits >>= 7;
    } while (bits > 0);
}

static uint64_t restore_short(Codec *codec)
{
    uint64_t bits = 0, octet = 0x80;
    for (unsigned i = 0; (octet & 0x80) != 0 && !codec->failed; i++) {
        octet = 0;
        if (i >= SHORT_MAX_BYTES)
            codec->failed = true;
        else if (transfer(codec, &octet, 1) && i == SHORT_MAX_BYTES - 1 && octet > 1)
            codec->failed = true; /* bits beyond the 64th */
        else
            bits |= (octet & 0x7f) << (7 * i);
    }
    return bits;
}

void codec_short(Codec *codec, int64_t *value, int64_t low, int64_t high)
{
    if (codec->out != NULL) {
        const uint64_t sign = *value < 0 ? UINT64_MAX : 0;
        save_short(codec, ((uint64_t)*value << 1) ^ sign);
        return;
    }
    const uint64_t bits = restore_short(codec), magnitude = bits >> 1;
    const int64_t restored = (bits & 1) != 0 ? -(int64_t)magnitude - 1 : (int64_t)magnitude;
    if (restored < low || restored > high)
        codec->failed = true;
    if (!codec->failed)
        *value = restored;
}

static void transfer_double(Codec *codec, double *value, double low, double high, bool or_nan)
{
    uint64_t bits;
    double restored;
    memcpy(&bits, value, sizeof bits);
    if (!transfer(codec, &bits, 8) || codec->out != NULL)
        return;
    memcpy(&restored, &bits, sizeof restored);
    if ((restored >= low && restored <= high) || (or_nan && isnan(restored)))
        *value = restored;
    else
        codec->failed = true;
}

void codec_double(Codec *codec, double *value, double low, double high)
{
    transfer_double(codec, value, low, high, false);
}

void codec_double_or_nan(Codec *codec, double *value, double low, double high)
{
    transfer_double(codec, value, low, high, true);
}

static bool time_fits(int64_t t_ms) { return t_ms >= -CODEC_TIME_LIMIT_MS && t_ms <= CODEC_TIME_LIMIT_MS; }

static void shift_time(Codec *codec, int64_t *value, int64_t restored)
{
    if (!time_fits(restored) || !time_fits(codec->shift_ms) || !time_fits(restored + codec->shift_ms))
        codec->failed = true;
    else
        *value = restored + codec->shift_ms;
}

void codec_time_ms(Codec *codec, int64_t *value)
{
    int64_t restored = *value;
    transfer_signed(codec, &restored, 8, INT64_MIN, INT64_MAX);
    if (!codec->failed && codec->out == NULL)
        shift_time(codec, value, restored);
}

void codec_time_after_ms(Codec *codec, int64_t *value, int64_t after_ms)
{
    /* What does not fit is no time, and fails when it is restored. */
    int64_t step_ms = (int64_t)((uint64_t)*value - (uint64_t)after_ms);
    codec_short(codec, &step_ms, -CODEC_TIME_LIMIT_MS, CODEC_TIME_LIMIT_MS);
    if (codec->failed || codec->out != NULL)
        return;
    if (time_fits(after_ms) && time_fits(after_ms + step_ms))
        *value = after_ms + step_ms;
    else
        codec->failed = true;
}

void codec_time_or_ms(Codec *codec, int64_t *value, int64_t sentinel)
{
    int64_t restored = *value;
    transfer_signed(codec, &restored, 8, INT64_MIN, INT64_MAX);
    if (codec->failed || codec->out != NULL)
        return;
    if (restored == sentinel)
        *value = sentinel;
    else
        shift_time(codec, value, restored);
}

/* Four bits at a time: crc_of has what is left of them. A table for all eight would be 1 KiB, for little more. */
uint32_t codec_crc32(const uint8_t *bytes, size_t len)
{
    static const uint32_t crc_of[16] = {
        0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
        0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu};
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ crc_of[crc & 15];
        crc = crc >> 4 ^ crc_of[crc & 15];
    }
    return ~crc;
}
