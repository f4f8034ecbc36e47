/* SPDX-License-Identifier: MIT
 *
 * What the gateway publishes about an athlete, read back from its JSON (docs/mqtt.md). The broker's
 * bytes are hostile: whatever is missing, of a wrong type or out of range reads as "not known".
 * Pure but for allocation; any thread.
 */
#ifndef ZONE1D_CTL_REPORT_H
#define ZONE1D_CTL_REPORT_H

#include "core/session.h"

#include <glib.h>
#include <stdbool.h>

#define REPORT_MAX_BYTES (512 * 1024) /* a longer message is refused */
#define REPORT_TEXT 208

/* athlete/<a>/live */
typedef struct {
    gint64 at_s; /* "ts", whole seconds since the epoch; 0 when not known */
    int hr_bpm;  /* 0: null */
    SignalState signal;
    char zone_name[8]; /* "below", "z1", "z5a" ...; empty when null */
    int zone;          /* 0 for below, 1.. ; ZONE_NONE when null */
    char zone_model[12]; /* printable */
    bool max_estimated;
    int cap_bpm, floor_bpm; /* 0: null */
    TargetStatus status;
    Advice advice;
    double trend_bpm_min, compliance, coverage; /* NAN: null */
    int valid_s, above_s, excursions;
    SessionState session;
} LiveReport;

/* athlete/<a>/session/last */
typedef struct {
    char id[64];
    Verdict verdict;
    char reason[REPORT_TEXT];
    char zone_model[12]; /* printable */
    bool max_estimated;
    int cap_bpm;
    double compliance, coverage; /* NAN: null */
    int elapsed_s, valid_s, unknown_s, paused_s, above_s, longest_s;
    int excursions, peak_over_bpm, hr_max_bpm;
    double hr_avg_bpm; /* NAN: null */
} SummaryReport;

#define REPORT_MAX_MEMBERS 64 /* more are left out */

/* group/<g>/live */
typedef struct {
    char alias[65]; /* printable ASCII */
    LiveReport live; /* what a row has of it; SIGNAL_NONE when the member shares nothing */
} MemberReport;

typedef struct {
    unsigned count;
    MemberReport members[REPORT_MAX_MEMBERS];
} GroupReport;

/* group/<g>/session */
typedef struct {
    char alias[65];
    Verdict verdict;
    double compliance; /* NAN: null */
    int valid_s, above_s, longest_s;
} VerdictRow;

typedef struct {
    SessionState state;
    int members, in_target;
    unsigned count;
    VerdictRow verdicts[REPORT_MAX_MEMBERS];
} GroupSessionReport;

/* False, and *ret untouched, when BYTES is no JSON object, or has no members / no state. */
bool report_parse_group(const void *bytes, gsize size, GroupReport *ret);
bool report_parse_group_session(const void *bytes, gsize size, GroupSessionReport *ret);

/* False, and *ret untouched, when BYTES is no JSON object or has no signal. */
bool report_parse_live(const void *bytes, gsize size, LiveReport *ret);

/* False, and *ret untouched, when BYTES is no JSON object or has no id or no verdict. */
bool report_parse_summary(const void *bytes, gsize size, SummaryReport *ret);

/* The athlete out of "<prefix>/athlete/<a>/<leaf>", or NULL when TOPIC is something else or the id
 * is not of [a-z0-9-]{1,32}. Caller frees. */
char *report_athlete_of(const char *topic, const char *prefix, const char *leaf);

#endif
