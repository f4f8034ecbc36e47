/* SPDX-License-Identifier: MIT
 *
 * Recordings as files: CSV with a header. Two kinds (docs/recordings.md):
 *   t_s,hr_bpm[,dist_m][,speed_mps][,rr_ms][,contact][,zone][,event]
 *                                   a row with an empty rate is no sample; one with an event is none either
 *   rr_ms                           one sample a second on the whole second, carrying the beats
 *                                   that ended in it; bpm = 60000 / median of the last 9 intervals
 *                                   (or all there are yet), rounded half up; none before the first
 *                                   beat ends; the last whole second not after the end of the last
 *                                   beat is the end
 * The bytes may be anything. Not thread-safe, but of no thread; no I/O but recording_load.
 */
#ifndef ZONE1D_RECORDING_H
#define ZONE1D_RECORDING_H

#include "core/session.h"

#include <glib.h>

#define RECORDING_MAX_BYTES (64 * 1024 * 1024)
#define RECORDING_MAX_S (48 * 3600)
#define RECORDING_MAX_ROWS 2000000 /* 48 h of beats at 230 a minute are 662,400 */
#define RECORDING_MAX_RR_MS 60000  /* 1 .. this */
#define RECORDING_MAX_SENT_RR_MS 65000 /* 0 .. this: what a strap can send beside its rate */
#define RECORDING_MAX_SPEED_MPS 50 /* 0 .. this */

#define RECORDING_ERROR (recording_error_quark())
GQuark recording_error_quark(void);
typedef enum {
    RECORDING_ERROR_READ,   /* cannot be opened or read, too large: file: reason */
    RECORDING_ERROR_FORMAT, /* file:line: reason (unknown header, not a number, time going back, half a row, ...) */
} RecordingErrorCode;

typedef struct Recording Recording;

/* NULL and *error on any fault: a recording is taken whole or not at all. A last line without line
 * end is refused, since a number cut in half cannot be told from a whole one. There is at least one
 * sample. Free with recording_free. */
Recording *recording_load(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from LEN bytes (the fuzzer's way in); PATH is for messages only. */
Recording *recording_parse(const char *bytes, gsize len, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL is fine. */
void recording_free(Recording *recording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recording, recording_free)

/* Samples in time order; t_ms counts from the recording's own zero. Two
 * samples may have the same time. */
gsize recording_count(const Recording *recording);

/* The time of sample INDEX (< count), ms. */
int64_t recording_time_ms(const Recording *recording, gsize index);

/* What was done to the session besides: it began, paused, went on, ended, got another target. */
typedef struct {
    int64_t t_ms;
    gsize before; /* index of the sample that comes after it; recording_count when there is none */
    bool is_target; /* TARGET counts from then on; COMMAND says nothing */
    SessionCommand command;
    Target target;
} RecordingMark;

/* Whether a mark says when the session began. Without one, it is with the first sample. */
bool recording_says_start(const Recording *recording);

/* How many marks, and number INDEX of them (< that), in order. Without any, the whole recording is one session. */
gsize recording_mark_count(const Recording *recording);
/* See above. */
RecordingMark recording_mark(const Recording *recording, gsize index);

/* Fills *ret with sample INDEX (< count). */
void recording_get(const Recording *recording, gsize index, Sample *ret);

#endif
