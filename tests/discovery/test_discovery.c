/* SPDX-License-Identifier: MIT
 *
 * The memory of what was announced, whose device is whose, and what is left behind on the broker. The
 * messages to Home Assistant themselves are checked by test_platform.py.
 */
#include "mqtt/discovery.h"
#include "mqtt/leftovers.h"
#include "mqtt/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const MemoryNames gym = {.gateway_id = "gym", .prefix = "zone1d", .discovery_prefix = "homeassistant"};
static const MemoryNames cellar = {.gateway_id = "cellar", .prefix = "zone1d", .discovery_prefix = "homeassistant"};
static const MemoryNames moved = {.gateway_id = "gym", .prefix = "home/run", .discovery_prefix = "ha"};

static char *device_of(const MemoryNames *names, const char *athlete)
{
    const ZoneTable zones = {.model = ZONE_MODEL_HRR, .count = 5, .lower_bpm = {120, 133, 146, 159, 172}};
    const Target target = {.kind = TARGET_RECOVERY};
    const DiscoveryGateway gateway = {.discovery_prefix = names->discovery_prefix, .prefix = names->prefix,
                                      .gateway_id = names->gateway_id, .version = "1", .state_interval_s = 5};
    const DiscoveryAthlete one = {.id = athlete, .name = athlete, .zones = &zones, .target = &target};
    return athlete != NULL ? discovery_athlete(&gateway, &one, NULL) : discovery_gateway(&gateway);
}

static void test_memory_goes_round(void **state)
{
    (void)state;
    g_autoptr(Memory) memory = memory_new();
    assert_true(memory_note(memory, &gym));
    assert_false(memory_note(memory, &gym));
    assert_true(memory_note(memory, &cellar));
    assert_true(memory_note(memory, &gym)); /* back again: no second entry */
    memory->components = discovery_components();
    g_autofree char *text = memory_print(memory);
    g_autoptr(Memory) again = memory_parse(text, strlen(text));
    assert_int_equal(again->count, 2);
    assert_string_equal(again->names[0].gateway_id, "gym");
    assert_string_equal(again->names[1].gateway_id, "cellar");
    assert_true(cJSON_Compare(again->components, memory->components, true));
    memory_keep_first(again);
    assert_int_equal(again->count, 1);
}

static void test_memory_has_a_limit(void **state)
{
    (void)state;
    g_autoptr(Memory) memory = memory_new();
    for (int i = 0; i < 3 * MEMORY_MAX_NAMES; i++) {
        g_autofree char *id = g_strdup_printf("gym-%d", i);
        const MemoryNames names = {.gateway_id = id, .prefix = "zone1d", .discovery_prefix = "homeassistant"};
        assert_true(memory_note(memory, &names));
    }
    assert_int_equal(memory->count, MEMORY_MAX_NAMES);
    assert_string_equal(memory->names[0].gateway_id, "gym-23");
}

static void test_memory_takes_nothing_strange(void **state)
{
    (void)state;
    static const char *const strange[] = {
        "", "{", "[]", "null", "{\"v\":2,\"names\":[{\"gateway\":\"a\",\"prefix\":\"b\",\"discovery_prefix\":\"c\"}]}",
        "{\"v\":1,\"names\":[{\"gateway\":\"a/b\",\"prefix\":\"b\",\"discovery_prefix\":\"c\"}]}",
        "{\"v\":1,\"names\":[{\"gateway\":\"a\",\"prefix\":\"#\",\"discovery_prefix\":\"c\"}]}",
        "{\"v\":1,\"names\":[{\"gateway\":\"a\",\"prefix\":\"b\"}],\"components\":{\"a b\":\"sensor\",\"c\":7}}"};
    for (gsize i = 0; i < G_N_ELEMENTS(strange); i++) {
        g_autoptr(Memory) memory = memory_parse(strange[i], strlen(strange[i]));
        assert_int_equal(memory->count, 0);
        assert_int_equal(cJSON_GetArraySize(memory->components), 0);
    }
}

static void test_owner(void **state)
{
    (void)state;
    g_autofree char *athlete = device_of(&gym, "anna"), *own = device_of(&gym, NULL);
    g_autofree char *owner = discovery_owner(athlete, strlen(athlete)), *of_own = discovery_owner(own, strlen(own));
    assert_string_equal(owner, "zone1d/gateway/gym/status");
    assert_string_equal(of_own, "zone1d/gateway/gym/status");
    static const char foreign[] = "{\"origin\":{\"name\":\"zigbee\"},\"availability\":[{\"topic\":\"a/b\"}]}";
    assert_null(discovery_owner(foreign, strlen(foreign)));
    assert_null(discovery_owner("{\"origin\":7}", 12));
}

static void test_a_removed_component_is_named_once(void **state)
{
    (void)state;
    const ZoneTable zones = {.model = ZONE_MODEL_HRR, .count = 5, .lower_bpm = {120, 133, 146, 159, 172}};
    const Target target = {.kind = TARGET_CAP, .cap_bpm = 140};
    const DiscoveryGateway gateway = {.discovery_prefix = "h", .prefix = "z", .gateway_id = "g", .version = "1"};
    const DiscoveryAthlete one = {.id = "a", .name = "A", .zones = &zones, .target = &target};
    cJSON *before = discovery_components();
    cJSON_AddStringToObject(before, "old", "switch");
    g_autofree char *first = discovery_athlete(&gateway, &one, before), *then = discovery_athlete(&gateway, &one, NULL);
    assert_non_null(strstr(first, "\"old\":{\"platform\":\"switch\"}"));
    assert_null(strstr(then, "\"old\""));
    assert_non_null(strstr(then, "\"cap:140\""));
    cJSON_Delete(before);
}

/* ---- what is left behind ---- */

static void see(Leftovers *leftovers, const char *topic, const char *payload)
{
    leftovers_see(leftovers, topic, payload, strlen(payload));
}

static void see_athlete(Leftovers *leftovers, const MemoryNames *names, const char *athlete)
{
    g_autofree char *device = device_of(names, athlete);
    g_autofree char *topic = discovery_athlete_topic(names->discovery_prefix, athlete);
    g_autofree char *strap_topic = g_strdup_printf("%s/athlete/%s/strap", names->prefix, athlete);
    g_autofree char *session_topic = g_strdup_printf("%s/athlete/%s/session", names->prefix, athlete);
    g_autofree char *strap = g_strdup_printf("{\"connected\":false,\"gateway\":\"%s\"}", names->gateway_id);
    see(leftovers, topic, device);
    see(leftovers, strap_topic, strap);
    see(leftovers, session_topic, "{}");
}

static void expect(const Leftovers *leftovers, const LeftoversView *view, const char *topics, bool done)
{
    bool was_done;
    g_autoptr(GPtrArray) found = leftovers_judge(leftovers, view, &was_done);
    g_ptr_array_add(found, NULL);
    g_autofree char *all = g_strjoinv(" ", (char **)found->pdata);
    assert_string_equal(all, topics);
    assert_int_equal(was_done, done);
}

static const char *const anna[] = {"anna", NULL};

static void test_a_removed_athlete(void **state)
{
    (void)state;
    g_autoptr(Leftovers) leftovers = leftovers_new();
    const LeftoversView view = {.names = &gym, .count = 1, .athletes = anna, .discovery = true};
    see_athlete(leftovers, &gym, "anna");
    see_athlete(leftovers, &gym, "bob");
    see_athlete(leftovers, &cellar, "carol"); /* another gateway's */
    see(leftovers, "homeassistant/device/0x00158d/config", "{\"origin\":{\"name\":\"Zigbee2MQTT\"}}");
    see(leftovers, "zone1d/gateway/gym/status", "online");
    expect(leftovers, &view,
           "homeassistant/device/zone1d_bob/config zone1d/athlete/bob/session zone1d/athlete/bob/strap", true);
}

/* They went to the other gateway: what this one once said of their strap does not count. */
static void test_an_athlete_who_moved(void **state)
{
    (void)state;
    g_autoptr(Leftovers) leftovers = leftovers_new();
    const LeftoversView view = {.names = &gym, .count = 1, .athletes = anna, .discovery = true};
    see_athlete(leftovers, &cellar, "bob");
    see(leftovers, "zone1d/athlete/bob/strap", "{\"gateway\":\"gym\"}");
    expect(leftovers, &view, "", true);
}

static void test_without_discovery(void **state)
{
    (void)state;
    g_autoptr(Leftovers) leftovers = leftovers_new();
    const LeftoversView view = {.names = &gym, .count = 1, .athletes = anna, .discovery = false};
    g_autofree char *own = device_of(&gym, NULL);
    see_athlete(leftovers, &gym, "anna");
    see(leftovers, "homeassistant/device/zone1d_gateway_gym/config", own);
    see(leftovers, "zone1d/athlete/bob/strap", "{\"gateway\":\"gym\"}");
    expect(leftovers, &view,
           "homeassistant/device/zone1d_anna/config homeassistant/device/zone1d_gateway_gym/config "
           "zone1d/athlete/bob/strap", true);
}

static void test_a_renamed_gateway(void **state)
{
    (void)state;
    g_autoptr(Leftovers) leftovers = leftovers_new();
    const MemoryNames names[] = {gym, cellar};
    const LeftoversView view = {.names = names, .count = 2, .athletes = anna, .discovery = true};
    g_autofree char *old = device_of(&cellar, NULL);
    see_athlete(leftovers, &cellar, "anna"); /* is about to be overwritten */
    see_athlete(leftovers, &cellar, "bob");  /* taken out at the same time */
    see(leftovers, "homeassistant/device/zone1d_gateway_cellar/config", old);
    see(leftovers, "zone1d/gateway/cellar/status", "offline");
    see(leftovers, "zone1d/gateway/cellar/info", "{}");
    expect(leftovers, &view,
           "homeassistant/device/zone1d_bob/config homeassistant/device/zone1d_gateway_cellar/config "
           "zone1d/athlete/bob/session zone1d/athlete/bob/strap zone1d/gateway/cellar/info "
           "zone1d/gateway/cellar/status", true);
    /* A gateway with that name is online: a copy of this machine, say. Hands off. */
    see(leftovers, "zone1d/gateway/cellar/status", "online");
    expect(leftovers, &view, "", false);
}

static void test_a_new_prefix(void **state)
{
    (void)state;
    g_autoptr(Leftovers) leftovers = leftovers_new();
    const MemoryNames names[] = {moved, gym};
    const LeftoversView view = {.names = names, .count = 2, .athletes = anna, .discovery = true};
    see_athlete(leftovers, &moved, "anna");
    see_athlete(leftovers, &gym, "anna");
    see(leftovers, "zone1d/gateway/gym/status", "offline");
    expect(leftovers, &view,
           "homeassistant/device/zone1d_anna/config zone1d/athlete/anna/session zone1d/athlete/anna/strap "
           "zone1d/gateway/gym/status", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_goes_round),
        cmocka_unit_test(test_memory_has_a_limit),
        cmocka_unit_test(test_memory_takes_nothing_strange),
        cmocka_unit_test(test_owner),
        cmocka_unit_test(test_a_removed_component_is_named_once),
        cmocka_unit_test(test_a_removed_athlete),
        cmocka_unit_test(test_an_athlete_who_moved),
        cmocka_unit_test(test_without_discovery),
        cmocka_unit_test(test_a_renamed_gateway),
        cmocka_unit_test(test_a_new_prefix),
    };
    return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
