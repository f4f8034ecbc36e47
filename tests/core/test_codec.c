/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/codec.h"

/* The check value of CRC-32 (ISO-HDLC, as in zlib and Ethernet), and a whole table's worth of bytes. */
static void test_crc32(void **state)
{
    uint8_t all[256];

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    assert_int_equal(codec_crc32((const uint8_t *)"123456789", 9), 0xcbf43926);
    assert_int_equal(codec_crc32(all, sizeof all), 0x29058c73);
    assert_int_equal(codec_crc32(all, 0), 0);
}

static size_t saved_short(int64_t value, uint8_t *bytes, size_t size)
{
    Codec codec = codec_save(bytes, size);
    codec_short(&codec, &value, INT64_MIN, INT64_MAX);
    return codec.failed ? 0 : codec.at;
}

static bool restored_short(const uint8_t *bytes, size_t len, int64_t low, int64_t high, int64_t *ret)
{
    Codec codec = codec_restore(bytes, len, 0);
    codec_short(&codec, ret, low, high);
    return !codec.failed && codec.at == len;
}

/* The bytes are those of https://protobuf.dev/programming-guides/encoding/#signed-ints */
static void test_short(void **state)
{
    static const struct {
        int64_t value;
        size_t len;
        uint8_t first, last;
    } known[] = {{0, 1, 0, 0},
                 {-1, 1, 1, 1},
                 {1, 1, 2, 2},
                 {63, 1, 126, 126},
                 {64, 2, 0x80, 1},
                 {-64, 1, 127, 127},
                 {INT32_MAX, 5, 0xfe, 0x0f},
                 {INT64_MAX, 10, 0xfe, 1},
                 {INT64_MIN, 10, 0xff, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t bytes[10] = {0};
        int64_t value = 7;
        assert_int_equal(saved_short(known[i].value, bytes, sizeof bytes), known[i].len);
        assert_int_equal(bytes[0], known[i].first);
        assert_int_equal(bytes[known[i].len - 1], known[i].last);
        assert_true(restored_short(bytes, known[i].len, INT64_MIN, INT64_MAX, &value));
        assert_true(value == known[i].value);
        assert_int_equal(saved_short(known[i].value, bytes, known[i].len - 1), 0);
        assert_false(restored_short(bytes, known[i].len - 1, INT64_MIN, INT64_MAX, &value));
    }
}

static void test_short_that_is_none(void **state)
{
    static const uint8_t endless[11] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0};
    static const uint8_t too_large[10] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2};
    uint8_t bytes[10];
    int64_t value = 7;
    (void)state;
    assert_false(restored_short(too_large, sizeof too_large, INT64_MIN, INT64_MAX, &value));
    assert_false(restored_short(endless, sizeof endless, INT64_MIN, INT64_MAX, &value));
    assert_true(restored_short(bytes, saved_short(100, bytes, sizeof bytes), 0, 100, &value));
    value = 7;
    assert_false(restored_short(bytes, saved_short(101, bytes, sizeof bytes), 0, 100, &value));
    assert_false(restored_short(bytes, saved_short(-1, bytes, sizeof bytes), 0, 100, &value));
    assert_int_equal(value, 7);
}

static bool time_after(int64_t value, int64_t after_ms, int64_t *ret)
{
    uint8_t bytes[10];
    Codec codec = codec_save(bytes, sizeof bytes);
    codec_time_after_ms(&codec, &value, after_ms);
    codec = codec_restore(bytes, codec.at, 0);
    codec_time_after_ms(&codec, ret, after_ms);
    return !codec.failed;
}

static void test_time_after(void **state)
{
    int64_t value = 7;
    (void)state;
    assert_true(time_after(1000, 2000, &value));
    assert_true(value == 1000);
    assert_true(time_after(CODEC_TIME_LIMIT_MS, 0, &value));
    assert_false(time_after(CODEC_TIME_LIMIT_MS + 1, 5, &value));
    assert_false(time_after(INT64_MAX, -5, &value));
    assert_false(time_after(0, CODEC_TIME_LIMIT_MS + 1, &value));
    assert_true(value == CODEC_TIME_LIMIT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_crc32), cmocka_unit_test(test_short),
                                       cmocka_unit_test(test_short_that_is_none), cmocka_unit_test(test_time_after)};

    return cmocka_run_group_tests_name("core-codec", tests, NULL, NULL);
}
