/* SPDX-License-Identifier: MIT
 *
 * What is written by hand is what printf and cJSON would have written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mqtt/json_line.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#define SEED 20261125

static void assert_as_printf(double value, unsigned decimals)
{
    static const char *const formats[] = {"%.0f", "%.1f", "%.2f", "%.3f", "%.4f", "%.5f", "%.6f"};
    char wanted[G_ASCII_DTOSTR_BUF_SIZE], text[JSON_NUMBER_BYTES];

    g_ascii_formatd(wanted, sizeof wanted, formats[decimals], value);
    /* "-0.0" alone is told without its sign. */
    bool minus_zero = wanted[0] == '-' && wanted[strspn(wanted, "-0.")] == '\0';
    assert_string_equal(json_text_decimal(text, value, decimals), minus_zero ? wanted + 1 : wanted);
}

static void test_decimals_as_printf(void **state)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(SEED);

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        double value = g_rand_double_range(random, -1, 1) * pow(10, g_rand_int_range(random, -3, 15));

        assert_as_printf(value, i % 7);
        /* Halfway between two, and one step off it: what rounds wrongly does so here. */
        double half = (g_rand_int_range(random, -100000, 100000) + 0.5) / pow(10, i % 7);
        assert_as_printf(half, i % 7);
        assert_as_printf(nextafter(half, 1e9), i % 7);
        assert_as_printf(nextafter(half, -1e9), i % 7);
    }
}

static void test_decimals_at_the_edges(void **state)
{
    static const double values[] = {0, -0.0, 0.049, -0.049, -0.05, 0.05, 9.95, 99.95, 999.999, 1e15, -1e15, 1234567.5};
    char text[JSON_NUMBER_BYTES];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        for (unsigned decimals = 0; decimals <= 6; decimals++)
            assert_as_printf(values[i], decimals);
    assert_string_equal(json_text_decimal(text, (double)NAN, 1), "null");
    assert_string_equal(json_text_decimal(text, (double)INFINITY, 1), "null");
    assert_string_equal(json_text_decimal(text, 1.1e15, 1), "null");
    assert_string_equal(json_text_decimal(text, 1, 7), "null");
}

static void test_thousandths(void **state)
{
    static const struct {
        int64_t thousandths;
        const char *text;
    } rows[] = {{0, "0"}, {1, "0.001"}, {-1, "-0.001"}, {1500, "1.5"}, {60000, "60"}, {-60010, "-60.01"},
                {INT64_MAX, "9223372036854775.807"}, {INT64_MIN, "-9223372036854775.808"}};
    char text[JSON_NUMBER_BYTES];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_string_equal(json_text_thousandths(text, rows[i].thousandths), rows[i].text);
}

static void test_a_line_is_an_object(void **state)
{
    static const char nasty[] = "a \"b\" \\ \n\t\x01 \xc3\xa9 /";
    const double values[] = {419.5, 420.4, -0.4};
    GString *line = json_line_new();

    (void)state;
    json_line_int(line, "int", INT64_MIN);
    json_line_int_or_null(line, "known", 7, true);
    json_line_int_or_null(line, "unknown", 7, false);
    json_line_string(line, "nasty", nasty);
    json_line_string(line, "none", NULL);
    json_line_bool(line, "bool", true);
    json_line_rounded(line, "rr", values, 3);
    json_line_rounded(line, "empty", values, 0);
    g_autofree char *text = json_line_end(line);
    assert_non_null(strstr(text, "{\"int\":-9223372036854775808,\"known\":7,\"unknown\":null,\"nasty\":\""));
    assert_non_null(strstr(text, "\"none\":null,\"bool\":true,\"rr\":[420,420,0],\"empty\":[]}"));
    cJSON *json = cJSON_Parse(text);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "nasty")), nasty);
    cJSON_Delete(json);
}

static void test_an_object_without_members(void **state)
{
    (void)state;
    g_autofree char *text = json_line_end(json_line_new());
    assert_string_equal(text, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals_as_printf), cmocka_unit_test(test_decimals_at_the_edges),
        cmocka_unit_test(test_thousandths),        cmocka_unit_test(test_a_line_is_an_object),
        cmocka_unit_test(test_an_object_without_members),
    };

    return cmocka_run_group_tests_name("mqtt-json-line", tests, NULL, NULL);
}
