/* SPDX-License-Identifier: MIT
 *
 * A group on a screen: who stands where, and what is not shown.
 */
#include "ctl/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Board board;

static void take(const char *json)
{
    assert_true(report_parse_group(json, strlen(json), &board.live));
    board.have_live = true;
    board.live_at_ms = 1000;
}

static const char FOUR[] =
    "{\"members\":["
    "{\"alias\":\"In\",\"hr\":128,\"signal\":\"live\",\"zone\":\"z1\",\"cap\":132,\"status\":\"in\","
    "\"compliance\":99.1,\"session\":\"active\"},"
    "{\"alias\":\"Over\",\"hr\":140,\"signal\":\"live\",\"zone\":\"z2\",\"cap\":132,\"status\":\"above\","
    "\"compliance\":80,\"session\":\"active\"},"
    "{\"alias\":\"Lost\",\"hr\":null,\"signal\":\"lost\",\"zone\":null,\"cap\":132,\"status\":\"unknown\","
    "\"session\":\"active\"},"
    "{\"alias\":\"Way\\u001b[2Jover\",\"hr\":150,\"signal\":\"live\",\"zone\":\"z3\",\"cap\":132,\"status\":\"above\","
    "\"session\":\"active\"}]}";

static int setup(void **state)
{
    (void)state;
    board_init(&board, "localhost:1883", "tue");
    board.broker_up = true;
    return 0;
}

static char *picture(int rows, int columns, gint64 now_ms)
{
    g_autoptr(Frame) frame = frame_new(rows, columns);
    board_draw(&board, now_ms, frame);
    return frame_text(frame);
}

static void test_who_is_above_comes_first(void **state)
{
    (void)state;
    take(FOUR);
    g_autofree char *text = picture(10, 60, 2000);
    assert_string_equal(text, " tue   1 in target, 2 above, of 4\n"
                              "\n"
                              " Way?[2Jover        150  z3    +18  EASE OFF\n"
                              " Over               140  z2     +8  EASE OFF      80.0 %\n"
                              " Lost                 -             signal lost\n"
                              " In                 128  z1     -4  in target     99.1 %\n"
                              "\n\n\n"
                              " q quits\n");
    g_autofree char *line = board_line(&board, 2000);
    assert_string_equal(line, "tue: 1 of 4 in target; above: Way?[2Jover 150, Over 140");
}

static void test_columns_beside_each_other_and_what_does_not_fit(void **state)
{
    (void)state;
    take(FOUR);
    g_autofree char *wide = picture(5, 120, 2000);
    g_auto(GStrv) rows = g_strsplit(wide, "\n", -1);
    assert_true(g_str_has_prefix(rows[3], " Over "));
    assert_non_null(strstr(rows[3], " In "));
    g_autofree char *small = picture(5, 60, 2000);
    assert_non_null(strstr(small, "q quits   and 2 more: make the window larger"));
}

static void test_silence_shows_nobody(void **state)
{
    (void)state;
    take(FOUR);
    g_autofree char *late = picture(10, 60, 6001);
    assert_null(strstr(late, "150"));
    assert_non_null(strstr(late, "Nothing from the group any more."));
    board.broker_up = false;
    g_autofree char *line = board_line(&board, 2000);
    assert_string_equal(line, "tue: No answer from the broker; trying again.");
    board_init(&board, "localhost:1883", "tue");
    board.broker_up = true;
    assert_non_null(strstr(board_fault(&board, 0), "Is it in the configuration"));
}

static void test_the_table_of_verdicts(void **state)
{
    (void)state;
    static const char json[] =
        "{\"state\":\"finished\",\"members\":4,\"in_target\":0,\"verdicts\":["
        "{\"alias\":\"Ben\",\"verdict\":\"overdone\",\"compliance\":41.5,\"valid_s\":3600,\"above_s\":2106},"
        "{\"alias\":\"Carl\",\"verdict\":\"inconclusive\",\"compliance\":null,\"valid_s\":0,\"above_s\":0},"
        "{\"alias\":\"Anna\",\"verdict\":\"kept\",\"compliance\":95.4,\"valid_s\":3540,\"above_s\":162},"
        "{\"alias\":\"Dan\",\"verdict\":\"sorted\"}, 7]}";
    g_autofree char *none = board_verdicts(&board);
    assert_string_equal(none, "");
    assert_true(report_parse_group_session(json, strlen(json), &board.session));
    board.have_session = true;
    g_autofree char *text = board_verdicts(&board);
    assert_string_equal(text, "Anna               kept            95.4 % in 59:00, above 2:42\n"
                              "Ben                overdone        41.5 % in 1:00:00, above 35:06\n"
                              "Carl               inconclusive       - % in 0:00, above 0:00\n");
}

static void test_nonsense(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "[]", "{}", "{\"members\":7}", "{\"members\":{\"a\":{}}}",
                                      "{\"state\":\"x\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        assert_false(report_parse_group(bad[i], strlen(bad[i]), &board.live));
        assert_false(report_parse_group_session(bad[i], strlen(bad[i]), &board.session));
    }
    take("{\"members\":[1,null,{},{\"alias\":7,\"hr\":-3}]}");
    assert_int_equal(board.live.count, 2);
    assert_int_equal(board.live.members[1].live.hr_bpm, 0);
    g_autoptr(GString) many = g_string_new("{\"members\":[");
    for (int i = 0; i < 1000; i++)
        g_string_append(many, i > 0 ? ",{}" : "{}");
    g_string_append(many, "]}");
    take(many->str);
    assert_int_equal(board.live.count, REPORT_MAX_MEMBERS);
    g_autofree char *text = picture(3, 10, 2000);
    assert_non_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_who_is_above_comes_first, setup),
        cmocka_unit_test_setup(test_columns_beside_each_other_and_what_does_not_fit, setup),
        cmocka_unit_test_setup(test_silence_shows_nobody, setup),
        cmocka_unit_test_setup(test_the_table_of_verdicts, setup),
        cmocka_unit_test_setup(test_nonsense, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
