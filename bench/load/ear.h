/* SPDX-License-Identifier: MIT
 *
 * The subscriber: notes in a book what arrives at the broker, with the time, on Paho's thread. A message is an object
 * with "hr" and "rr_ms", or a bare number; its topic ends its strap's number with "/s<number>" before the next level,
 * or is an address, the last two octets of which are the number.
 */
#ifndef ZONE1D_BENCH_EAR_H
#define ZONE1D_BENCH_EAR_H

#include "book.h"

typedef struct Ear Ear;

/* What the broker received from all its clients, by its own account: the bytes, and when it said so (monotonic). */
typedef struct {
    guint64 bytes;
    gint64 at_us; /* 0: it has not said yet */
} EarBytes;

/* Connects to the broker at 127.0.0.1:PORT and subscribes to FILTER. BOOK outlives it. Aborts on any fault. */
Ear *ear_new(unsigned port, const char *filter, Book *book);
void ear_free(Ear *ear); /* NULL is fine */

/* Publishes PAYLOAD, QoS 1. */
void ear_say(Ear *ear, const char *topic, const char *payload);

/* The newest and, since the last call of ear_bytes_from, the first account of the broker. */
EarBytes ear_bytes(Ear *ear);
EarBytes ear_bytes_first(Ear *ear);
void ear_bytes_from(Ear *ear);

#endif
