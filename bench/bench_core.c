/* SPDX-License-Identifier: MIT
 *
 * What a sample costs: bench_core [--quick]. Nanoseconds a call: median, and the 10th and 90th percentile over
 * many blocks, so that a busy machine shows as a wide spread and not as a slow program.
 */
#include "core/hrm.h"
#include "core/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_BLOCKS 4001
#define BEAT_MS 430.0 /* 140 bpm */

static size_t blocks = MAX_BLOCKS;
static double block_ns[MAX_BLOCKS];
static volatile double sink; /* what is computed must look used */

static Session session;
static Hrv hrv;
static Sample sample;
static int64_t now_ms;
static unsigned beat;

static double clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Times CALLS calls of WHAT as one block, after BEFORE (may be NULL) was called once outside the time. */
static void measure(const char *name, void (*before)(void), void (*what)(void), unsigned calls, double budget_ns)
{
    for (size_t i = 0; i < blocks; i++) {
        if (before != NULL)
            before();
        double start = clock_ns();
        for (unsigned call = 0; call < calls; call++)
            what();
        block_ns[i] = (clock_ns() - start) / calls;
    }
    qsort(block_ns, blocks, sizeof *block_ns, by_value);
    printf("%-34s %9.0f %9.0f %9.0f", name, block_ns[blocks / 2], block_ns[blocks / 10], block_ns[blocks * 9 / 10]);
    if (budget_ns > 0)
        printf(" %9.0f", budget_ns);
    puts("");
}

/* An interval as a runner's: slow swings and jitter, never an artefact. */
static double next_rr_ms(void)
{
    beat++;
    return BEAT_MS + 6 * sin(beat / 9.0) + (double)(beat * 2654435761u >> 29);
}

static void next_second(unsigned rr_count)
{
    now_ms += 1000;
    sample = (Sample){.t_ms = now_ms, .bpm = (uint16_t)(138 + now_ms / 1000 % 5), .contact = CONTACT_DETECTED,
                      .speed_mps = (double)NAN, .rr_count = rr_count};
    for (unsigned i = 0; i < rr_count; i++)
        sample.rr_ms[i] = next_rr_ms();
}

/* Two or three beats a second: 140 a minute. */
static void next_second_with_rr(void)
{
    next_second(now_ms / 1000 % 3 ? 2 : 3);
}

static void start_session(void)
{
    const AthleteProfile profile = {.max_bpm = 195, .rest_bpm = 60, .sex = SEX_MALE, .model = ZONE_MODEL_HRR};
    SessionConfig config = {.target.kind = TARGET_RECOVERY, .rules = verdict_rules_default(), .auto_start = true};

    if (zones_build(&profile, &config.zones) != ZONES_OK)
        abort();
    session_init(&session, &config);
    session_link(&session, true, now_ms);
    hrv_init(&hrv);
    for (int i = 0; i < 150; i++) {
        next_second_with_rr();
        session_sample(&session, &sample);
        hrv_add(&hrv, sample.t_ms, sample.rr_ms, sample.rr_count);
    }
    HrvValues values;
    hrv_values(&hrv, now_ms, &values);
    if (isnan(values.dfa_a1)) /* else the steps below would measure nothing */
        abort();
}

static void session_sample_without_rr(void)
{
    next_second(0);
    session_sample(&session, &sample);
}

static void session_sample_now(void)
{
    session_sample(&session, &sample);
}

static void hrv_add_now(void)
{
    hrv_add(&hrv, sample.t_ms, sample.rr_ms, sample.rr_count);
}

/* Feeds both to the second before the next step of STATE is due (DUE), or to just after one, and makes the next
 * sample ready. */
static void go_to(const Hrv *state, bool due)
{
    for (;;) {
        next_second_with_rr();
        if ((now_ms >= state->next_dfa_ms) == due)
            return;
        session_sample(&session, &sample);
        hrv_add_now();
    }
}

static void before_hrv_step(void)
{
    go_to(&hrv, true);
}

static void before_hrv_plain(void)
{
    go_to(&hrv, false);
}

static void before_session_step(void)
{
    go_to(&session.hrv, true);
}

static void before_session_plain(void)
{
    go_to(&session.hrv, false);
}

static void read_hrv_values(void)
{
    HrvValues values;
    hrv_values(&hrv, now_ms, &values);
    sink = values.rmssd_ms;
}

static void decode_two_beats(void)
{
    static const uint8_t bytes[] = {0x16, 0x4e, 0x1b, 0x03, 0x12, 0x03};
    HrmMeasurement measurement;
    if (hrm_decode(bytes, sizeof bytes, &measurement) == HRM_OK)
        hrm_to_sample(&measurement, now_ms, &sample);
    sink = sample.rr_ms[1];
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--quick") == 0) {
        blocks = 41;
    } else if (argc > 1) {
        fputs("usage: bench_core [--quick]\n", stderr);
        return 2;
    }
    printf("%-34s %9s %9s %9s %9s\n", "ns a call", "median", "p10", "p90", "budget");
    start_session();
    measure("hrm_decode and to sample, 2 RR", NULL, decode_two_beats, 100, 0);
    measure("hrv_add, no DFA step", before_hrv_plain, hrv_add_now, 1, 1000);
    measure("hrv_add, DFA step", before_hrv_step, hrv_add_now, 1, 60000);
    measure("hrv_values", NULL, read_hrv_values, 100, 0);
    measure("session_sample with RR, no step", before_session_plain, session_sample_now, 1, 2000);
    measure("session_sample with RR, DFA step", before_session_step, session_sample_now, 1, 60000);
    measure("session_sample without RR", NULL, session_sample_without_rr, 100, 2000);
    return 0;
}
