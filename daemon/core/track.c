/* SPDX-License-Identifier: MIT */
#include "core/track.h"

#include <math.h>
#include <string.h>

#define IS_MARK 0x80u
#define IS_TARGET 0x40u
#define HAS_SPEED 0x04u
#define IN_1024THS 0x08u
#define LOW_BITS 0x03u
#define RR_1024THS_PER_MS 1.024

/* ---- to bytes ---- */

static void put_u8(TrackWriter *writer, unsigned value) { writer->bytes[writer->len++] = (uint8_t)value; }

static void put_varint(TrackWriter *writer, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_u8(writer, (unsigned)(value & 0x7f) | 0x80u);
    put_u8(writer, (unsigned)value);
}

static void put_double(TrackWriter *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++)
        put_u8(writer, (unsigned)(bits >> (8 * i)) & 0xffu);
}

static uint64_t zigzag(int64_t value) { return value < 0 ? ~((uint64_t)value << 1) : (uint64_t)value << 1; }

/* What the strap sent as 1/1024 s is that again, exactly: a division by 1.024 would not say so. */
static bool is_1024ths(double rr_ms, unsigned *ret)
{
    double units = rr_ms * RR_1024THS_PER_MS;
    if (!(units >= 0 && units <= UINT16_MAX))
        return false;
    *ret = (unsigned)floor(units + 0.5);
    return *ret * 1000.0 / 1024 == rr_ms;
}

static bool all_1024ths(const Sample *sample)
{
    unsigned units;
    for (unsigned i = 0; i < sample->rr_count; i++)
        if (!is_1024ths(sample->rr_ms[i], &units))
            return false;
    return true;
}

static bool begin_entry(TrackWriter *writer, int64_t t_ms, unsigned head)
{
    if (writer->size - writer->len < TRACK_MAX_ENTRY_BYTES + 1 || t_ms > TRACK_TIME_LIMIT_MS ||
        t_ms < -TRACK_TIME_LIMIT_MS)
        return false;
    if (writer->len == 0) {
        put_u8(writer, TRACK_FORMAT);
        writer->t_ms = 0;
    } else if (t_ms < writer->t_ms) {
        t_ms = writer->t_ms;
    }
    put_u8(writer, head);
    put_varint(writer, zigzag(t_ms - writer->t_ms));
    writer->t_ms = t_ms;
    return true;
}

bool track_add_mark(TrackWriter *writer, int64_t t_ms, SessionCommand command)
{
    return begin_entry(writer, t_ms, IS_MARK | (unsigned)command);
}

bool track_add_target(TrackWriter *writer, int64_t t_ms, const Target *target)
{
    if (!begin_entry(writer, t_ms, IS_MARK | IS_TARGET))
        return false;
    put_varint(writer, (uint64_t)target->kind);
    put_varint(writer, target->kind == TARGET_ZONE || target->kind == TARGET_FIFTH ? (uint64_t)target->zone : 0);
    put_varint(writer, target->kind == TARGET_CAP ? (uint64_t)target->cap_bpm : 0);
    return true;
}

bool track_add_sample(TrackWriter *writer, int64_t t_ms, const Sample *sample)
{
    bool speed = isfinite(sample->speed_mps), units = all_1024ths(sample);
    unsigned head = (unsigned)sample->contact | (speed ? HAS_SPEED : 0) | (units ? IN_1024THS : 0);
    if (!begin_entry(writer, t_ms, head))
        return false;
    put_varint(writer, sample->bpm);
    if (speed)
        put_double(writer, sample->speed_mps);
    put_varint(writer, sample->rr_count);
    for (unsigned i = 0; i < sample->rr_count; i++) {
        unsigned value = 0;
        if (!units) {
            put_double(writer, isfinite(sample->rr_ms[i]) ? sample->rr_ms[i] : 0);
        } else {
            is_1024ths(sample->rr_ms[i], &value);
            put_u8(writer, value & 0xffu);
            put_u8(writer, value >> 8);
        }
    }
    return true;
}

/* ---- and back ---- */

TrackReader track_read(const uint8_t *bytes, size_t size)
{
    /* A wrong format is damage that track_next tells: at then lies behind the end. */
    bool known = size > 0 && bytes[0] == TRACK_FORMAT;
    return (TrackReader){.bytes = bytes, .size = size, .at = known ? 1 : size + 1};
}

static bool take(TrackReader *reader, size_t count, uint64_t *ret)
{
    if (reader->size - reader->at < count)
        return false;
    *ret = 0;
    for (size_t i = 0; i < count; i++)
        *ret |= (uint64_t)reader->bytes[reader->at++] << (8 * i);
    return true;
}

static bool take_varint(TrackReader *reader, uint64_t high, uint64_t *ret)
{
    uint64_t octet;
    *ret = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (!take(reader, 1, &octet))
            return false;
        *ret |= (octet & 0x7f) << shift;
        if ((octet & 0x80) == 0)
            return *ret <= high;
    }
    return false;
}

static bool take_double(TrackReader *reader, double *ret)
{
    uint64_t bits;
    if (!take(reader, 8, &bits))
        return false;
    memcpy(ret, &bits, sizeof bits);
    return isfinite(*ret);
}

static bool take_time(TrackReader *reader, bool first, int64_t *ret)
{
    uint64_t value;
    if (!take_varint(reader, (uint64_t)TRACK_TIME_LIMIT_MS * 4, &value))
        return false;
    int64_t step_ms = (value & 1) != 0 ? -(int64_t)(value >> 1) - 1 : (int64_t)(value >> 1);
    *ret = (first ? 0 : reader->t_ms) + step_ms;
    return (first || step_ms >= 0) && *ret <= TRACK_TIME_LIMIT_MS && *ret >= -TRACK_TIME_LIMIT_MS;
}

static bool take_rr(TrackReader *reader, bool units, Sample *sample)
{
    uint64_t count, value;
    if (!take_varint(reader, SAMPLE_MAX_RR, &count))
        return false;
    sample->rr_count = (unsigned)count;
    for (unsigned i = 0; i < sample->rr_count; i++) {
        if (!units && !take_double(reader, &sample->rr_ms[i]))
            return false;
        if (units) {
            if (!take(reader, 2, &value))
                return false;
            sample->rr_ms[i] = (double)value * 1000 / 1024;
        }
    }
    return true;
}

static bool take_target(TrackReader *reader, Target *ret)
{
    uint64_t kind, zone, cap_bpm;
    if (!take_varint(reader, TARGET_FIFTH, &kind) || !take_varint(reader, ZONES_MAX, &zone) ||
        !take_varint(reader, TARGET_CAP_MAX_BPM, &cap_bpm))
        return false;
    *ret = (Target){.kind = (TargetKind)kind, .zone = (int)zone, .cap_bpm = (int)cap_bpm};
    return true;
}

static bool take_entry(TrackReader *reader, TrackEntry *entry)
{
    uint64_t head, bpm;
    bool first = reader->at == 1;
    if (!take(reader, 1, &head) || !take_time(reader, first, &entry->sample.t_ms))
        return false;
    entry->is_target = head == (IS_MARK | IS_TARGET);
    if (entry->is_target)
        return take_target(reader, &entry->target);
    entry->is_mark = (head & IS_MARK) != 0;
    if (entry->is_mark) {
        entry->mark = (SessionCommand)(head & LOW_BITS);
        return (head & ~(uint64_t)(IS_MARK | LOW_BITS)) == 0;
    }
    if ((head & ~(uint64_t)(LOW_BITS | HAS_SPEED | IN_1024THS)) != 0 || (head & LOW_BITS) > CONTACT_DETECTED)
        return false;
    entry->sample.contact = (Contact)(head & LOW_BITS);
    entry->sample.speed_mps = (double)NAN;
    if (!take_varint(reader, UINT16_MAX, &bpm))
        return false;
    entry->sample.bpm = (uint16_t)bpm;
    if ((head & HAS_SPEED) != 0 && !take_double(reader, &entry->sample.speed_mps))
        return false;
    return take_rr(reader, (head & IN_1024THS) != 0, &entry->sample);
}

TrackResult track_next(TrackReader *reader, TrackEntry *ret)
{
    if (reader->at == reader->size)
        return TRACK_END;
    TrackEntry entry = {0};
    if (reader->at > reader->size || !take_entry(reader, &entry)) {
        reader->at = reader->size + 1;
        return TRACK_DAMAGED;
    }
    reader->t_ms = entry.sample.t_ms;
    *ret = entry;
    return TRACK_ENTRY;
}
