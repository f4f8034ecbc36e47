/* SPDX-License-Identifier: MIT */
#include "mqtt/json.h"

#include "mqtt/json_line.h"

#include <glib.h>

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

void json_decimal(cJSON *object, const char *key, double value, unsigned decimals)
{
    char text[JSON_NUMBER_BYTES];
    cJSON_AddRawToObject(object, key, json_text_decimal(text, value, decimals));
}

void json_thousandths(cJSON *object, const char *key, int64_t thousandths)
{
    char text[JSON_NUMBER_BYTES];
    cJSON_AddRawToObject(object, key, json_text_thousandths(text, thousandths));
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
