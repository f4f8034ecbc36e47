/* SPDX-License-Identifier: MIT */
#include "mqtt/payload.h"

#include "core/names.h"
#include "mqtt/json.h"
#include "mqtt/json_line.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define TIME_BYTES 32
#define LAST_YEAR 9999

static void add_wall_time(cJSON *object, const char *key, gint64 wall_us);
static void add_judgement(GString *line, const Live *live, bool hide_rate);
static void add_accounting(cJSON *object, const Totals *totals, const ZoneTable *zones);
static void add_zone_seconds(cJSON *object, const Totals *totals, const ZoneTable *zones);
static void add_bounds(cJSON *object, const ZoneTable *zones);
static void add_heart_rate(cJSON *object, const Summary *summary, bool hide_rate);
static void add_overshoot(cJSON *object, const Totals *totals, bool hide_rate);
static void add_speed(cJSON *object, const Summary *summary);
static void add_hints(cJSON *object, const Summary *summary);
static void add_rules(cJSON *object, const VerdictRules *rules);
static void add_invalid(cJSON *object, const Summary *summary);
static void add_curve(cJSON *object, const PayloadSession *about);

char *payload_live(const Live *live, const ZoneTable *zones, const PayloadStamp *stamp)
{
    bool known = live->hr_bpm > 0, hide = stamp->hide_rate;
    g_autofree char *time = payload_time(stamp->wall_us);
    GString *line = json_line_new();
    json_line_int(line, "v", PAYLOAD_VERSION);
    json_line_string(line, "ts", time);
    json_line_int(line, "seq", (int64_t)stamp->seq);
    json_line_string(line, "gateway", stamp->gateway_id);
    json_line_int_or_null(line, "hr", live->hr_bpm, known && !hide);
    json_line_string(line, "signal", signal_name(live->signal));
    json_line_string(line, "zone", known ? zones_zone_name(zones, live->zone) : NULL);
    json_line_string(line, "zone_model", zone_model_name(zones->model));
    json_line_bool(line, "max_estimated", zones->max_estimated);
    json_line_int_or_null(line, "cap", live->cap_bpm, live->cap_bpm > 0);
    json_line_int_or_null(line, "floor", live->floor_bpm, live->floor_bpm > 0);
    add_judgement(line, live, hide);
    json_line_rounded(line, "rr_ms", live->rr_ms, hide ? 0 : MIN(live->rr_count, SAMPLE_MAX_RR));
    json_line_decimal(line, "rmssd", hide ? NAN : live->hrv.rmssd_ms, 1);
    json_line_decimal(line, "dfa_a1", hide ? NAN : live->hrv.dfa_a1, 2);
    json_line_string(line, "session", session_state_name(live->session));
    return json_line_end(line);
}

char *payload_session(const Live *live, const PayloadSession *about)
{
    char word[16];
    const bool known = live->session != SESSION_IDLE;
    const double in_target_min = (double)totals_in_target_ms(&live->totals) / 60000.0;
    cJSON *object = cJSON_CreateObject();
    json_string(object, "state", session_state_name(live->session));
    json_string(object, "id", known ? about->session_id : NULL);
    add_wall_time(object, "started_at", known ? about->start_wall_us : 0);
    json_string(object, "target", target_name(&live->target, word, sizeof word));
    json_int_or_null(object, "cap", live->cap_bpm, live->cap_bpm > 0);
    json_int_or_null(object, "rpe", live->rpe, live->rpe > 0);
    json_decimal(object, "speed_kmh", live->speed_mps * 3.6, 1);
    json_string(object, "group", about->group);
    json_decimal(object, "in_target_min", known ? in_target_min : NAN, 1);
    json_string(object, "alias", about->alias);
    if (about->zones != NULL)
        add_bounds(object, about->zones);
    else
        cJSON_AddNullToObject(object, "bounds");
    return json_print(object);
}

char *payload_summary(const Summary *summary, const PayloadSession *about)
{
    char word[16];
    const Totals *totals = &summary->totals;
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "id", about->session_id);
    add_wall_time(object, "started_at", about->start_wall_us);
    json_string(object, "target", target_name(&summary->target, word, sizeof word));
    json_int(object, "target_changes", summary->target_changes);
    json_int_or_null(object, "cap", summary->cap_bpm, summary->cap_bpm > 0);
    json_int_or_null(object, "floor", summary->floor_bpm, summary->floor_bpm > 0);
    json_string(object, "zone_model", zone_model_name(summary->zones.model));
    cJSON_AddBoolToObject(object, "max_estimated", summary->zones.max_estimated);
    add_bounds(object, &summary->zones);
    json_string(object, "verdict", verdict_name(summary->verdict.verdict));
    json_string(object, "reason", summary->verdict.reason);
    add_rules(object, &summary->verdict.rules);
    add_accounting(object, totals, &summary->zones);
    add_overshoot(object, totals, about->hide_rate);
    add_heart_rate(object, summary, about->hide_rate);
    add_speed(object, summary);
    add_hints(object, summary);
    json_int(object, "samples", (int64_t)summary->samples);
    add_invalid(object, summary);
    add_curve(object, about);
    return json_print(object);
}

void payload_relabel(char **json, gint64 wall_us)
{
    static const char key[] = "\"started_at\":";
    const char *at = strstr(*json, key);
    if (at == NULL)
        return;
    g_autofree char *time = payload_time(wall_us), *old = *json;
    const char *value = at + strlen(key), *quote = time != NULL ? "\"" : "";
    *json = g_strdup_printf("%.*s%s%s%s%s", (int)(value - old), old, quote, time != NULL ? time : "null", quote,
                            value + strcspn(value, ",}"));
}

char *payload_strap(const StrapInfo *info, Contact contact, const char *gateway_id)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddBoolToObject(object, "connected", info->connected);
    if (info->connected && contact != CONTACT_UNSUPPORTED)
        cJSON_AddBoolToObject(object, "contact", contact == CONTACT_DETECTED);
    else
        cJSON_AddNullToObject(object, "contact");
    json_int_or_null(object, "battery", info->battery_percent, info->battery_percent >= 0);
    json_string(object, "location", info->location);
    json_string(object, "maker", info->maker);
    json_string(object, "model", info->model);
    json_string(object, "firmware", info->firmware);
    json_int_or_null(object, "energy_kj", info->energy_kj, info->has_energy);
    json_int(object, "reconnects", info->reconnects);
    json_thousandths(object, "lost_s", info->lost_ms);
    json_int(object, "drops", (int64_t)info->drops);
    json_string(object, "last_drop_reason", info->drop_reason);
    if (info->recovery_ms > 0)
        json_thousandths(object, "last_recovery_s", info->recovery_ms);
    else
        cJSON_AddNullToObject(object, "last_recovery_s");
    json_string(object, "gateway", gateway_id);
    return json_print(object);
}

static void add_wall_time(cJSON *object, const char *key, gint64 wall_us)
{
    char *text = payload_time(wall_us);
    json_string(object, key, text);
    g_free(text);
}

static void add_judgement(GString *line, const Live *live, bool hide_rate)
{
    json_line_string(line, "status", status_name(live->status));
    json_line_string(line, "advice", advice_name(live->advice));
    json_line_decimal(line, "trend_bpm_min", hide_rate ? NAN : live->trend_bpm_min, 1);
    json_line_decimal(line, "compliance", totals_compliance(&live->totals), 1);
    json_line_decimal(line, "coverage", totals_coverage(&live->totals), 1);
    json_line_thousandths(line, "valid_s", live->totals.valid_ms);
    json_line_thousandths(line, "above_s", live->totals.above_ms);
    json_line_int(line, "excursions", live->totals.excursions);
}

static void add_accounting(cJSON *object, const Totals *totals, const ZoneTable *zones)
{
    json_thousandths(object, "elapsed_s", totals->elapsed_ms);
    json_thousandths(object, "valid_s", totals->valid_ms);
    json_thousandths(object, "unknown_s", totals->unknown_ms);
    json_thousandths(object, "paused_s", totals->paused_ms);
    add_zone_seconds(object, totals, zones);
    json_thousandths(object, "above_s", totals->above_ms);
    json_decimal(object, "compliance", totals_compliance(totals), 1);
    json_decimal(object, "coverage", totals_coverage(totals), 1);
    json_int(object, "excursions", totals->excursions);
    json_thousandths(object, "longest_s", totals->longest_ms);
    json_thousandths(object, "below_floor_s", totals->below_floor_ms);
}

static void add_overshoot(cJSON *object, const Totals *totals, bool hide_rate)
{
    json_int_or_null(object, "peak_over", totals->peak_over_bpm, !hide_rate);
    if (hide_rate)
        cJSON_AddNullToObject(object, "overshoot_bpm_s");
    else
        json_thousandths(object, "overshoot_bpm_s", totals->overshoot_bpm_ms);
}

static void add_zone_seconds(cJSON *object, const Totals *totals, const ZoneTable *zones)
{
    json_thousandths(object, "below_s", totals->zone_ms[ZONE_BELOW]);
    cJSON *seconds = cJSON_AddObjectToObject(object, "zone_s");
    for (size_t zone = 1; zone <= zones->count && zone <= ZONES_MAX; zone++)
        json_thousandths(seconds, zones_zone_name(zones, (int)zone), totals->zone_ms[zone]);
}

static void add_bounds(cJSON *object, const ZoneTable *zones)
{
    cJSON *bounds = cJSON_AddArrayToObject(object, "bounds");
    for (size_t i = 0; i < zones->count && i < ZONES_MAX; i++)
        json_push_int(bounds, zones->lower_bpm[i]);
}

static void add_heart_rate(cJSON *object, const Summary *summary, bool hide_rate)
{
    const Totals *totals = &summary->totals;
    const HrvValues *hrv = &summary->hrv;
    json_decimal(object, "hr_avg", hide_rate ? NAN : totals_hr_avg_bpm(totals), 1);
    json_int_or_null(object, "hr_max", totals->hr_max_bpm, totals->hr_max_bpm > 0 && !hide_rate);
    json_decimal(object, "trimp_edwards", totals->trimp_edwards, 1);
    json_decimal(object, "trimp_banister", totals->trimp_banister, 1);
    json_decimal(object, "rmssd", hide_rate ? NAN : hrv->rmssd_session_ms, 1);
    json_decimal(object, "dfa_a1", hide_rate ? NAN : hrv->dfa_a1, 2);
    json_decimal(object, "rr_artefact_percent", hrv->artefact_percent, 1);
}

static void add_speed(cJSON *object, const Summary *summary)
{
    const Totals *totals = &summary->totals;
    const bool known = totals->speed_ms > 0, capped = summary->speed_cap_mm_s > 0;
    json_decimal(object, "distance_m", known ? totals->distance_m : NAN, 1);
    json_decimal(object, "speed_avg_kmh", totals_speed_mps(totals) * 3.6, 2);
    json_decimal(object, "speed_cap_kmh", capped ? compliance_kmh(summary->speed_cap_mm_s) : NAN, 1);
    json_thousandths(object, "speed_s", totals->speed_ms);
    json_thousandths(object, "above_pace_s", totals->above_pace_ms);
    json_decimal(object, "pace_compliance", capped ? totals_pace_compliance(totals) : NAN, 1);
    json_int(object, "pace_excursions", totals->pace_excursions);
    json_thousandths(object, "pace_longest_s", totals->pace_longest_ms);
}

/* What is beside the verdict and no part of it. */
static void add_hints(cJSON *object, const Summary *summary)
{
    const bool rated = summary->rpe > 0;
    json_int_or_null(object, "rpe", summary->rpe, rated);
    if (rated)
        cJSON_AddBoolToObject(object, "rpe_easy", summary->rpe <= SESSION_EASY_RPE);
    else
        cJSON_AddNullToObject(object, "rpe_easy");
    cJSON_AddBoolToObject(object, "bounds_too_high", summary->bounds_too_high);
    json_int(object, "alpha1_in_z1", summary->alpha1_in_z1);
    json_int(object, "alpha1_low_in_z1", summary->alpha1_low_in_z1);
}

static void add_rules(cJSON *object, const VerdictRules *rules)
{
    cJSON *thresholds = cJSON_AddObjectToObject(object, "thresholds");
    json_thousandths(thresholds, "min_valid_s", rules->min_valid_ms);
    json_decimal(thresholds, "min_coverage", rules->min_coverage, 1);
    json_decimal(thresholds, "kept_compliance", rules->kept_compliance, 1);
    json_thousandths(thresholds, "kept_longest_s", rules->kept_longest_ms);
    json_decimal(thresholds, "slipped_compliance", rules->slipped_compliance, 1);
}

static void add_invalid(cJSON *object, const Summary *summary)
{
    cJSON *invalid = cJSON_AddObjectToObject(object, "invalid");
    for (SampleValidity reason = SAMPLE_NO_SIGNAL; reason < SAMPLE_VALIDITY_COUNT; reason++)
        json_int(invalid, invalid_reason_name(reason), (int64_t)summary->invalid[reason]);
}

static void add_curve(cJSON *object, const PayloadSession *about)
{
    const Curve *curve = about->hide_rate ? NULL : about->curve;
    json_int(object, "curve_step_s", CURVE_STEP_MS / 1000);
    cJSON *items = cJSON_AddArrayToObject(object, "curve");
    for (size_t i = 0; curve != NULL && i < curve_length(curve); i++) {
        int bpm = curve_bpm(curve, i);
        if (bpm > 0)
            json_push_int(items, bpm);
        else
            cJSON_AddItemToArray(items, cJSON_CreateNull());
    }
}

/* By hand: one goes out with each sample. */
char *payload_time(gint64 wall_us)
{
    const time_t wall_s = (time_t)(wall_us / G_USEC_PER_SEC);
    struct tm time;
    /* A time_t of 32 bits ends in 2038. */
    if (wall_us <= 0 || (gint64)wall_s != wall_us / G_USEC_PER_SEC || gmtime_r(&wall_s, &time) == NULL ||
        time.tm_year > LAST_YEAR - 1900)
        return NULL;
    const struct {
        int value;
        unsigned width;
        char behind;
    } parts[] = {{time.tm_year + 1900, 4, '-'}, {time.tm_mon + 1, 2, '-'}, {time.tm_mday, 2, 'T'},
                 {time.tm_hour, 2, ':'},        {time.tm_min, 2, ':'},     {time.tm_sec, 2, '.'},
                 {(int)(wall_us % G_USEC_PER_SEC / 1000), 3, 'Z'}};
    char *text = g_malloc(TIME_BYTES), *at = text;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        at = json_text_digits(at, (uint64_t)parts[i].value, parts[i].width);
        *at++ = parts[i].behind;
    }
    *at = '\0';
    return text;
}

char *payload_session_id(gint64 wall_us, const char *athlete_id)
{
    GDateTime *time = wall_us > 0 ? g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC) : NULL;
    if (time == NULL)
        return g_strdup_printf("00000000T000000Z-%s", athlete_id);
    char *id = g_strdup_printf("%04d%02d%02dT%02d%02d%02dZ-%s", g_date_time_get_year(time),
                               g_date_time_get_month(time), g_date_time_get_day_of_month(time),
                               g_date_time_get_hour(time), g_date_time_get_minute(time),
                               g_date_time_get_second(time), athlete_id);
    g_date_time_unref(time);
    return id;
}
