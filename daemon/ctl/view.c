/* SPDX-License-Identifier: MIT */
#include "ctl/view.h"

#include "core/names.h"
#include "ctl/words.h"

#include <math.h>
#include <string.h>

#define ROW_INDENT 14
#define ROW_COLUMNS 79

void view_init(View *view, const char *broker, const char *athlete, int total_s)
{
    *view = (View){.total_s = total_s};
    g_strlcpy(view->broker, broker, sizeof view->broker);
    g_strlcpy(view->athlete, athlete != NULL ? athlete : "", sizeof view->athlete);
    memset(view->strip, ZONE_NONE, sizeof view->strip);
}

/* Columns between the last and this one that no message fell into stay not known. */
static void strip_add(View *view, const LiveReport *live)
{
    gint64 column = live->at_s / STRIP_COLUMN_S;
    if (column <= 0)
        return;
    if (column < view->strip_at - STRIP_COLUMNS || column > view->strip_at + STRIP_COLUMNS) {
        memset(view->strip, ZONE_NONE, sizeof view->strip);
        view->strip_at = column;
    }
    while (view->strip_at < column)
        view->strip[++view->strip_at % STRIP_COLUMNS] = ZONE_NONE;
    gint8 *zone = &view->strip[column % STRIP_COLUMNS];
    if (column > view->strip_at - STRIP_COLUMNS && live->hr_bpm > 0)
        *zone = (gint8)MAX(*zone, live->zone);
}

void view_take_live(View *view, const LiveReport *live, gint64 now_ms)
{
    view->live = *live;
    view->have_live = true;
    view->live_at_ms = now_ms;
    strip_add(view, live);
}

static const char *signal_fault(const LiveReport *live, char *ret_detail, gsize size)
{
    switch (live->signal) {
    case SIGNAL_LOST:
        g_strlcpy(ret_detail, "The link to the strap is down: out of range, off or flat.", size);
        return "SIGNAL LOST";
    case SIGNAL_STALE:
        g_strlcpy(ret_detail, "The strap is linked but has sent nothing for 5 s.", size);
        return "NO SIGNAL";
    case SIGNAL_NO_CONTACT:
        g_strlcpy(ret_detail, "The strap does not touch the skin: moisten or tighten it.", size);
        return "NO CONTACT";
    case SIGNAL_NONE:
        g_strlcpy(ret_detail, "No strap heard yet: put it on, it wakes up on the skin.", size);
        return "NO STRAP";
    case SIGNAL_LIVE:
        break;
    }
    g_strlcpy(ret_detail, "The strap sends no usable heart rate.", size);
    return live->hr_bpm > 0 ? NULL : "NO SIGNAL";
}

bool view_waits(const View *view, gint64 now_ms)
{
    return view->broker_up && view->gateway != GATEWAY_OFFLINE && !view->have_live &&
           now_ms - view->since_ms < VIEW_PATIENCE_MS;
}

const char *view_fault(const View *view, gint64 now_ms, char *ret_detail, gsize size)
{
    gint64 silent_ms = now_ms - view->live_at_ms;
    if (!view->broker_up) {
        if (view->note[0] != '\0')
            g_strlcpy(ret_detail, view->note, size);
        else
            g_snprintf(ret_detail, size, "No answer from the broker %s; trying again.", view->broker);
        return view->broker_was_up ? "BROKER GONE" : "NO BROKER";
    }
    if (view->gateway == GATEWAY_OFFLINE) {
        g_strlcpy(ret_detail, "zone1d is not running (it says so, or its broker does).", size);
        return "ZONE1D OFFLINE";
    }
    if (view_waits(view, now_ms)) {
        g_snprintf(ret_detail, size, "for the first heart rate%s%s", view->athlete[0] != '\0' ? " of " : "",
                   view->athlete);
        return "WAITING";
    }
    if (!view->have_live) {
        g_snprintf(ret_detail, size, "Nothing from %s yet. %s",
                   view->athlete[0] != '\0' ? view->athlete : "any athlete",
                   view->gateway == GATEWAY_ONLINE ? "zone1d is running: is the strap worn, and free of other devices?"
                                                   : "Is zone1d running, on this broker?");
        return "WAITING";
    }
    if (silent_ms >= VIEW_SILENCE_MS) {
        g_snprintf(ret_detail, size, "No message from zone1d for %" G_GINT64_FORMAT " s.", silent_ms / 1000);
        return "NO MESSAGES";
    }
    return signal_fault(&view->live, ret_detail, size);
}

const char *view_advice(const LiveReport *live)
{
    switch (live->advice) {
    case ADVICE_EASE_OFF:
        return live->hr_bpm > live->cap_bpm ? "ease off: slow down or walk" : "ease off: rising to the cap";
    case ADVICE_HOLD:
        return "hold this";
    case ADVICE_PICK_UP:
        return "pick up a little";
    case ADVICE_NONE:
        break;
    }
    return "";
}

static void append_number(GString *line, const LiveReport *live)
{
    g_string_append_printf(line, "%3d bpm  %-5s  %s", live->hr_bpm, live->zone_name, words_status(live->status));
    const char *advice = view_advice(live);
    if (live->advice == ADVICE_EASE_OFF || live->advice == ADVICE_PICK_UP)
        g_string_append_printf(line, " (%s)", advice);
}

char *view_line(const View *view, gint64 now_ms)
{
    char time[WORDS_DURATION], percent[WORDS_PERCENT], detail[VIEW_DETAIL];
    const LiveReport *live = &view->live;
    const char *fault = view_fault(view, now_ms, detail, sizeof detail);
    GString *line = g_string_new(NULL);
    if (view->have_live)
        g_string_append_printf(line, "%8s  ", words_duration(live->valid_s, time));
    if (fault == NULL)
        append_number(line, live);
    else if (view_waits(view, now_ms))
        g_string_append_printf(line, "waiting %s", detail);
    else
        g_string_append_printf(line, "--- %s: %s", fault, detail);
    if (fault == NULL && live->cap_bpm > 0)
        g_string_append_printf(line, "  cap %d", live->cap_bpm);
    if (view->have_live && !isnan(live->compliance))
        g_string_append_printf(line, "  compliance %s", words_percent(live->compliance, percent));
    return g_string_free(line, FALSE);
}

static const char *verdict_meaning(Verdict verdict)
{
    switch (verdict) {
    case VERDICT_STRICT:
        return "not one second above the cap";
    case VERDICT_KEPT:
        return "the run stayed in its zone";
    case VERDICT_SLIPPED:
        return "too much of the run was above the cap";
    case VERDICT_OVERDONE:
        return "this was no recovery run";
    case VERDICT_INCONCLUSIVE:
        break;
    }
    return "too little signal to judge by";
}

/* "  LABEL       TEXT", broken at blanks, so that it can be read in 80 columns. */
static void G_GNUC_PRINTF(3, 4) append_row(GString *to, const char *label, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    gsize column = 0;
    for (guint i = 0; words[i] != NULL; column += strlen(words[i++])) {
        if (i > 0 && ROW_INDENT + column + 1 + strlen(words[i]) <= ROW_COLUMNS) {
            g_string_append_c(to, ' ');
            column++;
        } else {
            g_string_append_printf(to, "%s  %-*s", i > 0 ? "\n" : "", ROW_INDENT - 2, i > 0 ? "" : label);
            column = 0;
        }
        g_string_append(to, words[i]);
    }
    g_string_append_c(to, '\n');
}

char *view_verdict(const SummaryReport *summary, const char *athlete)
{
    char percent[WORDS_PERCENT], coverage[WORDS_PERCENT], valid[WORDS_DURATION], above[WORDS_DURATION];
    char longest[WORDS_DURATION];
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "verdict: %s, %s in target - %s\n", verdict_name(summary->verdict),
                           words_percent(summary->compliance, percent), verdict_meaning(summary->verdict));
    append_row(text, "athlete", "%s, zone model %s%s, cap %d bpm", athlete, summary->zone_model,
               summary->max_estimated ? ", max estimated" : "", summary->cap_bpm);
    append_row(text, "judged", "%s with a valid heart rate, coverage %s", words_duration(summary->valid_s, valid),
               words_percent(summary->coverage, coverage));
    append_row(text, "above", "%s in %d excursions, longest %s, up to %d bpm over the cap",
               words_duration(summary->above_s, above), summary->excursions,
               words_duration(summary->longest_s, longest), summary->peak_over_bpm);
    if (!isnan(summary->hr_avg_bpm))
        append_row(text, "heart rate", "%ld bpm on average, %d at most", lround(summary->hr_avg_bpm),
                   summary->hr_max_bpm);
    if (summary->reason[0] != '\0')
        append_row(text, "reason", "%s", summary->reason);
    return g_string_free(text, FALSE);
}
