/* SPDX-License-Identifier: MIT
 *
 * What waits for the broker, on disk: one file (spool_record.h) that is only there while something
 * waits. Written with fdatasync, so that what was added is there after a power cut; what is done with
 * is noted without (after a power cut, not a crash, some of it may be delivered again). When more of
 * it is done with than waits, the file is made anew beside itself and renamed.
 *
 * What goes wrong is logged once, and once when it is over. Blocks on the disk: one thread alone, not
 * the main loop's.
 */
#ifndef ZONE1D_MQTT_SPOOL_H
#define ZONE1D_MQTT_SPOOL_H

#include "mqtt/outbox.h"

typedef struct Spool Spool;

/* Touches nothing yet. */
Spool *spool_new(const char *path);

/* Closes; the file stays if something waits. NULL is fine. */
void spool_free(Spool *spool);

/* Takes the file in: *ret are the messages (OutMessage*, in order, with their spool_number; the caller's, with
 * g_ptr_array_unref), and a damaged tail is cut off. False when that cannot be done now: try later. Before it
 * was true nothing else may be called. */
bool spool_load(Spool *spool, GPtrArray **ret);

/* The number for the next message; not the same again. */
guint64 spool_next_number(Spool *spool);

/* Adds COUNT messages, RECORDS as of spool_put_message. False: none was added. */
bool spool_append(Spool *spool, const GByteArray *records, const guint64 *numbers, guint count);

/* These need not wait any more. False: not noted; try later with the same ones. */
bool spool_done(Spool *spool, const guint64 *numbers, guint count);

/* How many messages wait in it. */
guint spool_waiting(const Spool *spool);

#endif
