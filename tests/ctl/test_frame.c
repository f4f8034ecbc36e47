/* SPDX-License-Identifier: MIT */
#include "ctl/digits.h"
#include "ctl/frame.h"
#include "ctl/words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void text_is_cut_at_the_edges(void **state)
{
    (void)state;
    g_autoptr(Frame) frame = frame_new(2, 5);
    assert_int_equal(frame_put(frame, 0, -2, STYLE_PLAIN, "abcdefghij"), 8);
    frame_put(frame, -1, 0, STYLE_PLAIN, "x");
    frame_put(frame, 2, 0, STYLE_PLAIN, "x");
    frame_put(frame, 1, 4, STYLE_PLAIN, "yz");
    g_autofree char *text = frame_text(frame);
    assert_string_equal(text, "cdefg\n    y\n");
}

static void no_text_can_steer_the_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"a\033[2Jb", "a?[2Jb\n"},  {"\r\n\t\a", "????\n"},          {"\xc2\x9b" "31m", "?31m\n"},
        {"\xff\xfe", "??\n"},       {"caf\xc3\xa9", "caf\xc3\xa9\n"}, {"\xe6\x97\xa5", "?\n"},
        {"e\xcc\x81", "e?\n"},      {"\xe2\x80\xae", "?\n"},         {"\xf0\x9f\x98\x80", "?\n"},
        {"\xe2\x96", "??\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Frame) frame = frame_new(1, 20);
        frame_put(frame, 0, 0, STYLE_PLAIN, cases[i].text);
        g_autofree char *text = frame_text(frame);
        assert_string_equal(text, cases[i].shown);
    }
}

static void only_changed_rows_are_written(void **state)
{
    (void)state;
    g_autoptr(Frame) one = frame_new(3, 10);
    frame_put(one, 0, 0, STYLE_PLAIN, "same");
    frame_put(one, 1, 0, STYLE_Z1, "128");
    g_autoptr(Frame) two = frame_copy(one);
    g_autofree char *nothing = frame_ansi(two, one, true);
    assert_string_equal(nothing, "");
    frame_put(two, 1, 0, STYLE_Z1, "129");
    g_autofree char *changed = frame_ansi(two, one, true);
    assert_string_equal(changed, "\033[2;1H\033[0m\033[0;1;32m129\033[0m\033[K");
    g_autofree char *whole = frame_ansi(two, NULL, true);
    assert_non_null(strstr(whole, "same"));
    g_autoptr(Frame) larger = frame_new(4, 10);
    g_autofree char *resized = frame_ansi(larger, one, true);
    assert_non_null(strstr(resized, "\033[4;1H"));
}

static void without_colour_only_weight_and_reverse(void **state)
{
    (void)state;
    g_autoptr(Frame) frame = frame_new(STYLE_COUNT, 4);
    for (int style = 0; style < STYLE_COUNT; style++)
        frame_put(frame, style, 0, (Style)style, "x");
    g_autofree char *plain = frame_ansi(frame, NULL, false);
    g_autofree char *colour = frame_ansi(frame, NULL, true);
    assert_null(strstr(plain, ";3"));
    assert_null(strstr(plain, ";4"));
    assert_non_null(strstr(plain, "\033[0;1;7m"));
    assert_non_null(strstr(colour, "\033[0;1;31m"));
}

static void sizes_are_brought_into_range(void **state)
{
    (void)state;
    g_autoptr(Frame) none = frame_new(-5, 0);
    g_autoptr(Frame) huge = frame_new(1000000, 1000000);
    assert_int_equal(frame_rows(none), 1);
    assert_int_equal(frame_columns(none), 1);
    assert_int_equal(frame_rows(huge), FRAME_MAX_ROWS);
    assert_int_equal(frame_columns(huge), FRAME_MAX_COLUMNS);
}

static void digits_stand_right_aligned(void **state)
{
    (void)state;
    static const int numbers[] = {0, 7, 45, 99, 100, 250, 999};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        for (int scale = 1; scale <= 4; scale++) {
            g_autoptr(Frame) frame = frame_new(DIGITS_ROWS * scale, 3 * DIGITS_COLUMNS * scale);
            digits_draw(frame, 0, 0, scale, STYLE_PLAIN, numbers[i]);
            g_autofree char *text = frame_text(frame);
            int leading = (int)strspn(text, " ");
            int places = numbers[i] > 99 ? 3 : numbers[i] > 9 ? 2 : 1;
            assert_in_range(leading, (3 - places) * DIGITS_COLUMNS * scale, (4 - places) * DIGITS_COLUMNS * scale);
        }
    }
}

static void numbers_read_well_in_any_locale(void **state)
{
    (void)state;
    char time[WORDS_DURATION], percent[WORDS_PERCENT];
    assert_string_equal(words_duration(0, time), "0:00");
    assert_string_equal(words_duration(-3, time), "0:00");
    assert_string_equal(words_duration(247, time), "4:07");
    assert_string_equal(words_duration(3727, time), "1:02:07");
    assert_string_equal(words_duration(G_MAXINT, time), "27777:46:39");
    assert_string_equal(words_percent(95.4, percent), "95.4 %");
    assert_string_equal(words_percent(100, percent), "100.0 %");
    assert_string_equal(words_percent(0, percent), "0.0 %");
    assert_string_equal(words_percent(NAN, percent), "- %");
    assert_string_equal(words_percent(INFINITY, percent), "1000.0 %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_the_edges),
        cmocka_unit_test(no_text_can_steer_the_terminal),
        cmocka_unit_test(only_changed_rows_are_written),
        cmocka_unit_test(without_colour_only_weight_and_reverse),
        cmocka_unit_test(sizes_are_brought_into_range),
        cmocka_unit_test(digits_stand_right_aligned),
        cmocka_unit_test(numbers_read_well_in_any_locale),
    };
    return cmocka_run_group_tests_name("ctl frame", tests, NULL, NULL);
}
