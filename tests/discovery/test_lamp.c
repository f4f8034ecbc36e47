/* SPDX-License-Identifier: MIT
 *
 * The lamp and the clock of an athlete: what is sent, and when.
 */
#include "athlete_lamp.h"
#include "mqtt/lamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static GString *said; /* "topic payload\n" since the last look */

/* In the place of the real one. */
void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                         bool retain, unsigned expiry_s)
{
    assert_null(client);
    assert_true(kind == MQTT_LATEST && qos == 0 && !retain && expiry_s == LAMP_AWTRIX_LIFETIME_S);
    g_string_append_printf(said, "%s %s\n", topic, payload);
}

#define LAMP "wled/treadmill/api "
#define CLOCK "awtrix_1/custom/zone1d-anna "

static AthleteConfig config = {.id = (char *)"anna", .wled_topic = (char *)"wled/treadmill",
                               .awtrix_topic = (char *)"awtrix_1"};
static AthleteContext context;

static int setup(void **state)
{
    said = g_string_new(NULL);
    config.share = SHARE_FULL;
    *state = athlete_lamp_new(&context, &config);
    return 0;
}

static int teardown(void **state)
{
    athlete_lamp_free(*state);
    g_string_free(said, TRUE);
    return 0;
}

static void expect(const char *text)
{
    assert_string_equal(said->str, text);
    g_string_truncate(said, 0);
}

static void show(AthleteLamp *lamp, SessionState session, int hr_bpm, int zone, int64_t now_ms)
{
    const Live live = {.session = session, .hr_bpm = hr_bpm, .zone = hr_bpm > 0 ? zone : ZONE_NONE};
    athlete_lamp_show(lamp, &live, now_ms);
}

static void test_the_lamp_changes_with_the_zone_alone(void **state)
{
    AthleteLamp *lamp = *state;
    athlete_lamp_announce(lamp);
    show(lamp, SESSION_IDLE, 0, 0, 0);
    expect(""); /* it belongs to its owner until there is a session */
    show(lamp, SESSION_ACTIVE, 0, 0, 1000);
    expect(LAMP "{\"on\":true,\"bri\":16,\"seg\":[{\"fx\":0,\"col\":[[255,255,255]]}]}\n");
    show(lamp, SESSION_ACTIVE, 128, 1, 2000);
    expect(LAMP "{\"on\":true,\"bri\":160,\"seg\":[{\"fx\":0,\"col\":[[0,192,64]]}]}\n"
           CLOCK "{\"text\":\"128\",\"color\":\"#00C040\",\"noScroll\":true,\"lifetime\":5}\n");
    show(lamp, SESSION_ACTIVE, 128, 1, 3000);
    expect("");
    show(lamp, SESSION_FINISHED, 0, 0, 4000);
    expect(LAMP "{\"on\":false}\n" CLOCK "\n");
}

static void test_the_clock_at_most_once_a_second(void **state)
{
    AthleteLamp *lamp = *state;
    show(lamp, SESSION_IDLE, 120, 1, 0);
    expect(CLOCK "{\"text\":\"120\",\"color\":\"#00C040\",\"noScroll\":true,\"lifetime\":5}\n");
    show(lamp, SESSION_IDLE, 121, 1, 500);
    expect("");
    show(lamp, SESSION_IDLE, 122, 1, 1000);
    expect(CLOCK "{\"text\":\"122\",\"color\":\"#00C040\",\"noScroll\":true,\"lifetime\":5}\n");
    show(lamp, SESSION_IDLE, 122, 1, 3900);
    expect("");
    show(lamp, SESSION_IDLE, 122, 1, 4000); /* before the clock forgets it */
    assert_true(said->len > 0);
    g_string_truncate(said, 0);
    show(lamp, SESSION_IDLE, 0, 0, 4100); /* not live any more: at once */
    expect(CLOCK "\n");
    show(lamp, SESSION_IDLE, 0, 0, 5000);
    expect("");
}

static void test_the_end_and_a_new_connection(void **state)
{
    AthleteLamp *lamp = *state;
    show(lamp, SESSION_ACTIVE, 150, 3, 0);
    g_string_truncate(said, 0);
    athlete_lamp_announce(lamp);
    expect(LAMP "{\"on\":true,\"bri\":160,\"seg\":[{\"fx\":0,\"col\":[[255,128,0]]}]}\n");
    show(lamp, SESSION_ACTIVE, 150, 3, 100);
    assert_non_null(strstr(said->str, "\"text\":\"150\""));
    g_string_truncate(said, 0);
    athlete_lamp_end(lamp);
    expect(LAMP "{\"on\":false}\n" CLOCK "\n");
    athlete_lamp_end(lamp);
    expect("");
}

static void test_what_is_not_shared_is_not_shown(void **state)
{
    (void)state;
    config.share = SHARE_ZONE;
    AthleteLamp *lamp = athlete_lamp_new(&context, &config);
    show(lamp, SESSION_ACTIVE, 150, 3, 0);
    assert_null(strstr(said->str, "150"));
    athlete_lamp_free(lamp);
    const AthleteConfig none = {.id = (char *)"bob"};
    assert_null(athlete_lamp_new(&context, &none));
    show(NULL, SESSION_ACTIVE, 150, 3, 0);
    athlete_lamp_announce(NULL);
    athlete_lamp_end(NULL);
}

static void test_colours(void **state)
{
    (void)state;
    assert_int_equal(lamp_colour(ZONE_BELOW), 0x2060ff);
    assert_int_equal(lamp_colour(ZONE_NONE), 0x2060ff);
    assert_int_equal(lamp_colour(7), lamp_colour(5));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_lamp_changes_with_the_zone_alone),
        TEST(test_the_clock_at_most_once_a_second),
        TEST(test_the_end_and_a_new_connection),
        TEST(test_what_is_not_shared_is_not_shown),
        cmocka_unit_test(test_colours),
    };
    return cmocka_run_group_tests_name("lamp", tests, NULL, NULL);
}
