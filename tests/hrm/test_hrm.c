/* SPDX-License-Identifier: MIT */
#include "core/hrm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define GOLDEN_COUNT 44
#define DECODE(ret, ...) hrm_decode((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), (ret))

static size_t read_file(const char *path, char *ret, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    size_t length = fread(ret, 1, size, file);
    assert_true(length < size);
    fclose(file);
    return length;
}

static cJSON *load_golden(void)
{
    static char text[65536];
    char path[4096];

    snprintf(path, sizeof path, "%s/hrm_2a37.json", getenv("ZONE1D_TEST_DATA"));
    cJSON *golden = cJSON_ParseWithLength(text, read_file(path, text, sizeof text));
    assert_true(cJSON_IsArray(golden));
    assert_int_equal(cJSON_GetArraySize(golden), GOLDEN_COUNT);
    return golden;
}

static const char *get_string(const cJSON *entry, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, key));
    return value ? value : "";
}

static size_t parse_hex(const char *hex, uint8_t *ret)
{
    size_t count = 0;
    char *end;
    for (; *hex; hex = end)
        ret[count++] = (uint8_t)strtoul(hex, &end, 16);
    return count;
}

static void check_rr(const cJSON *entry, const HrmMeasurement *measurement)
{
    const cJSON *rr = cJSON_GetObjectItemCaseSensitive(entry, "rr_1024");
    const cJSON *rr_ms = cJSON_GetObjectItemCaseSensitive(entry, "rr_ms");
    Sample sample;

    hrm_to_sample(measurement, 1234, &sample);
    assert_int_equal(sample.t_ms, 1234);
    assert_int_equal(sample.bpm, measurement->bpm);
    assert_int_equal(sample.contact, measurement->contact);
    assert_true(isnan(sample.speed_mps));
    assert_int_equal(measurement->rr_count, cJSON_GetArraySize(rr));
    assert_int_equal(sample.rr_count, cJSON_GetArraySize(rr_ms));
    for (int i = 0; i < cJSON_GetArraySize(rr); i++) {
        assert_int_equal(measurement->rr_1024[i], cJSON_GetArrayItem(rr, i)->valueint);
        /* The golden file is rounded to the microsecond. */
        assert_true(fabs(sample.rr_ms[i] - cJSON_GetArrayItem(rr_ms, i)->valuedouble) <= 0.0005 + 1e-9);
    }
}

static unsigned golden_anomalies(const cJSON *entry, const HrmMeasurement *measurement)
{
    const cJSON *trailing = cJSON_GetObjectItemCaseSensitive(entry, "trailing");
    const cJSON *rr = cJSON_GetObjectItemCaseSensitive(entry, "rr_1024");

    return (strcmp(get_string(entry, "error"), "truncated_ee") == 0 ? HRM_ANOMALY_ENERGY_CUT : 0u) |
           (rr != NULL && measurement->rr_count == 0 ? HRM_ANOMALY_RR_MISSING : 0u) |
           (trailing != NULL && trailing->valueint == 1 ? HRM_ANOMALY_ODD_BYTE : 0u);
}

static void check_golden(const cJSON *entry)
{
    static const char *const contacts[] = {"unsupported", "not_detected", "detected"};
    uint8_t bytes[64];
    HrmMeasurement got;
    size_t length = parse_hex(get_string(entry, "hex"), bytes);
    HrmResult result = hrm_decode(bytes, length, &got);

    if (cJSON_GetObjectItemCaseSensitive(entry, "hr") == NULL) {
        assert_int_equal(result, length == 0 ? HRM_EMPTY : HRM_RATE_CUT);
        return;
    }
    assert_int_equal(result, HRM_OK);
    assert_int_equal(got.bpm, cJSON_GetObjectItemCaseSensitive(entry, "hr")->valueint);
    assert_string_equal(contacts[got.contact], get_string(entry, "contact"));
    const cJSON *energy = cJSON_GetObjectItemCaseSensitive(entry, "energy_kj");
    assert_int_equal(got.has_energy, energy != NULL);
    assert_int_equal(got.energy_kj, energy ? energy->valueint : 0);
    assert_int_equal(got.anomalies, golden_anomalies(entry, &got));
    check_rr(entry, &got);
}

static void decodes_every_golden_payload(void **state)
{
    (void)state;
    cJSON *golden = load_golden();
    const cJSON *entry;
    cJSON_ArrayForEach(entry, golden)
        check_golden(entry);
    cJSON_Delete(golden);
}

static void corpus_equals_golden_payloads(void **state)
{
    (void)state;
    cJSON *golden = load_golden();
    for (int i = 0; i < GOLDEN_COUNT; i++) {
        char path[4096], found[64];
        uint8_t expected[64];
        snprintf(path, sizeof path, "%s/golden_%02d", getenv("ZONE1D_TEST_CORPUS"), i);
        size_t length = parse_hex(get_string(cJSON_GetArrayItem(golden, i), "hex"), expected);
        assert_int_equal(read_file(path, found, sizeof found), length);
        assert_memory_equal(found, expected, length);
    }
    cJSON_Delete(golden);
}

static void refuses_only_a_cut_off_rate_and_touches_nothing_then(void **state)
{
    (void)state;
    HrmMeasurement got, before;
    memset(&got, 0x5A, sizeof got);
    before = got;

    assert_int_equal(hrm_decode(NULL, 0, &got), HRM_EMPTY);
    assert_int_equal(DECODE(&got, 0x00), HRM_RATE_CUT);
    assert_int_equal(DECODE(&got, 0x1f), HRM_RATE_CUT);
    assert_int_equal(DECODE(&got, 0x01, 0x40), HRM_RATE_CUT);
    assert_memory_equal(&got, &before, sizeof got);
    assert_int_equal(DECODE(&got, 0x01, 0x40, 0x01), HRM_OK);
    assert_int_equal(got.bpm, 0x140);
}

static void keeps_what_is_complete_and_names_the_rest(void **state)
{
    (void)state;
    HrmMeasurement got;

    assert_int_equal(DECODE(&got, 0x08, 60), HRM_OK); /* energy flag, no energy at all */
    assert_int_equal(got.anomalies, HRM_ANOMALY_ENERGY_CUT);
    assert_false(got.has_energy);

    /* Half an energy swallows no RR, and there is none behind it. */
    assert_int_equal(DECODE(&got, 0x18, 60, 0x01), HRM_OK);
    assert_int_equal(got.anomalies, HRM_ANOMALY_ENERGY_CUT | HRM_ANOMALY_RR_MISSING);
    assert_int_equal(got.rr_count, 0);

    assert_int_equal(DECODE(&got, 0x10, 60, 0x01), HRM_OK); /* half an RR */
    assert_int_equal(got.anomalies, HRM_ANOMALY_RR_MISSING | HRM_ANOMALY_ODD_BYTE);

    assert_int_equal(DECODE(&got, 0x00, 60, 0x01), HRM_OK);
    assert_int_equal(got.anomalies, HRM_ANOMALY_ODD_BYTE);

    assert_int_equal(DECODE(&got, 0x00, 60, 0x00, 0x04), HRM_OK); /* a later version's field, no RR */
    assert_int_equal(got.anomalies, 0);
    assert_int_equal(got.rr_count, 0);
}

static void takes_the_longest_attribute_whole_and_no_more(void **state)
{
    (void)state;
    uint8_t bytes[2 + 2 * (SAMPLE_MAX_RR + 1)] = {0x10, 60};
    HrmMeasurement got;

    for (unsigned i = 0; i <= SAMPLE_MAX_RR; i++)
        bytes[2 + 2 * i] = (uint8_t)i;
    assert_int_equal(hrm_decode(bytes, 512, &got), HRM_OK);
    assert_int_equal(got.rr_count, SAMPLE_MAX_RR);
    assert_int_equal(got.rr_1024[SAMPLE_MAX_RR - 1], SAMPLE_MAX_RR - 1);
    assert_int_equal(got.anomalies, 0);

    assert_int_equal(hrm_decode(bytes, sizeof bytes, &got), HRM_OK);
    assert_int_equal(got.rr_count, SAMPLE_MAX_RR);
    assert_int_equal(got.rr_1024[0], 0);
    assert_int_equal(got.anomalies, HRM_ANOMALY_RR_TOO_MANY);
}

static void names_its_results(void **state)
{
    (void)state;
    assert_string_equal(hrm_result_name(HRM_OK), "ok");
    assert_string_equal(hrm_result_name(HRM_EMPTY), "empty");
    assert_string_equal(hrm_result_name(HRM_RATE_CUT), "rate_cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_golden_payload),
        cmocka_unit_test(corpus_equals_golden_payloads),
        cmocka_unit_test(refuses_only_a_cut_off_rate_and_touches_nothing_then),
        cmocka_unit_test(keeps_what_is_complete_and_names_the_rest),
        cmocka_unit_test(takes_the_longest_attribute_whole_and_no_more),
        cmocka_unit_test(names_its_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
