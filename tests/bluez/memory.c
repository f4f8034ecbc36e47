/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <glib.h>
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

#ifdef ADDRESS_SANITIZER
size_t __sanitizer_get_current_allocated_bytes(void);

size_t memory_allocated_bytes(void) { return __sanitizer_get_current_allocated_bytes(); }
#else
size_t memory_allocated_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}
#endif

unsigned memory_open_fds(void)
{
    GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned count = 0;

    g_assert_nonnull(dir);
    while (g_dir_read_name(dir) != NULL)
        count++;
    g_dir_close(dir);
    return count;
}
