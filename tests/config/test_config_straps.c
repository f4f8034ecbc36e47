/* SPDX-License-Identifier: MIT
 *
 * Which straps are whose, and what becomes of those that are nobody's: serial numbers, unknown straps, guests.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ATHLETE "[athlete a]\nmax=185\n"

static Config *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(text, strlen(text), "f.conf", &error);
    if (config == NULL)
        fail_msg("refused: %s", error->message);
    return config;
}

static void refuse(const char *text, const char *start, const char *part)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(text, strlen(text), "f.conf", &error);
    if (config != NULL)
        fail_msg("taken, and should not be: %s", text);
    if (!g_str_has_prefix(error->message, start) || strstr(error->message, part) == NULL ||
        strchr(error->message, '\n') != NULL)
        fail_msg("'%s' is told '%s'; expected '%s ... %s'", text, error->message, start, part);
}

static void test_serials(void **state)
{
    (void)state;
    g_autoptr(Config) config = parse(ATHLETE "strap = Serial: 1a2b3c4d ; serial:7; Polar H10 1A2B3C4D\n");
    const AthleteConfig *athlete = &config->athletes[0];
    assert_int_equal(athlete->strap_count, 3);
    assert_string_equal(athlete->straps[0].serial, "1A2B3C4D");
    assert_null(athlete->straps[0].name);
    assert_null(athlete->straps[0].address);
    assert_string_equal(athlete->straps[1].serial, "7");
    assert_string_equal(athlete->straps[2].name, "Polar H10 1A2B3C4D");
    assert_null(athlete->straps[2].serial);
    assert_false(config->probe_serials);
}

static void test_wrong_serials(void **state)
{
    (void)state;
    g_autofree char *digits = g_strnfill(CONFIG_MAX_SERIAL_BYTES + 1, '7');
    g_autofree char *too_long = g_strconcat(ATHLETE "strap = serial:", digits, "\n", NULL);
    refuse(ATHLETE "strap = serial:\n", "f.conf:3: [athlete a] strap: a serial number has 1 to 64", "serial:1A2B3C4D");
    refuse(too_long, "f.conf:3: [athlete a] strap: a serial number has 1 to 64", "");
    refuse(ATHLETE "strap = serial:ab; SERIAL:AB\n", "f.conf:3: [athlete a] strap: 'SERIAL:AB' stands there twice", "");
    refuse(ATHLETE "strap = serial:ab\n[athlete b]\nage=40\nstrap = serial:AB\n",
           "f.conf:6: [athlete b] strap: [athlete a] has the same strap", "");
    refuse("[gateway]\nprobe-serials = maybe\n" ATHLETE, "f.conf:2: [gateway] probe-serials: 'maybe'", "yes nor no");
}

static void test_unknown_straps(void **state)
{
    (void)state;
    g_autoptr(Config) ignore = parse(ATHLETE);
    g_autoptr(Config) ask = parse("[gateway]\nunknown-straps = Ask\nprobe-serials = yes\n" ATHLETE);
    assert_int_equal(ignore->unknown_straps, UNKNOWN_IGNORE);
    assert_int_equal(ignore->guest_count, 0);
    assert_int_equal(ask->unknown_straps, UNKNOWN_ASK);
    assert_true(ask->probe_serials);
    refuse("[gateway]\nunknown-straps = all\n" ATHLETE, "f.conf:2: [gateway] unknown-straps: 'all'",
           "ignore, ask and guest");
}

static void test_guests(void **state)
{
    (void)state;
    g_autoptr(Config) config =
        parse("[gateway]\nunknown-straps = guest\n" ATHLETE "[guest]\nage = 40\nrest = 60\ntarget = easy\n");
    assert_int_equal(config->guest_count, 4);
    assert_int_equal(config->athlete_count, 5);
    assert_false(config->athletes[0].guest);
    for (unsigned i = 1; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("guest-%u", i);
        assert_string_equal(config->athletes[i].id, id);
        assert_true(config->athletes[i].guest);
        assert_non_null(config->athletes[i].alias);
        assert_true(config->athletes[i].retain_summary);
        assert_int_equal(config->athletes[i].strap_count, 0);
        assert_int_equal(config->athletes[i].zones.model, ZONE_MODEL_HRR);
        assert_int_equal(config->athletes[i].target.kind, TARGET_EASY);
    }
    g_autoptr(Config) two =
        parse("[gateway]\nunknown-straps = guest\n[guest]\nguests = 2\nbounds=100,120,140\n" ATHLETE);
    assert_int_equal(two->guest_count, 2);
    assert_string_equal(two->athletes[0].id, "a");
    g_autoptr(Config) unused = parse(ATHLETE "[guest]\nage = 40\n");
    assert_int_equal(unused->guest_count, 0);
    assert_int_equal(unused->athlete_count, 1);
}

static void test_wrong_guests(void **state)
{
    (void)state;
    refuse("[gateway]\nunknown-straps = guest\n" ATHLETE, "f.conf:2: [gateway] unknown-straps: guests need zones",
           "[guest]");
    refuse("[gateway]\nunknown-straps = guest\n[guest]\n" ATHLETE, "f.conf:3: [guest] max: the zones need", "");
    refuse("[guest]\nage = 40\nguests = 17\n" ATHLETE, "f.conf:3: [guest] guests:", "16");
    refuse("[guest]\nage = 40\nguests = 0\n" ATHLETE, "f.conf:3: [guest] guests:", "1");
    refuse("[guest]\nage = 400\n" ATHLETE, "f.conf:2: [guest] age:", "110");
    refuse("[guest]\nage = 40\nstrap = x\n" ATHLETE, "f.conf:3: [guest] strap: the key does not belong here",
           "[athlete NAME]");
    refuse("[guest]\nage = 40\nguest = 2\n" ATHLETE, "f.conf:3: [guest] guest: there is no such key", "'guests'");
    refuse("[gateway]\nunknown-straps = guest\n[guest]\nage = 40\n[athlete Guest 2]\nage = 30\n",
           "f.conf:3: [guest]: an athlete has the id guest-2", "change the name");
}

static void test_most_guests(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new("[gateway]\nunknown-straps = guest\n[guest]\nage=40\nguests=4\n");
    for (unsigned i = 0; i < CONFIG_MAX_ATHLETES - 4; i++)
        g_string_append_printf(text, "[athlete x%u]\nage=40\n", i);
    g_autoptr(Config) config = parse(text->str);
    assert_int_equal(config->athlete_count, CONFIG_MAX_ATHLETES);
    g_string_append(text, "[athlete y]\nage=40\n");
    refuse(text->str, "f.conf:5: [guest] guests: athletes and guests together are more than 128", "");
}

static void test_state_dir(void **state)
{
    (void)state;
    assert_int_equal(setenv("STATE_DIRECTORY", "/var/lib/zone1d:/var/lib/other", 1), 0);
    g_autoptr(Config) given = parse(ATHLETE);
    assert_string_equal(given->state_dir, "/var/lib/zone1d");
    g_autoptr(Config) own = parse("[gateway]\nstate-dir = /srv/zone1d\n" ATHLETE);
    assert_string_equal(own->state_dir, "/srv/zone1d");
    assert_int_equal(unsetenv("STATE_DIRECTORY"), 0);
    g_autoptr(Config) none = parse(ATHLETE);
    assert_null(none->state_dir);
    refuse("[gateway]\nstate-dir = here\n" ATHLETE, "f.conf:2: [gateway] state-dir: 'here' is a relative path", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serials),       cmocka_unit_test(test_wrong_serials),
        cmocka_unit_test(test_unknown_straps), cmocka_unit_test(test_guests),
        cmocka_unit_test(test_wrong_guests),  cmocka_unit_test(test_most_guests),
        cmocka_unit_test(test_state_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
