/* SPDX-License-Identifier: MIT
 *
 * The strict reader below recordings: lines, fields and decimal numbers. No locale, no I/O.
 */
#ifndef ZONE1D_RECORDING_CSV_H
#define ZONE1D_RECORDING_CSV_H

#include <glib.h>
#include <stdbool.h>

#define CSV_MAX_FIELDS 8
#define CSV_MAX_LINE_BYTES 4096 /* a sample with 255 RR intervals */

typedef struct {
    const char *text; /* not NUL-terminated */
    gsize len;
} CsvField;

typedef struct {
    const char *next, *end;
    unsigned line; /* of the row read last, from 1 */
} CsvReader;

typedef enum { CSV_ROW, CSV_END, CSV_FAULT } CsvResult;

/* Begins at BYTES, after a UTF-8 byte order mark if there is one. BYTES outlive the reader. */
void csv_begin(CsvReader *reader, const char *bytes, gsize len);

/* The next line's comma-separated fields (LF or CRLF). On CSV_FAULT *ret_reason is a static
 * sentence: line too long, too many fields, no line end. */
CsvResult csv_next(CsvReader *reader, CsvField ret_fields[CSV_MAX_FIELDS], unsigned *ret_count,
                   const char **ret_reason);

/* True when FIELD is exactly WORD. */
bool csv_is(const CsvField *field, const char *word);

/* Decimal digits, perhaps a leading '-' and a '.' with digits behind it: nothing else, no blanks,
 * no exponent. False, and *ret untouched, for anything else or more than 20 characters. */
bool csv_number(const CsvField *field, double *ret);

/* The first blank-separated part of FIELD to *ret_part, FIELD being what is behind it. False when FIELD is empty. */
bool csv_part(CsvField *field, CsvField *ret_part);

/* FIELD for a message: at most 24 characters, what is not printable ASCII as '?'. Caller frees. */
char *csv_show(const CsvField *field);

#endif
