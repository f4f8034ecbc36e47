/* SPDX-License-Identifier: MIT */
#include "mqtt/commands.h"

#include "core/names.h"

#include <math.h>
#include <string.h>

#define MAX_WORD_BYTES 32

static const char *const key_names[COMMAND_KEY_COUNT] = {
    [COMMAND_TARGET] = "target", [COMMAND_CAP] = "cap", [COMMAND_SPEED] = "speed", [COMMAND_SESSION] = "session",
    [COMMAND_RPE] = "rpe",
};

const char *command_key_name(CommandKey key) { return key_names[key]; }

static bool find_key(const char *word, CommandKey *ret)
{
    for (CommandKey key = 0; key < COMMAND_KEY_COUNT; key++)
        if (strcmp(word, key_names[key]) == 0) {
            *ret = key;
            return true;
        }
    return false;
}

static bool fail(CommandFault *fault, const char *key, const char *text)
{
    gsize length = 0;
    for (; key[length] != '\0' && length + 1 < sizeof fault->key; length++)
        fault->key[length] = g_ascii_isprint(key[length]) ? key[length] : '?';
    fault->key[length] = '\0';
    g_strlcpy(fault->text, text, sizeof fault->text);
    return false;
}

/* ---- one value ---- */

/* A decimal number and nothing else; no sign, no exponent, no blanks, a dot in any locale. */
static bool read_number(const char *word, double *ret)
{
    if (word[0] == '\0' || strspn(word, "0123456789.") != strlen(word))
        return false;
    char *end;
    *ret = g_ascii_strtod(word, &end);
    return *end == '\0' && end != word && isfinite(*ret);
}

/* Whole, but a display may write it as 134.0. */
static bool read_whole(const char *word, int min, int max, int *ret)
{
    double value;
    if (!read_number(word, &value) || value < min || value > max || value != floor(value))
        return false;
    *ret = (int)value;
    return true;
}

static bool read_session(const char *word, SessionCommand *ret)
{
    static const char *const words[] = {[SESSION_CMD_START] = "start", [SESSION_CMD_STOP] = "stop",
                                        [SESSION_CMD_PAUSE] = "pause", [SESSION_CMD_RESUME] = "resume"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *ret = (SessionCommand)i;
            return true;
        }
    return false;
}

static bool read_speed(const char *word, double *ret)
{
    *ret = (double)NAN;
    return strcmp(word, "none") == 0 || (read_number(word, ret) && *ret <= COMMAND_MAX_SPEED_KMH);
}

static bool read_cap(const char *word, Target *ret)
{
    *ret = (Target){.kind = TARGET_CAP};
    return read_whole(word, TARGET_CAP_MIN_BPM, TARGET_CAP_MAX_BPM, &ret->cap_bpm);
}

/* NULL when WORD is a value of KEY, else what would be. */
static const char *take(CommandKey key, const char *word, CommandSet *ret)
{
    G_STATIC_ASSERT(TARGET_CAP_MIN_BPM == 80 && TARGET_CAP_MAX_BPM == 200 && SESSION_MAX_RPE == 10);
    switch (key) {
    case COMMAND_TARGET:
        return target_parse(word, &ret->target)
                   ? NULL
                   : "not one of recovery, easy, z1 to z8, z5a to z5c, cap:80 to cap:200";
    case COMMAND_CAP:
        return read_cap(word, &ret->target) ? NULL : "out of range 80..200";
    case COMMAND_SPEED:
        return read_speed(word, &ret->speed_kmh) ? NULL : "out of range 0..54 km/h, nor none";
    case COMMAND_SESSION:
        return read_session(word, &ret->session) ? NULL : "not one of start, stop, pause, resume";
    case COMMAND_RPE:
        return read_whole(word, 0, SESSION_MAX_RPE, &ret->rpe) ? NULL : "out of range 1..10, or 0 to take it back";
    case COMMAND_KEY_COUNT:
        break;
    }
    return "there is no such key";
}

static bool take_value(const char *key_word, const char *word, CommandSet *ret, CommandFault *fault)
{
    CommandKey key;
    if (!find_key(key_word, &key))
        return fail(fault, key_word, "there is no such key; there are target, cap, speed, session and rpe");
    if (ret->given[key])
        return fail(fault, key_word, "given twice");
    const char *wrong = take(key, word, ret);
    if (wrong != NULL)
        return fail(fault, key_word, wrong);
    ret->given[key] = true;
    return true;
}

bool command_parse_plain(const char *key, const char *payload, gsize len, CommandSet *ret, CommandFault *ret_fault)
{
    memset(ret, 0, sizeof *ret);
    if (len > MAX_WORD_BYTES || memchr(payload, '\0', len) != NULL)
        return fail(ret_fault, key, "not a value: too long, or with a NUL in it");
    g_autofree char *word = g_strstrip(g_strndup(payload, len));
    return take_value(key, word, ret, ret_fault);
}

/* ---- JSON ---- */

bool command_take_transaction(const cJSON *value, char ret[COMMAND_MAX_TRANSACTION + 1])
{
    ret[0] = '\0';
    if (value == NULL)
        return true;
    if (cJSON_IsNumber(value) && fabs(value->valuedouble) < 1e15 && value->valuedouble == floor(value->valuedouble)) {
        g_snprintf(ret, COMMAND_MAX_TRANSACTION + 1, "%" G_GINT64_FORMAT, (gint64)value->valuedouble);
        return true;
    }
    if (!cJSON_IsString(value) || strlen(value->valuestring) > COMMAND_MAX_TRANSACTION ||
        !g_utf8_validate(value->valuestring, -1, NULL))
        return false;
    g_strlcpy(ret, value->valuestring, COMMAND_MAX_TRANSACTION + 1);
    return true;
}

/* The value as the plain topic would have it; NULL for a type that no value has. */
static char *word_of(const cJSON *item)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (cJSON_IsString(item))
        return strlen(item->valuestring) <= MAX_WORD_BYTES ? g_strdup(item->valuestring) : NULL;
    if (cJSON_IsNumber(item))
        return g_strdup(g_ascii_formatd(number, sizeof number, "%.3f", item->valuedouble));
    return cJSON_IsNull(item) && strcmp(item->string, "speed") == 0 ? g_strdup("none") : NULL;
}

static bool take_member(const cJSON *item, CommandSet *ret, CommandFault *fault)
{
    if (strcmp(item->string, "transaction") == 0)
        return true;
    g_autofree char *word = word_of(item);
    if (word == NULL)
        return fail(fault, item->string, "of a type or length that no value has");
    return take_value(item->string, word, ret, fault);
}

static bool take_object(const cJSON *object, CommandSet *ret, CommandFault *fault)
{
    if (!cJSON_IsObject(object))
        return fail(fault, "", "not a JSON object");
    /* First, so that what is wrong with the rest can be answered with it. */
    if (!command_take_transaction(cJSON_GetObjectItemCaseSensitive(object, "transaction"), ret->transaction))
        return fail(fault, "transaction", "not a text of at most 64 bytes");
    for (const cJSON *item = object->child; item != NULL; item = item->next)
        if (!take_member(item, ret, fault))
            return false;
    if (ret->given[COMMAND_TARGET] && ret->given[COMMAND_CAP])
        return fail(fault, "cap", "given beside a target; one of the two");
    for (CommandKey key = 0; key < COMMAND_KEY_COUNT; key++)
        if (ret->given[key])
            return true;
    return fail(fault, "", "nothing to do in it");
}

bool command_parse_json(const char *payload, gsize len, CommandSet *ret, CommandFault *ret_fault)
{
    memset(ret, 0, sizeof *ret);
    if (len > COMMAND_MAX_BYTES)
        return fail(ret_fault, "", "longer than 4096 bytes");
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts(payload, len, &end, false);
    bool whole = object != NULL;
    for (; whole && end < payload + len; end++)
        whole = strchr(" \t\r\n", *end) != NULL && *end != '\0';
    bool taken = whole ? take_object(object, ret, ret_fault) : fail(ret_fault, "", "not JSON");
    cJSON_Delete(object);
    return taken;
}
