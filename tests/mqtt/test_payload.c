/* SPDX-License-Identifier: MIT */
#include "mqtt/json.h"
#include "mqtt/payload.h"
#include "mqtt/topics.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define WALL_US G_GINT64_CONSTANT(1795454401250999) /* 2026-11-23T17:20:01.250999Z */

static ZoneTable hrr_zones(void)
{
    ZoneTable zones = {.model = ZONE_MODEL_HRR, .count = 5, .lower_bpm = {120, 133, 146, 159, 172},
                       .max_bpm = 185, .rest_bpm = 55};
    return zones;
}

static Live running(void)
{
    Live live = {.hr_bpm = 128, .signal = SIGNAL_LIVE, .zone = 1, .cap_bpm = 132, .status = STATUS_IN,
                 .advice = ADVICE_HOLD, .trend_bpm_min = -3.24, .rr_count = 2, .rr_ms = {612.3047, 606.5},
                 .session = SESSION_ACTIVE};
    live.totals.elapsed_ms = 830000;
    live.totals.valid_ms = 812250;
    live.totals.unknown_ms = 17750;
    live.totals.above_ms = 54000;
    live.totals.excursions = 2;
    live.hrv.rmssd_ms = 9.1499;
    live.hrv.dfa_a1 = 0.926;
    return live;
}

static void live_has_every_field(void **state)
{
    (void)state;
    ZoneTable zones = hrr_zones();
    Live live = running();
    PayloadStamp stamp = {.gateway_id = "pi-gym", .wall_us = WALL_US, .seq = 812};
    char *json = payload_live(&live, &zones, &stamp);
    assert_string_equal(
        json, "{\"v\":1,\"ts\":\"2026-11-23T17:20:01.250Z\",\"seq\":812,\"gateway\":\"pi-gym\",\"hr\":128,"
              "\"signal\":\"live\",\"zone\":\"z1\",\"zone_model\":\"hrr\",\"max_estimated\":false,\"cap\":132,"
              "\"floor\":null,\"status\":\"in\",\"advice\":\"hold\",\"trend_bpm_min\":-3.2,\"compliance\":93.4,"
              "\"coverage\":97.9,\"valid_s\":812.25,\"above_s\":54,\"excursions\":2,\"rr_ms\":[612,607],\"rmssd\":9.1,"
              "\"dfa_a1\":0.93,\"session\":\"active\"}");
    g_free(json);
}

static void live_without_signal_is_null(void **state)
{
    (void)state;
    ZoneTable zones = hrr_zones();
    Live live = {.signal = SIGNAL_STALE, .zone = ZONE_NONE, .cap_bpm = 132, .floor_bpm = 100, .trend_bpm_min = NAN};
    zones.max_estimated = true;
    PayloadStamp stamp = {.gateway_id = "pi", .wall_us = 0, .seq = 1};
    live.hrv.rmssd_ms = live.hrv.dfa_a1 = NAN;
    char *json = payload_live(&live, &zones, &stamp);
    assert_string_equal(
        json, "{\"v\":1,\"ts\":null,\"seq\":1,\"gateway\":\"pi\",\"hr\":null,\"signal\":\"stale\",\"zone\":null,"
              "\"zone_model\":\"hrr\",\"max_estimated\":true,\"cap\":132,\"floor\":100,\"status\":\"none\","
              "\"advice\":\"none\",\"trend_bpm_min\":null,\"compliance\":null,\"coverage\":null,\"valid_s\":0,"
              "\"above_s\":0,\"excursions\":0,\"rr_ms\":[],\"rmssd\":null,\"dfa_a1\":null,\"session\":\"idle\"}");
    g_free(json);
}

static void session_active_and_idle(void **state)
{
    (void)state;
    Live live = running();
    const ZoneTable zones = hrr_zones();
    PayloadSession about = {
        .session_id = "20261123T172001Z-anna", .start_wall_us = WALL_US, .alias = "Zoe", .zones = &zones};
    live.target = (Target){.kind = TARGET_CAP, .cap_bpm = 134};
    live.cap_bpm = 134;
    live.totals.valid_ms = 1500000;
    live.totals.above_ms = 150000;
    live.totals.below_floor_ms = 60000;
    live.rpe = 2;
    live.speed_mps = 8.4 / 3.6;
    char *json = payload_session(&live, &about);
    assert_string_equal(json, "{\"state\":\"active\",\"id\":\"20261123T172001Z-anna\","
                              "\"started_at\":\"2026-11-23T17:20:01.250Z\",\"target\":\"cap:134\",\"cap\":134,"
                              "\"rpe\":2,\"speed_kmh\":8.4,\"group\":null,\"in_target_min\":21.5,"
                              "\"alias\":\"Zoe\",\"bounds\":[120,133,146,159,172]}");
    g_free(json);
    live = (Live){.session = SESSION_IDLE, .speed_mps = NAN};
    about = (PayloadSession){.group = "tue"};
    json = payload_session(&live, &about);
    assert_string_equal(json, "{\"state\":\"idle\",\"id\":null,\"started_at\":null,\"target\":\"recovery\","
                              "\"cap\":null,\"rpe\":null,\"speed_kmh\":null,\"group\":\"tue\",\"in_target_min\":null,"
                              "\"alias\":null,\"bounds\":null}");
    g_free(json);
}

static Summary finished(void)
{
    Summary summary = {.zones = hrr_zones(), .cap_bpm = 132, .samples = 3000};
    Totals *totals = &summary.totals;
    totals->elapsed_ms = 3000000;
    totals->valid_ms = 2833000;
    totals->unknown_ms = 107001;
    totals->paused_ms = 59999;
    totals->zone_ms[0] = 1000;
    totals->zone_ms[1] = 2700000;
    totals->zone_ms[2] = 132000;
    totals->above_ms = 132000;
    totals->excursions = 4;
    totals->longest_ms = 59500;
    totals->peak_over_bpm = 7;
    totals->overshoot_bpm_ms = 400500;
    totals->hr_bpm_ms = 2833000LL * 128 + 1416500;
    totals->hr_max_bpm = 139;
    totals->trimp_edwards = 49.4;
    totals->trimp_banister = NAN;
    summary.hrv = (HrvValues){.rmssd_ms = 5, .rmssd_session_ms = 8.26, .dfa_a1 = NAN, .artefact_percent = 1.25};
    summary.verdict.verdict = VERDICT_KEPT;
    g_strlcpy(summary.verdict.reason, "95.3 % in target", sizeof summary.verdict.reason);
    summary.verdict.rules = verdict_rules_default();
    summary.invalid[SAMPLE_VALID] = 2990;
    summary.invalid[SAMPLE_NO_SIGNAL] = 4;
    summary.invalid[SAMPLE_IMPLAUSIBLE] = 3;
    summary.invalid[SAMPLE_NO_CONTACT] = 2;
    summary.invalid[SAMPLE_SPIKE] = 1;
    return summary;
}

static void summary_has_every_field(void **state)
{
    (void)state;
    static Curve curve;
    curve_start(&curve, 0);
    curve_add(&curve, 0, 120);
    curve_add(&curve, 25000, 131);
    Summary summary = finished();
    summary.target_changes = 1;
    const PayloadSession about = {.session_id = "20261123T172001Z-anna", .start_wall_us = WALL_US, .curve = &curve};
    char *json = payload_summary(&summary, &about);
    assert_string_equal(
        json,
        "{\"v\":1,\"id\":\"20261123T172001Z-anna\",\"started_at\":\"2026-11-23T17:20:01.250Z\","
        "\"target\":\"recovery\",\"target_changes\":1,\"cap\":132,\"floor\":null,\"zone_model\":\"hrr\","
        "\"max_estimated\":false,\"bounds\":[120,133,146,159,172],\"verdict\":\"kept\",\"reason\":\"95.3 % in target\","
        "\"thresholds\":{\"min_valid_s\":300,\"min_coverage\":80.0,\"kept_compliance\":95.0,\"kept_longest_s\":60,"
        "\"slipped_compliance\":80.0},"
        "\"elapsed_s\":3000,\"valid_s\":2833,\"unknown_s\":107.001,\"paused_s\":59.999,\"below_s\":1,"
        "\"zone_s\":{\"z1\":2700,\"z2\":132,\"z3\":0,\"z4\":0,\"z5\":0},\"above_s\":132,\"compliance\":95.3,"
        "\"coverage\":96.4,\"excursions\":4,\"longest_s\":59.5,\"below_floor_s\":0,\"peak_over\":7,"
        "\"overshoot_bpm_s\":400.5,"
        "\"hr_avg\":128.5,\"hr_max\":139,\"trimp_edwards\":49.4,\"trimp_banister\":null,\"rmssd\":8.3,"
        "\"dfa_a1\":null,\"rr_artefact_percent\":1.2,\"distance_m\":null,\"speed_avg_kmh\":null,"
        "\"speed_cap_kmh\":null,\"speed_s\":0,\"above_pace_s\":0,\"pace_compliance\":null,\"pace_excursions\":0,"
        "\"pace_longest_s\":0,\"rpe\":null,\"rpe_easy\":null,\"bounds_too_high\":false,\"alpha1_in_z1\":0,"
        "\"alpha1_low_in_z1\":0,\"samples\":3000,"
        "\"invalid\":{\"no_signal\":4,\"implausible\":3,\"no_contact\":2,\"spike\":1},"
        "\"curve_step_s\":10,\"curve\":[120,null,131]}");
    g_free(json);
}

/* share = zone: nothing by which a heart rate could be told. */
static void nothing_tells_the_rate_that_is_not_shared(void **state)
{
    (void)state;
    static Curve curve;
    curve_start(&curve, 0);
    curve_add(&curve, 0, 120);
    Live live = running();
    ZoneTable zones = hrr_zones();
    PayloadStamp stamp = {.gateway_id = "pi", .wall_us = WALL_US, .hide_rate = true};
    g_autofree char *json = payload_live(&live, &zones, &stamp);
    assert_non_null(strstr(json, "\"hr\":null,"));
    assert_non_null(strstr(json, "\"zone\":\"z1\""));
    assert_non_null(strstr(json, "\"trend_bpm_min\":null"));
    assert_non_null(strstr(json, "\"rr_ms\":[],\"rmssd\":null,\"dfa_a1\":null"));
    Summary summary = finished();
    const PayloadSession about = {.session_id = "x", .curve = &curve, .hide_rate = true};
    g_autofree char *last = payload_summary(&summary, &about);
    assert_non_null(strstr(last, "\"peak_over\":null,\"overshoot_bpm_s\":null,\"hr_avg\":null,\"hr_max\":null,"));
    assert_non_null(strstr(last, "\"rmssd\":null,\"dfa_a1\":null"));
    assert_non_null(strstr(last, "\"curve\":[]"));
    assert_non_null(strstr(last, "\"compliance\":95.3"));
}

static void summary_with_pace_rpe_and_the_hint(void **state)
{
    (void)state;
    Summary summary = finished();
    Totals *totals = &summary.totals;
    summary.speed_cap_mm_s = compliance_mm_s(8.5);
    totals->distance_m = 6000;
    totals->speed_ms = 2400000;
    totals->above_pace_ms = 60500;
    totals->pace_excursions = 3;
    totals->pace_longest_ms = 40000;
    summary.rpe = 2;
    summary.bounds_too_high = true;
    summary.alpha1_in_z1 = 100;
    summary.alpha1_low_in_z1 = 51;
    char *json = payload_summary(&summary, &(PayloadSession){.session_id = "x"});
    assert_non_null(strstr(json, "\"distance_m\":6000.0,\"speed_avg_kmh\":9.00,\"speed_cap_kmh\":8.5,"
                                 "\"speed_s\":2400,"
                                 "\"above_pace_s\":60.5,\"pace_compliance\":97.5,\"pace_excursions\":3,"
                                 "\"pace_longest_s\":40,\"rpe\":2,\"rpe_easy\":true,\"bounds_too_high\":true,"
                                 "\"alpha1_in_z1\":100,\"alpha1_low_in_z1\":51,"));
    g_free(json);
    summary.rpe = 3;
    json = payload_summary(&summary, &(PayloadSession){.session_id = "x"});
    assert_non_null(strstr(json, "\"rpe\":3,\"rpe_easy\":false,"));
    g_free(json);
}

static void summary_with_speed_and_friel_zones(void **state)
{
    (void)state;
    Summary summary = finished();
    ZoneTable friel = {.model = ZONE_MODEL_LTHR, .count = 7, .lower_bpm = {0, 149, 158, 167, 175, 181, 186},
                       .max_estimated = true};
    summary.zones = friel;
    summary.totals.distance_m = 6000.04;
    summary.totals.speed_ms = 2571000;
    char *json = payload_summary(&summary, &(PayloadSession){.session_id = "x"});
    assert_non_null(strstr(json, "\"z4\":0,\"z5a\":0,\"z5b\":0,\"z5c\":0}"));
    assert_non_null(strstr(json, "\"max_estimated\":true"));
    assert_non_null(strstr(json, "\"started_at\":null"));
    assert_non_null(strstr(json, "\"distance_m\":6000.0,\"speed_avg_kmh\":8.40"));
    g_free(json);
}

static void numbers(void **state)
{
    (void)state;
    cJSON *object = cJSON_CreateObject();
    json_decimal(object, "tenth", 93.4, 1);
    json_decimal(object, "minus_zero", -0.04, 1);
    json_decimal(object, "infinite", INFINITY, 1);
    json_decimal(object, "huge", 1e300, 1);
    json_thousandths(object, "negative", -1500);
    json_thousandths(object, "least", INT64_MIN);
    json_int(object, "most", INT64_MAX);
    char *json = json_print(object);
    assert_string_equal(json, "{\"tenth\":93.4,\"minus_zero\":0.0,\"infinite\":null,\"huge\":null,\"negative\":-1.5,"
                              "\"least\":-9223372036854775.808,\"most\":9223372036854775807}");
    g_free(json);
}

static void times_and_ids(void **state)
{
    (void)state;
    assert_null(payload_time(0));
    assert_null(payload_time(G_MININT64));
    assert_null(payload_time(G_MAXINT64));
    char *id = payload_session_id(WALL_US, "anna");
    assert_string_equal(id, "20261123T172001Z-anna");
    g_free(id);
    id = payload_session_id(G_MAXINT64, "anna");
    assert_string_equal(id, "00000000T000000Z-anna");
    g_free(id);
}

static void topics(void **state)
{
    (void)state;
    char *topic = topic_gateway("zone1d", "pi-gym", "status");
    assert_string_equal(topic, "zone1d/gateway/pi-gym/status");
    g_free(topic);
    topic = topic_athlete("home/zone1d", "anna", "session/last");
    assert_string_equal(topic, "home/zone1d/athlete/anna/session/last");
    g_free(topic);
}

/* All of it again where the decimal point is a comma. LOCPATH holds de_DE.UTF-8, made by the build. */
static int enter_comma_locale(void **state)
{
    (void)state;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        return -1;
    return strcmp(localeconv()->decimal_point, ",") == 0 ? 0 : -1;
}

static void a_strap_has_every_field(void **state)
{
    (void)state;
    StrapInfo info = {.connected = true, .battery_percent = 80, .location = "chest", .maker = "Polar \"Oy\"",
                      .model = "H10", .serial = "0123AB", .firmware = "5.0.0", .adapter = "hci0", .reconnects = 2,
                      .drops = 3, .drop_reason = "it went silent", .recovery_ms = 4250,
                      .lost_ms = 12500, .has_energy = true, .energy_kj = 312};
    char *json = payload_strap(&info, CONTACT_DETECTED, "pi-gym");
    assert_string_equal(json, "{\"connected\":true,\"contact\":true,\"battery\":80,\"location\":\"chest\","
                              "\"maker\":\"Polar \\\"Oy\\\"\",\"model\":\"H10\",\"firmware\":\"5.0.0\","
                              "\"energy_kj\":312,"
                              "\"reconnects\":2,\"lost_s\":12.5,\"drops\":3,"
                              "\"last_drop_reason\":\"it went silent\",\"last_recovery_s\":4.25,"
                              "\"gateway\":\"pi-gym\"}");
    g_free(json);
    json = payload_strap(&info, CONTACT_NOT_DETECTED, "pi-gym");
    assert_non_null(strstr(json, "\"contact\":false"));
    g_free(json);
}

static void a_strap_that_tells_nothing_is_null(void **state)
{
    (void)state;
    StrapInfo info = {.battery_percent = -1};
    char *json = payload_strap(&info, CONTACT_DETECTED, "pi");
    assert_string_equal(json, "{\"connected\":false,\"contact\":null,\"battery\":null,\"location\":null,"
                              "\"maker\":null,\"model\":null,\"firmware\":null,\"energy_kj\":null,"
                              "\"reconnects\":0,\"lost_s\":0,\"drops\":0,\"last_drop_reason\":null,"
                              "\"last_recovery_s\":null,\"gateway\":\"pi\"}");
    g_free(json);
    info.connected = true;
    json = payload_strap(&info, CONTACT_UNSUPPORTED, "pi");
    assert_non_null(strstr(json, "\"contact\":null"));
    g_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_has_every_field),
        cmocka_unit_test(a_strap_has_every_field),
        cmocka_unit_test(a_strap_that_tells_nothing_is_null),
        cmocka_unit_test(live_without_signal_is_null),
        cmocka_unit_test(session_active_and_idle),
        cmocka_unit_test(summary_has_every_field),
        cmocka_unit_test(nothing_tells_the_rate_that_is_not_shared),
        cmocka_unit_test(summary_with_pace_rpe_and_the_hint),
        cmocka_unit_test(summary_with_speed_and_friel_zones),
        cmocka_unit_test(numbers),
        cmocka_unit_test(times_and_ids),
        cmocka_unit_test(topics),
        cmocka_unit_test_setup(live_has_every_field, enter_comma_locale),
        cmocka_unit_test_setup(summary_has_every_field, enter_comma_locale),
        cmocka_unit_test_setup(numbers, enter_comma_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
