/* SPDX-License-Identifier: MIT */
#include "mqtt/group_payload.h"

#include "core/names.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"

#include <math.h>

static void add_time(cJSON *object, const char *key, gint64 wall_us)
{
    g_autofree char *text = payload_time(wall_us);
    json_string(object, key, text);
}

static cJSON *row_of(const GroupRow *row)
{
    cJSON *object = cJSON_CreateObject();
    json_string(object, "athlete", row->athlete_id);
    json_string(object, "alias", row->alias);
    return object;
}

static void add_member(cJSON *array, const GroupRow *row)
{
    const Live *live = &row->live;
    cJSON *object = row_of(row);
    const bool known = live->hr_bpm > 0 && !row->hide_all;
    json_int_or_null(object, "hr", live->hr_bpm, known && !row->hide_rate);
    json_string(object, "signal", row->hide_all ? NULL : signal_name(live->signal));
    json_string(object, "zone", known ? zones_zone_name(row->zones, live->zone) : NULL);
    json_int_or_null(object, "cap", live->cap_bpm, live->cap_bpm > 0 && !row->hide_all);
    json_string(object, "status", row->hide_all ? NULL : status_name(live->status));
    json_string(object, "advice", row->hide_all ? NULL : advice_name(live->advice));
    json_decimal(object, "compliance", row->hide_all ? NAN : totals_compliance(&live->totals), 1);
    json_string(object, "session", session_state_name(live->session));
    cJSON_AddItemToArray(array, object);
}

char *payload_group_live(const GroupReport *report)
{
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    add_time(object, "ts", report->wall_us);
    json_string(object, "group", report->group_id);
    json_string(object, "gateway", report->gateway_id);
    cJSON *members = cJSON_AddArrayToObject(object, "members");
    for (guint i = 0; i < report->count; i++)
        add_member(members, &report->rows[i]);
    return json_print(object);
}

static void add_verdict(cJSON *array, const GroupRow *row)
{
    const Totals *totals = &row->finished->totals;
    cJSON *object = row_of(row);
    json_string(object, "verdict", verdict_name(row->finished->verdict.verdict));
    json_string(object, "zone_model", zone_model_name(row->finished->zones.model));
    cJSON_AddBoolToObject(object, "max_estimated", row->finished->zones.max_estimated);
    json_int_or_null(object, "cap", row->finished->cap_bpm, row->finished->cap_bpm > 0);
    json_decimal(object, "compliance", totals_compliance(totals), 1);
    json_thousandths(object, "longest_s", totals->longest_ms);
    json_thousandths(object, "valid_s", totals->valid_ms);
    json_thousandths(object, "above_s", totals->above_ms);
    cJSON_AddItemToArray(array, object);
}

guint group_in_target(const GroupReport *report)
{
    guint count = 0;
    for (guint i = 0; i < report->count; i++) {
        const Live *live = &report->rows[i].live;
        count += live->session == SESSION_ACTIVE && live->status == STATUS_IN && !report->rows[i].hide_all;
    }
    return count;
}

char *payload_group_session(const GroupReport *report)
{
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "group", report->group_id);
    json_string(object, "gateway", report->gateway_id);
    json_string(object, "state", session_state_name(report->state));
    add_time(object, "started_at", report->start_wall_us);
    json_int(object, "members", report->count);
    json_int(object, "in_target", group_in_target(report));
    cJSON *verdicts = cJSON_AddArrayToObject(object, "verdicts");
    for (guint i = 0; i < report->count; i++)
        if (report->rows[i].finished != NULL)
            add_verdict(verdicts, &report->rows[i]);
    return json_print(object);
}
