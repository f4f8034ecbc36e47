/* SPDX-License-Identifier: MIT
 *
 * The real gateway on a scripted bluetoothd: what it says of straps that are seen, of guests and of itself, and what
 * it does when it is asked to bind, to unbind and to scan. The broker's client is replaced at link time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "fixture.h"
#include "gateway.h"
#include "stand_in_client.h"

#include <cjson/cJSON.h>
#include <glib/gstdio.h>
#include <string.h>

#define ADDRESS_3 "00:AA:01:00:00:03"

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);

static struct {
    Fixture *fixture;
    Config *config;
    Gateway *gateway;
    char *folder;
    GHashTable *last; /* topic -> the last payload */
    unsigned seen;
} bench;

/* ---- in place of what the gateway calls ---- */

static void keep(const char *topic, const char *payload)
{
    g_hash_table_replace(bench.last, g_strdup(topic), g_strdup(payload));
}

static void on_publish(const char *topic, const char *payload, int qos, bool retain)
{
    if (strcmp(topic, "zone1d/gateway/test/seen") == 0) {
        bench.seen++;
        assert_int_equal(qos, 1);
        assert_false(retain);
    }
    /* No address in anything that nobody asked for. */
    assert_null(strstr(payload, "00:AA:01"));
    keep(topic, payload);
}

static void on_answer(const char *topic, const char *payload)
{
    keep(topic, payload);
}

/* The gateway's events get what the fixture's have seen. */
Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user)
{
    return bluez_source_new_timed(straps, count, events, user, &bench.fixture->timing);
}

/* ---- the bench ---- */

static int setup(void **state)
{
    fixture_setup(state);
    memset(&bench, 0, sizeof bench);
    bench.fixture = *state;
    stand_in_client = (StandInClient){.publish = on_publish, .answer = on_answer};
    bench.fixture->timing.gone_ms = 60000;
    bench.last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bench.folder = g_mkdtemp(g_strdup("straps-XXXXXX"));
    return bench.folder != NULL ? 0 : -1;
}

static void stop(void)
{
    gateway_free(bench.gateway);
    config_free(bench.config);
    bench.gateway = NULL;
    bench.config = NULL;
}

static int teardown(void **state)
{
    g_autofree char *file = g_build_filename(bench.folder, "straps.json", NULL);
    g_autofree char *announced = g_build_filename(bench.folder, "announced.json", NULL);

    stop();
    g_remove(file);
    g_remove(announced);
    g_rmdir(bench.folder);
    g_free(bench.folder);
    g_hash_table_unref(bench.last);
    return fixture_teardown(state);
}

/* ATHLETES is the rest of the configuration. */
static void start(const char *unknown, const char *athletes)
{
    g_autofree char *cwd = g_get_current_dir();
    g_autofree char *text = g_strdup_printf("[gateway]\nname = test\nunknown-straps = %s\nstate-dir = %s/%s\n%s",
                                            unknown, cwd, bench.folder, athletes);
    g_autoptr(GError) error = NULL;

    bench.config = config_parse(text, strlen(text), "test.conf", &error);
    g_assert_no_error(error);
    bench.gateway = gateway_new(bench.config, false);
    gateway_run_bluez(bench.gateway);
    stand_in_client.events.connected(stand_in_client.user);
}

static const char *last(const char *topic)
{
    const char *payload = g_hash_table_lookup(bench.last, topic);

    return payload != NULL ? payload : "";
}

static bool said(const char *topic, const char *part) { return strstr(last(topic), part) != NULL; }

/* Asks and waits for the answer. */
static const char *ask(const char *command, const char *args)
{
    g_autofree char *topic = g_strdup_printf("zone1d/gateway/test/request/%s", command);
    g_autofree char *answer = g_strdup_printf("zone1d/gateway/test/response/%s", command);
    MqttIncoming message = {.topic = topic, .payload = args, .len = strlen(args)};

    g_hash_table_remove(bench.last, answer);
    stand_in_client.events.message(stand_in_client.user, &message);
    wait_until(g_hash_table_lookup(bench.last, answer) != NULL);
    return last(answer);
}

static char *id_of_seen(void)
{
    cJSON *json = cJSON_Parse(last("zone1d/gateway/test/seen"));
    char *id = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "id")));

    cJSON_Delete(json);
    return id;
}

static bool is_live(const char *athlete)
{
    g_autofree char *topic = g_strdup_printf("zone1d/athlete/%s/live", athlete);

    return said(topic, "\"signal\":\"live\"");
}

#define ANNA "[athlete anna]\nage = 40\n"
#define BEN "[athlete ben]\nage = 50\n"

/* ---- the tests ---- */

static void a_strap_that_is_seen_is_told_of(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_2, "Polar \"H10\"");

    start("ask", ANNA);
    wait_until(bench.seen == 1);
    assert_true(said("zone1d/gateway/test/seen", "\"name\":\"Polar \\\"H10\\\"\""));
    assert_true(said("zone1d/gateway/test/seen", "\"since\":\"20"));
    assert_true(said("zone1d/gateway/test/seen", "\"gateway\":\"test\""));
    fixture_run_ms(300);
    assert_int_equal(device->connect.calls, 0);
    assert_int_equal(bench.seen, 1);
}

static void a_strap_is_bound_for_good_and_unbound(void **state)
{
    Fixture *f = *state;
    g_autofree char *id = NULL, *args = NULL;

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    start("ask", ANNA BEN);
    wait_until(bench.seen == 1);
    id = id_of_seen();
    args = g_strdup_printf("{\"id\":\"%s\",\"athlete\":\"anna\"}", id);
    assert_non_null(strstr(ask("bind", args), "\"status\":\"ok\""));
    wait_until(is_live("anna"));
    /* After a restart it still is hers. */
    stop();
    g_hash_table_remove_all(bench.last);
    start("ignore", ANNA BEN);
    wait_until(is_live("anna"));
    assert_non_null(strstr(ask("unbind", "{\"athlete\":\"ben\"}"), "no strap was bound"));
    assert_non_null(strstr(ask("unbind", "{}"), "give the id"));
    assert_non_null(strstr(ask("unbind", "{\"athlete\":\"anna\"}"), "\"status\":\"ok\""));
    wait_until(said("zone1d/athlete/anna/strap", "\"connected\":false"));
    assert_true(said("zone1d/athlete/anna/strap", "it is not this athlete's strap"));
    stop();
    start("ask", ANNA BEN);
    wait_until(bench.seen == 2);
    assert_true(said("zone1d/gateway/test/seen", id)); /* the id outlives it too */
}

static void a_wrong_request_is_told_what_is_wrong(void **state)
{
    Fixture *f = *state;
    g_autofree char *id = NULL, *nobody = NULL;

    mock_add_device(f->hci0, ADDRESS_2, "Ben's");
    start("ask", ANNA);
    wait_until(bench.seen == 1);
    id = id_of_seen();
    nobody = g_strdup_printf("{\"id\":\"%s\",\"athlete\":\"nobody\"}", id);
    assert_non_null(strstr(ask("bind", nobody), "there is no such athlete"));
    assert_non_null(strstr(ask("bind", "{\"id\":\"00000000\",\"athlete\":\"anna\"}"), "no strap of that id"));
    assert_non_null(strstr(ask("bind", "{\"id\":5,\"athlete\":\"anna\"}"), "give the strap's id"));
    assert_non_null(strstr(ask("scan", "{\"seconds\":0}"), "1 to 60"));
    assert_non_null(strstr(ask("scan", "{\"seconds\":\"5\"}"), "1 to 60"));
    assert_non_null(strstr(ask("scan", "{\"seconds\":1.5}"), "1 to 60"));
}

/* What the file says comes after what the configuration says, by name too. */
static void the_configuration_goes_before_a_binding(void **state)
{
    Fixture *f = *state;
    g_autofree char *args = NULL, *id = NULL;

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    start("ask", ANNA BEN);
    wait_until(bench.seen == 1);
    id = id_of_seen();
    args = g_strdup_printf("{\"id\":\"%s\",\"athlete\":\"anna\"}", id);
    ask("bind", args);
    wait_until(is_live("anna"));
    stop();
    g_hash_table_remove_all(bench.last);
    fixture_warnings = 0;
    start("ask", ANNA BEN "strap = HRM\n");
    wait_until(is_live("ben"));
    assert_false(is_live("anna"));
    assert_int_equal(fixture_warnings, 1);
    assert_non_null(strstr(fixture_last_warning, "gives it to another one"));
    wait_until(*ask("bind", args) != '\0');
    assert_true(said("zone1d/gateway/test/response/bind", "the configuration gives that strap to another athlete"));
}

static void a_scan_tells_what_is_there(void **state)
{
    Fixture *f = *state;
    const char *answer;
    MockDevice *near, *far;

    start("ignore", ANNA "strap = " ADDRESS_1 "\n");
    near = mock_add_device(f->hci0, ADDRESS_2, "Near");
    near->rssi_dbm = -40;
    far = mock_add_device(f->hci0, ADDRESS_3, "Far");
    far->rssi_dbm = -90;
    mock_add_device(f->hci0, ADDRESS_1, "Mine");
    wait_until(is_live("anna"));
    answer = ask("scan", "{\"seconds\":1}");
    assert_non_null(strstr(answer, "\"address\":\"" ADDRESS_2 "\""));
    assert_non_null(strstr(answer, "\"rssi\":-40"));
    assert_non_null(strstr(answer, "\"athlete\":\"anna\""));
    assert_true(strstr(answer, "Near") < strstr(answer, "Far"));
    assert_int_equal(near->connect.calls + far->connect.calls, 0);
    assert_true(is_live("anna"));
}

static void a_scan_that_the_end_overtakes_is_answered(void **state)
{
    MqttIncoming message = {.topic = "zone1d/gateway/test/request/scan", .payload = "{}", .len = 2};

    (void)state;
    start("ignore", ANNA);
    for (int i = 0; i < 9; i++)
        stand_in_client.events.message(stand_in_client.user, &message);
    assert_true(said("zone1d/gateway/test/response/scan", "too many scans"));
    stop();
    assert_true(said("zone1d/gateway/test/response/scan", "the gateway ends"));
}

static void the_straps_are_told_of(void **state)
{
    Fixture *f = *state;
    const char *answer;

    f->hci0->modalias = "usb:v1D6Bp0246d0542";
    mock_add_device(f->hci0, ADDRESS_1, "Mine");
    start("ignore", ANNA "strap = " ADDRESS_1 "\n" BEN);
    wait_until(is_live("anna"));
    answer = ask("straps", "");
    assert_non_null(strstr(answer, "{\"athlete\":\"anna\",\"link\":\"live\",\"adapter\":\"hci0\",\"links\":1,"));
    assert_non_null(strstr(answer, "{\"athlete\":\"ben\",\"link\":\"none\",\"adapter\":null"));
    assert_non_null(strstr(answer, "{\"name\":\"hci0\",\"powered\":true,\"bluez\":\"5.66\",\"links\":1,\"max\":null}"));
    assert_null(strstr(answer, "00:AA"));
}

static void the_gateway_tells_of_itself(void **state)
{
    static const char topic[] = "zone1d/gateway/test/info";
    Fixture *f = *state;
    cJSON *json;

    start("ask", ANNA "strap = " ADDRESS_1 "\n");
    assert_true(said(topic, "\"link\":\"searching\",\"signal\":\"none\",\"battery\":null,\"adapter\":null"));
    assert_true(said(topic, "\"unknown_straps\":\"ask\""));
    mock_add_device(f->hci0, ADDRESS_1, "Mine");
    wait_until(is_live("anna"));
    assert_false(said(topic, "\"link\":\"live\"")); /* not so soon again */
    wait_until(said(topic, "\"link\":\"live\",\"signal\":\"live\""));
    assert_true(said(topic, "\"adapters\":[{\"name\":\"hci0\",\"powered\":true"));
    json = cJSON_Parse(last(topic));
    assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "version")));
    assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "started_at")));
    cJSON_Delete(json);
}

/* Nothing but the clock tells it: nothing is looked for, and the link stays as it is. */
static void a_signal_that_goes_stale_is_told_of(void **state)
{
    static const char topic[] = "zone1d/gateway/test/info";
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, "Mine");

    f->timing.link.silence_ms = 3600000;
    start("ignore", ANNA "strap = " ADDRESS_1 "\n");
    wait_until(said(topic, "\"link\":\"live\",\"signal\":\"live\""));
    device->phantom = true;
    wait_until(said(topic, "\"link\":\"live\",\"signal\":\"stale\""));
    device->phantom = false;
    wait_until(said(topic, "\"link\":\"live\",\"signal\":\"live\""));
}

#define GUESTS ANNA "[guest]\nage = 30\nguests = 1\n"

/* The next guest of the same number gets a clean slate. */
static void a_guest_has_topics_and_leaves_nothing_to_the_next(void **state)
{
    Fixture *f = *state;
    MockDevice *first = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start("guest", GUESTS);
    wait_until(is_live("guest-1"));
    assert_true(said("zone1d/athlete/guest-1/strap", "\"connected\":true"));
    mock_advertise(first, false);
    mock_drop(first);
    mock_remove_device(first);
    wait_until(said("zone1d/athlete/guest-1/strap", "\"connected\":false"));
    keep("zone1d/athlete/guest-1/session/last", "somebody's");
    mock_add_device(f->hci0, ADDRESS_3, "HRM 2");
    wait_until(said("zone1d/athlete/guest-1/strap", "\"connected\":true"));
    assert_string_equal(last("zone1d/athlete/guest-1/session/last"), "");
    assert_true(said("zone1d/athlete/guest-1/session", "\"state\":\"idle\""));
}

/* printf 'zone1d strap 00:AA:01:00:00:01' | sha256sum */
#define CLAIM_1 "zone1d/claim/deb6d7e4cf36"

static void tell_claim(const char *payload)
{
    const MqttIncoming message = {.topic = CLAIM_1, .payload = payload, .len = strlen(payload), .retained = true};

    stand_in_client.events.message(stand_in_client.user, &message);
}

static void a_strap_that_another_gateway_has_is_let_be(void **state)
{
    Fixture *f = *state;
    MockDevice *device;

    start("ignore", ANNA "strap = " ADDRESS_1 "\n");
    tell_claim("{\"gateway\":\"other\"}");
    tell_claim("nonsense"); /* no claim: it is free */
    tell_claim("{\"gateway\":\"other\"}");
    device = mock_add_device(f->hci0, ADDRESS_1, "Mine");
    wait_until(device->in_tree);
    fixture_run_ms(500);
    assert_int_equal(device->connect.calls, 0);
    tell_claim(""); /* it is given back */
    wait_until(is_live("anna"));
    assert_string_equal(last(CLAIM_1), "{\"gateway\":\"test\"}");
    tell_claim("{\"gateway\":\"test\"}"); /* our own, as it comes back from the broker */
    mock_drop(device);
    wait_until(strcmp(last(CLAIM_1), "") == 0);
    wait_until(strcmp(last(CLAIM_1), "") != 0);
    stop();
    assert_string_equal(last(CLAIM_1), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_strap_that_is_seen_is_told_of),
        T(a_strap_is_bound_for_good_and_unbound),
        T(a_wrong_request_is_told_what_is_wrong),
        T(the_configuration_goes_before_a_binding),
        T(a_scan_tells_what_is_there),
        T(a_scan_that_the_end_overtakes_is_answered),
        T(the_straps_are_told_of),
        T(the_gateway_tells_of_itself),
        T(a_signal_that_goes_stale_is_told_of),
        T(a_guest_has_topics_and_leaves_nothing_to_the_next),
        T(a_strap_that_another_gateway_has_is_let_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
