/* SPDX-License-Identifier: MIT
 *
 * Members of a cJSON object as the contract wants them: numbers with a dot in any locale, rounded to
 * their resolution, and null for what is not known. cJSON's own printing of numbers is not used: it
 * asks the locale for the decimal point and prints doubles with 15 to 17 digits. Any thread.
 */
#ifndef ZONE1D_MQTT_JSON_H
#define ZONE1D_MQTT_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* VALUE as it is. */
void json_int(cJSON *object, const char *key, int64_t value);

/* VALUE or, unless KNOWN, null. */
void json_int_or_null(cJSON *object, const char *key, int64_t value, bool known);

/* With exactly DECIMALS (0..6) digits after the dot; null for NAN and infinity. */
void json_decimal(cJSON *object, const char *key, double value, unsigned decimals);

/* Thousandths as a number of up to three decimals: ms as seconds, bpm x ms as bpm x s. Exact. */
void json_thousandths(cJSON *object, const char *key, int64_t thousandths);

/* NULL: null. */
void json_string(cJSON *object, const char *key, const char *value);

/* The same for an array's next element. */
void json_push_int(cJSON *array, int64_t value);

/* Compact text, freed with g_free; frees OBJECT. */
char *json_print(cJSON *object);

#endif
