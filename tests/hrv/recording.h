/* SPDX-License-Identifier: MIT
 *
 * The kept recordings and random numbers, for the tests of HRV.
 */
#ifndef ZONE1D_TESTS_HRV_RECORDING_H
#define ZONE1D_TESTS_HRV_RECORDING_H

#include <stddef.h>
#include <stdint.h>

#define RECORDING_MAX_BEATS 12000

/* Reads the RR intervals in ms of tests/data/NAME into RET (RECORDING_MAX_BEATS long), returns how
 * many; aborts the program when there are none. */
size_t recording_rr_ms(const char *name, double *ret);

/* Reads tests/data/NAME into static storage, ends it with a NUL and returns it; aborts if it cannot. */
char *recording_text(const char *name);

/* Evenly in 0..1 without 1, and normal with mean 0 and SD 1; the same for the same SEED everywhere. */
double random_even(uint64_t *seed);
double random_normal(uint64_t *seed);

#endif
