/* SPDX-License-Identifier: MIT
 *
 * The bytes of a strap's characteristics other than the heart rate, of any content, as values. GATT
 * Specification Supplement: "Battery Level", "Body Sensor Location"; Device Information 1.1: strings
 * are UTF-8. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_BLUEZ_DETAILS_PARSE_H
#define ZONE1D_BLUEZ_DETAILS_PARSE_H

#include <stddef.h>
#include <stdint.h>

#define DETAILS_MAX_TEXT 64 /* bytes; more is cut off between two characters */

/* BYTES may be NULL when LEN is 0, in all of them. */

/* 0..100; -1 for anything else. */
int details_parse_battery(const uint8_t *bytes, size_t len);

/* "chest" ...; NULL for a number that is not assigned. Static storage. */
const char *details_parse_location(const uint8_t *bytes, size_t len);

/* The text up to a NUL, without what is not UTF-8, control and formatting characters, and blanks at its
 * ends. NULL when nothing is left; else the caller's, freed with g_free. */
char *details_parse_text(const uint8_t *bytes, size_t len);

#endif
