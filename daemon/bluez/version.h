/* SPDX-License-Identifier: MIT
 *
 * BlueZ's version, which D-Bus tells only in an adapter's Modalias ("usb:v1D6Bp0246d0542": the Linux
 * Foundation's BlueZ, 5.66), and what is known of it. BlueZ, src/main.c, parse_did. Pure; any thread.
 */
#ifndef ZONE1D_BLUEZ_VERSION_H
#define ZONE1D_BLUEZ_VERSION_H

#include <stdbool.h>

typedef struct {
    unsigned major, minor;
} BluezVersion;

/* False, *RET untouched, when MODALIAS (of any content) is not BlueZ's own: main.conf may set another. */
bool bluez_version_parse(const char *modalias, BluezVersion *ret);

/* What a user of VERSION should know, as a sentence; NULL: nothing. Static storage. */
const char *bluez_version_warning(BluezVersion version);

#endif
