/* SPDX-License-Identifier: MIT */
#include "core/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_targets_both_ways(void **state)
{
    (void)state;
    static const char *const words[] = {"recovery", "easy", "z1",  "z7",     "z8",
                                        "z5a",      "z5b",  "z5c", "cap:80", "cap:200"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        Target target;
        char buf[16];
        assert_true(target_parse(words[i], &target));
        assert_string_equal(target_name(&target, buf, sizeof buf), words[i]);
    }
}

static void test_bad_targets(void **state)
{
    (void)state;
    static const char *const words[] = {"",       "Recovery", "z0",      "z9",       "z11",    "cap:",
                                        "z5d",    "z4a",      "z5A",     "z5aa",     "z",      "z5a ",
                                        "cap:79", "cap:201",  "cap:+90", "cap:90.0", "cap: 9", "cap:99999999999"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        Target target = {TARGET_EASY, 1, 2};
        assert_false(target_parse(words[i], &target));
        assert_int_equal(target.kind, TARGET_EASY);
        assert_int_equal(target.cap_bpm, 2);
    }
}

static void test_words_of_the_contract(void **state)
{
    (void)state;
    assert_string_equal(signal_name(SIGNAL_NO_CONTACT), "no_contact");
    assert_string_equal(signal_name(SIGNAL_LOST), "lost");
    assert_string_equal(status_name(STATUS_UNKNOWN), "unknown");
    assert_string_equal(advice_name(ADVICE_PICK_UP), "pick_up");
    assert_string_equal(session_state_name(SESSION_FINISHED), "finished");
    assert_string_equal(verdict_name(VERDICT_OVERDONE), "overdone");
    assert_string_equal(invalid_reason_name(SAMPLE_SPIKE), "spike");
    assert_string_equal(invalid_reason_name(SAMPLE_VALIDITY_COUNT), "?");
    ZoneModel model;
    assert_true(zone_model_parse("threshold3", &model));
    assert_int_equal(model, ZONE_MODEL_THRESHOLD3);
    assert_false(zone_model_parse("karvonen", &model));
    Sex sex;
    assert_true(sex_parse("m", &sex));
    assert_int_equal(sex, SEX_MALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets_both_ways),
        cmocka_unit_test(test_bad_targets),
        cmocka_unit_test(test_words_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
