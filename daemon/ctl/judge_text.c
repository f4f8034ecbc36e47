/* SPDX-License-Identifier: MIT */
#include "ctl/judge.h"

#include "core/names.h"

#include <math.h>

#define BAR_WIDTH 30

typedef struct {
    GString *out;
    bool colour;
} Text;

static const char *verdict_colour(Verdict verdict)
{
    switch (verdict) {
    case VERDICT_STRICT:
    case VERDICT_KEPT:
        return "\033[1;32m";
    case VERDICT_SLIPPED:
        return "\033[1;33m";
    case VERDICT_OVERDONE:
        return "\033[1;31m";
    case VERDICT_INCONCLUSIVE:
        break;
    }
    return "\033[1m";
}

/* 5400000 -> "1:30:00". */
static void append_time(GString *out, int64_t ms)
{
    int64_t s = ms / 1000;
    if (s >= 3600)
        g_string_append_printf(out, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    else
        g_string_append_printf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

/* With a dot in any locale; "unknown" for NAN, without the unit. */
static void append_number(GString *out, double value, unsigned decimals, const char *unit)
{
    static const char *const formats[] = {"%.0f", "%.1f", "%.2f"};
    char buf[G_ASCII_DTOSTR_BUF_SIZE];
    if (isnan(value))
        g_string_append(out, "unknown");
    else
        g_string_append_printf(out, "%s%s", g_ascii_formatd(buf, sizeof buf, formats[decimals], value), unit);
}

static void label(Text *text, const char *word) { g_string_append_printf(text->out, "%-11s", word); }

static void append_verdict(Text *text, const Summary *summary)
{
    const VerdictResult *result = &summary->verdict;
    g_string_append_printf(text->out, "%s%s%s: %s\n\n", text->colour ? verdict_colour(result->verdict) : "",
                           verdict_name(result->verdict), text->colour ? "\033[0m" : "", result->reason);
}

char *judge_zone_words(const ZoneTable *zones)
{
    GString *words = g_string_new("zones by ");
    g_string_append(words, zone_model_name(zones->model));
    if (zones->max_bpm > 0)
        g_string_append_printf(words, ", maximum %d%s", zones->max_bpm, zones->max_estimated ? " (estimated)" : "");
    if (zones->rest_bpm > 0)
        g_string_append_printf(words, ", rest %d", zones->rest_bpm);
    return g_string_free(words, FALSE);
}

static void append_target(Text *text, const Summary *summary)
{
    char buf[16];
    label(text, "target");
    g_string_append_printf(text->out, "%s: at or below %d bpm", target_name(&summary->target, buf, sizeof buf),
                           summary->cap_bpm);
    if (summary->floor_bpm > 0)
        g_string_append_printf(text->out, ", from %d bpm", summary->floor_bpm);
    g_autofree char *zones = judge_zone_words(&summary->zones);
    g_string_append_printf(text->out, "; %s\n", zones);
}

static void append_times(Text *text, const Totals *totals)
{
    label(text, "time");
    append_time(text->out, totals->elapsed_ms);
    g_string_append(text->out, " in all, ");
    append_time(text->out, totals->valid_ms);
    g_string_append(text->out, " known (coverage ");
    append_number(text->out, totals_coverage(totals), 1, " %");
    g_string_append(text->out, ")\n");
    label(text, "above");
    append_time(text->out, totals->above_ms);
    g_string_append_printf(text->out, " in %u excursion%s", totals->excursions, totals->excursions == 1 ? "" : "s");
    if (totals->excursions > 0) {
        g_string_append(text->out, ", longest ");
        append_time(text->out, totals->longest_ms);
        g_string_append_printf(text->out, ", up to %d bpm over the cap", totals->peak_over_bpm);
    }
    g_string_append(text->out, "; compliance ");
    append_number(text->out, totals_compliance(totals), 1, " %");
    g_string_append_c(text->out, '\n');
}

static void append_zone(Text *text, const Summary *summary, int zone)
{
    const ZoneTable *zones = &summary->zones;
    int64_t ms = summary->totals.zone_ms[zone];
    double share = summary->totals.valid_ms > 0 ? (double)ms / (double)summary->totals.valid_ms : 0;
    GString *out = text->out;
    g_string_append_printf(out, "  %-6s", zones_zone_name(zones, zone));
    if (zone == ZONE_BELOW)
        g_string_append_printf(out, "  under %3d", zones->lower_bpm[0]);
    else if ((size_t)zone == zones->count)
        g_string_append_printf(out, "   from %3d", zones->lower_bpm[zone - 1]);
    else
        g_string_append_printf(out, "  %3d - %3d", zones->lower_bpm[zone - 1], zones_last_bpm(zones, zone));
    g_autoptr(GString) time = g_string_new(NULL);
    append_time(time, ms);
    g_string_append_printf(out, " %9s ", time->str);
    for (int i = 0; i < (int)lround(share * BAR_WIDTH); i++)
        g_string_append(out, "█");
    g_string_append_c(out, '\n');
}

static void append_rate(Text *text, const Summary *summary)
{
    const Totals *totals = &summary->totals;
    label(text, "heart rate");
    g_string_append(text->out, "average ");
    append_number(text->out, totals_hr_avg_bpm(totals), 0, "");
    g_string_append(text->out, ", highest ");
    append_number(text->out, totals->hr_max_bpm > 0 ? totals->hr_max_bpm : (double)NAN, 0, " bpm");
    g_string_append_c(text->out, '\n');
    label(text, "load");
    g_string_append(text->out, "TRIMP by Edwards ");
    append_number(text->out, totals->trimp_edwards, 1, "");
    g_string_append(text->out, ", by Banister ");
    append_number(text->out, totals->trimp_banister, 1, "");
    g_string_append(text->out, isnan(totals->trimp_banister) ? " (needs rest, maximum and sex)\n" : "\n");
}

static void append_pace(Text *text, const Summary *summary)
{
    const Totals *totals = &summary->totals;
    if (totals->speed_ms == 0)
        return;
    label(text, "speed");
    append_number(text->out, totals_speed_mps(totals) * 3.6, 1, " km/h on average");
    if (summary->speed_cap_mm_s > 0) {
        g_string_append(text->out, "; above ");
        append_number(text->out, compliance_kmh(summary->speed_cap_mm_s), 1, " km/h for ");
        append_time(text->out, totals->above_pace_ms);
        g_string_append_printf(text->out, " in %u excursion%s, compliance ", totals->pace_excursions,
                               totals->pace_excursions == 1 ? "" : "s");
        append_number(text->out, totals_pace_compliance(totals), 1, " %");
    }
    g_string_append_c(text->out, '\n');
}

static void append_rpe(Text *text, const Summary *summary)
{
    if (summary->rpe == 0)
        return;
    label(text, "effort");
    g_string_append_printf(text->out, "RPE %d of %d: %s\n", summary->rpe, SESSION_MAX_RPE,
                           summary->rpe <= SESSION_EASY_RPE ? "easy, as a recovery run is"
                                                            : "more than the 1 to 2 of a recovery run");
}

static void append_hrv(Text *text, const Summary *summary)
{
    const HrvValues *hrv = &summary->hrv;
    if (hrv->beats == 0)
        return;
    label(text, "RR");
    g_string_append_printf(text->out, "%" G_GUINT64_FORMAT " intervals, artefacts ", (guint64)hrv->beats);
    append_number(text->out, hrv->artefact_percent, 1, " %");
    g_string_append(text->out, ", RMSSD ");
    append_number(text->out, hrv->rmssd_session_ms, 1, " ms");
    g_string_append(text->out, ", DFA alpha 1 at the end ");
    append_number(text->out, hrv->dfa_a1, 2, "");
    g_string_append_c(text->out, '\n');
}

static void append_samples(Text *text, const Summary *summary)
{
    label(text, "samples");
    g_string_append_printf(text->out, "%" G_GUINT64_FORMAT, (guint64)summary->samples);
    for (int reason = SAMPLE_VALID + 1; reason < SAMPLE_VALIDITY_COUNT; reason++)
        if (summary->invalid[reason] > 0)
            g_string_append_printf(text->out, ", %s %" G_GUINT64_FORMAT, invalid_reason_name((SampleValidity)reason),
                                   (guint64)summary->invalid[reason]);
    g_string_append_c(text->out, '\n');
}

static void append_hint(Text *text, const Summary *summary)
{
    if (summary->bounds_too_high)
        g_string_append_printf(text->out,
                               "\nhint: DFA alpha 1 was under 0.75 in %u of %u values in zone 1, where it should\n"
                               "be above: the zones are probably too high for this athlete. "
                               "A hint, not part of the verdict.\n",
                               summary->alpha1_low_in_z1, summary->alpha1_in_z1);
}

char *judge_text(const char *name, const Summary *summary, bool colour)
{
    Text text = {.out = g_string_new(NULL), .colour = colour};
    g_string_append_printf(text.out, "%s\n", name);
    append_verdict(&text, summary);
    append_target(&text, summary);
    append_times(&text, &summary->totals);
    for (int zone = ZONE_BELOW; zone <= (int)summary->zones.count; zone++)
        if (zone != ZONE_BELOW || summary->zones.lower_bpm[0] > 0)
            append_zone(&text, summary, zone);
    append_rate(&text, summary);
    append_pace(&text, summary);
    append_rpe(&text, summary);
    append_hrv(&text, summary);
    append_samples(&text, summary);
    append_hint(&text, summary);
    return g_string_free(text.out, FALSE);
}
