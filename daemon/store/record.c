/* SPDX-License-Identifier: MIT */
#include "store/record.h"

#include "core/names.h"
#include "core/session_state.h"

#include <math.h>

StoreRecord *store_record_new(void)
{
    StoreRecord *record = g_new0(StoreRecord, 1);
    record->compliance = (double)NAN;
    return record;
}

StoreRecord *store_record_copy(const StoreRecord *record)
{
    StoreRecord *copy = g_new0(StoreRecord, 1);
    *copy = *record;
    copy->id = g_strdup(record->id);
    copy->athlete = g_strdup(record->athlete);
    copy->clock = g_strdup(record->clock);
    copy->target = g_strdup(record->target);
    copy->zone_model = g_strdup(record->zone_model);
    copy->bounds = g_strdup(record->bounds);
    copy->profile = g_strdup(record->profile);
    copy->verdict = g_strdup(record->verdict);
    copy->reason = g_strdup(record->reason);
    copy->json = g_strdup(record->json);
    copy->summary = record->summary != NULL ? g_bytes_ref(record->summary) : NULL;
    return copy;
}

void store_record_free(StoreRecord *record)
{
    if (record == NULL)
        return;
    char *texts[] = {record->id,     record->athlete, record->clock,   record->target, record->zone_model,
                     record->bounds, record->profile, record->verdict, record->reason, record->json};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    if (record->summary != NULL)
        g_bytes_unref(record->summary);
    g_free(record);
}

static char *bounds_text(const ZoneTable *zones)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < zones->count; i++)
        g_string_append_printf(text, "%s%d", i > 0 ? "," : "", zones->lower_bpm[i]);
    return g_string_free(text, FALSE);
}

static char *profile_text(const ZoneTable *zones)
{
    GString *text = g_string_new(NULL);
    if (zones->max_bpm > 0)
        g_string_append_printf(text, "max %d%s", zones->max_bpm, zones->max_estimated ? " (estimated)" : "");
    if (zones->rest_bpm > 0)
        g_string_append_printf(text, "%srest %d", text->len > 0 ? ", " : "", zones->rest_bpm);
    if (zones->sex != SEX_UNKNOWN)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", sex_name(zones->sex));
    return g_string_free(text, FALSE);
}

static void replace(char **text, char *with)
{
    g_free(*text);
    *text = with;
}

void store_record_describe(StoreRecord *record, const ZoneTable *zones, const Target *target, int cap_bpm)
{
    char word[16];
    replace(&record->target, g_strdup(target_name(target, word, sizeof word)));
    record->cap_bpm = cap_bpm;
    replace(&record->zone_model, g_strdup(zone_model_name(zones->model)));
    replace(&record->bounds, bounds_text(zones));
    replace(&record->profile, profile_text(zones));
}

void store_record_take(StoreRecord *record, const Summary *summary)
{
    const Totals *totals = &summary->totals;
    uint8_t bytes[SUMMARY_MAX_BYTES];
    store_record_describe(record, &summary->zones, &summary->target, summary->cap_bpm);
    replace(&record->verdict, g_strdup(verdict_name(summary->verdict.verdict)));
    replace(&record->reason, g_strdup(summary->verdict.reason));
    record->compliance = totals_compliance(totals);
    record->elapsed_ms = totals->elapsed_ms;
    record->valid_ms = totals->valid_ms;
    record->above_ms = totals->above_ms;
    record->longest_ms = totals->longest_ms;
    record->top_ms = 0;
    for (size_t zone = summary->zones.count; zone > 0 && zone + 2 > summary->zones.count; zone--)
        record->top_ms += totals->zone_ms[zone];
    record->load = totals->trimp_edwards;
    record->rpe = summary->rpe;
    if (record->summary != NULL)
        g_bytes_unref(record->summary);
    record->summary = g_bytes_new(bytes, summary_save(summary, bytes, sizeof bytes));
}

void store_note_free(StoreNote *note)
{
    if (note == NULL)
        return;
    g_free(note->key);
    g_free(note->clock);
    g_free(note->data);
    g_free(note);
}
