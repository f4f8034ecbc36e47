/* SPDX-License-Identifier: MIT
 *
 * What a gateway answers to scan and straps (docs/mqtt.md), as tables for people. The answers may be anything: what
 * is missing or of another type is shown as not known, and nothing in a name reaches the terminal but what can be
 * printed. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_CTL_STRAPS_TEXT_H
#define ZONE1D_CTL_STRAPS_TEXT_H

#include <cjson/cJSON.h>

/* The table of what is heard, and for each heart-rate strap that is nobody's a section to paste. Caller frees. */
char *straps_text_scan(const cJSON *data);

/* The straps, one a line, and the adapters. Caller frees. */
char *straps_text_table(const cJSON *data);

#endif
