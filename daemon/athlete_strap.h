/* SPDX-License-Identifier: MIT
 *
 * athlete/<a>/strap: what is known of an athlete's strap, said when it changes. A change of connected goes
 * out at once, any other at most once in 10 s. All times are ms on the source's clock. Main thread.
 */
#ifndef ZONE1D_ATHLETE_STRAP_H
#define ZONE1D_ATHLETE_STRAP_H

#include "athlete.h"

typedef struct StrapReport StrapReport;

/* CONTEXT outlives it; its members may be set later, before the first event. ATHLETE_ID is copied. */
StrapReport *strap_report_new(const AthleteContext *context, const char *athlete_id);
void strap_report_free(StrapReport *report); /* publishes nothing; NULL is fine */

/* What the source tells of the strap; copied. */
void strap_report_info(StrapReport *report, const StrapInfo *info, int64_t now_ms);
/* What a sample says of the contact with the skin. */
void strap_report_contact(StrapReport *report, Contact contact, int64_t now_ms);

/* Says what has waited long enough by NOW_MS. */
void strap_report_advance(StrapReport *report, int64_t now_ms);
/* When strap_report_advance is next needed if nothing else happens; SOURCE_NEVER if never. */
int64_t strap_report_deadline_ms(const StrapReport *report);

/* Says it all again: the broker is (back) there. */
void strap_report_announce(StrapReport *report, int64_t now_ms);

/* Takes the retained message back; the next change says it anew. */
void strap_report_forget(StrapReport *report, int64_t now_ms);

/* The gateway ends: says that the strap is not connected. Needs no source. */
void strap_report_end(StrapReport *report);

#endif
