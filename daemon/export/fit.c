/* SPDX-License-Identifier: MIT */
#include "export/fit.h"

#define HEADER_BYTES 14
#define PROTOCOL_VERSION 0x20 /* 2.0 */
#define PROFILE_VERSION 21158
#define EARLIEST 0x10000000u
#define DEFINITION 0x40u

static void put(Fit *fit, guint32 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++) {
        const guint8 octet = (guint8)(value >> (8 * i));
        g_byte_array_append(fit->out, &octet, 1);
    }
}

/* The CRC of the FIT protocol, a nibble at a time: polynomial 0xA001, reflected. */
static guint16 crc16(const guint8 *bytes, gsize len)
{
    static const guint16 table[16] = {0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
                                      0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400};
    guint16 crc = 0;
    for (gsize i = 0; i < len; i++) {
        crc = (guint16)((crc >> 4) ^ table[crc & 0xf] ^ table[bytes[i] & 0xf]);
        crc = (guint16)((crc >> 4) ^ table[crc & 0xf] ^ table[bytes[i] >> 4]);
    }
    return crc;
}

void fit_begin(Fit *fit)
{
    static const guint8 header[HEADER_BYTES];
    fit->out = g_byte_array_new();
    fit->defined = 0;
    g_byte_array_append(fit->out, header, HEADER_BYTES);
}

static guint size_of(FitType type) { return type == FIT_U16 ? 2 : type == FIT_U32 || type == FIT_U32Z ? 4 : 1; }

static void define(Fit *fit, const FitMessage *message)
{
    fit->defined |= (guint16)(1u << message->local);
    put(fit, DEFINITION | message->local, 1);
    put(fit, 0, 2); /* reserved; little-endian */
    put(fit, message->global, 2);
    put(fit, message->field_count, 1);
    for (guint i = 0; i < message->field_count; i++) {
        const FitField *field = &message->fields[i];
        put(fit, field->number, 1);
        put(fit, size_of(field->type) * field->count, 1);
        put(fit, field->type, 1);
    }
}

void fit_add(Fit *fit, const FitMessage *message, const guint32 *values)
{
    if ((fit->defined & (1u << message->local)) == 0)
        define(fit, message);
    put(fit, message->local, 1);
    for (guint i = 0; i < message->field_count; i++)
        for (guint n = 0; n < message->fields[i].count; n++, values++)
            put(fit, message->fields[i].type == FIT_U32Z && *values == G_MAXUINT32 ? 0 : *values,
                size_of(message->fields[i].type));
}

GBytes *fit_end(Fit *fit)
{
    Fit header = {.out = g_byte_array_new()};
    put(&header, HEADER_BYTES, 1);
    put(&header, PROTOCOL_VERSION, 1);
    put(&header, PROFILE_VERSION, 2);
    put(&header, fit->out->len - HEADER_BYTES, 4);
    g_byte_array_append(header.out, (const guint8 *)".FIT", 4);
    put(&header, crc16(header.out->data, header.out->len), 2);
    for (guint i = 0; i < HEADER_BYTES; i++)
        fit->out->data[i] = header.out->data[i];
    g_byte_array_unref(header.out);
    put(fit, crc16(fit->out->data, fit->out->len), 2);
    return g_byte_array_free_to_bytes(fit->out);
}

guint32 fit_time(gint64 wall_us)
{
    const gint64 since_s = wall_us / G_USEC_PER_SEC - FIT_EPOCH_S;
    return since_s < EARLIEST ? EARLIEST : since_s >= G_MAXUINT32 ? G_MAXUINT32 - 1 : (guint32)since_s;
}
