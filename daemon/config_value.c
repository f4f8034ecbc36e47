/* SPDX-License-Identifier: MIT */
#include "config_value.h"

#include <string.h>

#define MAX_DIGITS 7
#define MAX_DECIMALS 3
#define PER_MILLE 1000
#define PERCENT_EXAMPLE "50,60,70,80,90"
#define BPM_EXAMPLE "120,133,146,159,172"

typedef struct {
    int milli;        /* the number in thousandths */
    bool decimals;    /* it has a '.' */
    const char *unit; /* what follows it, without blanks; points into the text */
} Number;

/* Digits, perhaps a '.' and digits, perhaps a unit. False for anything else, and for huge numbers. */
static bool scan(const char *text, Number *ret)
{
    Number number = {0};
    gsize i = 0;
    for (; i < MAX_DIGITS && g_ascii_isdigit(text[i]); i++)
        number.milli = number.milli * 10 + g_ascii_digit_value(text[i]);
    if (i == 0 || i == MAX_DIGITS)
        return false;
    number.milli *= PER_MILLE;
    if (text[i] == '.') {
        number.decimals = true;
        int place = PER_MILLE / 10;
        gsize decimals = 0;
        for (i++; decimals <= MAX_DECIMALS && g_ascii_isdigit(text[i]); i++, decimals++, place /= 10)
            number.milli += g_ascii_digit_value(text[i]) * place;
        if (decimals == 0 || decimals > MAX_DECIMALS)
            return false;
    }
    while (g_ascii_isspace(text[i]))
        i++;
    number.unit = text + i;
    *ret = number;
    return true;
}

/* What makes TEXT no value at all, whatever its kind; true when a fault was noted. */
static bool refuse_shape(ConfigReader *reader, const char *section, const char *key, const char *text,
                         const char *example)
{
    g_autofree char *shown = config_show(text);
    if (*text == '\0')
        config_fault(reader, section, key, "there is no value; write for example %s = %s, or put # before the line",
                     key, example);
    else if (strchr(text, '#') != NULL)
        config_fault(reader, section, key, "'%s' has a comment in it; a comment stands in a line of its own", shown);
    else
        return false;
    return true;
}

static void refuse_number(ConfigReader *reader, const char *section, const char *key, const char *text,
                          const ConfigNumber *kind)
{
    Number number;
    g_autofree char *shown = config_show(text);
    const bool is_number = scan(text, &number);
    const bool bpm = strcmp(kind->unit, "bpm") == 0;
    if (is_number && *number.unit == '%' && *kind->unit != '%')
        config_fault(reader, section, key, "'%s' is a percentage; %s%s belongs here, such as %s", shown,
                     bpm ? "a heart rate in " : "a plain number", bpm ? "bpm" : "", kind->example);
    else if (bpm && is_number && number.decimals && number.milli < 2 * PER_MILLE)
        config_fault(reader, section, key, "'%s' looks like a share; a heart rate in bpm belongs here, such as %s",
                     shown, kind->example);
    else
        config_fault(reader, section, key, "'%s' is not a %s%s%s; write for example %s = %s", shown,
                     kind->tenths ? "number with one decimal at most" : "whole number",
                     *kind->unit != '\0' ? " of " : "", kind->unit, key, kind->example);
}

bool config_number(ConfigReader *reader, const char *section, const char *key, const ConfigNumber *kind, int *ret)
{
    g_autofree char *text = config_value(reader, section, key);
    if (text == NULL || refuse_shape(reader, section, key, text, kind->example))
        return false;
    Number number;
    const int unit_milli = kind->tenths ? PER_MILLE / 10 : PER_MILLE;
    if (!scan(text, &number) || (number.decimals && !kind->tenths) || number.milli % unit_milli != 0 ||
        (*number.unit != '\0' && strcmp(number.unit, kind->unit) != 0)) {
        refuse_number(reader, section, key, text, kind);
        return false;
    }
    if (number.milli < kind->min * PER_MILLE || number.milli > kind->max * PER_MILLE) {
        const int length = (int)(number.unit - text); /* the number without its unit */
        g_autofree char *shown = g_strchomp(g_strndup(text, (gsize)length));
        config_fault(reader, section, key, "%s is out of range; %d to %d%s%s is possible", shown, kind->min, kind->max,
                     *kind->unit != '\0' ? " " : "", kind->unit);
        return false;
    }
    *ret = number.milli / unit_milli;
    return true;
}

typedef struct {
    bool percent;
    const char *unit, *example;
} ListKind;

static const ListKind bpm_list = {false, "bpm", BPM_EXAMPLE};
static const ListKind percent_list = {true, "%", PERCENT_EXAMPLE};

/* Why TEXT is no item of the list: a sentence with one %s for it, or NULL when it is one. */
static const char *item_fault(const ListKind *kind, const char *text, Number *ret)
{
    if (!scan(text, ret))
        return kind->percent ? "'%s' is not a number" : "'%s' is not a whole number";
    const bool has_unit = *ret->unit != '\0';
    if (!kind->percent && *ret->unit == '%')
        return "'%s' is a percentage, and bpm belong here (percentages have the key percent)";
    if (kind->percent && has_unit && strcmp(ret->unit, bpm_list.unit) == 0)
        return "'%s' is in bpm, and percentages belong here (bpm have the key bounds)";
    if (ret->decimals && ret->milli > 0 && ret->milli < 2 * PER_MILLE)
        return kind->percent ? "'%s' looks like a share of 1, and percentages belong here"
                             : "'%s' looks like a share of 1, and bpm belong here";
    if (has_unit && strcmp(ret->unit, kind->unit) != 0)
        return "'%s' has something behind the number";
    if (!kind->percent && ret->decimals)
        return "'%s' is not a whole number";
    if (ret->milli % (PER_MILLE / 10) != 0)
        return "'%s' is too fine: one decimal at most";
    return NULL;
}

/* The one item TEXT to *ret; false and a fault noted otherwise. */
static bool take_item(ConfigReader *reader, const char *section, const char *key, const ListKind *kind,
                      const char *text, int *ret)
{
    Number number = {0};
    const char *reason = item_fault(kind, text, &number);
    if (reason == NULL) {
        *ret = kind->percent ? number.milli / 100 : number.milli / PER_MILLE; /* percent: to 1/1000 */
        return true;
    }
    g_autofree char *shown = config_show(text);
    g_auto(GStrv) around = g_strsplit(reason, "%s", 2);
    config_fault(reader, section, key, "%s%s%s; write for example %s = %s", around[0], shown, around[1], key,
                 kind->example);
    return false;
}

static gsize take_list(ConfigReader *reader, const char *section, const char *key, const ListKind *kind, int *ret,
                       gsize max)
{
    g_autofree char *text = config_value(reader, section, key);
    if (text == NULL || refuse_shape(reader, section, key, text, kind->example))
        return 0;
    g_auto(GStrv) items = g_strsplit(text, ",", (int)max + 1);
    const gsize count = g_strv_length(items);
    if (count > max) {
        config_fault(reader, section, key, "more than %" G_GSIZE_FORMAT " values; %" G_GSIZE_FORMAT " at most", max,
                     max);
        return 0;
    }
    for (gsize i = 0; i < count; i++)
        if (!take_item(reader, section, key, kind, g_strstrip(items[i]), &ret[i]))
            return 0;
    return count;
}

gsize config_bpm_list(ConfigReader *reader, const char *section, const char *key, int *ret, gsize max)
{
    return take_list(reader, section, key, &bpm_list, ret, max);
}

gsize config_percent_list(ConfigReader *reader, const char *section, const char *key, int *ret, gsize max)
{
    return take_list(reader, section, key, &percent_list, ret, max);
}

char *config_text(ConfigReader *reader, const char *section, const char *key, gsize max_bytes, const char *what)
{
    g_autofree char *text = config_value(reader, section, key);
    if (text == NULL)
        return NULL;
    bool control = false;
    const gsize len = strlen(text);
    for (const char *c = text; *c != '\0'; c++)
        control = control || g_ascii_iscntrl(*c);
    if (*text == '\0')
        config_fault(reader, section, key, "there is no value; write %s, or put # before the line", what);
    else if (len >= 2 && strchr("\"'", text[0]) != NULL && text[len - 1] == text[0])
        config_fault(reader, section, key, "there are quotes around it, and they would count; write it without them");
    else if (len > max_bytes)
        config_fault(reader, section, key, "longer than %" G_GSIZE_FORMAT " bytes; write %s", max_bytes, what);
    else if (control)
        config_fault(reader, section, key, "there is a control character in it; write %s", what);
    else
        return g_steal_pointer(&text);
    return NULL;
}

bool config_bool(ConfigReader *reader, const char *section, const char *key, bool *ret)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};
    g_autofree char *value = config_value(reader, section, key);
    if (value == NULL)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(value, words[i]) == 0) {
            *ret = i % 2 == 1;
            return true;
        }
    g_autofree char *shown = config_show(value);
    config_fault(reader, section, key, "'%s' is neither yes nor no; write one of them", shown);
    return false;
}
