/* SPDX-License-Identifier: MIT */
#include "config_athlete.h"

#include "config_home.h"
#include "config_names.h"
#include "config_strap.h"
#include "config_value.h"
#include "core/names.h"

#include <string.h>

#define MAX_ALIAS_BYTES 64
#define MAX_TOPIC_BYTES 256

static const ConfigNumber age_years = {5, 110, "years", "40", false};
static const ConfigNumber max_bpm = {100, 230, "bpm", "185", false};
static const ConfigNumber rest_bpm = {25, 110, "bpm", "55", false};
static const ConfigNumber threshold_bpm = {25, 230, "bpm", "170", false};
static const ConfigNumber speed_cap_kmh = {1, 30, "km/h", "8.5", true};

static void read_profile(ConfigReader *reader, const char *section, AthleteProfile *ret);
static void build_zones(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_target(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_speed_cap(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_privacy(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_alias(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_speed_topic(ConfigReader *reader, const char *section, AthleteConfig *ret);
static void read_group(ConfigReader *reader, const char *section, AthleteConfig *ret);

void config_athlete_read(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    ret->id = config_make_id(config_athlete_name(section));
    if (ret->id == NULL)
        config_fault(reader, section, NULL, "the name has no letter a to z and no digit to make an id of; add one");
    config_strap_read(reader, section, ret);
    config_athlete_read_body(reader, section, ret);
    read_alias(reader, section, ret);
    read_speed_topic(reader, section, ret);
    read_group(reader, section, ret);
    config_lamps_read(reader, section, ret);
}

void config_athlete_read_body(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    const guint before = config_fault_count(reader);
    read_profile(reader, section, &ret->profile);
    /* With a value refused, what follows from it would only confuse. */
    if (config_fault_count(reader) == before)
        build_zones(reader, section, ret);
    read_target(reader, section, ret);
    read_speed_cap(reader, section, ret);
    read_privacy(reader, section, ret);
}

void config_athlete_clear(AthleteConfig *athlete)
{
    g_free(athlete->id);
    g_free(athlete->alias);
    g_free(athlete->speed_topic);
    g_free(athlete->group_id);
    g_free(athlete->wled_topic);
    g_free(athlete->awtrix_topic);
    for (unsigned i = 0; i < athlete->strap_count; i++)
        config_strap_clear(&athlete->straps[i]);
}

/* --- profile --- */

/* A word in any case, or NULL; *ret_shown is for the message about it. */
static char *read_word(ConfigReader *reader, const char *section, const char *key, char **ret_shown)
{
    char *word = config_value(reader, section, key);
    if (word == NULL)
        return NULL;
    *ret_shown = config_show(word);
    char *lower = g_ascii_strdown(word, -1);
    g_free(word);
    return lower;
}

static void read_model(ConfigReader *reader, const char *section, AthleteProfile *ret)
{
    g_autofree char *shown = NULL;
    g_autofree char *word = read_word(reader, section, "zone-model", &shown);
    if (word != NULL && !zone_model_parse(word, &ret->model))
        config_fault(reader, section, "zone-model",
                     "'%s' is no zone model; there are auto, hrmax, hrr, lthr, threshold3 and bpm", shown);
    if (ret->model != ZONE_MODEL_AUTO)
        return;
    /* Own bounds leave no doubt about the model. */
    if (config_has(reader, section, "bounds"))
        ret->model = ZONE_MODEL_BPM;
    else if (config_has(reader, section, "thresholds"))
        ret->model = ZONE_MODEL_THRESHOLD3;
}

static void read_words(ConfigReader *reader, const char *section, AthleteProfile *ret)
{
    g_autofree char *shown_sex = NULL, *shown_formula = NULL;
    g_autofree char *sex = read_word(reader, section, "sex", &shown_sex);
    g_autofree char *formula = read_word(reader, section, "max-formula", &shown_formula);
    if (sex != NULL && !sex_parse(sex, &ret->sex))
        config_fault(reader, section, "sex", "'%s' is not known here; write female or male, or leave the line out",
                     shown_sex);
    if (formula != NULL && !max_formula_parse(formula, &ret->max_formula))
        config_fault(reader, section, "max-formula", "'%s' is no formula; there are tanaka, fox, gulati and nes",
                     shown_formula);
    if (formula != NULL && config_has(reader, section, "max"))
        config_fault(reader, section, "max-formula", "max is given, so nothing is estimated; take one of them out");
    else if (formula != NULL && !config_has(reader, section, "age"))
        config_fault(reader, section, "max-formula", "there is no age to estimate the maximum from; give age");
}

static void read_lists(ConfigReader *reader, const char *section, AthleteProfile *ret)
{
    ret->percent_count = config_percent_list(reader, section, "percent", ret->percent_permille, ZONES_MAX);
    int thresholds_bpm[2];
    const gsize thresholds = config_bpm_list(reader, section, "thresholds", thresholds_bpm, 2);
    ret->bounds_count = config_bpm_list(reader, section, "bounds", ret->bounds_bpm, ZONES_MAX);
    const bool has_bounds = config_has(reader, section, "bounds");
    const bool has_thresholds = config_has(reader, section, "thresholds");
    if (has_bounds && has_thresholds)
        config_fault(reader, section, "thresholds", "bounds are given too; take one of them out");
    else if (has_bounds && ret->model == ZONE_MODEL_THRESHOLD3)
        config_fault(reader, section, "bounds",
                     "zone model threshold3 goes by two heart rates; write thresholds = LT1,LT2");
    else if (has_thresholds && ret->model == ZONE_MODEL_BPM)
        config_fault(reader, section, "thresholds",
                     "zone model bpm goes by lower bounds; write for example bounds = 120,133,146,159,172");
    else if (has_thresholds) {
        memcpy(ret->bounds_bpm, thresholds_bpm, thresholds * sizeof(int));
        ret->bounds_count = thresholds;
    }
}

static void read_profile(ConfigReader *reader, const char *section, AthleteProfile *ret)
{
    config_number(reader, section, "age", &age_years, &ret->age_years);
    config_number(reader, section, "max", &max_bpm, &ret->max_bpm);
    config_number(reader, section, "rest", &rest_bpm, &ret->rest_bpm);
    config_number(reader, section, "threshold", &threshold_bpm, &ret->threshold_bpm);
    read_model(reader, section, ret);
    read_words(reader, section, ret);
    read_lists(reader, section, ret);
}

/* --- zones --- */

/* Which key is at fault: the first of these that the section has. */
static const char *const list_keys[] = {"bounds", "thresholds", "percent", "rest", "zone-model", NULL};
static const char *const model_keys[] = {"zone-model", "age", NULL};

static const char *first_of(const ConfigReader *reader, const char *section, const char *const *keys)
{
    for (; keys[1] != NULL; keys++)
        if (config_has(reader, section, *keys))
            break;
    return *keys;
}

static const char *unused_list(const ConfigReader *reader, const char *section, ZoneModel model)
{
    if (model == ZONE_MODEL_BPM || model == ZONE_MODEL_THRESHOLD3)
        return "percent";
    return config_has(reader, section, "bounds") ? "bounds" : "thresholds";
}

static const char *key_at_fault(const ConfigReader *reader, const char *section, ZonesResult result, ZoneModel model)
{
    switch (result) {
    case ZONES_NO_MAXIMUM:
        return config_has(reader, section, "zone-model") ? "zone-model" : "max";
    case ZONES_NO_REST:
    case ZONES_NO_THRESHOLD:
        return first_of(reader, section, model_keys);
    case ZONES_AGE_RANGE:
        return "age";
    case ZONES_MAX_RANGE:
        return config_has(reader, section, "max") ? "max" : "age";
    case ZONES_REST_RANGE:
    case ZONES_REST_NOT_BELOW_MAX:
        return "rest";
    case ZONES_THRESHOLD_RANGE:
        return "threshold";
    case ZONES_BPM_AS_PERCENT:
        return "percent";
    case ZONES_PERCENT_UNUSED:
        return unused_list(reader, section, model);
    case ZONES_NO_BOUNDS:
    case ZONES_NOT_RISING:
    case ZONES_PERCENT_AS_BPM:
    case ZONES_BOUNDS_RANGE:
    case ZONES_TOO_MANY:
        return first_of(reader, section, list_keys);
    case ZONES_OK:
        break;
    }
    return NULL;
}

static void build_zones(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    const ZonesResult result = zones_build(&ret->profile, &ret->zones);
    if (result == ZONES_OK)
        return;
    const char *key = key_at_fault(reader, section, result, ret->profile.model);
    g_autofree char *value = config_value(reader, section, key);
    g_autofree char *shown = config_show(value != NULL ? value : "");
    config_fault(reader, section, key, "%s%s%s", shown, value != NULL ? ": " : "", zones_result_text(result));
}

/* --- target --- */

static void read_speed_cap(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    int tenths_kmh;
    if (config_number(reader, section, "speed-cap", &speed_cap_kmh, &tenths_kmh))
        ret->speed_cap_mm_s = compliance_mm_s(tenths_kmh / 10.0);
}

static void read_target(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    g_autofree char *shown = NULL;
    g_autofree char *word = read_word(reader, section, "target", &shown);
    ret->target.kind = TARGET_RECOVERY;
    if (word != NULL && !target_parse(word, &ret->target)) {
        config_fault(reader, section, "target",
                     "'%s' is no target; there are recovery, easy, z1 to z8, z5a to z5c and cap:%d to cap:%d", shown,
                     TARGET_CAP_MIN_BPM, TARGET_CAP_MAX_BPM);
        return;
    }
    int cap_bpm, floor_bpm;
    if (ret->zones.count > 0 && !target_bounds(&ret->target, &ret->zones, &cap_bpm, &floor_bpm))
        config_fault(reader, section, "target", "'%s' does not fit this athlete's zones, which are %s to %s",
                     shown != NULL ? shown : "recovery", zones_zone_name(&ret->zones, 1),
                     zones_zone_name(&ret->zones, (int)ret->zones.count));
}

/* --- privacy --- */

static void read_privacy(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    static const char *const words[] = {[SHARE_FULL] = "full", [SHARE_ZONE] = "zone", [SHARE_NONE] = "none"};
    g_autofree char *shown = NULL;
    g_autofree char *word = read_word(reader, section, "share", &shown);
    bool known = word == NULL;
    for (gsize i = 0; word != NULL && i < G_N_ELEMENTS(words); i++)
        if (strcmp(word, words[i]) == 0) {
            ret->share = (Share)i;
            known = true;
        }
    if (!known)
        config_fault(reader, section, "share", "'%s' is not known here; there are full, zone and none", shown);
    ret->retain_summary = true;
    config_bool(reader, section, "retain-summary", &ret->retain_summary);
}

static void read_alias(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    ret->alias = config_text(reader, section, "alias", MAX_ALIAS_BYTES, "a short name for displays, such as Zoe");
    if (ret->alias == NULL)
        ret->alias = g_strdup(config_athlete_name(section));
}

/* --- the treadmill --- */

static void read_speed_topic(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    ret->speed_topic = config_text(reader, section, "speed-topic", MAX_TOPIC_BYTES,
                                   "the topic of the treadmill's speed, such as QZ/me/workout/speed/current");
    if (ret->speed_topic == NULL || strpbrk(ret->speed_topic, "+#") == NULL)
        return;
    config_fault(reader, section, "speed-topic", "'%s' has a wildcard in it; write the one topic", ret->speed_topic);
}

/* --- the group --- */

static void read_group(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    g_autofree char *text = config_text(reader, section, "group", MAX_ALIAS_BYTES, "the group's name, such as tuesday");
    if (text == NULL)
        return;
    ret->group_id = config_make_id(text);
    if (ret->group_id == NULL)
        config_fault(reader, section, "group", "the name has no letter a to z and no digit to make an id of; add one");
}
