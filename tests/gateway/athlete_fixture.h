/* SPDX-License-Identifier: MIT
 *
 * One athlete (maximum 185, rest 55: zone 1 is 120 to 132 bpm) with a clock that the test sets, and
 * all that it publishes.
 */
#ifndef ZONE1D_TESTS_ATHLETE_FIXTURE_H
#define ZONE1D_TESTS_ATHLETE_FIXTURE_H

#include "athlete.h"

#include <cjson/cJSON.h>

#define T0_MS 86400123                     /* the source's clock starts anywhere */
#define WALL0_US G_GINT64_CONSTANT(1764000000000000) /* 2025-11-24T16:00:00Z, at T0_MS */

typedef struct {
    int64_t at_ms; /* since T0_MS */
    MqttKind kind;
    char *topic, *payload;
    cJSON *json;
    int qos;
    bool retain;
    unsigned expiry_s;
} Published;

typedef struct {
    Source source;
    Config *config;
    AthleteContext context;
    Athlete *athlete;
    int64_t now_ms; /* since T0_MS */
    gint64 wall_shift_us; /* the wall clock was set by so much */
    bool stalled; /* messages wait, from this one on */
    guint stalled_from;
} Fixture;

/* cmocka's setup and teardown; *state is the Fixture. */
int athlete_setup(void **state);
int athlete_teardown(void **state);

/* Lets time pass up to AT_MS, with every deadline served on time, as a source does. */
void run_to(Fixture *fixture, int64_t at_ms);

/* A sample at AT_MS, with one RR interval; 0 bpm: no signal. */
void sample_at(Fixture *fixture, int64_t at_ms, int bpm);

/* From now on nothing that is published reaches the broker, or does again. */
void stall(Fixture *fixture, bool on);

/* A sample a second from FROM_MS on, COUNT of them. */
void samples(Fixture *fixture, int64_t from_ms, int count, int bpm);

/* What came under zone1d/athlete/anna/LEAF in FROM_MS <= time < TO_MS: how many, and the newest. */
unsigned published(const char *leaf, int64_t from_ms, int64_t to_ms);
const Published *newest(const char *leaf);

/* Of those, the ones whose field KEY is WORD. */
unsigned published_with(const char *leaf, const char *key, const char *word, int64_t from_ms, int64_t to_ms);

/* The newest of LEAF before AT_MS; fails the test when there is none. */
const Published *newest_before(const char *leaf, int64_t at_ms);

/* A field of a message; the number of null is NAN. */
double number(const Published *message, const char *key);
const char *word(const Published *message, const char *key); /* NULL for null */

#endif
