/* SPDX-License-Identifier: MIT */
#include "config_names.h"

#include <string.h>

#define MAX_WORD_BYTES 32
#define TOO_FAR 4

/* In the order in which they are named when nothing is near. */
static const char *const gateway_keys[] = {"name", "state-interval", "unknown-straps", "probe-serials",
                                           "state-dir", NULL};
static const char *const mqtt_keys[] = {
    "host", "port", "username", "password-file", "tls", "ca-file", "certificate-file", "key-file", "verify-name",
    "prefix", NULL,
};
static const char *const athlete_keys[] = {
    "strap", "age", "max", "rest", "threshold", "sex", "zone-model", "percent", "bounds", "thresholds",
    "max-formula", "target", "speed-cap", "alias", "share", "retain-summary", "speed-topic", "group",
    "wled", "awtrix", NULL,
};
static const char *const guest_keys[] = {
    "guests", "age", "max", "rest", "threshold", "sex", "zone-model", "percent", "bounds", "thresholds",
    "max-formula", "target", "speed-cap", "share", "retain-summary", NULL,
};
static const char *const verdict_keys[] = {"min-valid", "min-coverage", "kept", "kept-longest", "slipped", NULL};

static const char *const store_keys[] = {"interval", "keep-days", "keep-samples-days", NULL};
static const char *const home_assistant_keys[] = {"discovery", "prefix", NULL};
static const char *const advice_keys[] = {"hard-load", "hard-minutes", "window", NULL};

static const struct {
    const char *name;
    const char *shown;
    const char *const *keys;
} sections[] = {
    {CONFIG_GATEWAY, "[gateway]", gateway_keys},
    {CONFIG_MQTT, "[mqtt]", mqtt_keys},
    {CONFIG_VERDICT, "[verdict]", verdict_keys},
    {CONFIG_STORE, "[store]", store_keys},
    {CONFIG_ADVICE, "[advice]", advice_keys},
    {CONFIG_HOME_ASSISTANT, "[home-assistant]", home_assistant_keys},
    {CONFIG_ATHLETE, "[athlete NAME]", athlete_keys},
    {CONFIG_GUEST, "[guest]", guest_keys},
};

const char *config_athlete_name(const char *section)
{
    const gsize len = strlen(CONFIG_ATHLETE);
    if (strncmp(section, CONFIG_ATHLETE, len) != 0 || !g_ascii_isspace(section[len]))
        return NULL;
    const char *name = section + len;
    while (g_ascii_isspace(*name))
        name++;
    return *name != '\0' ? name : NULL;
}

static char folded(char c)
{
    return c == '_' || c == ' ' ? '-' : g_ascii_tolower(c);
}

unsigned config_distance(const char *a, const char *b)
{
    const gsize a_len = strlen(a), b_len = strlen(b);
    if (a_len > MAX_WORD_BYTES || b_len > MAX_WORD_BYTES)
        return TOO_FAR;
    /* Optimal string alignment: cost[i][j] makes the first i bytes of a of the first j of b. */
    unsigned cost[MAX_WORD_BYTES + 1][MAX_WORD_BYTES + 1];
    for (gsize i = 0; i <= a_len; i++)
        for (gsize j = 0; j <= b_len; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = (unsigned)(i + j);
                continue;
            }
            const bool same = folded(a[i - 1]) == folded(b[j - 1]);
            cost[i][j] = MIN(cost[i - 1][j - 1] + (same ? 0 : 1), MIN(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]))
                cost[i][j] = MIN(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return MIN(cost[a_len][b_len], TOO_FAR);
}

/* Short words are near to anything: one change for up to four letters, else two. */
static bool is_near(const char *word, const char *known)
{
    return config_distance(word, known) <= (strlen(known) <= 4 ? 1 : 2);
}

/* "max_hr" for max, "model" for zone-model, "user" for username. */
static bool is_part(const char *word, const char *known)
{
    g_autofree char *lower = g_ascii_strdown(word, -1);
    return strlen(lower) >= 3 && (strstr(lower, known) != NULL || strstr(known, lower) != NULL);
}

static const char *nearest_key(const char *word, const char *const *keys)
{
    const char *best = NULL;
    unsigned best_distance = TOO_FAR;
    for (; *keys != NULL; keys++) {
        const unsigned distance = config_distance(word, *keys);
        if (distance < best_distance && is_near(word, *keys)) {
            best = *keys;
            best_distance = distance;
        } else if (best == NULL && is_part(word, *keys)) {
            best = *keys;
        }
    }
    return best;
}

static void refuse_section(ConfigReader *reader, const char *section)
{
    const gsize word_len = strcspn(section, " \t");
    const char *rest = section + word_len;
    g_autofree char *word = g_strndup(section, word_len);
    g_autofree char *shown_rest = config_show(rest);
    if (strcmp(word, CONFIG_ATHLETE) == 0)
        config_fault(reader, section, NULL, "the athlete has no name; write [athlete NAME]");
    else if (is_near(word, CONFIG_ATHLETE))
        config_fault(reader, section, NULL, "there is no such section; did you mean [athlete%s]?",
                     *rest != '\0' ? shown_rest : " NAME");
    else if (is_near(word, CONFIG_GATEWAY))
        config_fault(reader, section, NULL, "there is no such section; did you mean [gateway]?");
    else if (is_near(word, CONFIG_MQTT))
        config_fault(reader, section, NULL, "there is no such section; did you mean [mqtt]?");
    else if (is_near(word, CONFIG_HOME_ASSISTANT) || is_part(word, "homeassistant"))
        config_fault(reader, section, NULL, "there is no such section; did you mean [home-assistant]?");
    else
        config_fault(reader, section, NULL, "there is no such section; there are [gateway], [mqtt], [verdict], "
                     "[store], [advice], [home-assistant], [athlete NAME] and [guest]");
}

static const char *home_of(const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        if (g_strv_contains(sections[i].keys, key))
            return sections[i].shown;
    return NULL;
}

static void refuse_key(ConfigReader *reader, const char *section, const char *key, const char *const *keys)
{
    const char *near = nearest_key(key, keys), *home = home_of(key);
    if (home != NULL) {
        config_fault(reader, section, key, "the key does not belong here; it belongs in %s", home);
    } else if (near != NULL) {
        config_fault(reader, section, key, "there is no such key; did you mean '%s'?", near);
    } else {
        g_autofree char *all = g_strjoinv(", ", (char **)keys);
        config_fault(reader, section, key, "there is no such key; there are %s", all);
    }
}

static const char *const *keys_of(const char *section)
{
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        if (strcmp(section, sections[i].name) == 0 && sections[i].keys != athlete_keys)
            return sections[i].keys;
    return config_athlete_name(section) != NULL ? athlete_keys : NULL;
}

void config_check_leftovers(ConfigReader *reader)
{
    for (guint i = 0; i < reader->entries->len && config_fault_count(reader) < CONFIG_MAX_FAULTS; i++) {
        const ConfigEntry *entry = g_ptr_array_index(reader->entries, i);
        const char *const *keys = keys_of(entry->section);
        if (entry->key == NULL && keys == NULL)
            refuse_section(reader, entry->section);
        else if (entry->key != NULL && keys != NULL && !entry->used)
            refuse_key(reader, entry->section, entry->key, keys);
    }
}
