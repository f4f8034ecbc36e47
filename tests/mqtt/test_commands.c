/* SPDX-License-Identifier: MIT
 *
 * Commands as they come: what is taken, and what is refused with which words.
 */
#include "mqtt/commands.h"
#include "mqtt/events.h"
#include "mqtt/topics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static CommandSet set;
static CommandFault fault;

static bool plain(const char *key, const char *payload)
{
    return command_parse_plain(key, payload, strlen(payload), &set, &fault);
}

static bool json(const char *payload) { return command_parse_json(payload, strlen(payload), &set, &fault); }

static void plain_values(void **state)
{
    (void)state;
    static const char *const sessions[] = {"start", "stop", "pause", "resume"};
    for (int i = 0; i < 4; i++) {
        assert_true(plain("session", sessions[i]));
        assert_true(set.given[COMMAND_SESSION] && set.session == (SessionCommand)i);
    }
    assert_true(plain("target", "easy") && set.target.kind == TARGET_EASY);
    assert_true(plain("target", "z5b") && set.target.kind == TARGET_FIFTH && set.target.zone == 6);
    assert_true(plain("target", "cap:134") && set.target.cap_bpm == 134);
    assert_true(plain("cap", "80") && set.target.kind == TARGET_CAP && set.target.cap_bpm == 80);
    assert_true(plain("cap", " 200.0\n") && set.target.cap_bpm == 200);
    assert_true(plain("rpe", "0") && set.rpe == 0);
    assert_true(plain("rpe", "10") && set.rpe == 10);
    assert_true(plain("speed", "8.4") && set.speed_kmh == 8.4);
    assert_true(plain("speed", "0") && set.speed_kmh == 0);
    assert_true(plain("speed", "none") && isnan(set.speed_kmh));
    assert_string_equal(set.transaction, "");
}

static void plain_faults(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        {"cap", "79", "out of range 80..200"},     {"cap", "201", "out of range 80..200"},
        {"cap", "134.5", "out of range 80..200"},  {"cap", "-134", "out of range 80..200"},
        {"cap", "1e2", "out of range 80..200"},    {"cap", "", "out of range 80..200"},
        {"cap", "134 bpm", "out of range 80..200"}, {"cap", "1.3.4", "out of range 80..200"},
        {"rpe", "11", "out of range 1..10"},       {"rpe", "2.5", "out of range 1..10"},
        {"speed", "54.1", "out of range 0..54"},   {"speed", "8,4", "out of range 0..54"},
        {"speed", "nan", "out of range 0..54"},    {"speed", "-1", "out of range 0..54"},
        {"session", "Start", "not one of start"},  {"session", "", "not one of start"},
        {"target", "z9", "not one of recovery"},   {"target", "cap:300", "not one of recovery"},
        {"volume", "1", "there is no such key"},   {"", "1", "there is no such key"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(plain(bad[i][0], bad[i][1]));
        assert_string_equal(fault.key, bad[i][0]);
        assert_non_null(strstr(fault.text, bad[i][2]));
    }
    assert_false(plain("cap", "000000000000000000000000000000134"));
    assert_false(command_parse_plain("cap", "134\0", 4, &set, &fault));
    assert_false(plain("a\x1b[31mkey that is much longer than any key", "x"));
    assert_string_equal(fault.key, "a?[31mkey that is much longer th");
}

static void objects(void **state)
{
    (void)state;
    assert_true(json("{\"session\":\"start\",\"target\":\"recovery\",\"speed\":8.4,\"transaction\":\"7\"}"));
    assert_true(set.given[COMMAND_SESSION] && set.given[COMMAND_TARGET] && set.given[COMMAND_SPEED]);
    assert_false(set.given[COMMAND_RPE] || set.given[COMMAND_CAP]);
    assert_true(set.speed_kmh == 8.4);
    assert_string_equal(set.transaction, "7");
    assert_true(json(" {\"cap\":134,\"transaction\":12} \r\n"));
    assert_int_equal(set.target.cap_bpm, 134);
    assert_string_equal(set.transaction, "12");
    assert_true(json("{\"cap\":\"134\"}"));
    assert_true(json("{\"speed\":null}") && isnan(set.speed_kmh));
}

static void broken_objects(void **state)
{
    (void)state;
    static const char *const bad[][3] = {
        {"", "", "not JSON"},
        {"start", "", "not JSON"},
        {"{\"cap\":134", "", "not JSON"},
        {"{\"cap\":134} x", "", "not JSON"},
        {"[134]", "", "not a JSON object"},
        {"\"start\"", "", "not a JSON object"},
        {"{}", "", "nothing to do"},
        {"{\"transaction\":\"1\"}", "", "nothing to do"},
        {"{\"cap\":134,\"cap\":135}", "cap", "given twice"},
        {"{\"cap\":134,\"target\":\"easy\"}", "cap", "beside a target"},
        {"{\"cap\":null}", "cap", "of a type"},
        {"{\"cap\":true}", "cap", "of a type"},
        {"{\"cap\":{\"a\":1}}", "cap", "of a type"},
        {"{\"session\":\"start\",\"volume\":11}", "volume", "there is no such key"},
        {"{\"cap\":134,\"rpe\":1e300}", "rpe", "out of range"},
        {"{\"cap\":134,\"transaction\":[]}", "transaction", "not a text"},
        {"{\"cap\":134,\"transaction\":1.5}", "transaction", "not a text"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(json(bad[i][0]));
        assert_string_equal(fault.key, bad[i][1]);
        assert_non_null(strstr(fault.text, bad[i][2]));
    }
    assert_false(json("{\"cap\":300,\"transaction\":\"7\"}"));
    assert_string_equal(set.transaction, "7"); /* the refusal has it too */
    char *deep = g_strnfill(COMMAND_MAX_BYTES, '[');
    assert_false(json(deep));
    g_free(deep);
    char *large = g_strnfill(COMMAND_MAX_BYTES + 1, ' ');
    assert_false(json(large));
    assert_non_null(strstr(fault.text, "4096"));
    g_free(large);
}

static void topics_split(void **state)
{
    (void)state;
    char id[TOPIC_MAX_ID_BYTES + 1] = "untouched";
    assert_string_equal(topic_split("a/b/athlete/anna-2/set/cap", "a/b", "athlete", id), "set/cap");
    assert_string_equal(id, "anna-2");
    static const char *const bad[] = {
        "a/b/athlete/anna",  "a/b/athlete/Anna/set", "a/b/athlete//set",  "a/athlete/anna/set", "a/b/gateway/anna/set",
        "a/b/athlete/+/set", "a/bathlete/anna/set",  "",                  "a/b/athlete/",       "a/b",
        "a/b/athlete/abcdefghijklmnopqrstuvwxyz0123456789/set",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(topic_split(bad[i], "a/b", "athlete", id));
    assert_string_equal(id, "anna-2");
}

static void events_have_what_belongs_to_them(void **state)
{
    (void)state;
    Event event = {.type = EVENT_ABOVE_TARGET, .wall_us = G_GINT64_CONSTANT(1764000000000000), .session_id = "s",
                   .hr_bpm = 142, .cap_bpm = 134, .for_ms = 20999};
    g_autofree char *above = payload_event(&event), *again = payload_event(&event);
    assert_non_null(strstr(above, "{\"event_type\":\"above_target\",\"id\":\""));
    assert_non_null(strstr(above, ",\"ts\":\"2025-11-24T16:00:00.000Z\",\"session\":\"s\",\"hr\":142,\"cap\":134,"
                                  "\"floor\":null,\"for_s\":20}"));
    assert_string_not_equal(above, again); /* an id of its own */
    event = (Event){.type = EVENT_SIGNAL_LOST, .signal = SIGNAL_STALE, .for_ms = -1};
    g_autofree char *lost = payload_event(&event);
    assert_non_null(strstr(lost, ",\"ts\":null,\"session\":null,\"signal\":\"stale\"}"));
    event = (Event){.type = EVENT_BATTERY_LOW, .battery_percent = 12, .for_ms = -1};
    g_autofree char *battery = payload_event(&event);
    assert_non_null(strstr(battery, "\"battery\":12}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values),   cmocka_unit_test(plain_faults), cmocka_unit_test(objects),
        cmocka_unit_test(broken_objects), cmocka_unit_test(topics_split),
        cmocka_unit_test(events_have_what_belongs_to_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
