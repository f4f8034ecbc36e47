/* SPDX-License-Identifier: MIT
 *
 * The pure calculations against numbers from elsewhere.
 */
#include "core/hrv.h"
#include "recording.h"

#include <glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define NEAR(got, expected, tolerance)                                                                                 \
    do {                                                                                                               \
        double near_got = (got), near_expected = (expected);                                                           \
        if (!(fabs(near_got - near_expected) <= (tolerance)))                                                          \
            fail_msg("%s is %.12f, expected %.12f", #got, near_got, near_expected);                                    \
    } while (0)

static double rr[RECORDING_MAX_BEATS];

static double golden_alpha(const cJSON *golden, const char *variant)
{
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(golden, variant);
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(values, "fwdrev"));
}

static double golden_number(const cJSON *golden, const char *key)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(golden, key));
}

static void equals_the_193_beats(void **state)
{
    (void)state;
    cJSON *golden = cJSON_Parse(recording_text("dfa_193.json"));
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(golden, "rr_ms");
    const cJSON *beat;
    size_t count = 0;
    double sum = 0;

    cJSON_ArrayForEach(beat, list) {
        sum += beat->valuedouble;
        rr[count++] = beat->valuedouble;
    }
    assert_int_equal(count, 193);
    NEAR(hrv_dfa_alpha1(rr, count, false), golden_alpha(golden, "alpha1_4_16"), 1e-12);
    NEAR(hrv_dfa_alpha1(rr, count, true), golden_alpha(golden, "alpha1_4_16_sp500"), 1e-9);
    NEAR(hrv_dfa_alpha1(rr, count, false), 1.544580871904, 1e-9);
    NEAR(hrv_dfa_alpha1(rr, count, true), 1.541995752345, 1e-9);
    NEAR(hrv_rmssd(rr, count), golden_number(golden, "rmssd"), 1e-9);
    NEAR(hrv_sdnn(rr, count), golden_number(golden, "sdnn_ddof1"), 1e-9);
    NEAR(sum / (double)count, golden_number(golden, "mean"), 1e-9);
    cJSON_Delete(golden);
}

/* Columns of dfa_fatmaxxer_windows.csv. */
enum { START = 1, COUNT = 2, KEPT = 3, ARTEFACTS = 4, ALPHA = 7, ALPHA_DETRENDED = 9, RMSSD = 10, SDNN = 12, HR = 13 };

static size_t keep_good(const double *raw, size_t count, double threshold, double *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (hrv_rr_good(raw[i], i > 0 ? raw[i - 1] : (double)NAN, threshold))
            ret[kept++] = raw[i];
    return kept;
}

static double sum_of(const double *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += x[i];
    return sum;
}

static void check_window(const double *column)
{
    const double *raw = rr + (size_t)column[START];
    const size_t count = (size_t)column[COUNT];
    double kept[HRV_WINDOW_BEATS];
    size_t n = keep_good(raw, count, 0.05, kept);

    assert_int_equal(n, (size_t)column[KEPT]);
    assert_int_equal(count - n, (size_t)column[ARTEFACTS]);
    NEAR(hrv_dfa_alpha1(kept, n, false), column[ALPHA], 0.5e-9 + 1e-12);
    NEAR(hrv_dfa_alpha1(kept, n, true), column[ALPHA_DETRENDED], 0.5e-9 + 1e-10);
    NEAR(hrv_rmssd(kept, n), column[RMSSD], 0.5e-6 + 1e-9);
    NEAR(hrv_sdnn(kept, n), column[SDNN], 0.5e-6 + 1e-9);
    NEAR(60000 * (double)n / sum_of(kept, n), column[HR], 0.5e-4 + 1e-9);

    /* Wherever the rate of the window asks for the 5 % of the file, the rule by rate keeps the same. */
    const double rate = 60000 * (double)count / sum_of(raw, count);
    if (rate > 90)
        assert_int_equal(keep_good(raw, count, hrv_rr_threshold(rate), kept), n);
}

static void equals_the_24_published_windows(void **state)
{
    (void)state;
    size_t rows = 0;

    assert_int_equal(recording_rr_ms("fatmaxxer_20210606.rr.csv", rr), 11463);
    for (char *line = strchr(recording_text("dfa_fatmaxxer_windows.csv"), '\n'); line && line[1];
         line = strchr(line + 1, '\n')) {
        double column[HR + 1];
        char *at = line;
        for (size_t i = 0; i <= HR; i++)
            column[i] = g_ascii_strtod(at + 1, &at);
        check_window(column);
        rows++;
    }
    assert_int_equal(rows, 24);
}

static void alternating_series_has_known_statistics(void **state)
{
    (void)state;
    for (size_t i = 0; i < 200; i++)
        rr[i] = i % 2 ? 810 : 800;
    NEAR(hrv_rmssd(rr, 200), 10, 1e-12);
    NEAR(hrv_sdnn(rr, 200), 5.012547, 5e-7);
    /* What goes back and forth is anticorrelated: far under the 0.5 of noise. */
    assert_true(hrv_dfa_alpha1(rr, 200, true) < 0.2);
}

static void too_few_too_many_or_constant_is_no_number(void **state)
{
    (void)state;
    uint64_t seed = 5;

    for (size_t i = 0; i <= HRV_WINDOW_BEATS; i++)
        rr[i] = 700 + 10 * random_normal(&seed);
    assert_true(isnan(hrv_dfa_alpha1(rr, 0, true)));
    assert_true(isnan(hrv_dfa_alpha1(rr, 31, true)));
    assert_false(isnan(hrv_dfa_alpha1(rr, 32, true)));
    assert_false(isnan(hrv_dfa_alpha1(rr, HRV_WINDOW_BEATS, true)));
    assert_true(isnan(hrv_dfa_alpha1(rr, HRV_WINDOW_BEATS + 1, true)));
    assert_true(isnan(hrv_rmssd(rr, 1)));
    assert_true(isnan(hrv_sdnn(rr, 1)));

    for (size_t i = 0; i < 200; i++)
        rr[i] = 712.3;
    assert_true(isnan(hrv_dfa_alpha1(rr, 200, false)));
    assert_true(isnan(hrv_dfa_alpha1(rr, 200, true)));
    for (size_t i = 0; i < 200; i++)
        rr[i] = 400.1 + (double)i / 3; /* all trend */
    assert_true(isnan(hrv_dfa_alpha1(rr, 200, true)));
    rr[100] = (double)NAN;
    assert_true(isnan(hrv_dfa_alpha1(rr, 200, true)));
}

static void alpha_does_not_depend_on_the_unit(void **state)
{
    (void)state;
    static const double factors[] = {1.024, 1000.0 / 1024, 1e-3, 1e6, 0.1};
    double scaled[HRV_WINDOW_BEATS];

    recording_rr_ms("fatmaxxer_20210606.rr.csv", rr);
    for (size_t start = 0; start < 11000; start += 250)
        for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
            for (size_t i = 0; i < 240; i++)
                scaled[i] = rr[start + i] * factors[f];
            NEAR(hrv_dfa_alpha1(scaled, 240, true), hrv_dfa_alpha1(rr + start, 240, true), 1e-9);
            NEAR(hrv_dfa_alpha1(scaled, 240, false), hrv_dfa_alpha1(rr + start, 240, false), 1e-9);
        }
}

/* Mean alpha of 200 random series: its standard error is about 0.01. Short boxes bias white noise upwards. */
static void noise_and_its_sum_have_their_exponents(void **state)
{
    (void)state;
    uint64_t seed = 20210606;
    double white = 0, brown = 0;

    for (int series = 0; series < 200; series++) {
        for (size_t i = 0; i < 512; i++)
            rr[i] = 700 + 10 * random_normal(&seed);
        white += hrv_dfa_alpha1(rr, 512, false) / 200;
        for (size_t i = 1; i < 512; i++)
            rr[i] = rr[i - 1] + rr[i] - 700;
        brown += hrv_dfa_alpha1(rr, 512, false) / 200;
    }
    NEAR(white, 0.55, 0.08);
    NEAR(brown, 1.5, 0.08);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_193_beats),
        cmocka_unit_test(equals_the_24_published_windows),
        cmocka_unit_test(alternating_series_has_known_statistics),
        cmocka_unit_test(too_few_too_many_or_constant_is_no_number),
        cmocka_unit_test(alpha_does_not_depend_on_the_unit),
        cmocka_unit_test(noise_and_its_sum_have_their_exponents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
