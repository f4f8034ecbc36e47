/* SPDX-License-Identifier: MIT
 *
 * The configuration file as a file, at its limits, and several faults at once.
 */
#include "config.h"
#include "config_names.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = g_strdup("config-XXXXXX");
    return g_mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    const int result = g_rmdir(folder);
    g_free(folder);
    return result;
}

static void test_reasons_of_the_file(void **state)
{
    (void)state;
    g_autofree char *missing = g_build_filename(folder, "missing.conf", NULL);
    const char *const paths[] = {missing, folder, "/dev/zero", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(config_load(paths[i], &error));
        assert_true(g_error_matches(error, CONFIG_ERROR, CONFIG_ERROR_READ));
        assert_true(g_str_has_prefix(error->message, paths[i]));
    }
    g_autoptr(GError) error = NULL;
    assert_null(config_load("/dev/zero", &error));
    assert_string_equal(error->message, "/dev/zero: larger than 262144 bytes");
}

/* A file of SIZE bytes, nearly all of it comment. */
static void write_file(const char *path, gsize size)
{
    g_autoptr(GString) text = g_string_new("[athlete a]\nage=40\n");
    while (text->len < size)
        g_string_append(text, "#######\n");
    g_string_truncate(text, size);
    assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
}

static void test_size(void **state)
{
    (void)state;
    g_autofree char *path = g_build_filename(folder, "large.conf", NULL);
    g_autoptr(GError) error = NULL;
    write_file(path, CONFIG_MAX_BYTES);
    g_autoptr(Config) largest = config_load(path, &error);
    write_file(path, CONFIG_MAX_BYTES + 1);
    Config *too_large = config_load(path, NULL);
    g_unlink(path);
    assert_non_null(largest);
    assert_null(too_large);
    g_autofree char *bytes = g_malloc0(CONFIG_MAX_BYTES + 1);
    assert_null(config_parse(bytes, CONFIG_MAX_BYTES + 1, "f", &error));
    assert_non_null(strstr(error->message, "larger than 262144 bytes"));
}

static Config *parse(const char *text, GError **error) { return config_parse(text, strlen(text), "f.conf", error); }

static void test_numbers_at_their_limits(void **state)
{
    (void)state;
    static const char *const lines[] = {"max=100", "max=230", "age=5", "age=110",
                                        "max=120\nrest=25", "max=230\nrest=110",
                                        "max=230\nthreshold=25", "max=230\nthreshold=230", "max=166\npercent=0,150",
                                        "bounds=25,250", "max=185\ntarget=cap:80", "max=185\ntarget=cap:200",
                                        "max=185\ntarget=z5", "threshold=175\nzone-model=lthr\ntarget=Z5b",
                                        "bounds=60,70,80,90,100,110,120,130\ntarget=z8", "max=185\nspeed-cap=1",
                                        "max=185\nspeed-cap=30.0 km/h",
                                        "max=185\n[verdict]\nmin-valid=0\nmin-coverage=0\nkept=100\nslipped=100",
                                        "max=185\n[verdict]\nkept-longest=36000\nkept=0\nslipped=0%"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *text = g_strdup_printf("[athlete a]\n%s\n", lines[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = parse(text, &error);
        if (config == NULL)
            fail_msg("%s", error->message);
    }
}

static void test_longest_strap_name(void **state)
{
    (void)state;
    for (gsize len = CONFIG_MAX_STRAP_NAME_BYTES; len <= CONFIG_MAX_STRAP_NAME_BYTES + 1; len++) {
        g_autofree char *name = g_strnfill(len, 'x');
        g_autofree char *text = g_strdup_printf("[athlete a]\nage=40\nstrap=%s\n", name);
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = parse(text, &error);
        assert_true((config != NULL) == (len == CONFIG_MAX_STRAP_NAME_BYTES));
        if (error != NULL)
            assert_non_null(strstr(error->message, "longer than 248 bytes"));
    }
}

static void test_too_many_athletes(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new(NULL);
    for (unsigned i = 0; i <= CONFIG_MAX_ATHLETES; i++)
        g_string_append_printf(text, "[athlete a%u]\nage=40\n", i);
    g_autoptr(GError) error = NULL;
    assert_null(parse(text->str, &error));
    assert_string_equal(error->message, "f.conf:257: [athlete a128]: one athlete too many; 128 at most");
}

/* All at once, in the order of the lines, whatever order they are found in. */
static void test_several_faults(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    assert_null(parse("[athlete a]\nmax=85%\nrset=5\n[mqtt]\nport=0\n[athlete b]\nmax=180\nrest=20\n[athlete c]\n",
                      &error));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    static const char *const starts[] = {"f.conf:2: [athlete a] max: ", "f.conf:3: [athlete a] rset: ",
                                         "f.conf:5: [mqtt] port: ", "f.conf:8: [athlete b] rest: ",
                                         "f.conf:9: [athlete c] max: "};
    assert_int_equal(g_strv_length(lines), G_N_ELEMENTS(starts));
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        assert_true(g_str_has_prefix(lines[i], starts[i]));
}

static void test_countless_faults(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new("[athlete a]\nage=40\n");
    for (unsigned i = 0; i < 10000; i++)
        g_string_append_printf(text, "k%u=1\n", i);
    g_autoptr(GError) error = NULL;
    assert_null(parse(text->str, &error));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    assert_int_equal(g_strv_length(lines), 21);
    assert_string_equal(lines[20], "f.conf: and more of the kind");
}

/* A message is one line of bounded length, whatever stands in the file. */
static void test_ugly_values(void **state)
{
    (void)state;
    g_autofree char *filler = g_strnfill(5000, 'y');
    g_autofree char *text = g_strdup_printf("[athlete a]\nmax=\x1b[2J%s\n", filler);
    g_autoptr(GError) error = NULL;
    assert_null(parse(text, &error));
    assert_true(g_str_has_prefix(error->message, "f.conf:2: [athlete a] max: '?[2Jyyy"));
    assert_true(strlen(error->message) < 200);
}

static void test_distance(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned distance;
    } table[] = {
        {"rest", "rest", 0},  {"Rest", "rest", 0},   {"rset", "rest", 1},  {"rst", "rest", 1},
        {"resst", "rest", 1}, {"", "abc", 3},        {"ca", "abc", 3},     {"state_interval", "state-interval", 0},
        {"abcdef", "x", 4},   {"gatway", "gateway", 1}, {"", "", 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        assert_int_equal(config_distance(table[i].a, table[i].b), table[i].distance);
        assert_int_equal(config_distance(table[i].b, table[i].a), table[i].distance);
    }
    g_autofree char *longest = g_strnfill(32, 'a'), *too_long = g_strnfill(33, 'a');
    assert_int_equal(config_distance(longest, longest), 0);
    assert_int_equal(config_distance(too_long, too_long), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_of_the_file), cmocka_unit_test(test_size),
        cmocka_unit_test(test_numbers_at_their_limits), cmocka_unit_test(test_longest_strap_name),
        cmocka_unit_test(test_too_many_athletes), cmocka_unit_test(test_several_faults),
        cmocka_unit_test(test_countless_faults), cmocka_unit_test(test_ugly_values),
        cmocka_unit_test(test_distance),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
