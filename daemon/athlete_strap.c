/* SPDX-License-Identifier: MIT */
#include "athlete_strap.h"

#include "mqtt/payload.h"
#include "mqtt/topics.h"

#define REPORT_EVERY_MS 10000

struct StrapReport {
    const AthleteContext *context;
    char *topic;
    StrapInfo info; /* its texts are the ones below */
    char *maker, *model, *firmware, *drop_reason;
    Contact contact;
    char *said; /* the last message; NULL: none yet */
    bool said_connected;
    int64_t said_ms;
    bool waits; /* something else is known than was said */
};

StrapReport *strap_report_new(const AthleteContext *context, const char *athlete_id)
{
    StrapReport *report = g_new0(StrapReport, 1);
    report->context = context;
    report->topic = topic_athlete(context->config->mqtt_prefix, athlete_id, "strap");
    report->info.battery_percent = -1;
    return report;
}

static void forget(StrapReport *report)
{
    g_clear_pointer(&report->maker, g_free);
    g_clear_pointer(&report->model, g_free);
    g_clear_pointer(&report->firmware, g_free);
    report->info = (StrapInfo){.battery_percent = -1,
                               .reconnects = report->info.reconnects,
                               .lost_ms = report->info.lost_ms,
                               .drops = report->info.drops,
                               .drop_reason = report->info.drop_reason,
                               .recovery_ms = report->info.recovery_ms};
    report->contact = CONTACT_UNSUPPORTED;
}

void strap_report_free(StrapReport *report)
{
    if (report == NULL)
        return;
    forget(report);
    g_free(report->drop_reason);
    g_free(report->topic);
    g_free(report->said);
    g_free(report);
}

static char *json_of(const StrapReport *report)
{
    return payload_strap(&report->info, report->contact, report->context->config->gateway_id);
}

static void say(StrapReport *report, int64_t now_ms)
{
    g_free(report->said);
    report->said = json_of(report);
    report->said_connected = report->info.connected;
    report->said_ms = now_ms;
    report->waits = false;
    mqtt_client_publish(report->context->mqtt, MQTT_KEEP, report->topic, report->said, 1, true, 0);
}

static void note_change(StrapReport *report, int64_t now_ms)
{
    g_autofree char *json = json_of(report);
    report->waits = g_strcmp0(json, report->said) != 0;
    if (report->waits && (report->said == NULL || report->said_connected != report->info.connected))
        say(report, now_ms);
    else
        strap_report_advance(report, now_ms);
}

void strap_report_info(StrapReport *report, const StrapInfo *info, int64_t now_ms)
{
    Contact contact = info->connected ? report->contact : CONTACT_UNSUPPORTED;
    forget(report);
    report->contact = contact;
    report->info = *info;
    /* The serial number and the adapter stay in the house: one names a person's device, the other helps nobody. */
    report->info.serial = report->info.adapter = NULL;
    report->info.maker = report->maker = g_strdup(info->maker);
    report->info.model = report->model = g_strdup(info->model);
    report->info.firmware = report->firmware = g_strdup(info->firmware);
    g_free(report->drop_reason);
    report->info.drop_reason = report->drop_reason = g_strdup(info->drop_reason);
    note_change(report, now_ms);
}

void strap_report_contact(StrapReport *report, Contact contact, int64_t now_ms)
{
    if (!report->info.connected || contact == report->contact)
        return;
    report->contact = contact;
    note_change(report, now_ms);
}

void strap_report_advance(StrapReport *report, int64_t now_ms)
{
    if (now_ms >= strap_report_deadline_ms(report))
        say(report, now_ms);
}

int64_t strap_report_deadline_ms(const StrapReport *report)
{
    return report->waits ? report->said_ms + REPORT_EVERY_MS : SOURCE_NEVER;
}

void strap_report_announce(StrapReport *report, int64_t now_ms) { say(report, now_ms); }

void strap_report_forget(StrapReport *report, int64_t now_ms)
{
    g_clear_pointer(&report->said, g_free);
    report->said_ms = now_ms;
    report->waits = false;
    mqtt_client_publish(report->context->mqtt, MQTT_KEEP, report->topic, "", 1, true, 0);
}

void strap_report_end(StrapReport *report)
{
    if (!report->info.connected)
        return;
    forget(report);
    say(report, report->said_ms);
}
