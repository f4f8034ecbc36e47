/* SPDX-License-Identifier: MIT
 *
 * zone1ctl judge: a recording judged at once, with the daemon's own core.
 */
#ifndef ZONE1D_CTL_JUDGE_H
#define ZONE1D_CTL_JUDGE_H

#include "core/curve.h"
#include "core/session.h"
#include "recording.h"

#include <glib.h>

/* One row of the RR series. */
typedef struct {
    int64_t t_ms; /* of the recording */
    double dfa_a1, rmssd_ms; /* NAN when not known */
} JudgeRow;

/* One sample as it was judged. */
typedef struct {
    int64_t t_ms; /* of the recording */
    int bpm;      /* 0: not valid */
} JudgePoint;

typedef struct {
    bool has_summary; /* false: it never began */
    Summary summary;
    GArray *series; /* JudgeRow, every 5 s from the first sample on */
    GArray *curve;  /* JudgePoint, every sample */
    int64_t end_ms; /* of the recording */
    bool follows_targets;
    gsize marks_done;
    Curve steps;    /* the same every 10 s, as it is published */
} Judgement;

/* Judges RECORDING as one session, from its start mark to its stop mark, else from first sample to last.
 * FOLLOW_TARGETS: by the targets that the recording names; else by CONFIG's alone, which fits its zones
 * (target_bounds). RPE 0: not given. Free with judgement_free. */
Judgement *judge_recording(const Recording *recording, const SessionConfig *config, bool follow_targets, int rpe);
void judgement_free(Judgement *judgement); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Judgement, judgement_free)

/* The summary as people read it, with line ends; NAME is what was judged. COLOUR: with ANSI colours.
 * Caller frees. */
char *judge_text(const char *name, const Summary *summary, bool colour);

/* What the zones were made of: "zones by hrr, maximum 185 (estimated), rest 55". Caller frees. */
char *judge_zone_words(const ZoneTable *zones);

/* The session as a picture: the rate over time on its zones, the excursions marked; a whole SVG
 * document. TITLE is plain text. Caller frees. */
char *judge_svg(const char *title, const Judgement *judgement);

#endif
