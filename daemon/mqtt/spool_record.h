/* SPDX-License-Identifier: MIT
 *
 * The spool's bytes (spool.h): a header, then records that are only ever added.
 *
 *   header   "zone1d-spool" and the version, 4 bytes, little endian like all numbers here
 *   record   length of the body, 4 bytes; the first 8 bytes of the body's SHA-256; the body
 *   body     'M' a message that waits: number (8, rising), QoS (1), retain (1), length of topic (2), topic,
 *                payload up to the end
 *            'D' messages that need not wait any more: their numbers (8 each)
 *
 * Pure but for allocation; any thread.
 */
#ifndef ZONE1D_MQTT_SPOOL_RECORD_H
#define ZONE1D_MQTT_SPOOL_RECORD_H

#include "mqtt/outbox.h"

#define SPOOL_VERSION 1
#define SPOOL_HEADER_BYTES 16
/* What the outbox can hold twice over, and what is done with: a larger file is none of ours. */
#define SPOOL_MAX_BYTES (3 * (gsize)MQTT_OUT_MAX_BYTES)

/* Each adds to BYTES. MESSAGE has its spool_number. */
void spool_put_header(GByteArray *bytes);
void spool_put_message(GByteArray *bytes, const OutMessage *message);
void spool_put_done(GByteArray *bytes, const guint64 *numbers, guint count);

/* A record of any body: what the two above are made of. */
void spool_put_record(GByteArray *bytes, const guint8 *body, guint len);

typedef struct {
    bool foreign;        /* no spool, or of another version: nothing was read */
    GPtrArray *messages; /* OutMessage*, what still waits, in order, each with its spool_number; frees them */
    guint64 last_number; /* the highest that was ever used */
    gsize sound_bytes;   /* up to here everything is as it was written; the rest is damaged */
} SpoolContent;

/* Reads LEN bytes of anything. No bytes at all are an empty spool. Clear *ret with spool_content_clear. */
void spool_parse(const guint8 *bytes, gsize len, SpoolContent *ret);

/* Frees what it holds. */
void spool_content_clear(SpoolContent *content);

#endif
