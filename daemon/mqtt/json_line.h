/* SPDX-License-Identifier: MIT
 *
 * One flat object written straight into a string: for the message that goes out with each sample, where cJSON's tree,
 * some hundred allocations, cost half of the whole way from the strap to the broker. The members are those of json.h.
 * Also the numbers as text that both share. Any thread.
 */
#ifndef ZONE1D_MQTT_JSON_LINE_H
#define ZONE1D_MQTT_JSON_LINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define JSON_NUMBER_BYTES 40

/* VALUE with exactly DECIMALS (0..6) digits after the dot, rounded as printf does; "null" for what is not finite or too
 * large. TEXT has JSON_NUMBER_BYTES. Returns it. */
char *json_text_decimal(char *text, double value, unsigned decimals);
/* Thousandths as a number of up to three decimals. Returns TEXT, of JSON_NUMBER_BYTES. */
char *json_text_thousandths(char *text, int64_t thousandths);
/* VALUE, zeros before it up to WIDTH digits. Returns where the digits end; TEXT is not ended there. */
char *json_text_digits(char *text, uint64_t value, unsigned width);

/* An object without a member yet. */
GString *json_line_new(void);
/* Its text, freed with g_free; frees LINE. */
char *json_line_end(GString *line);

/* The next member. KEY needs no escaping. As json_int ... json_string; STRING may hold anything that is UTF-8. */
void json_line_int(GString *line, const char *key, int64_t value);
void json_line_int_or_null(GString *line, const char *key, int64_t value, bool known);
void json_line_decimal(GString *line, const char *key, double value, unsigned decimals);
void json_line_thousandths(GString *line, const char *key, int64_t thousandths);
void json_line_string(GString *line, const char *key, const char *string);
void json_line_bool(GString *line, const char *key, bool value);
/* An array of COUNT numbers, rounded half up to whole ones. */
void json_line_rounded(GString *line, const char *key, const double *values, unsigned count);

#endif
