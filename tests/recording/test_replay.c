/* SPDX-License-Identifier: MIT
 *
 * The same at any speed: what comes, in which order, and when.
 */
#include "replay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ATHLETE 3
#define MAX_ROUNDS 1000000000

/* Writes down what it is told; asks for the next timer as EVERY_MS says. */
typedef struct {
    Source *source;
    GString *told; /* "link up@0 begin@0 sample 60@0 ..." */
    int64_t every_ms;
    int64_t wall_offset_us;
    unsigned samples, timers;
    int64_t last_ms;
    bool ended, over;
    int64_t work_us; /* what each sample takes to work on */
} Listener;

static void note(Listener *listener, const char *what, int64_t now_ms)
{
    assert_true(now_ms >= listener->last_ms);
    assert_int_equal(source_now_ms(listener->source), now_ms);
    const int64_t offset_us = source_wall_us(listener->source) - now_ms * 1000;
    if (listener->told->len > 0)
        assert_int_equal(offset_us, listener->wall_offset_us);
    listener->wall_offset_us = offset_us;
    listener->last_ms = now_ms;
    g_string_append_printf(listener->told, "%s@%" G_GINT64_FORMAT " ", what, now_ms);
}

static void on_link(void *user, unsigned athlete, bool up, int64_t now_ms)
{
    Listener *listener = user;
    assert_int_equal(athlete, ATHLETE);
    note(listener, up ? "up" : "down", now_ms);
    listener->over = !up;
}

static void on_begin(void *user, unsigned athlete, int64_t now_ms)
{
    Listener *listener = user;
    assert_int_equal(athlete, ATHLETE);
    note(listener, "begin", now_ms);
    if (listener->every_ms > 0)
        source_set_timer(listener->source, now_ms + listener->every_ms);
}

static void on_sample(void *user, unsigned athlete, const Sample *sample)
{
    Listener *listener = user;
    assert_int_equal(athlete, ATHLETE);
    g_autofree char *what = g_strdup_printf("s%u", sample->bpm);
    note(listener, what, sample->t_ms);
    listener->samples++;
    const int64_t until_us = g_get_monotonic_time() + listener->work_us;
    while (g_get_monotonic_time() < until_us)
        continue;
}

static void on_timer(void *user, int64_t now_ms)
{
    Listener *listener = user;
    note(listener, "timer", now_ms);
    listener->timers++;
    if (listener->every_ms > 0)
        source_set_timer(listener->source, now_ms + listener->every_ms);
}

static void on_end(void *user, unsigned athlete, int64_t now_ms)
{
    Listener *listener = user;
    assert_int_equal(athlete, ATHLETE);
    note(listener, "end", now_ms);
    listener->ended = true;
    source_set_timer(listener->source, now_ms + 1); /* never comes */
}

static const SourceEvents events = {
    .sample = on_sample, .link = on_link, .timer = on_timer, .begin = on_begin, .end = on_end};

static Listener *listen_to(const char *text, double speed, int64_t every_ms)
{
    Listener *listener = g_new0(Listener, 1);
    g_autoptr(GError) error = NULL;
    Recording *recording = recording_parse(text, strlen(text), "test.csv", &error);
    assert_non_null(recording);
    listener->told = g_string_new(NULL);
    listener->every_ms = every_ms;
    listener->source = replay_source_new(recording, ATHLETE, speed, &events, listener);
    return listener;
}

static void run_to_end(const Listener *listener)
{
    for (unsigned round = 0; !listener->over && round < MAX_ROUNDS; round++)
        g_main_context_iteration(NULL, TRUE);
    assert_true(listener->ended);
    assert_true(replay_source_progress(listener->source) == 1);
}

static void listener_free(Listener *listener)
{
    source_free(listener->source);
    g_string_free(listener->told, TRUE);
    g_free(listener);
}

/* What is told of TEXT at SPEED; caller frees. */
static char *told_at(const char *text, double speed, int64_t every_ms)
{
    Listener *listener = listen_to(text, speed, every_ms);
    source_start(listener->source);
    run_to_end(listener);
    char *told = g_strdup(listener->told->str);
    listener_free(listener);
    return told;
}

static void test_order(void **state)
{
    (void)state;
    /* The sample before the timer of the same time; no timer at the end; two samples at one time. */
    g_autofree char *told = told_at("t_s,hr_bpm\n9,60\n9.5,61\n10,62\n10,63\n12,64\n", G_MAXDOUBLE, 500);
    assert_string_equal(told, "up@9000 begin@9000 s60@9000 s61@9500 timer@9500 s62@10000 s63@10000 timer@10000 "
                              "timer@10500 timer@11000 timer@11500 s64@12000 end@12000 down@12000 ");
}

static void test_single_sample(void **state)
{
    (void)state;
    g_autofree char *told = told_at("t_s,hr_bpm\n172800,60\n", 1, 500);
    assert_string_equal(told, "up@172800000 begin@172800000 s60@172800000 end@172800000 down@172800000 ");
}

static void test_same_at_any_speed(void **state)
{
    (void)state;
    static const char *const files[] = {"fatmaxxer_20210606.rr.csv", "runpandas_2020-12-16T05_44_18.hr.csv"};
    static const double speeds[] = {20000, 1e6, 1e9, G_MAXDOUBLE, HUGE_VAL};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(g_getenv("ZONE1D_TEST_DATA"), files[i], NULL);
        g_autofree char *text = NULL, *first = NULL;
        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        for (size_t at = 0; at < G_N_ELEMENTS(speeds); at++) {
            g_autofree char *told = told_at(text, speeds[at], 777);
            if (first == NULL)
                first = g_strdup(told);
            assert_string_equal(told, first);
        }
        assert_true(strlen(first) > 10000);
    }
}

/* 200 ms at speed 1: never early, and the clock between two events is between their times. */
static void test_paced(void **state)
{
    (void)state;
    Listener *listener = listen_to("t_s,hr_bpm\n0,60\n0.03,60\n0.1,61\n0.2,62\n", 1, 0);
    assert_int_equal(source_now_ms(listener->source), 0);
    const int64_t start_us = g_get_monotonic_time();
    source_start(listener->source);
    assert_int_equal(listener->told->len, 0); /* nothing from within the start */
    int64_t before_ms = 0;
    bool between = false;
    while (!listener->over) {
        g_main_context_iteration(NULL, FALSE);
        const int64_t now_ms = source_now_ms(listener->source);
        assert_true(now_ms >= before_ms && now_ms <= 200);
        assert_true(g_get_monotonic_time() - start_us >= listener->last_ms * 1000);
        assert_true(replay_source_progress(listener->source) >= (double)before_ms / 200 - 0.01);
        between = between || (now_ms > 100 && now_ms < 200);
        before_ms = now_ms;
    }
    assert_true(between);
    listener_free(listener);
}

static void test_timer_set_and_cleared(void **state)
{
    (void)state;
    Listener *listener = listen_to("t_s,hr_bpm\n5,60\n6,61\n", G_MAXDOUBLE, 0);
    source_set_timer(listener->source, 5500);
    source_set_timer(listener->source, 5700); /* in its place */
    source_start(listener->source);
    run_to_end(listener);
    assert_string_equal(listener->told->str, "up@5000 begin@5000 s60@5000 timer@5700 s61@6000 end@6000 down@6000 ");
    listener_free(listener);

    listener = listen_to("t_s,hr_bpm\n5,60\n6,61\n", G_MAXDOUBLE, 0);
    source_set_timer(listener->source, 5500);
    source_set_timer(listener->source, SOURCE_NEVER);
    source_start(listener->source);
    run_to_end(listener);
    assert_int_equal(listener->timers, 0);
    listener_free(listener);

    listener = listen_to("t_s,hr_bpm\n5,60\n6,61\n", G_MAXDOUBLE, 0);
    source_set_timer(listener->source, 17); /* past: at once, after what else is due */
    source_start(listener->source);
    run_to_end(listener);
    assert_string_equal(listener->told->str, "up@5000 begin@5000 s60@5000 timer@5000 s61@6000 end@6000 down@6000 ");
    listener_free(listener);
}

/* Set from outside a callback for a time that is past: the clock does not go back for it. */
static void test_timer_in_the_past(void **state)
{
    (void)state;
    Listener *listener = listen_to("t_s,hr_bpm\n0,60\n172800,61\n", 1000, 0);
    source_start(listener->source);
    while (source_now_ms(listener->source) < 2000)
        g_main_context_iteration(NULL, FALSE);
    const int64_t now_ms = source_now_ms(listener->source);
    source_set_timer(listener->source, 1000);
    assert_true(source_now_ms(listener->source) >= now_ms);
    while (listener->timers == 0)
        g_main_context_iteration(NULL, TRUE);
    assert_true(listener->last_ms >= now_ms);
    assert_int_equal(listener->samples, 1);
    listener_free(listener); /* in the midst of it */
}

static void test_stands_still_after_the_end(void **state)
{
    (void)state;
    Listener *listener = listen_to("t_s,hr_bpm\n1,60\n2,61\n", 1e6, 0);
    source_start(listener->source);
    run_to_end(listener);
    const gsize told = listener->told->len;
    const int64_t wall_us = source_wall_us(listener->source);
    source_set_timer(listener->source, 0);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    assert_int_equal(listener->told->len, told);
    assert_int_equal(source_now_ms(listener->source), 2000);
    assert_int_equal(source_wall_us(listener->source), wall_us);
    assert_true(source_healthy(listener->source));
    listener_free(listener);
}

static gboolean count_idle(gpointer user)
{
    ++*(unsigned *)user;
    return G_SOURCE_CONTINUE;
}

#define WORK_SAMPLES 200

/* An idle source that is always ready goes first; and at 1 ms of work a sample, a slice of 5 ms ends
 * with the fifth sample at the latest, however slow the machine. */
static void test_others_are_served(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new("t_s,hr_bpm\n");
    for (unsigned i = 0; i < WORK_SAMPLES; i++)
        g_string_append_printf(text, "%u,60\n", i);
    Listener *listener = listen_to(text->str, G_MAXDOUBLE, 0);
    listener->work_us = 1000;
    unsigned idle = 0, dispatches = 0;
    const guint first = g_idle_add(count_idle, &idle);
    source_start(listener->source);
    for (unsigned i = 0; i < 100; i++)
        g_main_context_iteration(NULL, FALSE);
    assert_int_equal(idle, 100);
    assert_int_equal(listener->told->len, 0);
    g_source_remove(first);
    for (; !listener->over; dispatches++)
        g_main_context_iteration(NULL, TRUE);
    assert_true(dispatches >= WORK_SAMPLES / 5);
    listener_free(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_single_sample),
        cmocka_unit_test(test_same_at_any_speed),
        cmocka_unit_test(test_paced),
        cmocka_unit_test(test_timer_set_and_cleared),
        cmocka_unit_test(test_timer_in_the_past),
        cmocka_unit_test(test_stands_still_after_the_end),
        cmocka_unit_test(test_others_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
