/* SPDX-License-Identifier: MIT
 *
 * What another configuration changes: who stays, and what only a start can take over.
 */
#include "config_change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Config *config_of(const char *text)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(text, strlen(text), "test.conf", &error);
    if (error != NULL)
        fail_msg("%s", error->message);
    return config;
}

static Config *anna_with(const char *lines)
{
    g_autofree char *text = g_strdup_printf("[gateway]\nname = gym\n[athlete Anna]\nmax = 185\nrest = 55\n%s", lines);
    return config_of(text);
}

static void test_who_stays(void **state)
{
    (void)state;
    g_autoptr(Config) before = config_of("[gateway]\nunknown-straps = guest\n[guest]\nage = 40\nguests = 2\n"
                                         "[athlete Anna]\nage = 40\n[athlete Ben]\nage = 40\n"
                                         "[athlete Cleo]\nage = 40\n");
    g_autoptr(Config) now = config_of("[gateway]\nunknown-straps = guest\n[guest]\nage = 40\nguests = 1\n"
                                      "[athlete Dora]\nage = 40\n[athlete CLEO]\nage = 41\n[athlete Anna]\nage = 40\n");
    ConfigChange change;
    config_change_find(&change, before, now);
    const int wanted[] = {-1, 2, 0, 3};
    assert_int_equal(now->athlete_count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(change.from[i], wanted[i]);
    const bool kept[] = {true, false, true, true, false};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(config_change_keeps(&change, i), kept[i]);
}

/* Who was called like a guest and is an athlete now is somebody else. */
static void test_a_guest_is_no_athlete(void **state)
{
    (void)state;
    g_autoptr(Config) before = config_of("[gateway]\nunknown-straps = guest\n[guest]\nage = 40\nguests = 1\n"
                                         "[athlete Anna]\nage = 40\n");
    g_autoptr(Config) now = config_of("[athlete Guest 1]\nage = 40\n");
    ConfigChange change;
    config_change_find(&change, before, now);
    assert_int_equal(change.from[0], -1);
}

static void test_every_key_of_an_athlete_counts(void **state)
{
    static const char *const lines[] = {
        "strap = A0:9E:1A:12:34:56\n", "strap = Polar H10\n", "strap = serial:0123AB\n", "sex = female\n",
        "target = easy\n", "target = cap:130\n", "target = z2\n", "speed-cap = 9\n", "wled = wled/gym\n",
        "awtrix = awtrix_1\n", "alias = A.\n", "share = zone\n", "retain-summary = no\n", "group = tuesday\n",
        "speed-topic = qz/speed\n", "zone-model = hrmax\n", "bounds = 100,120\n", "percent = 50,60,71\n",
    };
    (void)state;
    g_autoptr(Config) plain = anna_with("");
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(Config) one = anna_with(lines[i]), again = anna_with(lines[i]);
        if (config_same_athlete(&plain->athletes[0], &one->athletes[0]))
            fail_msg("not seen: %s", lines[i]);
        if (!config_same_athlete(&one->athletes[0], &again->athletes[0]))
            fail_msg("not the same as itself: %s", lines[i]);
    }
}

#define MQTT "[mqtt]\nhost = broker\nusername = gym\npassword-file = /etc/zone1d/password\nprefix = run\n"
#define ANNA "[athlete Anna]\nage = 40\n"

static void test_what_only_a_start_takes_over(void **state)
{
    (void)state;
    g_autoptr(Config) running = config_of("[gateway]\nname = gym\nstate-dir = /var/lib/a\n" MQTT ANNA);
    g_autoptr(Config) fresh = config_of("[gateway]\nname = hall\nstate-interval = 9\n[mqtt]\nport = 1884\ntls = yes\n"
                                        "ca-file = /etc/ca.pem\nverify-name = no\n" ANNA);
    g_autofree char *differs = config_keep_fixed(fresh, running);
    assert_string_equal(differs, "[gateway] name, state-dir; [mqtt] host, port, username, password-file, tls, ca-file, "
                                 "verify-name, prefix");
    assert_string_equal(fresh->gateway_id, "gym");
    assert_string_equal(fresh->state_dir, "/var/lib/a");
    assert_string_equal(fresh->mqtt_host, "broker");
    assert_int_equal(fresh->mqtt_port, 1883);
    assert_string_equal(fresh->mqtt_username, "gym");
    assert_string_equal(fresh->mqtt_prefix, "run");
    assert_false(fresh->mqtt_tls.on);
    assert_null(fresh->mqtt_tls.ca_file);
    assert_int_equal(fresh->state_interval_s, 9);
    assert_null(config_keep_fixed(fresh, running));
}

static void test_the_rules(void **state)
{
    (void)state;
    g_autoptr(Config) plain = config_of("[verdict]\nkept = 95\n" ANNA);
    g_autoptr(Config) other = config_of("[verdict]\nkept = 94.9\n" ANNA);
    g_autoptr(Config) none = config_of(ANNA);
    assert_true(config_same_rules(&plain->rules, &none->rules));
    assert_false(config_same_rules(&plain->rules, &other->rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_stays),
        cmocka_unit_test(test_a_guest_is_no_athlete),
        cmocka_unit_test(test_every_key_of_an_athlete_counts),
        cmocka_unit_test(test_what_only_a_start_takes_over),
        cmocka_unit_test(test_the_rules),
    };
    return cmocka_run_group_tests_name("config change", tests, NULL, NULL);
}
