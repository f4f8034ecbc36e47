/* SPDX-License-Identifier: MIT */
#include "mqtt/json_line.h"

#include <math.h>
#include <string.h>

#define LINE_BYTES 640 /* more than most take */
#define MAX_DECIMALS 6
#define LARGEST 1e15

/* ---- numbers ---- */

char *json_text_digits(char *text, uint64_t value, unsigned width)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (; width > count; width--)
        *text++ = '0';
    while (count > 0)
        *text++ = digits[--count];
    return text;
}

static char *signed_digits(char *text, int64_t value)
{
    if (value < 0)
        *text++ = '-';
    return json_text_digits(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

/* "-0.0" is no number a person wants to see. */
static bool is_minus_zero(const char *text) { return text[0] == '-' && text[strspn(text, "-0.")] == '\0'; }

/* As printf: by the value's exact binary digits. */
static void decimal_slowly(char *text, double value, unsigned decimals)
{
    static const char *const formats[] = {"%.0f", "%.1f", "%.2f", "%.3f", "%.4f", "%.5f", "%.6f"};
    char all[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(all, sizeof all, formats[decimals], value);
    g_strlcpy(text, is_minus_zero(all) ? all + 1 : all, JSON_NUMBER_BYTES);
}

char *json_text_decimal(char *text, double value, unsigned decimals)
{
    static const double scales[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    if (!isfinite(value) || fabs(value) > LARGEST || decimals > MAX_DECIMALS) {
        memcpy(text, "null", sizeof "null");
        return text;
    }
    const double scaled = fabs(value) * scales[decimals], whole = floor(scaled);
    /* Near the middle between two, the product may have been rounded to the wrong side; and beyond some millions. */
    if (fabs(scaled - whole - 0.5) < 1e-6 || scaled > 1e9) {
        decimal_slowly(text, value, decimals);
        return text;
    }
    const uint64_t rounded = (uint64_t)(scaled + 0.5), scale = (uint64_t)scales[decimals];
    char *at = text;
    if (value < 0 && rounded != 0)
        *at++ = '-';
    at = json_text_digits(at, rounded / scale, 1);
    if (decimals > 0) {
        *at++ = '.';
        at = json_text_digits(at, rounded % scale, decimals);
    }
    *at = '\0';
    return text;
}

char *json_text_thousandths(char *text, int64_t thousandths)
{
    const uint64_t magnitude = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
    char *at = text;
    if (thousandths < 0)
        *at++ = '-';
    at = json_text_digits(at, magnitude / 1000, 1);
    *at++ = '.';
    at = json_text_digits(at, magnitude % 1000, 3);
    while (at[-1] == '0')
        at--;
    if (at[-1] == '.')
        at--;
    *at = '\0';
    return text;
}

/* ---- the line ---- */

GString *json_line_new(void)
{
    GString *line = g_string_sized_new(LINE_BYTES);
    g_string_append_c(line, '{');
    return line;
}

char *json_line_end(GString *line)
{
    g_string_append_c(line, '}');
    return g_string_free(line, FALSE);
}

/* As g_string_append_len, which does not know that the bytes are never LINE's own. */
static void add_bytes(GString *line, const char *bytes, gsize count)
{
    const gsize len = line->len;
    if (line->allocated_len <= len + count)
        g_string_set_size(line, len + count); /* and the NUL that json_line_end puts behind all of it */
    memcpy(line->str + len, bytes, count);
    line->len = len + count;
}

static void add_key(GString *line, const char *key)
{
    if (line->len > 1)
        add_bytes(line, ",\"", 2);
    else
        add_bytes(line, "\"", 1);
    add_bytes(line, key, strlen(key));
    add_bytes(line, "\":", 2);
}

static void add_number(GString *line, int64_t value)
{
    char text[JSON_NUMBER_BYTES];
    add_bytes(line, text, (gsize)(signed_digits(text, value) - text));
}

void json_line_int(GString *line, const char *key, int64_t value)
{
    add_key(line, key);
    add_number(line, value);
}

static void add_null(GString *line, const char *key)
{
    add_key(line, key);
    add_bytes(line, "null", 4);
}

void json_line_int_or_null(GString *line, const char *key, int64_t value, bool known)
{
    if (known)
        json_line_int(line, key, value);
    else
        add_null(line, key);
}

void json_line_decimal(GString *line, const char *key, double value, unsigned decimals)
{
    char text[JSON_NUMBER_BYTES];
    add_key(line, key);
    json_text_decimal(text, value, decimals);
    add_bytes(line, text, strlen(text));
}

void json_line_thousandths(GString *line, const char *key, int64_t thousandths)
{
    char text[JSON_NUMBER_BYTES];
    add_key(line, key);
    json_text_thousandths(text, thousandths);
    add_bytes(line, text, strlen(text));
}

/* RFC 8259, 7. */
static bool must_be_escaped(unsigned char byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

static void add_escaped(GString *line, const char *string)
{
    for (const char *plain = string;; string++) {
        if (*string != '\0' && !must_be_escaped((unsigned char)*string))
            continue;
        add_bytes(line, plain, (gsize)(string - plain));
        if (*string == '\0')
            return;
        if ((unsigned char)*string < 0x20)
            g_string_append_printf(line, "\\u%04x", (unsigned char)*string);
        else
            add_bytes(line, (const char[]){'\\', *string}, 2);
        plain = string + 1;
    }
}

void json_line_string(GString *line, const char *key, const char *string)
{
    if (string == NULL) {
        add_null(line, key);
        return;
    }
    add_key(line, key);
    g_string_append_c(line, '"');
    add_escaped(line, string);
    g_string_append_c(line, '"');
}

void json_line_bool(GString *line, const char *key, bool value)
{
    add_key(line, key);
    add_bytes(line, value ? "true" : "false", value ? 4 : 5);
}

void json_line_rounded(GString *line, const char *key, const double *values, unsigned count)
{
    add_key(line, key);
    g_string_append_c(line, '[');
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            g_string_append_c(line, ',');
        add_number(line, (int64_t)floor(values[i] + 0.5));
    }
    g_string_append_c(line, ']');
}
