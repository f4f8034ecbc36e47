/* SPDX-License-Identifier: MIT
 *
 * One athlete, live and in session: idle -> active -> paused -> finished.
 * Owns validity, compliance and HRV, and is all that the shells need to know of the core.
 * Pure: no clock, no allocation; NOW_MS and every sample's t_ms are on the source's monotonic
 * clock and never go back. One thread at a time.
 */
#ifndef ZONE1D_CORE_SESSION_H
#define ZONE1D_CORE_SESSION_H

#include "core/compliance.h"
#include "core/hrv.h"
#include "core/sample.h"
#include "core/target.h"
#include "core/trend.h"
#include "core/validity.h"
#include "core/verdict.h"
#include "core/zones.h"

#define SESSION_STALE_MS 5000       /* without a sample, or without a usable one */
#define SESSION_AUTO_START_MS 10000 /* of live signal */
#define SESSION_AUTO_END_MS 300000  /* after the last valid sample */
#define SESSION_MIN_VALID_MS 180000 /* under this a session is dropped */
#define SESSION_NEVER INT64_MAX
/* Times beyond this, either way, count as this: no clock gets there, and no sum of them overflows. */
#define SESSION_TIME_LIMIT_MS (INT64_C(1) << 52)

#define SESSION_MAX_RPE 10 /* Borg's CR10 */
#define SESSION_EASY_RPE 2 /* a recovery run feels like this at most */

/* When DFA alpha 1 contradicts the zones: at least so many values (5 min of them) taken at or below
 * the cap of zone 1, and more than half of them under the limit. */
#define SESSION_HINT_ALPHA1 0.75
#define SESSION_HINT_MIN_VALUES 60

typedef enum { SIGNAL_NONE, SIGNAL_LIVE, SIGNAL_STALE, SIGNAL_NO_CONTACT, SIGNAL_LOST } SignalState;
typedef enum { SESSION_IDLE, SESSION_ACTIVE, SESSION_PAUSED, SESSION_FINISHED } SessionState;
typedef enum {
    SESSION_CMD_START,
    SESSION_CMD_STOP,
    SESSION_CMD_PAUSE,
    SESSION_CMD_RESUME,
    SESSION_CMD_RECORD, /* a start; the session is a recording's, and only SESSION_CMD_STOP ends it */
} SessionCommand;

/* What happened; a bit set, returned by every call that moves a session on. */
enum {
    SESSION_EV_STARTED = 1u << 0,
    SESSION_EV_PAUSED = 1u << 1,
    SESSION_EV_RESUMED = 1u << 2,
    SESSION_EV_FINISHED = 1u << 3, /* session_finished is the new summary */
    SESSION_EV_DROPPED = 1u << 4,  /* ended with under SESSION_MIN_VALID_MS valid */
    SESSION_EV_CHANGED = 1u << 5,  /* zone, status or signal differ from what they were */
};

typedef struct {
    ZoneTable zones;
    Target target;
    VerdictRules rules; /* verdict_rules_default() unless configured */
    bool auto_start;
    int speed_cap_mm_s; /* 0: none; at most COMPLIANCE_MAX_SPEED_CAP_MM_S; compliance_mm_s makes it of km/h */
} SessionConfig;

typedef struct {
    int hr_bpm; /* 0: null. Never the last value once the signal is not live */
    SignalState signal;
    int zone;   /* ZONE_NONE when hr_bpm is 0 */
    int cap_bpm;
    int floor_bpm; /* 0: the target has none */
    TargetStatus status;
    Advice advice;
    double trend_bpm_min; /* NAN when not known */
    Totals totals;        /* of the running session, all 0 outside one */
    unsigned rr_count;    /* of the newest sample while it is live */
    double rr_ms[SAMPLE_MAX_RR];
    HrvValues hrv;
    SessionState session;
    double speed_mps; /* at this moment; NAN when not known */
    int rpe;          /* of the running or the finished session; 0: not given */
    Target target;
} Live;

typedef struct {
    int64_t start_ms, end_ms;
    Totals totals;
    HrvValues hrv;
    VerdictResult verdict;
    ZoneTable zones;
    Target target;
    int cap_bpm, floor_bpm;
    unsigned target_changes; /* while it ran; cap and floor are the last target's */
    int speed_cap_mm_s; /* 0: none */
    int rpe;            /* 1..SESSION_MAX_RPE, 0: not given */
    uint64_t samples;
    uint64_t invalid[SAMPLE_VALIDITY_COUNT]; /* by reason; [SAMPLE_VALID] counts the good ones */
    unsigned alpha1_in_z1, alpha1_low_in_z1; /* values of alpha 1 in or below zone 1, those under 0.75 */
    bool bounds_too_high; /* the hint: kept or strict in zone 1, but alpha 1 was mostly low there */
} Summary;

typedef struct Session Session;

/* A session of STATE has begun and not ended; it may be paused. */
bool session_is_running(SessionState state);

/* False, and nothing done, when the target does not fit the zones (target_bounds). */
bool session_init(Session *session, const SessionConfig *config);

/* Takes CONFIG for the sessions to come: one that was restored ran with what was true when it began.
 * False, and nothing changed, while a session runs or when the target does not fit the zones. */
bool session_configure(Session *session, const SessionConfig *config);

/* The strap's link came up or went down. UP alone gives no live signal: only a sample does. */
unsigned session_link(Session *session, bool up, int64_t now_ms);

/* A sample arrived, at sample->t_ms (earlier than the last known time counts as then). */
unsigned session_sample(Session *session, const Sample *sample);

/* Time passed. Everything that was due by NOW_MS happens, at the time it was due. */
unsigned session_advance(Session *session, int64_t now_ms);

/* When session_advance is next needed if nothing else happens; SESSION_NEVER if never. */
int64_t session_deadline_ms(const Session *session);

/* Returns false, and changes nothing, when the command does not fit the state. */
bool session_command(Session *session, SessionCommand command, int64_t now_ms, unsigned *ret_events);

/* The treadmill runs at SPEED_MPS (NAN: not known any more). It is the speed of samples that bring none,
 * until the next one is given, COMPLIANCE_SPEED_HOLD_MS at most: a treadmill that went silent says
 * nothing. Outside a session it is kept for the next one. */
unsigned session_set_speed(Session *session, double speed_mps, int64_t now_ms);

/* From now on TARGET counts, for the running session and those to come: what has been booked stays as it was
 * judged, and the summary says how often the target changed. False, and nothing changed but the time, when
 * the zones have no such target. */
bool session_set_target(Session *session, const Target *target, int64_t now_ms, unsigned *ret_events);

/* Forgets the finished session: it is idle then. False, and nothing done, while one runs. */
bool session_forget(Session *session);

/* SUMMARY is that of the session that finished last: it is finished then, as if it had just run. False, and nothing
 * done, while one runs. */
bool session_recall(Session *session, const Summary *summary);

/* The athlete's rate of perceived exertion, 1..SESSION_MAX_RPE, for the running session or the one that
 * finished last; 0 takes it back. False, and nothing changed, for another value or without a session. */
bool session_set_rpe(Session *session, int rpe);

/* The state as it stands at NOW_MS (at or after the last call's time). */
void session_live(const Session *session, int64_t now_ms, Live *ret);

/* The running session up to NOW_MS, or the finished one. False when there is neither. */
bool session_summary(const Session *session, int64_t now_ms, Summary *ret);

/* The summary of the session that finished last; only after a SESSION_EV_FINISHED. */
const Summary *session_finished(const Session *session);

/* What follows is private to session.c: public only so that callers can embed it. */

/* The newest that is known of the strap. */
typedef struct {
    bool link_known, link_up;
    bool have_sample;
    Sample newest;
    SampleValidity newest_validity;
    int64_t usable_t_ms;   /* last valid sample of this link; without one SESSION_STALE_MS before it came up */
    int64_t live_since_ms; /* unbroken live signal since; SESSION_NEVER while it is not live */
} StrapView;

/* The books of the running session: what a summary is made of. */
typedef struct {
    Totals totals;
    uint64_t samples;
    uint64_t invalid[SAMPLE_VALIDITY_COUNT];
} SessionBooks;

/* What SESSION is held against. */
Limits session_limits(const Session *session);

struct Session {
    SessionConfig config;
    int cap_bpm, floor_bpm;
    unsigned target_changes; /* of the running session */
    int rpe;
    double given_speed_mps; /* by session_set_speed, until ... */
    int64_t given_speed_end_ms;
    int64_t at_ms; /* the latest time this session has been told */
    Validity validity;
    Trend trend;
    Hrv hrv;
    StrapView strap;
    Compliance compliance;
    TargetWatch watch;
    SessionState state;
    bool recorded;   /* the running session is a recording's. Not saved: it goes on as a strap's, or ends */
    bool auto_armed; /* false after a stop until the signal has been away */
    int64_t start_ms;
    int64_t last_valid_ms; /* or the start: from here the automatic end counts */
    uint64_t samples;
    uint64_t invalid[SAMPLE_VALIDITY_COUNT];
    unsigned alpha1_in_z1, alpha1_low_in_z1;
    SessionBooks at_last_valid; /* an automatic end goes back to here */
    Summary finished;
    SignalState seen_signal;
    TargetStatus seen_status;
    int seen_zone;
};

#endif
