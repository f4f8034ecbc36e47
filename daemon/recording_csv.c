/* SPDX-License-Identifier: MIT */
#include "recording_csv.h"

#include <string.h>

#define MAX_NUMBER_BYTES 20
#define MAX_SHOWN_BYTES 24

void csv_begin(CsvReader *reader, const char *bytes, gsize len)
{
    const bool marked = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
    reader->next = marked ? bytes + 3 : bytes;
    reader->end = bytes + len;
    reader->line = 0;
}

static CsvResult fault(const char **ret_reason, const char *reason)
{
    *ret_reason = reason;
    return CSV_FAULT;
}

CsvResult csv_next(CsvReader *reader, CsvField ret_fields[CSV_MAX_FIELDS], unsigned *ret_count, const char **ret_reason)
{
    if (reader->next == reader->end)
        return CSV_END;
    reader->line++;
    const char *line = reader->next;
    const char *stop = memchr(line, '\n', (gsize)(reader->end - line));
    if (stop == NULL)
        return fault(ret_reason, "the line has no end: the file is cut off (or add a line break if the line is whole)");
    reader->next = stop + 1;
    if (stop > line && stop[-1] == '\r')
        stop--;
    if (stop - line > CSV_MAX_LINE_BYTES)
        return fault(ret_reason, "the line is too long");

    unsigned count = 0;
    for (const char *field = line;; field++) {
        const char *comma = memchr(field, ',', (gsize)(stop - field));
        if (count == CSV_MAX_FIELDS)
            return fault(ret_reason, "more than 8 columns");
        ret_fields[count].text = field;
        ret_fields[count++].len = (gsize)((comma != NULL ? comma : stop) - field);
        if (comma == NULL)
            break;
        field = comma;
    }
    *ret_count = count;
    return CSV_ROW;
}

bool csv_is(const CsvField *field, const char *word)
{
    return field->len == strlen(word) && memcmp(field->text, word, field->len) == 0;
}

static gsize digits(const char *text, gsize from, gsize len)
{
    gsize i = from;
    while (i < len && g_ascii_isdigit(text[i]))
        i++;
    return i - from;
}

bool csv_number(const CsvField *field, double *ret)
{
    const char *text = field->text;
    if (field->len > MAX_NUMBER_BYTES)
        return false;
    gsize i = field->len > 0 && text[0] == '-' ? 1 : 0;
    const gsize whole = digits(text, i, field->len);
    i += whole;
    if (whole == 0)
        return false;
    if (i < field->len && text[i] == '.') {
        const gsize decimals = digits(text, i + 1, field->len);
        if (decimals == 0)
            return false;
        i += 1 + decimals;
    }
    if (i != field->len)
        return false;
    char copy[MAX_NUMBER_BYTES + 1] = "";
    memcpy(copy, text, field->len);
    *ret = g_ascii_strtod(copy, NULL);
    return true;
}

bool csv_part(CsvField *field, CsvField *ret_part)
{
    const char *blank = field->len > 0 ? memchr(field->text, ' ', field->len) : NULL;
    const gsize len = blank != NULL ? (gsize)(blank - field->text) : field->len;
    if (field->len == 0)
        return false;
    *ret_part = (CsvField){field->text, len};
    field->text += len + (blank != NULL);
    field->len -= len + (blank != NULL);
    return true;
}

char *csv_show(const CsvField *field)
{
    char *shown = g_strndup(field->text, MIN(field->len, MAX_SHOWN_BYTES));
    /* g_strndup pads with NULs after one: walk the bytes of the field, not the string. */
    for (gsize i = 0; i < MIN(field->len, MAX_SHOWN_BYTES); i++)
        if (!g_ascii_isprint(field->text[i]))
            shown[i] = '?';
    return shown;
}
