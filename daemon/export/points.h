/* SPDX-License-Identifier: MIT
 *
 * What all exports share: the session's samples judged once more. Internal to export.
 */
#ifndef ZONE1D_EXPORT_POINTS_H
#define ZONE1D_EXPORT_POINTS_H

#include "export/export.h"

typedef enum { POINT_SAMPLE, POINT_PAUSE, POINT_RESUME } PointKind;

typedef struct {
    PointKind kind;
    int64_t t_ms;        /* since the session's start; 0 at least, its end at most */
    int bpm;             /* 0: not known, or not valid */
    double speed_mps;    /* NAN when not known */
    double distance_m;   /* so far; NAN before any speed was known */
    guint index;         /* in the track */
} Point;

/* The points of SESSION in order, without what lies outside it or in a pause. Caller unrefs. */
GArray *points_of(const ExportSession *session);

/* What the record's summary says; false when there is none. */
bool points_summary(const ExportSession *session, Summary *ret);

/* NUMBER with at most DECIMALS digits behind a dot, without trailing zeros, in any locale. */
void append_number(GString *out, double number, int decimals);

/* MS as "12.345". */
void append_seconds(GString *out, int64_t ms);

#endif
