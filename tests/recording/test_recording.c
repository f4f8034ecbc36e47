/* SPDX-License-Identifier: MIT
 *
 * The kept recordings as samples, and what makes a sample of a beat or a row.
 */
#include "recording.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    const char *file;
    gsize count;
    int64_t first_ms, last_ms;
    uint16_t first_bpm, last_bpm;
    unsigned beats; /* in all samples together */
    double mean_bpm;
} Kept;

/* Counted apart from this program, with a few lines of Python over the same files. */
static const Kept kept[] = {
    {"fatmaxxer_20210606.rr.csv", 6124, 1000, 6124000, 98, 105, 11462, 112.80127367733508},
    {"rhenanbartels_exercise_rri.rr.csv", 2560, 2000, 2561000, 38, 101, 4115, 96.6265625},
    {"fitdecode_fenix2-run.hr.csv", 2808, 0, 2833000, 69, 117, 0, 153.97649572649573},
    {"runpandas_2020-12-16T05_44_18.hr.csv", 803, 9000, 2489000, 105, 164, 0, 151.43960149439602},
};

static Recording *load_kept(const char *file)
{
    g_autofree char *path = g_build_filename(g_getenv("ZONE1D_TEST_DATA"), file, NULL);
    g_autoptr(GError) error = NULL;
    Recording *recording = recording_load(path, &error);
    if (recording == NULL)
        fail_msg("%s", error->message);
    return recording;
}

static void test_kept_recordings(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
        g_autoptr(Recording) recording = load_kept(kept[i].file);
        const gsize count = recording_count(recording);
        Sample sample = {0};
        unsigned beats = 0;
        double sum_bpm = 0;
        int64_t before_ms = 0;
        assert_int_equal(count, kept[i].count);
        for (gsize at = 0; at < count; at++) {
            recording_get(recording, at, &sample);
            assert_true(sample.t_ms >= before_ms);
            assert_int_equal(sample.t_ms, recording_time_ms(recording, at));
            assert_int_equal(sample.contact, CONTACT_UNSUPPORTED);
            assert_int_equal(at == 0 ? sample.bpm : kept[i].first_bpm, kept[i].first_bpm);
            before_ms = sample.t_ms;
            beats += sample.rr_count;
            sum_bpm += sample.bpm;
        }
        assert_int_equal(recording_time_ms(recording, 0), kept[i].first_ms);
        assert_int_equal(sample.t_ms, kept[i].last_ms);
        assert_int_equal(sample.bpm, kept[i].last_bpm);
        assert_int_equal(beats, kept[i].beats);
        assert_true(fabs(sum_bpm / (double)count - kept[i].mean_bpm) < 1e-6);
    }
}

static Recording *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Recording *recording = recording_parse(text, strlen(text), "test.csv", &error);
    if (recording == NULL)
        fail_msg("%s", error->message);
    return recording;
}

static void test_speed_column(void **state)
{
    (void)state;
    g_autoptr(Recording) with = load_kept("fitdecode_fenix2-run.hr.csv");
    g_autoptr(Recording) without = load_kept("runpandas_2020-12-16T05_44_18.hr.csv");
    Sample sample;
    recording_get(with, 0, &sample);
    assert_true(sample.speed_mps == 5.89);
    recording_get(with, recording_count(with) - 1, &sample);
    assert_true(sample.speed_mps == 2.59);
    recording_get(without, 0, &sample);
    assert_true(isnan(sample.speed_mps));
}

static void test_rate_rows(void **state)
{
    (void)state;
    g_autoptr(Recording) recording = parse("\xef\xbb\xbfspeed_mps,t_s,hr_bpm\r\n"
                                           "2.5,0.0005,60\r\n"
                                           ",1.25,\r\n"
                                           ",1.25,61.0\r\n"
                                           "0,1.25,0\r\n"
                                           "50,172800,65535\r\n");
    static const struct {
        int64_t t_ms;
        uint16_t bpm;
        double speed_mps;
    } expected[] = {{1, 60, 2.5}, {1250, 61, NAN}, {1250, 0, 0}, {172800000, 65535, 50}};
    assert_int_equal(recording_count(recording), G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        Sample sample;
        recording_get(recording, i, &sample);
        assert_int_equal(sample.t_ms, expected[i].t_ms);
        assert_int_equal(sample.bpm, expected[i].bpm);
        assert_true(sample.speed_mps == expected[i].speed_mps ||
                    (isnan(sample.speed_mps) && isnan(expected[i].speed_mps)));
        assert_int_equal(sample.rr_count, 0);
    }
}

static void expect_sample(const Recording *recording, gsize index, int64_t t_ms, uint16_t bpm, unsigned rr_count)
{
    Sample sample;
    recording_get(recording, index, &sample);
    assert_int_equal(sample.t_ms, t_ms);
    assert_int_equal(sample.bpm, bpm);
    assert_int_equal(sample.rr_count, rr_count);
}

/* As zone1ctl exports it: what the strap sent with each rate, and what was done to the session. */
static void test_rates_with_their_beats_and_events(void **state)
{
    (void)state;
    g_autoptr(Recording) recording = parse("t_s,hr_bpm,speed_mps,rr_ms,contact,zone,event\n"
                                           "0.000,120,,500 499.0234375,1,z1,\n"
                                           "0.500,,,,,,start\n"
                                           "1.000,121,2.5,,0,,\n"
                                           "1.000,122,,0,,z1,\n"
                                           "2.000,,,,,,pause\n"
                                           "2.500,,,,,,stop\n");
    assert_int_equal(recording_count(recording), 3);
    expect_sample(recording, 0, 0, 120, 2);
    Sample sample;
    recording_get(recording, 0, &sample);
    assert_true(sample.rr_ms[1] == 511 * 1000.0 / 1024 && sample.contact == CONTACT_DETECTED);
    recording_get(recording, 1, &sample);
    assert_true(sample.contact == CONTACT_NOT_DETECTED && sample.rr_count == 0 && sample.speed_mps == 2.5);
    recording_get(recording, 2, &sample);
    assert_true(sample.contact == CONTACT_UNSUPPORTED && sample.rr_count == 1 && sample.rr_ms[0] == 0);
    static const RecordingMark expected[] = {{.t_ms = 500, .before = 1, .command = SESSION_CMD_START},
                                             {.t_ms = 2000, .before = 3, .command = SESSION_CMD_PAUSE},
                                             {.t_ms = 2500, .before = 3, .command = SESSION_CMD_STOP}};
    assert_int_equal(recording_mark_count(recording), 3);
    for (gsize i = 0; i < 3; i++) {
        const RecordingMark mark = recording_mark(recording, i);
        assert_true(mark.t_ms == expected[i].t_ms && mark.before == expected[i].before &&
                    mark.command == expected[i].command);
    }
}

/* A beat that ends on a whole second belongs to it; a second without the end of a beat is a sample too. */
static void test_beats_on_whole_seconds(void **state)
{
    (void)state;
    g_autoptr(Recording) recording = parse("rr_ms\n1500\n500\n333.4\n333.3\n333.3\n2500\n499\n");
    assert_int_equal(recording_count(recording), 4);
    expect_sample(recording, 0, 2000, 60, 2); /* median of 500 and 1500 */
    expect_sample(recording, 1, 3000, 180, 3);
    expect_sample(recording, 2, 4000, 180, 0);
    expect_sample(recording, 3, 5000, 180, 0); /* ends at 5999 */
    Sample sample;
    recording_get(recording, 1, &sample);
    assert_true(sample.rr_ms[0] == 333.4 && sample.rr_ms[2] == 333.3);
}

/* 333.333 + 333.333 + 333.334 ms end on the whole second exactly, after an hour too. */
static void test_decimals_add_up(void **state)
{
    (void)state;
    g_autoptr(GString) text = g_string_new("rr_ms\n");
    for (unsigned i = 0; i < 3600; i++)
        g_string_append(text, "333.333\n333.333\n333.334\n");
    g_autoptr(Recording) recording = parse(text->str);
    assert_int_equal(recording_count(recording), 3600);
    for (gsize i = 0; i < 3600; i++)
        expect_sample(recording, i, (int64_t)(i + 1) * 1000, 180, 3);
}

/* Ten intervals: the first is out of the median's window at the tenth. */
static void test_median_of_nine(void **state)
{
    (void)state;
    g_autoptr(Recording) recording =
        parse("rr_ms\n100\n100\n100\n100\n600\n" /* 1000 */ "1000\n1000\n1000\n1000\n1000\n");
    expect_sample(recording, 0, 1000, 600, 5);
    expect_sample(recording, 1, 2000, 600, 1); /* of six: 100 and 100 */
    expect_sample(recording, 2, 3000, 600, 1); /* of seven: 100 */
    expect_sample(recording, 3, 4000, 171, 1); /* of eight: 100 and 600 */
    expect_sample(recording, 4, 5000, 100, 1); /* of nine: 600 */
    expect_sample(recording, 5, 6000, 60, 1);  /* of the last nine of ten: 1000 */
    assert_int_equal(recording_count(recording), 6);
}

static void test_rate_rounds_half_up(void **state)
{
    (void)state;
    g_autoptr(Recording) up = parse("rr_ms\n960\n40\n");     /* median 500 */
    g_autoptr(Recording) half = parse("rr_ms\n1920\n1920\n"); /* 31.25 */
    g_autoptr(Recording) tie = parse("rr_ms\n480\n480\n480\n480\n480\n"); /* 125 */
    g_autoptr(Recording) exact = parse("rr_ms\n32000\n");    /* 1.875 */
    g_autoptr(Recording) point_five = parse("rr_ms\n24000\n"); /* 2.5 */
    expect_sample(up, 0, 1000, 120, 2);
    expect_sample(half, 0, 2000, 31, 1);
    expect_sample(tie, 0, 1000, 125, 2);
    expect_sample(exact, 0, 32000, 2, 1);
    expect_sample(point_five, 0, 24000, 3, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_recordings),        cmocka_unit_test(test_speed_column),
        cmocka_unit_test(test_rate_rows),              cmocka_unit_test(test_beats_on_whole_seconds),
        cmocka_unit_test(test_decimals_add_up),        cmocka_unit_test(test_median_of_nine),
        cmocka_unit_test(test_rate_rounds_half_up),    cmocka_unit_test(test_rates_with_their_beats_and_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
