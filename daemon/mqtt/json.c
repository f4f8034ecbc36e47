/* SPDX-License-Identifier: MIT */
#include "mqtt/json.h"

#include <glib.h>
#include <math.h>
#include <string.h>

void json_int(cJSON *object, const char *key, int64_t value)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, (gint64)value);
    cJSON_AddRawToObject(object, key, text);
}

void json_int_or_null(cJSON *object, const char *key, int64_t value, bool known)
{
    if (known)
        json_int(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

/* "-0.0" is no number a person wants to see. */
static bool is_minus_zero(const char *text)
{
    return text[0] == '-' && text[strspn(text, "-0.")] == '\0';
}

void json_decimal(cJSON *object, const char *key, double value, unsigned decimals)
{
    static const char *const formats[] = {"%.0f", "%.1f", "%.2f", "%.3f", "%.4f", "%.5f", "%.6f"};
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (!isfinite(value) || fabs(value) > 1e15 || decimals >= G_N_ELEMENTS(formats)) {
        cJSON_AddNullToObject(object, key);
        return;
    }
    g_ascii_formatd(text, sizeof text, formats[decimals], value);
    cJSON_AddRawToObject(object, key, is_minus_zero(text) ? text + 1 : text);
}

void json_thousandths(cJSON *object, const char *key, int64_t thousandths)
{
    char text[32];
    guint64 magnitude = thousandths < 0 ? 0 - (guint64)thousandths : (guint64)thousandths;
    g_snprintf(text, sizeof text, "%s%" G_GUINT64_FORMAT ".%03u", thousandths < 0 ? "-" : "", magnitude / 1000,
               (unsigned)(magnitude % 1000));
    size_t length = strlen(text);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[length - 1] = '\0';
    cJSON_AddRawToObject(object, key, text);
}

void json_string(cJSON *object, const char *key, const char *value)
{
    if (value != NULL)
        cJSON_AddStringToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

void json_push_int(cJSON *array, int64_t value)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, (gint64)value);
    cJSON_AddItemToArray(array, cJSON_CreateRaw(text));
}

char *json_print(cJSON *object)
{
    char *printed = cJSON_PrintUnformatted(object);
    char *text = g_strdup(printed != NULL ? printed : "{}");
    cJSON_free(printed);
    cJSON_Delete(object);
    return text;
}
