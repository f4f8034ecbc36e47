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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_crc32)};

    return cmocka_run_group_tests_name("core-codec", tests, NULL, NULL);
}
