/* SPDX-License-Identifier: MIT
 *
 * What a strap says of itself, of any content, as values that can be shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "bluez/details_parse.h"

static void expect_text(const char *bytes, size_t len, const char *wanted)
{
    g_autofree char *text = details_parse_text((const uint8_t *)bytes, len);

    if (wanted == NULL)
        assert_null(text);
    else
        assert_string_equal(text, wanted);
}

#define EXPECT_TEXT(literal, wanted) expect_text(literal, sizeof literal - 1, wanted)

static void a_battery_is_0_to_100(void **state)
{
    (void)state;
    assert_int_equal(details_parse_battery((const uint8_t *)"\0", 1), 0);
    assert_int_equal(details_parse_battery((const uint8_t *)"\x64", 1), 100);
    assert_int_equal(details_parse_battery((const uint8_t *)"\x50zz", 3), 80);
    assert_int_equal(details_parse_battery((const uint8_t *)"\x65", 1), -1);
    assert_int_equal(details_parse_battery((const uint8_t *)"\xff", 1), -1);
    assert_int_equal(details_parse_battery(NULL, 0), -1);
}

static void a_location_is_one_of_seven(void **state)
{
    (void)state;
    assert_string_equal(details_parse_location((const uint8_t *)"\0", 1), "other");
    assert_string_equal(details_parse_location((const uint8_t *)"\1", 1), "chest");
    assert_string_equal(details_parse_location((const uint8_t *)"\5", 1), "ear_lobe");
    assert_string_equal(details_parse_location((const uint8_t *)"\6", 1), "foot");
    assert_null(details_parse_location((const uint8_t *)"\7", 1));
    assert_null(details_parse_location((const uint8_t *)"\xff", 1));
    assert_null(details_parse_location(NULL, 0));
}

static void a_good_text_stays_as_it_is(void **state)
{
    (void)state;
    EXPECT_TEXT("Polar Electro Oy", "Polar Electro Oy");
    EXPECT_TEXT("Zo\xc3\xab \xe2\x99\xa5", "Zo\xc3\xab \xe2\x99\xa5");
    EXPECT_TEXT("  H10\0rest", "H10");
    EXPECT_TEXT("H10 \r\n", "H10");
}

static void nothing_is_no_text(void **state)
{
    (void)state;
    expect_text(NULL, 0, NULL);
    EXPECT_TEXT("\0\0\0", NULL);
    EXPECT_TEXT(" \t ", NULL);
    EXPECT_TEXT("\xff\xfe\x80", NULL);
}

static void what_is_not_plain_is_dropped(void **state)
{
    (void)state;
    EXPECT_TEXT("a\x1b[31mb\x7f", "a[31mb");
    EXPECT_TEXT("a\xc2\x85" "b\xe2\x80\xa8" "c", "abc");          /* C1 control, line separator */
    EXPECT_TEXT("x\xe2\x80\xae" "evil\xef\xbb\xbf", "xevil");      /* right-to-left override, BOM */
    EXPECT_TEXT("M\xfcller", "Mller");                             /* Latin-1 */
    EXPECT_TEXT("a\xed\xa0\x80" "b\xc0\xaf" "c\xf4\x90\x80\x80", "abc"); /* surrogate, overlong, beyond */
    EXPECT_TEXT("cut \xe2\x99", "cut");
}

static void a_text_has_a_limit_between_two_characters(void **state)
{
    char long_text[513], wanted[DETAILS_MAX_TEXT + 1] = {0};

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    memset(wanted, 'x', DETAILS_MAX_TEXT);
    expect_text(long_text, sizeof long_text, wanted);
    memcpy(long_text + DETAILS_MAX_TEXT - 1, "\xc3\xab", 2);
    wanted[DETAILS_MAX_TEXT - 1] = '\0';
    expect_text(long_text, sizeof long_text, wanted);
}

static void any_bytes_give_valid_text(void **state)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[96];
        size_t len = (size_t)g_rand_int_range(rand, 0, sizeof bytes + 1);
        g_autofree char *text = NULL;

        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)g_rand_int_range(rand, 0, 256);
        text = details_parse_text(bytes, len);
        assert_true(text == NULL || (g_utf8_validate(text, -1, NULL) && text[0] != '\0'));
        assert_true(text == NULL || strlen(text) <= DETAILS_MAX_TEXT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_battery_is_0_to_100),
        cmocka_unit_test(a_location_is_one_of_seven),
        cmocka_unit_test(a_good_text_stays_as_it_is),
        cmocka_unit_test(nothing_is_no_text),
        cmocka_unit_test(what_is_not_plain_is_dropped),
        cmocka_unit_test(a_text_has_a_limit_between_two_characters),
        cmocka_unit_test(any_bytes_give_valid_text),
    };

    return cmocka_run_group_tests_name("details parse", tests, NULL, NULL);
}
