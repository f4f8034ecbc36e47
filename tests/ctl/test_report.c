/* SPDX-License-Identifier: MIT */
#include "ctl/report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The example of docs/mqtt.md. */
static const char live_example[] =
    "{\"v\":1,\"ts\":\"2026-11-23T17:20:01.250Z\",\"seq\":812,\"gateway\":\"pi-gym\",\"hr\":128,\"signal\":\"live\","
    "\"zone\":\"z1\",\"zone_model\":\"hrr\",\"max_estimated\":true,\"cap\":134,\"floor\":null,\"status\":\"in\","
    "\"advice\":\"ease_off\",\"trend_bpm_min\":-3.2,\"compliance\":93.4,\"coverage\":98.0,\"valid_s\":812,"
    "\"above_s\":54,\"excursions\":2,\"rr_ms\":[612,607],\"rmssd\":9.1,\"dfa_a1\":0.93,\"session\":\"active\"}";

static void live_is_read(void **state)
{
    (void)state;
    LiveReport live;
    assert_true(report_parse_live(live_example, strlen(live_example), &live));
    assert_int_equal(live.at_s, 1795454401);
    assert_int_equal(live.hr_bpm, 128);
    assert_int_equal(live.signal, SIGNAL_LIVE);
    assert_int_equal(live.zone, 1);
    assert_string_equal(live.zone_name, "z1");
    assert_string_equal(live.zone_model, "hrr");
    assert_true(live.max_estimated);
    assert_int_equal(live.cap_bpm, 134);
    assert_int_equal(live.floor_bpm, 0);
    assert_int_equal(live.status, STATUS_IN);
    assert_int_equal(live.advice, ADVICE_EASE_OFF);
    assert_float_equal(live.trend_bpm_min, -3.2, 1e-9);
    assert_float_equal(live.compliance, 93.4, 1e-9);
    assert_int_equal(live.valid_s, 812);
    assert_int_equal(live.session, SESSION_ACTIVE);
}

static void what_is_null_or_wrong_is_not_known(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"signal\":\"lost\",\"hr\":null,\"zone\":null,\"compliance\":null}",
        "{\"signal\":\"lost\",\"max_estimated\":1}",
        "{\"signal\":\"lost\",\"hr\":\"128\",\"zone\":7,\"compliance\":[],\"ts\":5,\"status\":{},\"cap\":true}",
        "{\"signal\":\"lost\",\"hr\":1e300,\"zone\":\"z9\",\"compliance\":-1,\"ts\":\"yesterday\",\"cap\":-4}",
        "{\"signal\":\"lost\",\"hr\":251,\"zone\":\"z5d\",\"compliance\":101,\"zone_model\":null}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        LiveReport live;
        assert_true(report_parse_live(texts[i], strlen(texts[i]), &live));
        assert_int_equal(live.signal, SIGNAL_LOST);
        assert_int_equal(live.hr_bpm, 0);
        assert_int_equal(live.zone, ZONE_NONE);
        assert_int_equal(live.cap_bpm, 0);
        assert_false(live.max_estimated);
        assert_int_equal(live.at_s, 0);
        assert_true(isnan(live.compliance));
        assert_int_equal(live.status, STATUS_UNKNOWN);
    }
}

static void what_is_no_report_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "{", "[]", "null", "5", "{}", "{\"signal\":\"perfect\"}", "{\"signal\":1}", "\xff\xfe",
        "{\"signal\":\"live\"", "{\"id\":\"\",\"verdict\":\"kept\"}", "{\"id\":\"x\",\"verdict\":\"fine\"}",
    };
    LiveReport live = {.hr_bpm = 77};
    SummaryReport summary = {.cap_bpm = 77};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        assert_false(report_parse_live(texts[i], strlen(texts[i]), &live));
        assert_false(report_parse_summary(texts[i], strlen(texts[i]), &summary));
    }
    g_autofree char *huge = g_strnfill(REPORT_MAX_BYTES + 1, ' ');
    memcpy(huge, "{\"signal\":\"live\"}", 17);
    assert_false(report_parse_live(huge, REPORT_MAX_BYTES + 1, &live));
    assert_int_equal(live.hr_bpm, 77);
    assert_int_equal(summary.cap_bpm, 77);
}

static void summary_is_read_and_cleaned(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"20261123T172001Z-anna\",\"verdict\":\"kept\",\"reason\":\"95.4 \\u001b[2J %\","
        "\"zone_model\":\"hr\\tr\",\"max_estimated\":true,"
        "\"cap\":140,\"compliance\":95.4,\"coverage\":100,\"elapsed_s\":6123,\"valid_s\":6123.0,\"above_s\":282,"
        "\"longest_s\":55,\"excursions\":24,\"peak_over\":9,\"hr_avg\":121.6,\"hr_max\":149}";
    SummaryReport summary;
    assert_true(report_parse_summary(text, strlen(text), &summary));
    assert_string_equal(summary.id, "20261123T172001Z-anna");
    assert_int_equal(summary.verdict, VERDICT_KEPT);
    assert_string_equal(summary.reason, "95.4 ?[2J %");
    assert_string_equal(summary.zone_model, "hr?r");
    assert_true(summary.max_estimated);
    assert_int_equal(summary.valid_s, 6123);
    assert_int_equal(summary.above_s, 282);
    assert_int_equal(summary.longest_s, 55);
    assert_float_equal(summary.hr_avg_bpm, 121.6, 1e-9);
}

static void zones_of_all_models_are_numbered(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int zone;
    } cases[] = {{"below", 0}, {"z1", 1}, {"z4", 4}, {"z5", 5}, {"z5a", 5}, {"z5b", 6}, {"z5c", 7}, {"z8", 8},
                 {"z0", -1},   {"z", -1}, {"z1a", -1}, {"z10", -1}, {"Z1", -1}, {"", -1}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("{\"signal\":\"live\",\"zone\":\"%s\"}", cases[i].name);
        LiveReport live;
        assert_true(report_parse_live(text, strlen(text), &live));
        assert_int_equal(live.zone, cases[i].zone);
        assert_string_equal(live.zone_name, cases[i].zone < 0 ? "" : cases[i].name);
    }
}

static void athlete_comes_out_of_the_topic(void **state)
{
    (void)state;
    static const struct {
        const char *topic, *athlete;
    } cases[] = {
        {"zone1d/athlete/anna/live", "anna"},
        {"zone1d/athlete/guest-1/live", "guest-1"},
        {"zone1d/athlete//live", NULL},
        {"zone1d/athlete/live", NULL},
        {"zone1d/athlete/a/b/live", NULL},
        {"zone1d/athlete/Anna/live", NULL},
        {"zone1d/athlete/a\033/live", NULL},
        {"zone1d/athlete/anna/state", NULL},
        {"other/athlete/anna/live", NULL},
        {"zone1d/athlete/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/live", NULL},
        {"", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *athlete = report_athlete_of(cases[i].topic, "zone1d", "live");
        if (cases[i].athlete == NULL)
            assert_null(athlete);
        else
            assert_string_equal(athlete, cases[i].athlete);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_is_read),
        cmocka_unit_test(what_is_null_or_wrong_is_not_known),
        cmocka_unit_test(what_is_no_report_is_refused),
        cmocka_unit_test(summary_is_read_and_cleaned),
        cmocka_unit_test(zones_of_all_models_are_numbered),
        cmocka_unit_test(athlete_comes_out_of_the_topic),
    };
    return cmocka_run_group_tests_name("ctl report", tests, NULL, NULL);
}
