/* SPDX-License-Identifier: MIT
 *
 * What this process holds now, for tests that it does not grow.
 */
#ifndef ZONE1D_TESTS_BLUEZ_MEMORY_H
#define ZONE1D_TESTS_BLUEZ_MEMORY_H

#include <stddef.h>

/* Bytes that are allocated and not freed. */
size_t memory_allocated_bytes(void);

/* Open file descriptors. */
unsigned memory_open_fds(void);

#endif
