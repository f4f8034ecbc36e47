/* SPDX-License-Identifier: MIT
 *
 * The record of a session, sample by sample, as bytes and back: what a session is judged from, exactly.
 * A chunk is a few seconds of it and can be read without the others. Times are ms since the session's
 * start; the sample that held when it began lies before it, and so is negative.
 *
 *   octet 0       TRACK_FORMAT
 *   then entries  octet 0      bit 7: a mark; bits 0..1: sensor contact, or the command of the mark
 *                              bit 2: has a speed; bit 3: RR intervals in 1/1024 s, else as doubles
 *                 varint       time since the entry before, zigzag; the first since the session's start
 *                 bits 7 and 6: a target; varints: kind, zone, cap
 *                 samples: varint bpm, [double m/s], varint number of RR, RR as u16 or double each
 *   varint: 7 bits an octet, the lowest first, bit 7: more follows. All else little-endian.
 *
 * Pure, no allocation, any thread.
 */
#ifndef ZONE1D_CORE_TRACK_H
#define ZONE1D_CORE_TRACK_H

#include "core/session.h"

#define TRACK_FORMAT 1
#define TRACK_MAX_ENTRY_BYTES (1 + 10 + 3 + 8 + 2 + SAMPLE_MAX_RR * 8)
#define TRACK_TIME_LIMIT_MS (INT64_C(1) << 40)

/* One chunk being written. SIZE is what BYTES can hold. */
typedef struct {
    uint8_t *bytes;
    size_t size, len; /* len 0: nothing in it yet */
    int64_t t_ms;     /* of the newest entry */
} TrackWriter;

/* Adds SAMPLE at T_MS since the session's start (sample->t_ms does not count), never before the entry before.
 * False, and nothing added, when less than TRACK_MAX_ENTRY_BYTES + 1 are left or T_MS is beyond the limit.
 * What is no finite RR interval is kept as 0, which no heart has. */
bool track_add_sample(TrackWriter *writer, int64_t t_ms, const Sample *sample);

/* Adds that COMMAND was given then: a pause and its end are what samples alone do not tell. */
bool track_add_mark(TrackWriter *writer, int64_t t_ms, SessionCommand command);

/* Adds that TARGET counts from then on. The one that the session began with stands first. */
bool track_add_target(TrackWriter *writer, int64_t t_ms, const Target *target);

typedef struct {
    const uint8_t *bytes;
    size_t size, at;
    int64_t t_ms;
} TrackReader;

typedef struct {
    bool is_mark, is_target; /* one of the two, or it is a sample */
    SessionCommand mark;
    Target target;
    Sample sample; /* t_ms since the session's start, of a mark and a target too */
} TrackEntry;

typedef enum { TRACK_ENTRY, TRACK_END, TRACK_DAMAGED } TrackResult;

/* Begins at the chunk of SIZE BYTES, which outlive the reader. */
TrackReader track_read(const uint8_t *bytes, size_t size);

/* The next entry to *ret, which is untouched otherwise. After TRACK_DAMAGED there is no more. */
TrackResult track_next(TrackReader *reader, TrackEntry *ret);

#endif
