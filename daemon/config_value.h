/* SPDX-License-Identifier: MIT
 *
 * Values of the configuration as numbers with units. Every fault is noted at its key, with a
 * sentence that tells a percentage from bpm. Internal to config.
 */
#ifndef ZONE1D_CONFIG_VALUE_H
#define ZONE1D_CONFIG_VALUE_H

#include "config_reader.h"

typedef struct {
    int min, max;        /* in whole units */
    const char *unit;    /* may stand behind the number; "" for none */
    const char *example; /* of a right value, without unit */
    bool tenths;         /* one decimal is possible, and the value is in tenths */
} ConfigNumber;

/* The number at KEY to *ret. False, and *ret untouched, when there is none or it is refused. */
bool config_number(ConfigReader *reader, const char *section, const char *key, const ConfigNumber *kind, int *ret);

/* The list of whole bpm at KEY, separated by commas, to RET, at most MAX of them. Returns how many: 0
 * when there is none or it is refused. */
gsize config_bpm_list(ConfigReader *reader, const char *section, const char *key, int *ret, gsize max);

/* The same for percentages with one decimal at most, in 1/1000. */
gsize config_percent_list(ConfigReader *reader, const char *section, const char *key, int *ret, gsize max);

/* Yes or no at KEY (also on, off, true, false, in any case) to *ret. False, and *ret untouched, when there is
 * none or it is refused. */
bool config_bool(ConfigReader *reader, const char *section, const char *key, bool *ret);

/* The text at KEY, 1..MAX_BYTES of UTF-8 without control characters, or NULL when there is none or
 * it is refused; WHAT says what belongs there ("the broker's host name"). Caller frees. */
char *config_text(ConfigReader *reader, const char *section, const char *key, gsize max_bytes, const char *what);

#endif
