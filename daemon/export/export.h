/* SPDX-License-Identifier: MIT
 *
 * A stored session in the formats of others. No I/O, any thread. What is not known is left out, never 0.
 */
#ifndef ZONE1D_EXPORT_EXPORT_H
#define ZONE1D_EXPORT_EXPORT_H

#include "store/reader.h"

typedef struct {
    const StoreRecord *record; /* whole and ended */
    const StoreTrack *track;   /* empty when its samples are not kept any more */
} ExportSession;

/* A recording (docs/recordings.md) that zone1ctl judge judges as the daemon did: every sample as it came, with its
 * zone, and when the session began, paused and ended. Caller frees. */
char *export_csv(const ExportSession *session);

/* The object of athlete/<a>/session/last with the samples added as "track". Caller frees. NULL when what is stored
 * is no object. */
char *export_json(const ExportSession *session);

/* Garmin's Training Center XML, version 2. Caller frees. */
char *export_tcx(const ExportSession *session);

/* Garmin's FIT, an activity, with the RR intervals as hrv messages. Caller unrefs. */
GBytes *export_fit(const ExportSession *session);

#endif
