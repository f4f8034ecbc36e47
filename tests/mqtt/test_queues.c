/* SPDX-License-Identifier: MIT */
#include "mqtt/inbox.h"
#include "mqtt/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static guint push(Outbox *outbox, MqttKind kind, const char *topic, const char *payload, bool retain)
{
    return outbox_push(outbox, out_message_new(kind, topic, payload, 1, retain, 0));
}

/* Takes and settles the next; true when it has PAYLOAD. */
static bool next_is(Outbox *outbox, OutLane lane, const char *payload)
{
    OutMessage *message = outbox_take(outbox, lane);
    bool same = message != NULL && strcmp(message->payload, payload) == 0;
    if (message != NULL)
        outbox_settle(outbox, message);
    return same;
}

static void keeps_order_and_newest_retained(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 10);
    push(outbox, MQTT_KEEP, "session", "one", true);
    push(outbox, MQTT_KEEP, "event", "a", false);
    push(outbox, MQTT_KEEP, "event", "b", false);
    push(outbox, MQTT_KEEP, "session", "two", true);
    assert_int_equal(outbox_waiting(outbox), 3);
    assert_int_equal(outbox_replaced(outbox), 1);
    assert_true(next_is(outbox, LANE_ORDER, "a"));
    assert_true(next_is(outbox, LANE_ORDER, "b"));
    assert_true(next_is(outbox, LANE_ORDER, "two"));
    assert_null(outbox_take(outbox, LANE_ORDER));
    outbox_free(outbox);
}

static void latest_waits_once_per_topic_in_its_place(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 2);
    push(outbox, MQTT_LIVE, "anna/live", "1", false);
    push(outbox, MQTT_LIVE, "ben/live", "1b", false);
    push(outbox, MQTT_LIVE, "anna/live", "2", false);
    assert_int_equal(push(outbox, MQTT_LIVE, "third/live", "x", false), 1);
    assert_true(next_is(outbox, LANE_LIVE, "2"));
    assert_true(next_is(outbox, LANE_LIVE, "1b"));
    assert_int_equal(outbox_waiting(outbox), 0);
    outbox_free(outbox);
}

/* What came first is first, also when a newer one took its place; what is live never need wait for the rest. */
static void what_is_live_goes_on_without_the_others(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 10);
    push(outbox, MQTT_LIVE, "anna/live", "1", false);
    push(outbox, MQTT_KEEP, "event", "a", false);
    push(outbox, MQTT_LATEST, "anna/state", "b", false);
    push(outbox, MQTT_LIVE, "anna/live", "2", false);
    push(outbox, MQTT_LIVE, "ben/live", "3", false);
    assert_int_equal(outbox_first(outbox), LANE_LIVE);
    assert_true(next_is(outbox, LANE_LIVE, "2"));
    assert_int_equal(outbox_first(outbox), LANE_ORDER);
    assert_true(next_is(outbox, LANE_LIVE, "3"));
    assert_null(outbox_peek(outbox, LANE_LIVE));
    assert_true(next_is(outbox, LANE_ORDER, "a"));
    assert_true(next_is(outbox, LANE_ORDER, "b"));
    assert_int_equal(outbox_waiting(outbox), 0);
    outbox_free(outbox);
}

static void latest_that_waits_can_be_taken_back(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 10);
    push(outbox, MQTT_KEEP, "anna/live", "kept", false);
    push(outbox, MQTT_LIVE, "anna/live", "1", false);
    push(outbox, MQTT_LIVE, "ben/live", "2", false);
    assert_true(outbox_take_back(outbox, "anna/live"));
    assert_false(outbox_take_back(outbox, "anna/live"));
    assert_true(next_is(outbox, LANE_LIVE, "2"));
    assert_false(outbox_take_back(outbox, "ben/live"));
    assert_true(next_is(outbox, LANE_ORDER, "kept"));
    assert_int_equal(outbox_waiting(outbox), 0);
    outbox_free(outbox);
}

static void limit_drops_the_oldest_that_is_not_retained(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(3, 100000, 10);
    push(outbox, MQTT_KEEP, "session", "s", true);
    push(outbox, MQTT_KEEP, "event", "1", false);
    push(outbox, MQTT_KEEP, "event", "2", false);
    assert_int_equal(push(outbox, MQTT_KEEP, "event", "3", false), 1);
    assert_true(next_is(outbox, LANE_ORDER, "s"));
    assert_true(next_is(outbox, LANE_ORDER, "2"));
    assert_true(next_is(outbox, LANE_ORDER, "3"));

    push(outbox, MQTT_KEEP, "r1", "1", true);
    push(outbox, MQTT_KEEP, "r2", "2", true);
    push(outbox, MQTT_KEEP, "r3", "3", true);
    assert_int_equal(push(outbox, MQTT_KEEP, "r4", "4", true), 1);
    assert_true(next_is(outbox, LANE_ORDER, "2"));
    outbox_free(outbox);
}

static void limit_of_bytes(void **state)
{
    (void)state;
    char *large = g_strnfill(4000, 'x');
    Outbox *outbox = outbox_new(1000, 10000, 10);
    for (int i = 0; i < 50; i++)
        push(outbox, MQTT_KEEP, "event", large, false);
    assert_int_equal(outbox_waiting(outbox), 2);
    outbox_free(outbox);
    g_free(large);
}

static void lost_link_brings_back_what_was_on_its_way(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 10);
    push(outbox, MQTT_KEEP, "event", "1", false);
    push(outbox, MQTT_KEEP, "session", "old", true);
    push(outbox, MQTT_LIVE, "live", "then", false);
    push(outbox, MQTT_KEEP, "event", "2", false);
    push(outbox, MQTT_KEEP, "last", "summary", true);
    for (int i = 0; i < 3; i++)
        assert_non_null(outbox_take(outbox, LANE_ORDER));
    assert_non_null(outbox_take(outbox, LANE_LIVE));
    push(outbox, MQTT_KEEP, "session", "new", true);
    push(outbox, MQTT_LIVE, "live", "now", false);
    assert_int_equal(outbox_link_lost(outbox), 2);
    assert_int_equal(outbox_on_the_way(outbox), 0);
    assert_true(next_is(outbox, LANE_ORDER, "1"));
    assert_true(next_is(outbox, LANE_ORDER, "2"));
    assert_true(next_is(outbox, LANE_ORDER, "summary"));
    assert_true(next_is(outbox, LANE_ORDER, "new"));
    assert_int_equal(outbox_waiting(outbox), 0);
    outbox_free(outbox);
}

static void settled_once_only(void **state)
{
    (void)state;
    Outbox *outbox = outbox_new(10, 10000, 10);
    push(outbox, MQTT_KEEP, "event", "1", false);
    OutMessage *message = outbox_take(outbox, LANE_ORDER);
    outbox_settle(outbox, message);
    outbox_settle(outbox, message);
    assert_int_equal(outbox_link_lost(outbox), 0);
    outbox_free(outbox);
    outbox_free(NULL);
}

static guint push_in(Inbox *inbox, const char *topic, const char *payload, gsize len, bool retained)
{
    const MqttIncoming message = {.topic = topic, .payload = payload, .len = len, .retained = retained};
    return inbox_push(inbox, &message);
}

static void assert_pops(Inbox *inbox, const char *topic, const char *payload)
{
    InMessage *message = inbox_pop(inbox);
    assert_non_null(message);
    assert_string_equal(message->topic, topic);
    assert_string_equal(message->payload, payload);
    in_message_free(message);
}

static void inbox_keeps_all_while_there_is_room(void **state)
{
    (void)state;
    Inbox *inbox = inbox_new(3, 1000, 100);
    assert_int_equal(push_in(inbox, "a", "1", 1, false), 0);
    assert_int_equal(push_in(inbox, "a", "2", 1, true), 0);
    assert_int_equal(push_in(inbox, "b", NULL, 0, false), 0);
    assert_pops(inbox, "a", "1");
    assert_pops(inbox, "a", "2");
    assert_pops(inbox, "b", "");
    assert_null(inbox_pop(inbox));
    inbox_free(inbox);
}

static void inbox_keeps_the_newest_of_a_topic_in_a_flood(void **state)
{
    (void)state;
    char *large = g_strnfill(101, 'x');
    Inbox *inbox = inbox_new(3, 1000, 100);
    push_in(inbox, "a", "1", 1, false);
    push_in(inbox, "b", "1", 1, false);
    push_in(inbox, "a", "2", 1, false);
    assert_int_equal(push_in(inbox, "a", "3", 1, false), 1);
    assert_int_equal(push_in(inbox, "c", "1", 1, false), 1);
    assert_int_equal(push_in(inbox, "a", large, 101, false), 1);
    assert_int_equal(inbox_waiting(inbox), 3);
    assert_pops(inbox, "b", "1");
    assert_pops(inbox, "a", "2");
    assert_pops(inbox, "a", "3");
    inbox_free(inbox);
    g_free(large);
}

static void inbox_keeps_where_the_answer_goes(void **state)
{
    (void)state;
    const guint8 correlation[] = {0, 1, 255};
    Inbox *inbox = inbox_new(3, 1000, 100);
    const MqttIncoming request = {.topic = "q", .payload = "{}", .len = 2, .response_topic = "answers/here",
                                  .correlation = correlation, .correlation_len = sizeof correlation};
    assert_int_equal(inbox_push(inbox, &request), 0);
    InMessage *message = inbox_pop(inbox);
    const MqttIncoming view = in_message_view(message);
    assert_string_equal(view.response_topic, "answers/here");
    assert_int_equal(view.correlation_len, sizeof correlation);
    assert_memory_equal(view.correlation, correlation, sizeof correlation);
    in_message_free(message);
    inbox_free(inbox);
}

static void inbox_is_bounded_in_bytes(void **state)
{
    (void)state;
    char payload[90] = {0};
    char topic[16];
    guint lost = 0;
    Inbox *inbox = inbox_new(1000, 1000, 100);
    for (int i = 0; i < 100; i++) {
        g_snprintf(topic, sizeof topic, "t%d", i);
        lost += push_in(inbox, topic, payload, sizeof payload, false);
    }
    assert_true(inbox_waiting(inbox) <= 1000 / sizeof payload);
    assert_int_equal(lost + inbox_waiting(inbox), 100);
    inbox_free(inbox);
    inbox_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_and_newest_retained),
        cmocka_unit_test(latest_waits_once_per_topic_in_its_place),
        cmocka_unit_test(what_is_live_goes_on_without_the_others),
        cmocka_unit_test(latest_that_waits_can_be_taken_back),
        cmocka_unit_test(limit_drops_the_oldest_that_is_not_retained),
        cmocka_unit_test(limit_of_bytes),
        cmocka_unit_test(lost_link_brings_back_what_was_on_its_way),
        cmocka_unit_test(settled_once_only),
        cmocka_unit_test(inbox_keeps_all_while_there_is_room),
        cmocka_unit_test(inbox_keeps_the_newest_of_a_topic_in_a_flood),
        cmocka_unit_test(inbox_keeps_where_the_answer_goes), cmocka_unit_test(inbox_is_bounded_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
