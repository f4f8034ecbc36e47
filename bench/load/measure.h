/* SPDX-License-Identifier: MIT
 *
 * One stretch of time of a program under load, and what it cost.
 */
#ifndef ZONE1D_BENCH_MEASURE_H
#define ZONE1D_BENCH_MEASURE_H

#include "ear.h"
#include "player.h"
#include "process.h"

typedef struct {
    Player *player;
    Book *book;
    Ear *ear;
    GPid pid;
    unsigned straps;
    bool callgrind; /* it runs under callgrind, which is told to count the measured stretch alone */
    bool rr; /* its messages tell RR intervals, and are not thought lost when their intervals come with another */
} Bench;

typedef struct {
    double seconds;
    guint64 sent, messages, lost; /* lost: notifications, or RR intervals when the messages tell them */
    double cpu_us, waits;         /* per notification; per second */
    double p50_us, p99_us;        /* from sending to arrival; 0: nothing was matched */
    double told_bytes, wire_bytes; /* per notification: topic and payload; all that the broker received */
    ProcessAccount after;
    GHashTable *thread_waits; /* char* name of a thread -> double*, per second; NULL: not counted */
} Measure;

/* Lets the main loop run for so long. */
void bench_run_s(double seconds);

/* RATE of each strap for SECONDS, as it goes on before and after. */
void bench_measure(const Bench *bench, double rate, double seconds, Measure *ret);

/* The same from silence to silence; what has not come a second after the last notification is lost. */
void bench_measure_loss(const Bench *bench, double rate, double seconds, Measure *ret);

/* The largest rate of all straps together, up to MOST, that is held for SECONDS without loss, *ret is of that; 0 when
 * three that were held for a moment were not held for so long. */
double bench_search(const Bench *bench, double most, double seconds, Measure *ret);

#endif
