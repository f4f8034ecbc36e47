/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bluez/timing.h"
#include "bluez/wakeup.h"

#include <stdbool.h>

#define SOON_MS 20
#define LATER_MS 600000

typedef struct {
    GSource *wakeup;
    unsigned calls;
    int64_t at_ms;
    bool again; /* it sets itself again */
} Bench;

static void on_wakeup(void *user)
{
    Bench *bench = user;

    bench->calls++;
    bench->at_ms = bluez_now_ms();
    if (bench->again)
        wakeup_set(bench->wakeup, bench->at_ms + SOON_MS);
}

static void wait_for_calls(const Bench *bench, unsigned calls)
{
    while (bench->calls < calls)
        g_main_context_iteration(NULL, TRUE);
}

/* Lets the loop run until a timeout of GLib's, set later than it, has come. */
static gboolean on_end(gpointer user)
{
    *(bool *)user = true;
    return G_SOURCE_REMOVE;
}

static void run_ms(guint ms)
{
    bool ended = false;

    g_timeout_add(ms, on_end, &ended);
    while (!ended)
        g_main_context_iteration(NULL, TRUE);
}

static void test_once_and_not_before_its_time(void **state)
{
    Bench bench = {0};
    int64_t at_ms = bluez_now_ms() + SOON_MS;

    (void)state;
    bench.wakeup = wakeup_new(on_wakeup, &bench);
    wakeup_set(bench.wakeup, at_ms);
    wait_for_calls(&bench, 1);
    assert_true(bench.at_ms >= at_ms);
    run_ms(3 * SOON_MS);
    assert_int_equal(bench.calls, 1);
    wakeup_destroy(&bench.wakeup);
    assert_null(bench.wakeup);
    wakeup_destroy(&bench.wakeup);
}

static void test_the_last_time_set_counts(void **state)
{
    Bench bench = {0};

    (void)state;
    bench.wakeup = wakeup_new(on_wakeup, &bench);
    wakeup_set(bench.wakeup, bluez_now_ms() + LATER_MS);
    wakeup_set(bench.wakeup, bluez_now_ms() - LATER_MS); /* past: at once */
    wait_for_calls(&bench, 1);
    wakeup_set(bench.wakeup, bluez_now_ms() + SOON_MS);
    wakeup_set(bench.wakeup, INT64_MAX); /* not at all */
    run_ms(3 * SOON_MS);
    assert_int_equal(bench.calls, 1);
    wakeup_set(bench.wakeup, bluez_now_ms());
    wakeup_destroy(&bench.wakeup);
    run_ms(SOON_MS);
    assert_int_equal(bench.calls, 1);
}

static void test_set_from_within(void **state)
{
    Bench bench = {.again = true};

    (void)state;
    bench.wakeup = wakeup_new(on_wakeup, &bench);
    wakeup_set(bench.wakeup, bluez_now_ms());
    wait_for_calls(&bench, 3);
    wakeup_destroy(&bench.wakeup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_and_not_before_its_time),
        cmocka_unit_test(test_the_last_time_set_counts),
        cmocka_unit_test(test_set_from_within),
    };

    return cmocka_run_group_tests_name("bluez wakeup", tests, NULL, NULL);
}
