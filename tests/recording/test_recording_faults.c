/* SPDX-License-Identifier: MIT
 *
 * What is no recording, and where it is told to be wrong.
 */
#include "recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_refusal(const char *bytes, gsize len, const char *start)
{
    g_autoptr(GError) error = NULL;
    Recording *recording = recording_parse(bytes, len, "f.csv", &error);
    if (recording != NULL)
        fail_msg("taken, and should not be: %s", bytes);
    assert_true(g_error_matches(error, RECORDING_ERROR, RECORDING_ERROR_FORMAT));
    if (!g_str_has_prefix(error->message, start))
        fail_msg("'%s' is told '%s'; expected '%s'", bytes, error->message, start);
}

#define RATE "t_s,hr_bpm\n"
#define FULL "t_s,hr_bpm,dist_m,speed_mps\n"
#define BEATS "rr_ms\n"
#define SENT "t_s,hr_bpm,rr_ms,contact,event\n"

static const struct {
    const char *text, *start;
} mistakes[] = {
    {"", "f.csv:1: the file is empty"},
    {"\xef\xbb\xbf", "f.csv:1: the file is empty"},
    {"t_s,hr_bpm", "f.csv:1: the line has no end"},
    {"t_s,hr\n", "f.csv:1: unknown column 'hr'; the header is"},
    {"T_S,HR_BPM\n", "f.csv:1: unknown column 'T_S'"},
    {"t_s, hr_bpm\n", "f.csv:1: unknown column ' hr_bpm'"},
    {"\x7f\x45LF\n", "f.csv:1: unknown column '?ELF'"},
    {"t_s,hr_bpm,t_s\n", "f.csv:1: column t_s stands twice"},
    {"hr_bpm\n", "f.csv:1: a recording of rates needs both"},
    {"t_s,speed_mps\n", "f.csv:1: a recording of rates needs both"},
    {"t_s,rr_ms\n", "f.csv:1: a recording of RR intervals has the one column"},
    {"t_s,hr_bpm,dist_m,speed_mps,x\n", "f.csv:1: unknown column 'x'"},
    {"a,b,c,d,e,f,g,h,i\n", "f.csv:1: more than 8 columns"},
    {SENT "0,60,600,2,\n", "f.csv:2: contact is '2'; 0 to 1"},
    {SENT "0,60,600;601,1,\n", "f.csv:2: rr_ms is '600;601'; milliseconds"},
    {SENT "0,60,600  601,1,\n", "f.csv:2: rr_ms is ''"},
    {SENT "0,60,65001,1,\n", "f.csv:2: rr_ms is '65001'"},
    {SENT "0,,,,begin\n", "f.csv:2: event is 'begin'; start, pause"},
    {SENT "0,60,,,start\n", "f.csv:2: an event and a sample need a row each"},
    {RATE, "f.csv:1: the recording holds no sample"},
    {RATE "0,\n1,\n", "f.csv:3: the recording holds no sample"},
    {BEATS "999\n", "f.csv:2: the recording holds no sample"},
    {RATE "0,60\n1,61", "f.csv:3: the line has no end: the file is cut off"},
    {RATE "0,60\n1\n", "f.csv:3: 1 of 2 columns: half a row"},
    {RATE "0,60\n\n1,60\n", "f.csv:3: the line is blank; take it out"},
    {RATE "0,60\r\n\r\n", "f.csv:3: the line is blank; take it out"},
    {RATE "0,60,5\n", "f.csv:2: 3 columns, and the header has 2"},
    {FULL "0,60,1\n", "f.csv:2: 3 of 4 columns: half a row"},
    {BEATS "600\n600,\n", "f.csv:3: 2 columns, and the header has 1"},
    {BEATS "600\n\n600\n", "f.csv:3: the line is blank; take it out"},
    {RATE ",60\n", "f.csv:2: t_s is ''; a plain number"},
    {RATE "0,6o\n", "f.csv:2: hr_bpm is '6o'; a plain number"},
    {RATE "0, 60\n", "f.csv:2: hr_bpm is ' 60'"},
    {RATE "0,60 \n", "f.csv:2: hr_bpm is '60 '"},
    {RATE "0,0x3c\n", "f.csv:2: hr_bpm is '0x3c'"},
    {RATE "0,6e1\n", "f.csv:2: hr_bpm is '6e1'"},
    {RATE "0,nan\n", "f.csv:2: hr_bpm is 'nan'"},
    {RATE "inf,60\n", "f.csv:2: t_s is 'inf'"},
    {RATE "0,60.\n", "f.csv:2: hr_bpm is '60.'"},
    {RATE "0,.5\n", "f.csv:2: hr_bpm is '.5'"},
    {RATE "0,60.5\n", "f.csv:2: hr_bpm is '60.5'; a whole number"},
    {RATE "0,+60\n", "f.csv:2: hr_bpm is '+60'"},
    {RATE "0,-1\n", "f.csv:2: hr_bpm is '-1'; 0 to 65535 is possible"},
    {RATE "0,65536\n", "f.csv:2: hr_bpm is '65536'; 0 to 65535"},
    {RATE "-1,60\n", "f.csv:2: t_s is '-1'; 0 to 172800"},
    {RATE "172800.001,60\n", "f.csv:2: t_s is '172800.001'; 0 to 172800"},
    {RATE "0,000000000000000000060\n", "f.csv:2: hr_bpm is '000000000000000000060'"},
    {RATE "5,60\n6,60\n4.9,60\n", "f.csv:4: time goes back, from 6000 ms to 4900 ms"},
    {RATE "5,\n4,60\n", "f.csv:3: time goes back, from 5000 ms to 4000 ms"},
    {FULL "0,60,1,50.1\n", "f.csv:2: speed_mps is '50.1'; 0 to 50"},
    {FULL "0,60,x,1\n", "f.csv:2: dist_m is 'x'"},
    {BEATS "600\n0.9\n", "f.csv:3: rr_ms is '0.9'; 1 to 60000"},
    {BEATS "60001\n", "f.csv:2: rr_ms is '60001'; 1 to 60000"},
    {BEATS "600\n-600\n", "f.csv:3: rr_ms is '-600'"},
    {BEATS "600\nrr_ms\n", "f.csv:3: rr_ms is 'rr_ms'"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++)
        expect_refusal(mistakes[i].text, strlen(mistakes[i].text), mistakes[i].start);
    expect_refusal(RATE "0,6\0\n", sizeof(RATE "0,6\0\n") - 1, "f.csv:2: hr_bpm is '6?'");
}

static void test_long_lines(void **state)
{
    (void)state;
    g_autofree char *nines = g_strnfill(5000, '9');
    g_autofree char *text = g_strconcat(BEATS, nines, "\n", NULL);
    expect_refusal(text, strlen(text), "f.csv:2: the line is too long");
}

/* Cut anywhere but behind a line end, a recording is refused, whatever is left of the row. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    static const char *const texts[] = {FULL "0,60,0,2.5\n1,61,2.5,2.5\n2,62,5,2.5\n", BEATS "1000\n1000\n999.5\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const gsize len = strlen(texts[i]), head = (gsize)(strchr(texts[i], '\n') - texts[i]);
        for (gsize cut = 0; cut < len; cut++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(Recording) recording = recording_parse(texts[i], cut, "f.csv", &error);
            const bool whole = cut > head + 1 && texts[i][cut - 1] == '\n';
            assert_true((recording != NULL) == whole);
        }
    }
}

static void test_beats_in_a_second(void **state)
{
    (void)state;
    for (unsigned count = SAMPLE_MAX_RR; count <= SAMPLE_MAX_RR + 1; count++) {
        g_autoptr(GString) text = g_string_new(BEATS);
        for (unsigned i = 0; i < count; i++)
            g_string_append(text, "1\n");
        g_string_append(text, "1000\n");
        g_autoptr(GError) error = NULL;
        g_autoptr(Recording) recording = recording_parse(text->str, text->len, "f.csv", &error);
        assert_true((recording != NULL) == (count == SAMPLE_MAX_RR));
        if (error != NULL)
            assert_string_equal(error->message, "f.csv:258: more than 255 beats end within one second");
    }
}

static void test_longest_beats(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new(BEATS);
    for (unsigned i = 0; i < RECORDING_MAX_S / 60; i++)
        g_string_append(text, "60000\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) longest = recording_parse(text->str, text->len, "f.csv", &error);
    assert_non_null(longest);
    assert_int_equal(recording_time_ms(longest, recording_count(longest) - 1), RECORDING_MAX_S * 1000LL);
    g_string_append(text, "1\n");
    expect_refusal(text->str, text->len, "f.csv:2882: the beats are longer than 48 hours");
}

static void test_most_rows(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new(RATE);
    for (unsigned i = 1; i < RECORDING_MAX_ROWS; i++)
        g_string_append(text, "0,60\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) most = recording_parse(text->str, text->len, "f.csv", &error);
    assert_non_null(most);
    g_string_append(text, "0,60\n");
    expect_refusal(text->str, text->len, "f.csv:2000001: more than 2000000 rows");
}

static void test_unreadable(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nonexistent/f.csv", "/", "/dev/zero"};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(recording_load(paths[i], &error));
        assert_true(g_error_matches(error, RECORDING_ERROR, RECORDING_ERROR_READ));
        assert_true(g_str_has_prefix(error->message, paths[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),          cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_cut_anywhere),      cmocka_unit_test(test_beats_in_a_second),
        cmocka_unit_test(test_longest_beats),     cmocka_unit_test(test_most_rows),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
