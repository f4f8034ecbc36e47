/* SPDX-License-Identifier: MIT
 *
 * When athlete/<a>/strap is said, with what is published caught in place of a broker.
 */
#include "athlete_strap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static char *published; /* the last message */
static unsigned count;

void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                         bool retain, unsigned expiry_s)
{
    (void)client;
    assert_int_equal(kind, MQTT_KEEP);
    assert_string_equal(topic, "zone1d/athlete/anna/strap");
    assert_int_equal(qos, 1);
    assert_true(retain);
    assert_int_equal(expiry_s, 0);
    g_free(published);
    published = g_strdup(payload);
    count++;
}

static bool said(const char *part) { return strstr(published, part) != NULL; }

static char prefix[] = "zone1d", gateway[] = "pi";
static const Config config = {.mqtt_prefix = prefix, .gateway_id = gateway};
static const AthleteContext context = {.config = &config};
static const StrapInfo connected = {.connected = true, .battery_percent = -1};
static const StrapInfo known = {.connected = true, .battery_percent = 80, .location = "chest", .model = "H10",
                                .serial = "0123AB", .adapter = "hci0"};

static int setup(void **state)
{
    count = 0;
    *state = strap_report_new(&context, "anna");
    return 0;
}

static int teardown(void **state)
{
    strap_report_free(*state);
    g_clear_pointer(&published, g_free);
    return 0;
}

static void connected_is_said_at_once_and_the_rest_later(void **state)
{
    StrapReport *report = *state;

    strap_report_info(report, &connected, 1000);
    assert_int_equal(count, 1);
    assert_true(said("\"connected\":true"));
    strap_report_info(report, &known, 1500);
    assert_int_equal(count, 1);
    assert_int_equal(strap_report_deadline_ms(report), 11000);
    strap_report_advance(report, 10999);
    assert_int_equal(count, 1);
    strap_report_advance(report, 11000);
    assert_int_equal(count, 2);
    assert_true(said("\"battery\":80") && said("\"location\":\"chest\"") && said("\"model\":\"H10\""));
    assert_false(said("0123AB") || said("hci0"));
    assert_true(strap_report_deadline_ms(report) == SOURCE_NEVER);
}

static void what_is_not_new_is_not_said(void **state)
{
    StrapReport *report = *state;

    strap_report_info(report, &known, 0);
    strap_report_info(report, &known, 60000);
    strap_report_contact(report, CONTACT_UNSUPPORTED, 60000);
    strap_report_advance(report, 99000);
    assert_int_equal(count, 1);
}

static void a_change_that_is_undone_is_not_said(void **state)
{
    StrapReport *report = *state;

    strap_report_info(report, &known, 0);
    strap_report_contact(report, CONTACT_DETECTED, 1000);
    strap_report_contact(report, CONTACT_UNSUPPORTED, 2000);
    assert_true(strap_report_deadline_ms(report) == SOURCE_NEVER);
    assert_int_equal(count, 1);
}

static void contact_is_said_after_a_while(void **state)
{
    StrapReport *report = *state;

    strap_report_info(report, &known, 0);
    strap_report_contact(report, CONTACT_NOT_DETECTED, 20000);
    assert_int_equal(count, 2);
    assert_true(said("\"contact\":false"));
    strap_report_contact(report, CONTACT_DETECTED, 21000);
    assert_int_equal(count, 2);
    strap_report_advance(report, 30000);
    assert_true(said("\"contact\":true"));
}

static void a_loss_is_said_at_once_and_empties_all(void **state)
{
    StrapReport *report = *state;
    StrapInfo lost = {.battery_percent = -1, .reconnects = 3, .lost_ms = 1500,
                      .drops = 4, .drop_reason = "it went silent", .recovery_ms = 2000};

    strap_report_info(report, &known, 0);
    strap_report_contact(report, CONTACT_DETECTED, 10000);
    strap_report_info(report, &lost, 10001);
    assert_int_equal(count, 3);
    assert_true(said("\"connected\":false") && said("\"contact\":null") && said("\"model\":null"));
    assert_true(said("\"reconnects\":3") && said("\"lost_s\":1.5"));
    assert_true(said("\"drops\":4") && said("\"last_drop_reason\":\"it went silent\"") &&
                said("\"last_recovery_s\":2,"));
    strap_report_contact(report, CONTACT_DETECTED, 10002); /* late */
    strap_report_info(report, &known, 10003);
    assert_true(said("\"contact\":null"));
}

static void the_broker_is_told_again(void **state)
{
    StrapReport *report = *state;

    strap_report_announce(report, 0);
    assert_true(said("\"connected\":false"));
    strap_report_info(report, &known, 10);
    strap_report_announce(report, 20);
    assert_int_equal(count, 3);
    assert_true(said("\"connected\":true") && said("\"battery\":80"));
}

static void the_end_leaves_it_disconnected(void **state)
{
    StrapReport *report = *state;

    strap_report_info(report, &known, 0);
    strap_report_end(report);
    assert_true(said("\"connected\":false") && said("\"battery\":null"));
    assert_int_equal(count, 2);
    strap_report_end(report);
    assert_int_equal(count, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connected_is_said_at_once_and_the_rest_later),
        TEST(what_is_not_new_is_not_said),
        TEST(a_change_that_is_undone_is_not_said),
        TEST(contact_is_said_after_a_while),
        TEST(a_loss_is_said_at_once_and_empties_all),
        TEST(the_broker_is_told_again),
        TEST(the_end_leaves_it_disconnected),
    };

    return cmocka_run_group_tests_name("strap report", tests, NULL, NULL);
}
