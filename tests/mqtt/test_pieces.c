/* SPDX-License-Identifier: MIT
 *
 * The password file, the backoff, the words for the broker's reasons.
 */
#include "mqtt/backoff.h"
#include "mqtt/reason.h"
#include "mqtt/secret.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = g_strdup("secret-XXXXXX");
    return g_mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    g_rmdir(folder);
    g_free(folder);
    return 0;
}

/* What is read from a file of LEN bytes; NULL when it is refused with WORDS. */
static char *read_file_of(const char *bytes, gssize len, const char *words)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, "password", NULL);
    assert_true(g_file_set_contents(path, bytes, len, NULL));
    char *secret = secret_read(path, 16, &error);
    if (secret == NULL) {
        assert_non_null(words);
        assert_non_null(strstr(error->message, words));
        assert_true(g_str_has_prefix(error->message, path));
        g_error_free(error);
    }
    g_unlink(path);
    g_free(path);
    return secret;
}

static void assert_secret(const char *bytes, const char *expected)
{
    char *secret = read_file_of(bytes, -1, NULL);
    assert_string_equal(secret, expected);
    secret_free(secret);
}

static void password_without_its_line_end(void **state)
{
    (void)state;
    assert_secret("secret", "secret");
    assert_secret("secret\n", "secret");
    assert_secret("secret\r\n", "secret");
    assert_secret(" two words \n\n", " two words \n");
    assert_secret("0123456789abcdef\r\n", "0123456789abcdef");
}

static void password_that_is_none(void **state)
{
    (void)state;
    assert_null(read_file_of("", 0, "empty"));
    assert_null(read_file_of("\n", -1, "empty"));
    assert_null(read_file_of("0123456789abcdefg", -1, "too long"));
    assert_null(read_file_of("0123456789abcdef0123456789abcdef0123456789", -1, "too long"));
    assert_null(read_file_of("a\0b", 3, "not UTF-8"));
    assert_null(read_file_of("\xff\xfe", -1, "not UTF-8"));
}

static void password_file_that_is_none(void **state)
{
    (void)state;
    GError *error = NULL;
    char *path = g_build_filename(folder, "pipe", NULL);
    assert_null(secret_read(path, 16, &error));
    g_clear_error(&error);
    assert_null(secret_read(folder, 16, &error));
    g_clear_error(&error);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(secret_read(path, 16, &error));
    assert_non_null(strstr(error->message, "not a regular file"));
    g_clear_error(&error);
    g_unlink(path);
    g_free(path);
    secret_free(NULL);
}

static void backoff_doubles_to_its_limit(void **state)
{
    (void)state;
    Backoff low = {0}, high = {0};
    const unsigned expected[] = {1000, 2000, 4000, 8000, 10000, 10000};
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        assert_int_equal(backoff_next_ms(&low, 0.0), expected[i]);
        unsigned most = backoff_next_ms(&high, 1.0);
        assert_int_equal(most, MIN(expected[i] * 3 / 2, BACKOFF_MAX_MS));
    }
    backoff_reset(&low);
    assert_int_equal(backoff_next_ms(&low, 0.0), BACKOFF_MIN_MS);
    backoff_slow_down(&low);
    assert_int_equal(backoff_next_ms(&low, 0.0), BACKOFF_MAX_MS / 2);
    assert_int_equal(backoff_next_ms(&low, 0.0), BACKOFF_MAX_MS);
}

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int code = -1; code < 300; code++) {
        assert_non_null(reason_refused(code));
        assert_non_null(reason_words(code));
    }
    assert_non_null(strstr(reason_refused(4), "password"));
    assert_non_null(strstr(reason_refused(0x86), "password"));
    assert_non_null(strstr(reason_refused(5), "not authorised"));
    assert_non_null(strstr(reason_words(0x87), "not authorised"));
    assert_true(reason_needs_help(5) && reason_needs_help(0x86) && !reason_needs_help(3));
    assert_true(reason_is_version(1) && reason_is_version(0x84) && !reason_is_version(0x80));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_without_its_line_end),
        cmocka_unit_test(password_that_is_none),
        cmocka_unit_test(password_file_that_is_none),
        cmocka_unit_test(backoff_doubles_to_its_limit),
        cmocka_unit_test(every_reason_has_words),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
