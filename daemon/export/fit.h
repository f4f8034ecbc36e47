/* SPDX-License-Identifier: MIT
 *
 * The frame of a FIT file: header, definitions, messages, CRC ("FIT Protocol", Garmin). Internal to export.
 */
#ifndef ZONE1D_EXPORT_FIT_H
#define ZONE1D_EXPORT_FIT_H

#include <glib.h>

#define FIT_MAX_FIELDS 16
#define FIT_EPOCH_S 631065600 /* 1989-12-31T00:00:00Z */

/* Base types; what is not known has the type's own "invalid" value. */
typedef enum { FIT_ENUM = 0x00, FIT_U8 = 0x02, FIT_U16 = 0x84, FIT_U32 = 0x86, FIT_U32Z = 0x8c } FitType;

typedef struct {
    guint8 number; /* of the field, in the profile */
    FitType type;
    guint8 count;  /* 1, or of an array */
} FitField;

typedef struct {
    guint16 global; /* number of the message, in the profile */
    guint8 local;   /* 0..15, one for each kind of message in a file */
    const FitField *fields;
    guint field_count;
} FitMessage;

typedef struct {
    GByteArray *out;
    guint16 defined; /* local numbers that have been defined */
} Fit;

/* Begins a file. */
void fit_begin(Fit *fit);

/* Adds MESSAGE; VALUES are those of its fields in order, an array's one after the other; G_MAXUINT32: not known. */
void fit_add(Fit *fit, const FitMessage *message, const guint32 *values);

/* The whole file. Caller unrefs. */
GBytes *fit_end(Fit *fit);

/* WALL_US as FIT counts, s; never so early that it would mean "since power-up". */
guint32 fit_time(gint64 wall_us);

#endif
