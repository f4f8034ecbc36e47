/* SPDX-License-Identifier: MIT */
#include "ctl/judge.h"

#define SERIES_STEP_MS 5000

static void add_rows(Judgement *judgement, const Session *session, int64_t until_ms, int64_t *next_ms)
{
    for (; *next_ms <= until_ms; *next_ms += SERIES_STEP_MS) {
        HrvValues values;
        hrv_values(&session->hrv, *next_ms, &values);
        JudgeRow row = {.t_ms = *next_ms, .dfa_a1 = values.dfa_a1, .rmssd_ms = values.rmssd_ms};
        g_array_append_val(judgement->series, row);
    }
}

static void add_point(Judgement *judgement, const Session *session, int64_t t_ms)
{
    Live live;
    session_live(session, t_ms, &live);
    JudgePoint point = {.t_ms = t_ms, .bpm = live.hr_bpm};
    g_array_append_val(judgement->curve, point);
    if (live.hr_bpm > 0 && session->state == SESSION_ACTIVE)
        curve_add(&judgement->steps, t_ms, live.hr_bpm);
}

/* The daemon would have dropped it, whatever the thresholds. */
static void note_too_short(Summary *summary)
{
    VerdictResult *result = &summary->verdict;
    if (summary->totals.valid_ms >= SESSION_MIN_VALID_MS || result->verdict == VERDICT_INCONCLUSIVE)
        return;
    result->verdict = VERDICT_INCONCLUSIVE;
    summary->bounds_too_high = false;
    g_snprintf(result->reason, sizeof result->reason,
               "only %d s of valid heart rate, and with under %d s it is no session",
               (int)(summary->totals.valid_ms / 1000), SESSION_MIN_VALID_MS / 1000);
}

/* What was done before sample INDEX came; false when that ended the session. */
static bool do_marks(Judgement *judgement, const Recording *recording, gsize index, Session *session)
{
    unsigned events;
    for (; judgement->marks_done < recording_mark_count(recording); judgement->marks_done++) {
        const RecordingMark one = recording_mark(recording, judgement->marks_done);
        if (one.before != index)
            return true;
        judgement->end_ms = one.t_ms;
        if (one.is_target) {
            if (judgement->follows_targets)
                session_set_target(session, &one.target, one.t_ms, &events);
            continue;
        }
        if (one.command == SESSION_CMD_STOP)
            return false;
        /* Its end stands in the recording: it has none by itself. */
        bool starts = one.command == SESSION_CMD_START;
        session_command(session, starts ? SESSION_CMD_RECORD : one.command, one.t_ms, &events);
        if (starts)
            curve_start(&judgement->steps, one.t_ms);
    }
    return true;
}

Judgement *judge_recording(const Recording *recording, const SessionConfig *config, bool follow_targets, int rpe)
{
    Judgement *judgement = g_new0(Judgement, 1);
    judgement->follows_targets = follow_targets;
    judgement->series = g_array_new(FALSE, FALSE, sizeof(JudgeRow));
    judgement->curve = g_array_new(FALSE, FALSE, sizeof(JudgePoint));
    g_autofree Session *session = g_new(Session, 1);
    g_assert(session_init(session, config));
    Sample sample;
    unsigned events;
    recording_get(recording, 0, &sample);
    int64_t next_row_ms = sample.t_ms + SERIES_STEP_MS;
    curve_start(&judgement->steps, sample.t_ms);
    if (!recording_says_start(recording))
        session_command(session, SESSION_CMD_RECORD, sample.t_ms, &events);
    judgement->end_ms = sample.t_ms;
    for (gsize i = 0; do_marks(judgement, recording, i, session) && i < recording_count(recording); i++) {
        recording_get(recording, i, &sample);
        judgement->end_ms = sample.t_ms;
        /* What stood before this sample came; a gap has its rows too. */
        add_rows(judgement, session, sample.t_ms - 1, &next_row_ms);
        session_sample(session, &sample);
        add_point(judgement, session, sample.t_ms);
    }
    add_rows(judgement, session, judgement->end_ms, &next_row_ms);
    session_set_rpe(session, rpe);
    judgement->has_summary = session_summary(session, judgement->end_ms, &judgement->summary);
    if (judgement->has_summary)
        note_too_short(&judgement->summary);
    return judgement;
}

void judgement_free(Judgement *judgement)
{
    if (judgement == NULL)
        return;
    g_array_unref(judgement->series);
    g_array_unref(judgement->curve);
    g_free(judgement);
}
