/* SPDX-License-Identifier: MIT
 *
 * What is bound outlives a restart, and a damaged file does no harm.
 */
#include "bindings.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define A1 "00:AA:01:00:00:01"
#define A2 "00:AA:01:00:00:02"

static char *folder, *path, *damaged;
static unsigned warnings;
static char last_warning[512];

static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    (void)user;
    for (gsize i = 0; level == G_LOG_LEVEL_WARNING && i < count; i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0) {
            warnings++;
            g_strlcpy(last_warning, fields[i].value, sizeof last_warning);
        }
    return G_LOG_WRITER_HANDLED;
}

static int setup(void **state)
{
    (void)state;
    folder = g_strdup("bindings-XXXXXX");
    assert_non_null(g_mkdtemp(folder));
    path = g_build_filename(folder, BINDINGS_FILE, NULL);
    damaged = g_strconcat(path, ".damaged", NULL);
    warnings = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    g_remove(path);
    g_remove(damaged);
    int result = g_rmdir(folder);
    g_free(folder);
    g_free(path);
    g_free(damaged);
    return result;
}

static void save(const Bindings *bindings)
{
    g_autoptr(GError) error = NULL;
    assert_true(bindings_save(bindings, &error));
}

static void bindings_outlive_a_restart(void **state)
{
    (void)state;
    guint8 key[BINDINGS_KEY_BYTES];
    g_autoptr(Bindings) first = bindings_load(folder);
    memcpy(key, bindings_key(first), sizeof key);
    assert_true(bindings_put(first, "anna", A1, NULL));
    assert_true(bindings_put(first, "ben", A2, "Ring 7 \xc3\xbc"));
    save(first);
    g_autoptr(Bindings) second = bindings_load(folder);
    assert_memory_equal(bindings_key(second), key, sizeof key);
    assert_int_equal(bindings_count(second), 2);
    assert_string_equal(bindings_at(second, 0)->athlete, "anna");
    assert_null(bindings_at(second, 0)->name);
    assert_string_equal(bindings_at(second, 1)->address, A2);
    assert_string_equal(bindings_at(second, 1)->name, "Ring 7 \xc3\xbc");
    /* Another athlete's from now on, and then nobody's. */
    assert_true(bindings_put(second, "ben", A1, NULL));
    assert_int_equal(bindings_count(second), 2);
    assert_true(bindings_remove(second, A1));
    assert_false(bindings_remove(second, A1));
    save(second);
    g_autoptr(Bindings) third = bindings_load(folder);
    assert_int_equal(bindings_count(third), 1);
    assert_int_equal(warnings, 0);
}

static void the_file_is_nobody_elses(void **state)
{
    (void)state;
    struct stat info;
    g_autoptr(Bindings) bindings = bindings_load(folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    (void)bindings;
}

static void what_is_not_sound_is_set_aside(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "{", "[]", "nonsense", "{}", "{\"version\":2,\"key\":\"" KEY "\",\"bindings\":[]}",
        "{\"version\":1,\"key\":\"00\",\"bindings\":[]}", "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":{}}",
        "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":[1]}",
        "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":[{\"athlete\":\"anna\",\"address\":\"00:aa:01:00:00:01\"}]}",
        "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":[{\"athlete\":\"An/na\",\"address\":\"" A1 "\"}]}",
        "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":[{\"athlete\":\"a\",\"address\":\"" A1
        "\",\"name\":\"\\n\"}]}",
        "{\"version\":1,\"key\":\"" KEY "\",\"bindings\":[{\"athlete\":\"a\",\"address\":\"" A1 "\"},"
        "{\"athlete\":\"b\",\"address\":\"" A1 "\"}]}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        assert_true(g_file_set_contents(path, texts[i], -1, NULL));
        g_autoptr(Bindings) bindings = bindings_load(folder);
        g_autofree char *kept = NULL;
        assert_int_equal(bindings_count(bindings), 0);
        assert_int_equal(warnings, i + 1);
        assert_non_null(strstr(last_warning, damaged));
        assert_true(g_file_get_contents(damaged, &kept, NULL, NULL));
        assert_string_equal(kept, texts[i]);
        g_autoptr(Bindings) again = bindings_load(folder);
        assert_int_equal(bindings_count(again), 0);
        assert_int_equal(warnings, i + 1); /* the fresh one is sound */
    }
}

static void a_file_that_is_too_large_is_set_aside(void **state)
{
    (void)state;
    g_autofree char *text = g_strnfill(BINDINGS_MAX_BYTES + 1, ' ');
    assert_true(g_file_set_contents(path, text, -1, NULL));
    g_autoptr(Bindings) bindings = bindings_load(folder);
    assert_int_equal(bindings_count(bindings), 0);
    assert_true(g_file_test(damaged, G_FILE_TEST_EXISTS));
}

static void there_is_a_limit(void **state)
{
    (void)state;
    g_autoptr(Bindings) bindings = bindings_load(NULL);
    for (unsigned i = 0; i <= BINDINGS_MAX; i++) {
        g_autofree char *address = g_strdup_printf("00:00:00:00:%02X:%02X", i >> 8, i & 0xff);
        assert_true(bindings_put(bindings, "anna", address, NULL) == (i < BINDINGS_MAX));
    }
    save(bindings); /* nowhere */
    assert_int_equal(bindings_count(bindings), BINDINGS_MAX);
}

/* Said, and gone on without. */
static void a_folder_that_is_missing_is_said(void **state)
{
    (void)state;
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Bindings) bindings = bindings_load(missing);
    assert_int_equal(warnings, 1);
    assert_true(bindings_put(bindings, "anna", A1, NULL));
    assert_false(bindings_save(bindings, &error));
    assert_non_null(strstr(error->message, "could not be written"));
}

/* A folder in its place is neither read nor overwritten. */
static void what_cannot_be_read_is_let_be(void **state)
{
    (void)state;
    assert_int_equal(g_mkdir(path, 0700), 0);
    g_autoptr(Bindings) bindings = bindings_load(folder);
    assert_int_equal(warnings, 1);
    assert_int_equal(bindings_count(bindings), 0);
    save(bindings);
    assert_true(g_file_test(path, G_FILE_TEST_IS_DIR));
    assert_int_equal(g_rmdir(path), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(bindings_outlive_a_restart),
        T(the_file_is_nobody_elses),
        T(what_is_not_sound_is_set_aside),
        T(a_file_that_is_too_large_is_set_aside),
        T(there_is_a_limit),
        T(a_folder_that_is_missing_is_said),
        T(what_cannot_be_read_is_let_be),
    };
    g_log_set_writer_func(write_log, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
