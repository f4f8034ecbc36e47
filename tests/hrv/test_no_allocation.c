/* SPDX-License-Identifier: MIT
 *
 * The sample path allocates nothing: linked with --wrap, every call of an allocator in this program,
 * the core included, comes here first.
 */
#include "core/hrm.h"
#include "core/session.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static volatile unsigned calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size)
{
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    calls++;
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    calls++;
    return __real_aligned_alloc(alignment, size);
}

void __wrap_free(void *block)
{
    calls++;
    __real_free(block);
}

static void the_counter_counts(void **state)
{
    (void)state;
    calls = 0;
    void *volatile block = malloc(8);
    block = realloc(block, 16);
    free(block);
    assert_int_equal(calls, 3);
}

static void a_session_allocates_nothing(void **state)
{
    (void)state;
    static Session session;
    static Live live;
    static Summary summary;
    const AthleteProfile profile = {.max_bpm = 195, .rest_bpm = 60, .sex = SEX_MALE, .model = ZONE_MODEL_HRR};
    SessionConfig config = {.target.kind = TARGET_RECOVERY, .rules = verdict_rules_default(), .auto_start = true};
    uint8_t bytes[] = {0x16, 140, 0xb8, 0x01, 0xb9, 0x01};
    unsigned alphas = 0, events = 0;

    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    calls = 0;
    session_init(&session, &config);
    session_link(&session, true, 0);
    for (int64_t t_ms = 1000; t_ms <= 600000; t_ms += 859) { /* two beats of about 430 ms */
        HrmMeasurement measurement;
        Sample sample;
        bytes[2] = (uint8_t)(0xb4 + t_ms % 7);
        bytes[1] = t_ms % 100000 < 859 ? 0 : 140; /* now and then a sample that is not valid */
        if (hrm_decode(bytes, sizeof bytes, &measurement) != HRM_OK)
            break;
        hrm_to_sample(&measurement, t_ms, &sample);
        events |= session_sample(&session, &sample);
        events |= session_advance(&session, t_ms + 100);
        events |= session_set_speed(&session, 2.4, t_ms + 100);
        session_live(&session, t_ms + 100, &live);
        alphas += !isnan(live.hrv.dfa_a1);
    }
    bool running = session_summary(&session, 600000, &summary);
    events |= session_advance(&session, 1000000);
    unsigned allocated = calls;

    assert_int_equal(allocated, 0);
    assert_true(running);
    assert_true(alphas > 100); /* it was the whole path, DFA included */
    assert_true(events & SESSION_EV_STARTED);
    assert_true(events & SESSION_EV_FINISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(a_session_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
