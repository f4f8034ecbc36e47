/* SPDX-License-Identifier: MIT */
#include "config_change.h"

#include "config_strap.h"

#include <string.h>

/* ---- who stays ---- */

static int index_of(const Config *config, const AthleteConfig *athlete)
{
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (config->athletes[i].guest == athlete->guest && strcmp(config->athletes[i].id, athlete->id) == 0)
            return (int)i;
    return -1;
}

void config_change_find(ConfigChange *ret, const Config *before, const Config *now)
{
    *ret = (ConfigChange){.before = before, .now = now};
    for (unsigned i = 0; i < now->athlete_count; i++)
        ret->from[i] = index_of(before, &now->athletes[i]);
}

bool config_change_keeps(const ConfigChange *change, unsigned index)
{
    for (unsigned i = 0; i < change->now->athlete_count; i++)
        if (change->from[i] == (int)index)
            return true;
    return false;
}

/* ---- what only a start can change ---- */

static void note(GString *differs, const char *section, const char *key)
{
    g_autofree char *opening = g_strdup_printf("[%s] ", section);
    const bool same_section = strstr(differs->str, opening) != NULL;
    if (differs->len > 0)
        g_string_append(differs, same_section ? ", " : "; ");
    g_string_append_printf(differs, "%s%s", same_section ? "" : opening, key);
}

static void keep_text(GString *differs, const char *section, const char *key, char **fresh, const char *running)
{
    if (g_strcmp0(*fresh, running) == 0)
        return;
    note(differs, section, key);
    g_free(*fresh);
    *fresh = g_strdup(running);
}

static void keep_bool(GString *differs, const char *section, const char *key, bool *fresh, bool running)
{
    if (*fresh != running)
        note(differs, section, key);
    *fresh = running;
}

static void keep_tls(GString *differs, ConfigTls *fresh, const ConfigTls *running)
{
    keep_bool(differs, "mqtt", "tls", &fresh->on, running->on);
    keep_text(differs, "mqtt", "ca-file", &fresh->ca_file, running->ca_file);
    keep_text(differs, "mqtt", "certificate-file", &fresh->certificate_file, running->certificate_file);
    keep_text(differs, "mqtt", "key-file", &fresh->key_file, running->key_file);
    keep_bool(differs, "mqtt", "verify-name", &fresh->any_name, running->any_name);
}

char *config_keep_fixed(Config *fresh, const Config *running)
{
    g_autoptr(GString) differs = g_string_new(NULL);
    keep_text(differs, "gateway", "name", &fresh->gateway_id, running->gateway_id);
    keep_text(differs, "gateway", "state-dir", &fresh->state_dir, running->state_dir);
    keep_text(differs, "mqtt", "host", &fresh->mqtt_host, running->mqtt_host);
    if (fresh->mqtt_port != running->mqtt_port)
        note(differs, "mqtt", "port");
    fresh->mqtt_port = running->mqtt_port;
    keep_text(differs, "mqtt", "username", &fresh->mqtt_username, running->mqtt_username);
    keep_text(differs, "mqtt", "password-file", &fresh->mqtt_password_file, running->mqtt_password_file);
    keep_tls(differs, &fresh->mqtt_tls, &running->mqtt_tls);
    keep_text(differs, "mqtt", "prefix", &fresh->mqtt_prefix, running->mqtt_prefix);
    return differs->len > 0 ? g_string_free(g_steal_pointer(&differs), FALSE) : NULL;
}

/* ---- what is the same ---- */

bool config_same_zones(const ZoneTable *one, const ZoneTable *other)
{
    return one->model == other->model && one->count == other->count &&
           memcmp(one->lower_bpm, other->lower_bpm, one->count * sizeof one->lower_bpm[0]) == 0 &&
           one->max_bpm == other->max_bpm && one->max_estimated == other->max_estimated &&
           one->rest_bpm == other->rest_bpm && one->sex == other->sex;
}

bool config_same_target(const AthleteConfig *one, const AthleteConfig *other)
{
    return config_same_zones(&one->zones, &other->zones) && one->target.kind == other->target.kind &&
           one->target.zone == other->target.zone && one->target.cap_bpm == other->target.cap_bpm;
}

/* They are decimals as they were read: the same text gives the same number. */
static bool same_number(double one, double other) { return !(one < other) && !(one > other); }

bool config_same_rules(const VerdictRules *one, const VerdictRules *other)
{
    return one->min_valid_ms == other->min_valid_ms && same_number(one->min_coverage, other->min_coverage) &&
           same_number(one->kept_compliance, other->kept_compliance) &&
           one->kept_longest_ms == other->kept_longest_ms &&
           same_number(one->slipped_compliance, other->slipped_compliance);
}

static bool same_straps(const AthleteConfig *one, const AthleteConfig *other)
{
    if (one->strap_count != other->strap_count)
        return false;
    for (unsigned i = 0; i < one->strap_count; i++)
        if (!config_same_strap(&one->straps[i], &other->straps[i]))
            return false;
    return true;
}

bool config_same_athlete(const AthleteConfig *one, const AthleteConfig *other)
{
    return g_strcmp0(one->id, other->id) == 0 && g_strcmp0(one->alias, other->alias) == 0 &&
           g_strcmp0(one->group_id, other->group_id) == 0 && one->share == other->share &&
           one->retain_summary == other->retain_summary && g_strcmp0(one->speed_topic, other->speed_topic) == 0 &&
           g_strcmp0(one->wled_topic, other->wled_topic) == 0 &&
           g_strcmp0(one->awtrix_topic, other->awtrix_topic) == 0 && one->guest == other->guest &&
           one->speed_cap_mm_s == other->speed_cap_mm_s && config_same_target(one, other) && same_straps(one, other);
}
