/* SPDX-License-Identifier: MIT
 *
 * What is known of the devices' serial numbers (0x2A25) while the daemon runs, by their address: a strap
 * that turned out to be another's is thereby never tried again. At most SERIALS_MAX; beyond it the one
 * that was learnt first is forgotten. Main thread.
 */
#ifndef ZONE1D_BLUEZ_SERIALS_H
#define ZONE1D_BLUEZ_SERIALS_H

#include <stdbool.h>

#define SERIALS_MAX 1024
#define SERIALS_TRIES 3 /* to read one; then the device counts as one without a serial number */

typedef struct Serials Serials;

/* Empty. */
Serials *serials_new(void);
void serials_free(Serials *serials); /* NULL is fine */

/* The serial number of the device at ADDRESS; "": it has none, NULL: not known yet. Valid until the next
 * call that changes something. */
const char *serials_known(const Serials *serials, const char *address);

/* It has SERIAL (copied); NULL: none. */
void serials_learn(Serials *serials, const char *address, const char *serial);

/* It was not told in one more try; true when that was the last one. */
bool serials_miss(Serials *serials, const char *address);

/* Compares as straps' names and people write them: in any case. */
bool serials_equal(const char *one, const char *other);

/* Does NAME (NULL: none) end in SERIAL, as that of a Polar, Wahoo or Coospo does? A hint and no proof. Never
 * of one under 4 bytes. */
bool serials_name_hints(const char *name, const char *serial);

#endif
