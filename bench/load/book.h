/* SPDX-License-Identifier: MIT
 *
 * What was sent and what came of it: each notification that a strap sent is looked for in the messages that arrive.
 * A strap's rates rise and fall by one with each notification, so that a message tells which one it is of, as long as
 * fewer than half of BOOK_PERIOD are missing. Any thread.
 */
#ifndef ZONE1D_BENCH_BOOK_H
#define ZONE1D_BENCH_BOOK_H

#include <glib.h>
#include <stdbool.h>

#define BOOK_MAX_STRAPS 256
#define BOOK_LOW_BPM 114
#define BOOK_HIGH_BPM 140
#define BOOK_PERIOD (2 * (BOOK_HIGH_BPM - BOOK_LOW_BPM))

typedef struct Book Book;

/* What was counted since book_open. */
typedef struct {
    guint64 sent, sent_rr;       /* notifications, and the RR intervals in them */
    guint64 messages, rr, bytes; /* that came; bytes of topic and payload */
    guint64 matched;             /* notifications of which a message came */
    GArray *waits_us;            /* gint64, from sending to arrival, of the matched ones */
} BookCount;

Book *book_new(unsigned straps);
void book_free(Book *book); /* NULL is fine */

/* The rate of STRAP's notification NUMBER. */
unsigned book_bpm(unsigned strap, guint64 number);

/* Notification NUMBER of STRAP, with RR intervals, is being sent now. */
void book_sent(Book *book, unsigned strap, guint64 number, unsigned rr);

/* A message of STRAP came at AT_US with this rate (0: none) and so many RR intervals. */
void book_came(Book *book, unsigned strap, gint64 at_us, unsigned bpm, unsigned rr, gsize bytes);

/* Straps of which a message with a rate has come, and when (monotonic, us) the first of all did; 0: not yet. */
unsigned book_heard(const Book *book);
gint64 book_first_us(const Book *book);

/* Counts from 0 again. */
void book_open(Book *book);
/* What has been counted; the caller's to clear with book_count_clear. */
void book_count(const Book *book, BookCount *ret);
void book_count_clear(BookCount *count);

#endif
