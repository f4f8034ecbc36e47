/* SPDX-License-Identifier: MIT */
#include "ctl/report.h"

#include "core/names.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

static cJSON *parse_object(const void *bytes, gsize size)
{
    if (size > REPORT_MAX_BYTES)
        return NULL;
    cJSON *json = cJSON_ParseWithLength(bytes, size);
    if (cJSON_IsObject(json))
        return json;
    cJSON_Delete(json);
    return NULL;
}

/* NAN unless KEY is a number within LOW..HIGH. */
static double number_of(const cJSON *json, const char *key, double low, double high)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high))
        return NAN;
    return item->valuedouble;
}

/* 0 unless KEY is a number within 0..HIGH; rounded. */
static int whole_of(const cJSON *json, const char *key, double high)
{
    double value = number_of(json, key, 0, high);
    return isnan(value) ? 0 : (int)lround(value);
}

static const char *text_of(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text != NULL ? text : "";
}

static bool is_true(const cJSON *json, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, key));
}

/* Copies TEXT with everything that could steer a terminal made '?'. */
static void copy_clean(char *to, gsize size, const char *text)
{
    g_strlcpy(to, text, size);
    for (char *at = to; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
}

typedef const char *(*NameOf)(int value);

/* The value of 0..LAST whose name is the word under KEY, or OTHERWISE. */
static int word_of(const cJSON *json, const char *key, NameOf name_of, int last, int otherwise)
{
    const char *word = text_of(json, key);
    for (int value = 0; value <= last; value++) {
        if (strcmp(word, name_of(value)) == 0)
            return value;
    }
    return otherwise;
}

static const char *signal_word(int value) { return signal_name((SignalState)value); }
static const char *status_word(int value) { return status_name((TargetStatus)value); }
static const char *advice_word(int value) { return advice_name((Advice)value); }
static const char *session_word(int value) { return session_state_name((SessionState)value); }
static const char *verdict_word(int value) { return verdict_name((Verdict)value); }

/* "below" 0, "z1" 1 ... "z5a" 5, "z5b" 6, "z5c" 7; anything else ZONE_NONE. */
static int zone_number(const char *name)
{
    if (strcmp(name, "below") == 0)
        return ZONE_BELOW;
    if (name[0] != 'z' || name[1] < '1' || name[1] > '8')
        return ZONE_NONE;
    int number = name[1] - '0';
    if (name[2] == '\0')
        return number;
    return number == 5 && name[2] >= 'a' && name[2] <= 'c' && name[3] == '\0' ? 5 + name[2] - 'a' : ZONE_NONE;
}

static void read_zone(const cJSON *json, LiveReport *report)
{
    const char *name = text_of(json, "zone");
    report->zone = zone_number(name);
    if (report->zone != ZONE_NONE)
        g_strlcpy(report->zone_name, name, sizeof report->zone_name);
}

static gint64 read_time(const cJSON *json)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text_of(json, "ts"), NULL);
    return time != NULL ? g_date_time_to_unix(time) : 0;
}

static LiveReport read_live(const cJSON *json)
{
    LiveReport report = {
        .at_s = read_time(json),
        .hr_bpm = whole_of(json, "hr", 250),
        .signal = (SignalState)word_of(json, "signal", signal_word, SIGNAL_LOST, SIGNAL_NONE),
        .max_estimated = is_true(json, "max_estimated"),
        .cap_bpm = whole_of(json, "cap", 250),
        .floor_bpm = whole_of(json, "floor", 250),
        .status = (TargetStatus)word_of(json, "status", status_word, STATUS_UNKNOWN, STATUS_UNKNOWN),
        .advice = (Advice)word_of(json, "advice", advice_word, ADVICE_PICK_UP, ADVICE_NONE),
        .trend_bpm_min = number_of(json, "trend_bpm_min", -1000, 1000),
        .compliance = number_of(json, "compliance", 0, 100),
        .coverage = number_of(json, "coverage", 0, 100),
        .valid_s = whole_of(json, "valid_s", 1e7),
        .above_s = whole_of(json, "above_s", 1e7),
        .excursions = whole_of(json, "excursions", 1e6),
        .session = (SessionState)word_of(json, "session", session_word, SESSION_FINISHED, SESSION_IDLE),
    };
    read_zone(json, &report);
    copy_clean(report.zone_model, sizeof report.zone_model, text_of(json, "zone_model"));
    return report;
}

bool report_parse_live(const void *bytes, gsize size, LiveReport *ret)
{
    cJSON *json = parse_object(bytes, size);
    bool known = json != NULL && word_of(json, "signal", signal_word, SIGNAL_LOST, -1) >= 0;
    if (known)
        *ret = read_live(json);
    cJSON_Delete(json);
    return known;
}

bool report_parse_group(const void *bytes, gsize size, GroupReport *ret)
{
    cJSON *json = parse_object(bytes, size);
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(json, "members"), *row;
    bool known = cJSON_IsArray(members);
    if (known)
        ret->count = 0;
    cJSON_ArrayForEach(row, members) {
        if (!known || !cJSON_IsObject(row) || ret->count == REPORT_MAX_MEMBERS)
            continue;
        MemberReport *member = &ret->members[ret->count++];
        copy_clean(member->alias, sizeof member->alias, text_of(row, "alias"));
        member->live = read_live(row);
    }
    cJSON_Delete(json);
    return known;
}

static bool read_verdict(const cJSON *json, VerdictRow *row)
{
    int verdict = cJSON_IsObject(json) ? word_of(json, "verdict", verdict_word, VERDICT_OVERDONE, -1) : -1;
    if (verdict < 0)
        return false;
    *row = (VerdictRow){.verdict = (Verdict)verdict,
                        .compliance = number_of(json, "compliance", 0, 100),
                        .valid_s = whole_of(json, "valid_s", 1e7),
                        .above_s = whole_of(json, "above_s", 1e7),
                        .longest_s = whole_of(json, "longest_s", 1e7)};
    copy_clean(row->alias, sizeof row->alias, text_of(json, "alias"));
    return true;
}

bool report_parse_group_session(const void *bytes, gsize size, GroupSessionReport *ret)
{
    cJSON *json = parse_object(bytes, size);
    int state = json != NULL ? word_of(json, "state", session_word, SESSION_FINISHED, -1) : -1;
    const cJSON *verdicts = cJSON_GetObjectItemCaseSensitive(json, "verdicts"), *row;
    if (state < 0) {
        cJSON_Delete(json);
        return false;
    }
    ret->state = (SessionState)state;
    ret->members = whole_of(json, "members", 1000);
    ret->in_target = whole_of(json, "in_target", 1000);
    ret->count = 0;
    cJSON_ArrayForEach(row, verdicts)
        if (ret->count < REPORT_MAX_MEMBERS && read_verdict(row, &ret->verdicts[ret->count]))
            ret->count++;
    cJSON_Delete(json);
    return true;
}

bool report_parse_summary(const void *bytes, gsize size, SummaryReport *ret)
{
    cJSON *json = parse_object(bytes, size);
    int verdict = json != NULL ? word_of(json, "verdict", verdict_word, VERDICT_OVERDONE, -1) : -1;
    if (verdict < 0 || text_of(json, "id")[0] == '\0') {
        cJSON_Delete(json);
        return false;
    }
    SummaryReport report = {
        .verdict = (Verdict)verdict,
        .max_estimated = is_true(json, "max_estimated"),
        .cap_bpm = whole_of(json, "cap", 250),
        .compliance = number_of(json, "compliance", 0, 100),
        .coverage = number_of(json, "coverage", 0, 100),
        .elapsed_s = whole_of(json, "elapsed_s", 1e7),
        .valid_s = whole_of(json, "valid_s", 1e7),
        .unknown_s = whole_of(json, "unknown_s", 1e7),
        .paused_s = whole_of(json, "paused_s", 1e7),
        .above_s = whole_of(json, "above_s", 1e7),
        .longest_s = whole_of(json, "longest_s", 1e7),
        .excursions = whole_of(json, "excursions", 1e6),
        .peak_over_bpm = whole_of(json, "peak_over", 250),
        .hr_max_bpm = whole_of(json, "hr_max", 250),
        .hr_avg_bpm = number_of(json, "hr_avg", 1, 250),
    };
    copy_clean(report.id, sizeof report.id, text_of(json, "id"));
    copy_clean(report.reason, sizeof report.reason, text_of(json, "reason"));
    copy_clean(report.zone_model, sizeof report.zone_model, text_of(json, "zone_model"));
    cJSON_Delete(json);
    *ret = report;
    return true;
}

char *report_athlete_of(const char *topic, const char *prefix, const char *leaf)
{
    g_autofree char *start = g_strconcat(prefix, "/athlete/", NULL);
    g_autofree char *end = g_strconcat("/", leaf, NULL);
    if (!g_str_has_prefix(topic, start) || !g_str_has_suffix(topic, end))
        return NULL;
    gsize length = strlen(topic), taken = strlen(start) + strlen(end);
    if (length <= taken || length - taken > 32)
        return NULL;
    g_autofree char *id = g_strndup(topic + strlen(start), length - taken);
    if (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id))
        return NULL;
    return g_steal_pointer(&id);
}
