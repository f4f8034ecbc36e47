/* SPDX-License-Identifier: MIT
 *
 * The policy of one strap, as tables of (time, event) -> state and actions, and as random walks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/link.h"

#include <string.h>

enum {
    DOWN = LINK_DO_DOWN,
    DISC = LINK_DO_DISCONNECT,
    REMO = LINK_DO_REMOVE,
    RELE = LINK_DO_RELEASE,
    QUEU = LINK_DO_QUEUE,
    CONN = LINK_DO_CONNECT,
    SUBS = LINK_DO_SUBSCRIBE,
    UP = LINK_DO_UP,
};

typedef struct {
    int64_t at_ms;
    LinkEvent event;
    LinkState state;
    unsigned actions;
} Step;

#define AT_DEADLINE (-1) /* the moment the link asked for */

static void walk(Link *link, const Step *steps, size_t count)
{
    int64_t now_ms = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned actions;

        now_ms = steps[i].at_ms == AT_DEADLINE ? link_deadline_ms(link) : steps[i].at_ms;
        assert_true(now_ms != LINK_NEVER);
        actions = link_event(link, steps[i].event, now_ms);
        if (link->state != steps[i].state || actions != steps[i].actions)
            fail_msg("step %zu: %s, actions %#x; wanted %s, %#x", i, link_state_name(link->state), actions,
                     link_state_name(steps[i].state), steps[i].actions);
    }
}

static Link fresh(void)
{
    LinkTiming timing = link_timing_default();
    Link link;

    link_init(&link, &timing, 12345);
    return link;
}

#define WALK(link, ...)                                                                                                \
    do {                                                                                                               \
        static const Step STEPS[] = {__VA_ARGS__};                                                                     \
        walk(link, STEPS, sizeof STEPS / sizeof STEPS[0]);                                                             \
    } while (0)

#define TO_CONNECTING                                                                                                  \
    {0, LINK_EV_SEEN, LINK_QUEUED, QUEU}, { 100, LINK_EV_GRANTED, LINK_CONNECTING, CONN }
#define TO_RESOLVING TO_CONNECTING, { 1000, LINK_EV_CONNECT_OK, LINK_RESOLVING, 0 }
#define TO_SUBSCRIBING TO_RESOLVING, { 2000, LINK_EV_READY, LINK_SUBSCRIBING, SUBS }
#define TO_LIVE TO_SUBSCRIBING, { 2100, LINK_EV_SUBSCRIBE_OK, LINK_LIVE, RELE | UP }

static void the_happy_path(void **state)
{
    Link link = fresh();

    (void)state;
    assert_true(link_searching(&link));
    assert_true(link_deadline_ms(&link) == LINK_NEVER);
    WALK(&link, TO_LIVE, {3000, LINK_EV_NOTIFICATION, LINK_LIVE, 0}, {4000, LINK_EV_NOTIFICATION, LINK_LIVE, 0});
    assert_false(link_searching(&link));
    assert_int_equal(link_deadline_ms(&link), 10000);
}

static void ready_before_connect_is_answered_goes_straight_on(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {500, LINK_EV_CONNECTED, LINK_CONNECTING, 0},
         {600, LINK_EV_READY, LINK_CONNECTING, 0}, {700, LINK_EV_CONNECT_OK, LINK_SUBSCRIBING, SUBS},
         {800, LINK_EV_NOTIFICATION, LINK_LIVE, RELE | UP});
}

static void a_flicker_before_the_error_is_not_a_connection(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {500, LINK_EV_CONNECTED, LINK_CONNECTING, 0},
         {510, LINK_EV_DISCONNECTED, LINK_CONNECTING, 0}, {520, LINK_EV_CONNECT_FAILED, LINK_BACKOFF, RELE},
         {530, LINK_EV_SEEN, LINK_BACKOFF, 0}, {AT_DEADLINE, LINK_EV_TIME, LINK_QUEUED, QUEU});
}

static void an_error_while_connected_waits_for_the_disconnect(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {500, LINK_EV_CONNECTED, LINK_CONNECTING, 0},
         {520, LINK_EV_CONNECT_FAILED, LINK_DISCONNECTING, DISC},
         {530, LINK_EV_DISCONNECT_DONE, LINK_DISCONNECTING, 0}, {540, LINK_EV_DISCONNECTED, LINK_BACKOFF, RELE});
}

static void a_connect_without_an_answer_is_cancelled(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {5099, LINK_EV_TIME, LINK_CONNECTING, 0},
         {5100, LINK_EV_TIME, LINK_DISCONNECTING, DISC}, {5200, LINK_EV_DISCONNECT_DONE, LINK_BACKOFF, RELE},
         {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0}); /* not heard since */
    assert_int_equal(link.why, LINK_WHY_CONNECT_TIMEOUT);
}

static void busy_cancels_what_may_be_pending(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {200, LINK_EV_CONNECT_BUSY, LINK_DISCONNECTING, DISC},
         {210, LINK_EV_DISCONNECT_DONE, LINK_BACKOFF, RELE});
}

static void a_strap_heard_too_long_ago_is_not_connected(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, {0, LINK_EV_SEEN, LINK_QUEUED, QUEU}, {20001, LINK_EV_GRANTED, LINK_WANTED, RELE},
         {30000, LINK_EV_SEEN, LINK_QUEUED, QUEU}, {49000, LINK_EV_SEEN, LINK_QUEUED, 0},
         {60000, LINK_EV_GRANTED, LINK_CONNECTING, CONN});
}

static void a_strap_must_be_heard_again_before_each_try(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {2200, LINK_EV_DISCONNECTED, LINK_BACKOFF, DOWN | RELE},
         {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0}, {4000, LINK_EV_SEEN, LINK_QUEUED, QUEU},
         {4100, LINK_EV_GRANTED, LINK_CONNECTING, CONN}, {4200, LINK_EV_CONNECT_FAILED, LINK_BACKOFF, RELE},
         {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0});
}

static void a_queue_that_does_not_move_is_left(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, {0, LINK_EV_SEEN, LINK_QUEUED, QUEU}, {60000, LINK_EV_TIME, LINK_WANTED, RELE});
}

static void a_device_without_the_service_is_removed_in_the_end(void **state)
{
    Link link = fresh();

    (void)state;
    for (int round = 1; round <= 3; round++) {
        link_init(&link, &link.timing, 1);
        link.unresolved = (unsigned)round - 1;
        walk(&link, (Step[]){TO_RESOLVING, {6000, LINK_EV_TIME, LINK_DISCONNECTING, DISC},
                             {6100, LINK_EV_DISCONNECT_DONE, LINK_DISCONNECTING, 0}}, 5);
        assert_int_equal(link_event(&link, LINK_EV_DISCONNECTED, 6200), round < 3 ? RELE : RELE | REMO);
    }
    assert_int_equal(link.unresolved, 0);
}

static void a_subscription_is_waited_for_only_so_long(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_SUBSCRIBING, {2100, LINK_EV_SUBSCRIBE_PENDING, LINK_SUBSCRIBING, 0},
         {7000, LINK_EV_TIME, LINK_DISCONNECTING, DISC});
    assert_int_equal(link.why, LINK_WHY_SUBSCRIBE_TIMEOUT);
}

static void a_refused_subscription_hangs_up(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_SUBSCRIBING, {2100, LINK_EV_SUBSCRIBE_FAILED, LINK_DISCONNECTING, DISC});
}

static void silence_is_a_lost_link(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {5000, LINK_EV_NOTIFICATION, LINK_LIVE, 0}, {10999, LINK_EV_TIME, LINK_LIVE, 0},
         {11000, LINK_EV_TIME, LINK_DISCONNECTING, DOWN | DISC});
    assert_int_equal(link.why, LINK_WHY_SILENT);
    assert_int_equal(link.drops, 1);
}

static void a_subscription_that_yields_nothing_is_a_lost_link(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {8100, LINK_EV_TIME, LINK_DISCONNECTING, DOWN | DISC});
}

static void a_link_that_cannot_be_cut_is_removed_and_cut_again(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {2200, LINK_EV_CONNECTED, LINK_LIVE, 0},
         {8100, LINK_EV_TIME, LINK_DISCONNECTING, DOWN | DISC},
         {8200, LINK_EV_DISCONNECT_DONE, LINK_DISCONNECTING, 0}, {12100, LINK_EV_TIME, LINK_BACKOFF, RELE | REMO},
         {AT_DEADLINE, LINK_EV_TIME, LINK_DISCONNECTING, DISC});
}

static void a_disconnect_without_an_answer_is_given_up(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {8100, LINK_EV_TIME, LINK_DISCONNECTING, DOWN | DISC},
         {8200, LINK_EV_DISCONNECTED, LINK_DISCONNECTING, 0}, {12100, LINK_EV_TIME, LINK_BACKOFF, RELE});
}

static void a_disconnect_is_handled_at_once(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_LIVE, {2200, LINK_EV_DISCONNECTED, LINK_BACKOFF, DOWN | RELE});
    assert_true(link_searching(&link));
    assert_in_range(link_deadline_ms(&link), 2450, 2700);
}

static void a_stale_link_is_cut_first(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, {0, LINK_EV_STALE, LINK_DISCONNECTING, DISC}, {10, LINK_EV_READY, LINK_DISCONNECTING, 0},
         {2000, LINK_EV_DISCONNECT_DONE, LINK_DISCONNECTING, 0}, {2010, LINK_EV_DISCONNECTED, LINK_BACKOFF, RELE},
         {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0});
}

static void a_link_made_by_others_is_taken_over(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, {0, LINK_EV_CONNECTED, LINK_RESOLVING, 0}, {10, LINK_EV_READY, LINK_SUBSCRIBING, SUBS},
         {20, LINK_EV_SUBSCRIBE_OK, LINK_LIVE, RELE | UP});
}

static void losing_everything_starts_afresh_from_any_state(void **state)
{
    static const Step PATH[] = {TO_LIVE};
    static const unsigned ACTIONS[] = {RELE, RELE, RELE, RELE, DOWN | RELE};

    (void)state;
    for (size_t i = 0; i < sizeof PATH / sizeof PATH[0]; i++) {
        Link link = fresh();

        walk(&link, PATH, i + 1);
        assert_int_equal(link_event(&link, LINK_EV_RESET, 5000), ACTIONS[i]);
        assert_int_equal(link.state, LINK_WANTED);
        walk(&link, (Step[]){{6000, LINK_EV_SEEN, LINK_QUEUED, QUEU}}, 1);
    }
}

static void a_device_that_comes_and_goes_is_not_tried_without_pause(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {200, LINK_EV_GONE, LINK_BACKOFF, RELE}, {210, LINK_EV_SEEN, LINK_BACKOFF, 0},
         {220, LINK_EV_GONE, LINK_BACKOFF, 0}, {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0},
         {900, LINK_EV_SEEN, LINK_QUEUED, QUEU}, {910, LINK_EV_GONE, LINK_WANTED, RELE});
}

static int64_t backoff_after(unsigned failures, LinkEvent how, uint32_t seed)
{
    LinkTiming timing = link_timing_default();
    int64_t now_ms = 0, wait_ms = 0;
    Link link;

    link_init(&link, &timing, seed);
    for (unsigned i = 0; i < failures; i++) {
        link_event(&link, LINK_EV_SEEN, now_ms);
        link_event(&link, LINK_EV_TIME, now_ms);
        assert_int_equal(link.state, LINK_QUEUED);
        link_event(&link, LINK_EV_GRANTED, now_ms);
        link_event(&link, how, how == LINK_EV_TIME ? link_deadline_ms(&link) : now_ms);
        link_event(&link, LINK_EV_DISCONNECT_DONE, now_ms);
        assert_int_equal(link.state, LINK_BACKOFF);
        wait_ms = link_deadline_ms(&link) - now_ms;
        for (int64_t heard_ms = now_ms; heard_ms < link_deadline_ms(&link); heard_ms += 3000)
            link_event(&link, LINK_EV_SEEN, heard_ms); /* it is there all the while */
        now_ms = link_deadline_ms(&link);
    }
    return wait_ms;
}

static void backoff_doubles_to_its_limit_and_is_jittered(void **state)
{
    static const int64_t HALF_MS[] = {250, 500, 1000, 1000, 1000, 1000, 1000};

    (void)state;
    for (unsigned n = 0; n < sizeof HALF_MS / sizeof HALF_MS[0]; n++) {
        int64_t min = INT64_MAX, max = 0;

        for (uint32_t seed = 0; seed < 200; seed++) {
            int64_t wait_ms = backoff_after(n + 1, LINK_EV_CONNECT_FAILED, seed * 2654435761u);

            assert_in_range(wait_ms, HALF_MS[n], 2 * HALF_MS[n]);
            min = wait_ms < min ? wait_ms : min;
            max = wait_ms > max ? wait_ms : max;
        }
        assert_true(max - min > HALF_MS[n] / 2);
    }
    assert_in_range(backoff_after(40, LINK_EV_CONNECT_FAILED, 7), 1000, 2000);
}

/* A try that holds up others becomes rare, but only when many were in vain. */
static void backoff_is_slow_after_many_failures_that_hold_up_others(void **state)
{
    static const int64_t HALF_MS[] = {1000, 1000, 1000, 2000, 4000, 8000, 15000, 15000};

    (void)state;
    for (unsigned n = 0; n < sizeof HALF_MS / sizeof HALF_MS[0]; n++)
        assert_in_range(backoff_after(n + 4, LINK_EV_CONNECT_BUSY, 7), HALF_MS[n], 2 * HALF_MS[n]);
}

/* Searched for and not heard, then heard: what failed before it went does not let it wait. */
static void a_strap_that_was_away_is_tried_at_once(void **state)
{
    Link link = fresh();

    (void)state;
    link.failures = 30;
    WALK(&link, TO_CONNECTING, {5100, LINK_EV_TIME, LINK_DISCONNECTING, DISC},
         {5200, LINK_EV_DISCONNECT_DONE, LINK_BACKOFF, RELE}, {7000, LINK_EV_SEEN, LINK_BACKOFF, 0});
    assert_true(link_deadline_ms(&link) > 5200 + 15000);
    WALK(&link, {13000, LINK_EV_SEEN, LINK_BACKOFF, 0}, {13500, LINK_EV_TIME, LINK_QUEUED, QUEU});
    assert_int_equal(link.failures, 0);
    link = fresh();
    WALK(&link, TO_LIVE);
    link.failures = 30;
    WALK(&link, {2200, LINK_EV_DISCONNECTED, LINK_BACKOFF, DOWN | RELE}, {AT_DEADLINE, LINK_EV_TIME, LINK_WANTED, 0},
         {20000, LINK_EV_SEEN, LINK_QUEUED, QUEU}, {20100, LINK_EV_GRANTED, LINK_CONNECTING, CONN},
         {20200, LINK_EV_CONNECT_FAILED, LINK_BACKOFF, RELE});
    assert_in_range(link_deadline_ms(&link), 20450, 20700);
}

/* BlueZ discovers the services before it answers. */
static void a_link_gives_connect_more_time(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_CONNECTING, {4000, LINK_EV_CONNECTED, LINK_CONNECTING, 0},
         {13999, LINK_EV_TIME, LINK_CONNECTING, 0}, {14000, LINK_EV_TIME, LINK_DISCONNECTING, DISC});
}

static void failures_are_forgotten_once_a_link_has_held(void **state)
{
    Link link = fresh();

    (void)state;
    link.failures = 5;
    WALK(&link, TO_LIVE, {3000, LINK_EV_NOTIFICATION, LINK_LIVE, 0});
    assert_int_equal(link.failures, 5);
    WALK(&link, {12100, LINK_EV_NOTIFICATION, LINK_LIVE, 0});
    assert_int_equal(link.failures, 0);
}

static void a_device_that_is_another_is_hung_up_on_at_no_cost(void **state)
{
    Link link = fresh();

    (void)state;
    WALK(&link, TO_SUBSCRIBING, {2500, LINK_EV_REFUSED, LINK_DISCONNECTING, DISC},
         {2600, LINK_EV_DISCONNECTED, LINK_DISCONNECTING, 0}, {2700, LINK_EV_DISCONNECT_DONE, LINK_BACKOFF, RELE},
         {2800, LINK_EV_REFUSED, LINK_WANTED, RELE}, {3000, LINK_EV_SEEN, LINK_QUEUED, QUEU},
         {3100, LINK_EV_REFUSED, LINK_WANTED, RELE});
    assert_int_equal(link.failures, 0);
    assert_int_equal(link.why, LINK_WHY_REFUSED);
    link = fresh();
    WALK(&link, TO_LIVE, {3000, LINK_EV_REFUSED, LINK_DISCONNECTING, DOWN | DISC},
         {3100, LINK_EV_REFUSED, LINK_DISCONNECTING, 0});
}

/* Whatever comes in whatever order: UP and DOWN alternate, a wait has an end, and the adapter is given
 * back before it is asked for again. */
static void random_walks_keep_the_promises(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 300; seed++) {
        LinkTiming timing = link_timing_default();
        uint32_t random = seed * 2654435761u;
        int64_t now_ms = 0;
        bool up = false, asked = false;
        Link link;

        link_init(&link, &timing, seed);
        for (int i = 0; i < 2000; i++) {
            LinkEvent event = (LinkEvent)((random = random * 1664525u + 1013904223u) >> 16) % LINK_EV_COUNT;
            LinkState before = link.state;
            unsigned actions = link_event(&link, event, now_ms += (random >> 8) % 3000);

            assert_false((actions & UP) != 0 && up);
            assert_false((actions & DOWN) != 0 && !up);
            up = (up || (actions & UP) != 0) && (actions & DOWN) == 0;
            assert_true(up == (link.state == LINK_LIVE));
            asked = asked && (actions & RELE) == 0;
            assert_false((actions & QUEU) != 0 && asked);
            asked |= (actions & QUEU) != 0;
            assert_false((actions & CONN) != 0 && (before != LINK_QUEUED || !asked));
            assert_true((link_deadline_ms(&link) == LINK_NEVER) == (link.state == LINK_WANTED));
            assert_false(link_searching(&link) && asked);
        }
    }
}

static void every_state_and_reason_has_a_word(void **state)
{
    (void)state;
    for (int i = 0; i < LINK_STATE_COUNT; i++)
        assert_true(strlen(link_state_name((LinkState)i)) > 1);
    for (int i = 0; i < LINK_WHY_COUNT; i++)
        assert_true(strlen(link_why_text((LinkWhy)i)) > 1);
    assert_string_equal(link_state_name(LINK_STATE_COUNT), "?");
    assert_string_equal(link_why_text(LINK_WHY_COUNT), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_happy_path),
        cmocka_unit_test(ready_before_connect_is_answered_goes_straight_on),
        cmocka_unit_test(a_flicker_before_the_error_is_not_a_connection),
        cmocka_unit_test(an_error_while_connected_waits_for_the_disconnect),
        cmocka_unit_test(a_connect_without_an_answer_is_cancelled),
        cmocka_unit_test(busy_cancels_what_may_be_pending),
        cmocka_unit_test(a_strap_heard_too_long_ago_is_not_connected),
        cmocka_unit_test(a_strap_must_be_heard_again_before_each_try),
        cmocka_unit_test(a_queue_that_does_not_move_is_left),
        cmocka_unit_test(a_device_without_the_service_is_removed_in_the_end),
        cmocka_unit_test(a_subscription_is_waited_for_only_so_long),
        cmocka_unit_test(a_refused_subscription_hangs_up),
        cmocka_unit_test(silence_is_a_lost_link),
        cmocka_unit_test(a_subscription_that_yields_nothing_is_a_lost_link),
        cmocka_unit_test(a_link_that_cannot_be_cut_is_removed_and_cut_again),
        cmocka_unit_test(a_disconnect_without_an_answer_is_given_up),
        cmocka_unit_test(a_disconnect_is_handled_at_once),
        cmocka_unit_test(a_stale_link_is_cut_first),
        cmocka_unit_test(a_link_made_by_others_is_taken_over),
        cmocka_unit_test(losing_everything_starts_afresh_from_any_state),
        cmocka_unit_test(a_device_that_comes_and_goes_is_not_tried_without_pause),
        cmocka_unit_test(backoff_doubles_to_its_limit_and_is_jittered),
        cmocka_unit_test(backoff_is_slow_after_many_failures_that_hold_up_others),
        cmocka_unit_test(a_strap_that_was_away_is_tried_at_once),
        cmocka_unit_test(a_link_gives_connect_more_time),
        cmocka_unit_test(failures_are_forgotten_once_a_link_has_held),
        cmocka_unit_test(a_device_that_is_another_is_hung_up_on_at_no_cost),
        cmocka_unit_test(random_walks_keep_the_promises),
        cmocka_unit_test(every_state_and_reason_has_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
