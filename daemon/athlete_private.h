/* SPDX-License-Identifier: MIT
 *
 * An athlete from within: what athlete.c (what happens, and what is said of it), athlete_configure.c (another
 * configuration) and athlete_restore.c (what was stored) share. Main thread.
 */
#ifndef ZONE1D_ATHLETE_PRIVATE_H
#define ZONE1D_ATHLETE_PRIVATE_H

#include "athlete.h"

#include "athlete_advice.h"
#include "athlete_events.h"
#include "athlete_lamp.h"
#include "athlete_store.h"
#include "athlete_strap.h"
#include "mqtt/payload.h"

struct Athlete {
    const AthleteContext *context;
    const AthleteConfig *config; /* &own: the parts keep it, whatever configuration is in force */
    AthleteConfig own;           /* its texts are the configuration's */
    Session session;
    char *live_topic, *state_topic, *session_topic, *summary_topic;
    guint64 seq;
    int64_t sample_ms, live_ms, state_ms, session_ms; /* last times; INT64_MIN: not yet */
    bool live_waits; /* a sample has not been told yet */
    int64_t told_ms; /* when one was told last; INT64_MIN: not yet */
    bool silent;     /* the last live message said that there is no more to say */
    double rr_ms[SAMPLE_MAX_RR]; /* of the last live message, and since */
    unsigned rr_count;
    unsigned rr_told; /* so many of them are the last message's: they go again with the next if it was not sent */
    char *session_id; /* of the running or the finished session */
    gint64 session_wall_us;
    bool session_here; /* that label is of this boot's wall clock */
    Curve curve;
    char *summary_json; /* of the last finished session */
    char *summary_id;
    gint64 summary_wall_us; /* when that one started, as summary_json says */
    bool summary_here;
    StrapReport *strap;
    AthleteEvents *events;
    AthleteStore *keeper;
    AthleteAdvice *advice;
    const Sample *to_keep; /* within athlete_sample */
    bool other_config; /* a restored session runs by what was configured when it began */
    AthleteLamp *lamp; /* NULL: none */
};

/* What a session of CONFIG's is judged by. */
SessionConfig athlete_session_config(const AthleteContext *context, const AthleteConfig *config);

/* What is told of the running or the finished session besides itself; it points into ATHLETE. */
PayloadSession athlete_about_session(const Athlete *athlete);

/* Publishes athlete/<a>/session as it stands, and session/last if there is one. */
void athlete_publish_session(Athlete *athlete, int64_t now_ms);
void athlete_publish_summary(Athlete *athlete);

/* Takes back what is retained at TOPIC. */
void athlete_clear_topic(const Athlete *athlete, const char *topic);

#endif
