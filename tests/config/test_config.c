/* SPDX-License-Identifier: MIT
 *
 * What a right configuration gives.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Config *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(text, strlen(text), "test.conf", &error);
    if (config == NULL)
        fail_msg("%s", error->message);
    return config;
}

static void test_shipped_file(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(g_getenv("ZONE1D_SHIPPED_CONF"), &error);
    if (config == NULL)
        fail_msg("%s", error->message);
    assert_string_equal(config->mqtt_host, "localhost");
    assert_int_equal(config->mqtt_port, 1883);
    assert_int_equal(config->athlete_count, 1);
    assert_string_equal(config->athletes[0].id, "runner");
    assert_int_equal(config->athletes[0].zones.max_bpm, 180);
    assert_true(config->athletes[0].zones.max_estimated);
}

/* Every example in the shipped file is right: one after the other with its # taken away. */
static void test_tls(void **state)
{
    (void)state;
    g_autoptr(Config) plain = parse("[mqtt]\ntls = no\n[athlete a]\nage=40\n");
    assert_false(plain->mqtt_tls.on);
    assert_int_equal(plain->mqtt_port, 1883);
    g_autoptr(Config) system = parse("[mqtt]\ntls = Yes\nhost = broker.lan\n[athlete a]\nage=40\n");
    assert_true(system->mqtt_tls.on);
    assert_false(system->mqtt_tls.any_name);
    assert_int_equal(system->mqtt_port, 8883);
    assert_null(system->mqtt_tls.ca_file);
    g_autoptr(Config) own = parse("[mqtt]\ntls = yes\nport = 1\nca-file = /ca.pem\ncertificate-file = /c.pem\n"
                                  "key-file = zone1d.key\nverify-name = no\n[athlete a]\nage=40\n");
    assert_int_equal(own->mqtt_port, 1);
    assert_string_equal(own->mqtt_tls.ca_file, "/ca.pem");
    assert_string_equal(own->mqtt_tls.certificate_file, "/c.pem");
    assert_true(g_str_has_suffix(own->mqtt_tls.key_file, "/zone1d.key"));
    assert_true(own->mqtt_tls.any_name);
    g_autoptr(Config) socket = parse("[mqtt]\nhost = /run/mosquitto.sock\n[athlete a]\nage=40\n");
    assert_string_equal(socket->mqtt_host, "/run/mosquitto.sock");
}

static void test_shipped_examples(void **state)
{
    (void)state;
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(g_getenv("ZONE1D_SHIPPED_CONF"), &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    unsigned examples = 0;
    for (char **line = lines; *line != NULL; line++) {
        if (!g_regex_match_simple("^#[a-z-]+ = ", *line, 0, 0) ||
            g_str_has_prefix(*line, "#zone-model") || strstr(*line, "-file = ") != NULL)
            continue; /* these need the line before or after them */
        **line = ' ';
        g_autofree char *changed = g_strjoinv("\n", lines);
        config_free(parse(changed));
        **line = '#';
        examples++;
    }
    assert_true(examples >= 11);
}

static void test_defaults(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("[athlete a]\nage=40\n");
    g_autofree char *host_id = config_make_id(g_get_host_name());
    assert_string_equal(config->gateway_id, host_id != NULL ? host_id : "gateway");
    assert_int_equal(config->state_interval_s, 5);
    assert_string_equal(config->mqtt_host, "localhost");
    assert_int_equal(config->mqtt_port, 1883);
    assert_null(config->mqtt_username);
    assert_null(config->mqtt_password_file);
    assert_string_equal(config->mqtt_prefix, "zone1d");
    assert_int_equal(config->athlete_count, 1);
    const AthleteConfig *athlete = &config->athletes[0];
    assert_int_equal(athlete->strap_count, 0);
    assert_int_equal(athlete->target.kind, TARGET_RECOVERY);
    assert_int_equal(athlete->zones.model, ZONE_MODEL_HRMAX);
    assert_int_equal(athlete->speed_cap_mm_s, 0);
    const VerdictRules rules = verdict_rules_default();
    assert_memory_equal(&config->rules, &rules, sizeof rules);
}

static void test_everything_given(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse("\xef\xbb\xbf# a comment\r\n"
                                     "[gateway]\r\nname = Gym Pi 2\r\nstate-interval = 10 s\r\n"
                                     "[mqtt]\r\nhost=[::1]\r\nport = 8883\r\nusername = z\\1\r\n"
                                     "password-file = /run/secret\r\nprefix = home/zone1d\r\n"
                                     "  [athlete Zo\xc3\xab M\xc3\xbcller]  \r\n\tstrap\t=\ta0-9e-1a-12-34-56 \r\n"
                                     "age = 33\r\nmax = 185 bpm\r\nrest = 55bpm\r\nthreshold=170\r\nsex = Woman\r\n"
                                     "zone-model = HRR\r\npercent = 50, 60 ,70.5%,80,90\r\ntarget = Cap:140\r\n"
                                     "speed-cap = 8.5 km/h\r\nalias = Z.\r\ngroup = Tue evening\r\nshare = Zone\r\n"
                                     "retain-summary = no\r\nspeed-topic = QZ/a/speed\r\n"
                                     "[verdict]\r\nmin-valid = 600 s\r\nmin-coverage = 90\r\nkept = 97.5 %\r\n"
                                     "kept-longest = 30\r\nslipped = 90\r\n"
                                     "[athlete bob]\r\nstrap = Polar H10 1A2B3C4D ; a0:9e:1a:12:34:57\r\n"
                                     "age = 50 years\r\nmax-formula = fox");
    assert_string_equal(config->path, "test.conf");
    assert_string_equal(config->gateway_id, "gym-pi-2");
    assert_int_equal(config->state_interval_s, 10);
    assert_string_equal(config->mqtt_host, "::1");
    assert_int_equal(config->mqtt_port, 8883);
    assert_string_equal(config->mqtt_username, "z\\1");
    assert_string_equal(config->mqtt_password_file, "/run/secret");
    assert_string_equal(config->mqtt_prefix, "home/zone1d");
    assert_int_equal(config->athlete_count, 2);
    const AthleteConfig *zoe = &config->athletes[0], *bob = &config->athletes[1];
    assert_string_equal(zoe->id, "zoe-muller");
    assert_string_equal(zoe->straps[0].address, "A0:9E:1A:12:34:56");
    assert_null(zoe->straps[0].name);
    assert_int_equal(zoe->profile.age_years, 33);
    assert_int_equal(zoe->profile.threshold_bpm, 170);
    assert_int_equal(zoe->profile.sex, SEX_FEMALE);
    assert_int_equal(zoe->profile.percent_permille[2], 705);
    assert_int_equal(zoe->zones.lower_bpm[0], 120);
    assert_int_equal(zoe->target.kind, TARGET_CAP);
    assert_int_equal(zoe->target.cap_bpm, 140);
    assert_int_equal(zoe->speed_cap_mm_s, 2361);
    assert_string_equal(zoe->alias, "Z.");
    assert_string_equal(zoe->group_id, "tue-evening");
    assert_null(bob->group_id);
    assert_int_equal(zoe->share, SHARE_ZONE);
    assert_false(zoe->retain_summary);
    assert_string_equal(zoe->speed_topic, "QZ/a/speed");
    assert_string_equal(bob->alias, "bob");
    assert_int_equal(bob->share, SHARE_FULL);
    assert_true(bob->retain_summary);
    assert_null(bob->speed_topic);
    assert_int_equal(bob->speed_cap_mm_s, 0);
    assert_int_equal(config->rules.min_valid_ms, 600000);
    assert_true(config->rules.min_coverage == 90);
    assert_true(config->rules.kept_compliance == 97.5);
    assert_int_equal(config->rules.kept_longest_ms, 30000);
    assert_true(config->rules.slipped_compliance == 90);
    assert_null(bob->straps[0].address);
    assert_string_equal(bob->straps[0].name, "Polar H10 1A2B3C4D");
    assert_int_equal(bob->strap_count, 2);
    assert_string_equal(bob->straps[1].address, "A0:9E:1A:12:34:57");
    assert_int_equal(bob->zones.max_bpm, 170);
}

static void test_models(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        ZoneModel model;
        int lower_bpm[4];
    } table[] = {
        {"max=190", ZONE_MODEL_HRMAX, {95, 114, 133, 152}},
        {"max=185\nrest=55", ZONE_MODEL_HRR, {120, 133, 146, 159}},
        {"max=185\nrest=55\nzone-model=hrmax", ZONE_MODEL_HRMAX, {93, 111, 130, 148}},
        {"max=200\nzone-model=hrmax\npercent=0,60,75.5", ZONE_MODEL_HRMAX, {0, 120, 151, 0}},
        {"threshold=175\nzone-model=lthr", ZONE_MODEL_LTHR, {0, 149, 158, 167}},
        {"thresholds=142,168", ZONE_MODEL_THRESHOLD3, {0, 142, 168, 0}},
        {"zone-model=threshold3\nthresholds=142 bpm, 168bpm", ZONE_MODEL_THRESHOLD3, {0, 142, 168, 0}},
        {"bounds=95,114,133,152,171", ZONE_MODEL_BPM, {95, 114, 133, 152}},
        {"zone-model=bpm\nbounds=95,114\nmax=180", ZONE_MODEL_BPM, {95, 114, 0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *text = g_strdup_printf("[athlete a]\n%s\n", table[i].lines);
        g_autoptr(Config) config = parse(text);
        const ZoneTable *zones = &config->athletes[0].zones;
        assert_int_equal(zones->model, table[i].model);
        for (size_t zone = 0; zone < MIN(zones->count, 4); zone++)
            assert_int_equal(zones->lower_bpm[zone], table[i].lower_bpm[zone]);
    }
}

static void test_ids(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"Anna", "anna"},
        {"  Anna--B. 2 ", "anna-b-2"},
        {"\xc3\x89lodie", "elodie"},
        {"--", NULL},
        {"", NULL},
        {"\xff", NULL},
        {"\xe5\xb1\xb1", NULL},
        {"12345678901234567890123456789012345", "12345678901234567890123456789012"},
        {"1234567890123456789012345678901 2345", "1234567890123456789012345678901"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *id = config_make_id(table[i][0]);
        if (table[i][1] == NULL)
            assert_null(id);
        else
            assert_string_equal(id, table[i][1]);
    }
}

static void test_credentials(void **state)
{
    (void)state;
    const char *text = "[mqtt]\nusername=z\npassword-file=zone1d.password\n[athlete a]\nage=40\n";
    g_setenv("CREDENTIALS_DIRECTORY", "/run/credentials/zone1d.service", TRUE);
    g_autoptr(Config) under_systemd = parse(text);
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_autoptr(Config) by_hand = parse(text);
    assert_string_equal(under_systemd->mqtt_password_file, "/run/credentials/zone1d.service/zone1d.password");
    assert_string_equal(by_hand->mqtt_password_file, "/etc/credstore/zone1d.password");
}

static void test_most_athletes(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i < CONFIG_MAX_ATHLETES; i++)
        g_string_append_printf(text, "[athlete a%u]\nage=%u\nstrap=AA:BB:CC:DD:EE:%02X\n", i, 20 + i % 60, i);
    g_autoptr(Config) config = parse(text->str);
    assert_int_equal(config->athlete_count, CONFIG_MAX_ATHLETES);
    assert_string_equal(config->athletes[127].id, "a127");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_file),     cmocka_unit_test(test_shipped_examples),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_tls),         cmocka_unit_test(test_everything_given),
        cmocka_unit_test(test_models),           cmocka_unit_test(test_ids),
        cmocka_unit_test(test_credentials),      cmocka_unit_test(test_most_athletes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
