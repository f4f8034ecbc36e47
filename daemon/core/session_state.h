/* SPDX-License-Identifier: MIT
 *
 * A session in progress as bytes, and back: what survives a restart or a power cut.
 *
 *   octet 0..3    "Z1SS"
 *   octet 4..7    format version, u32
 *   octet 8..11   length of what follows the header, u32
 *   octet 12..15  CRC-32 of what follows the header
 *   octet 16..    the fields, in the order of session_state.c
 */
#ifndef ZONE1D_CORE_SESSION_STATE_H
#define ZONE1D_CORE_SESSION_STATE_H

#include "core/session.h"

#define SESSION_STATE_FORMAT 4 /* octet 4..7 */

/* Always enough for session_save. */
#define SESSION_STATE_MAX_BYTES 32768

typedef enum {
    SESSION_STATE_OK,
    SESSION_STATE_NOT_ONE,  /* too short, or another magic number */
    SESSION_STATE_VERSION,  /* written by another version of the format */
    SESSION_STATE_DAMAGED,  /* length or checksum do not fit */
    SESSION_STATE_ABSURD,   /* whole, but with values that no session can have */
    SESSION_STATE_RESULT_COUNT,
} SessionStateResult;

/* How often each result came; the caller's, all zero at first. What was refused is all but [OK]. */
typedef struct {
    uint64_t count[SESSION_STATE_RESULT_COUNT];
} SessionStateTally;

/* Writes SESSION to BYTES. Returns the length, or 0 when SIZE is too small. Pure, any thread. */
size_t session_save(const Session *session, uint8_t *bytes, size_t size);

/* Makes *session what it was. SHIFT_MS is added to every time in it: (now on today's monotonic clock)
 * - (then on the clock of its day), less the time that passed between. The configuration it was begun
 * with comes back with it. On anything but OK *session is untouched. The result is counted in *tally.
 * Pure, any thread. */
SessionStateResult session_restore(Session *session, const uint8_t *bytes, size_t len, int64_t shift_ms,
                                   SessionStateTally *tally);

/* Always enough for summary_save. */
#define SUMMARY_MAX_BYTES 1024
#define SUMMARY_FORMAT 1

/* The summary of a finished session as bytes, under a header as above that begins with "Z1SM"; the verdict's
 * words are not in it, since they follow from the numbers. Returns the length, or 0 when SIZE is too small.
 * Pure, any thread. */
size_t summary_save(const Summary *summary, uint8_t *bytes, size_t size);

/* Makes *ret what was saved. On anything but OK it is untouched. Pure, any thread. */
SessionStateResult summary_restore(Summary *ret, const uint8_t *bytes, size_t len);

/* What is wrong, as a clause. Static storage. */
const char *session_state_result_text(SessionStateResult result);

#endif
