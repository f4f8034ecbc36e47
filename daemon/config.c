/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config_athlete.h"
#include "config_broker.h"
#include "config_guest.h"
#include "config_home.h"
#include "config_names.h"
#include "config_reader.h"
#include "config_store.h"
#include "config_strap.h"
#include "config_value.h"
#include "input_file.h"

#include <string.h>

#define DEFAULT_ID "gateway"
#define DEFAULT_STATE_INTERVAL_S 5
#define DEFAULT_PREFIX "zone1d"
#define MAX_NAME_BYTES 128

G_DEFINE_QUARK(zone1d-config-error, config_error)

static const ConfigNumber state_interval_s = {1, 3600, "s", "5", false};

static const ConfigNumber rule_s = {0, 36000, "s", "60", false};
static const ConfigNumber rule_percent = {0, 100, "%", "95", true};

static void read_gateway(ConfigReader *reader, Config *config);
static void read_mqtt(ConfigReader *reader, Config *config);
static void read_verdict(ConfigReader *reader, VerdictRules *rules);
static bool read_athletes(ConfigReader *reader, Config *config);

Config *config_load(const char *path, GError **error)
{
    gsize len = 0;
    g_autoptr(GError) reason = NULL;
    g_autofree char *bytes = input_file_read(path, CONFIG_MAX_BYTES, &len, &reason);
    if (bytes == NULL) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_READ, reason->message);
        return NULL;
    }
    return config_parse(bytes, len, path, error);
}

Config *config_parse(const char *bytes, gsize len, const char *path, GError **error)
{
    ConfigReader reader;
    config_reader_init(&reader, path);
    g_autoptr(Config) config = g_new0(Config, 1);
    config->path = g_strdup(path);
    if (config_reader_take(&reader, bytes, len)) {
        read_gateway(&reader, config);
        read_mqtt(&reader, config);
        read_verdict(&reader, &config->rules);
        config_store_read(&reader, config);
        config_home_assistant_read(&reader, config);
        if (read_athletes(&reader, config)) {
            config_guest_read(&reader, config);
            config_check_leftovers(&reader);
        }
        /* Room for all that may come was taken; what did not come is given back. */
        config->athletes = g_renew(AthleteConfig, config->athletes, MAX(config->athlete_count, 1));
    }
    const bool refused = config_fault_count(&reader) > 0;
    if (refused)
        config_reader_error(&reader, error);
    config_reader_clear(&reader);
    return refused ? NULL : g_steal_pointer(&config);
}

void config_free(Config *config)
{
    if (config == NULL)
        return;
    for (unsigned i = 0; i < config->athlete_count; i++)
        config_athlete_clear(&config->athletes[i]);
    g_free(config->athletes);
    g_free(config->path);
    g_free(config->gateway_id);
    g_free(config->state_dir);
    config_clear_broker(config);
    g_free(config->mqtt_prefix);
    g_free(config->discovery_prefix);
    g_free(config);
}

char *config_make_id(const char *name)
{
    if (!g_utf8_validate(name, -1, NULL))
        return NULL;
    /* The "C" rules, whatever the locale: the same name gives the same id everywhere. */
    g_autofree char *plain = g_str_to_ascii(name, "C");
    g_autoptr(GString) id = g_string_new(NULL);
    for (const char *c = plain; *c != '\0' && id->len < CONFIG_MAX_ID_BYTES; c++) {
        if (g_ascii_isalnum(*c))
            g_string_append_c(id, g_ascii_tolower(*c));
        else if (id->len > 0 && id->str[id->len - 1] != '-')
            g_string_append_c(id, '-');
    }
    if (id->len > 0 && id->str[id->len - 1] == '-')
        g_string_truncate(id, id->len - 1);
    return id->len > 0 ? g_strdup(id->str) : NULL;
}

/* --- [gateway] --- */

static char *default_gateway_id(void)
{
    char *id = config_make_id(g_get_host_name());
    return id != NULL ? id : g_strdup(DEFAULT_ID);
}

static void read_gateway(ConfigReader *reader, Config *config)
{
    int interval_s = DEFAULT_STATE_INTERVAL_S;
    g_autofree char *name =
        config_text(reader, CONFIG_GATEWAY, "name", MAX_NAME_BYTES, "a short name for this machine, such as gym");
    config->gateway_id = name != NULL ? config_make_id(name) : default_gateway_id();
    if (config->gateway_id == NULL)
        config_fault(reader, CONFIG_GATEWAY, "name",
                     "the name has no letter a to z and no digit to make an id of; add one");
    config_number(reader, CONFIG_GATEWAY, "state-interval", &state_interval_s, &interval_s);
    config->state_interval_s = (unsigned)interval_s;
    config_unknown_read(reader, config);
}

/* --- [mqtt] --- */

static void read_mqtt(ConfigReader *reader, Config *config)
{
    config_read_broker(reader, config);
    config->mqtt_prefix = config_topic(reader, CONFIG_MQTT, "prefix", DEFAULT_PREFIX);
}

/* --- [verdict] --- */

static void read_rule_s(ConfigReader *reader, const char *key, int64_t *ret_ms)
{
    int value_s;
    if (config_number(reader, CONFIG_VERDICT, key, &rule_s, &value_s))
        *ret_ms = (int64_t)value_s * 1000;
}

static void read_rule_percent(ConfigReader *reader, const char *key, double *ret_percent)
{
    int tenths;
    if (config_number(reader, CONFIG_VERDICT, key, &rule_percent, &tenths))
        *ret_percent = tenths / 10.0;
}

static void read_verdict(ConfigReader *reader, VerdictRules *rules)
{
    *rules = verdict_rules_default();
    read_rule_s(reader, "min-valid", &rules->min_valid_ms);
    read_rule_percent(reader, "min-coverage", &rules->min_coverage);
    read_rule_percent(reader, "kept", &rules->kept_compliance);
    read_rule_s(reader, "kept-longest", &rules->kept_longest_ms);
    read_rule_percent(reader, "slipped", &rules->slipped_compliance);
    if (rules->slipped_compliance > rules->kept_compliance)
        config_fault(reader, CONFIG_VERDICT, config_has(reader, CONFIG_VERDICT, "slipped") ? "slipped" : "kept",
                     "slipped begins above kept, so nothing could slip; kept must be the higher one");
}

/* --- [athlete NAME] --- */

static bool share_strap(const AthleteConfig *one, const AthleteConfig *other)
{
    for (unsigned i = 0; i < one->strap_count; i++)
        for (unsigned j = 0; j < other->strap_count; j++)
            if (config_same_strap(&one->straps[i], &other->straps[j]))
                return true;
    return false;
}

/* What no two athletes may share. SECTIONS[i] is athlete i's. */
static void check_unique(ConfigReader *reader, const Config *config, const char *const *sections, unsigned newest)
{
    const AthleteConfig *mine = &config->athletes[newest];
    const char *section = sections[newest];
    for (unsigned i = 0; i < newest; i++) {
        const AthleteConfig *other = &config->athletes[i];
        g_autofree char *shown = config_show(sections[i]);
        if (mine->id != NULL && g_strcmp0(mine->id, other->id) == 0)
            config_fault(reader, section, NULL, "the name gives the same id, '%s', as [%s]; change one of them",
                         mine->id, shown);
        if (share_strap(mine, other))
            config_fault(reader, section, "strap", "[%s] has the same strap; every athlete wears their own", shown);
    }
}

/* False when there are too many, and the rest was left unread. */
static bool read_athletes(ConfigReader *reader, Config *config)
{
    const char *sections[CONFIG_MAX_ATHLETES];
    config->athletes = g_new0(AthleteConfig, CONFIG_MAX_ATHLETES);
    for (guint i = 0; i < reader->entries->len; i++) {
        const ConfigEntry *entry = g_ptr_array_index(reader->entries, i);
        if (entry->key != NULL || config_athlete_name(entry->section) == NULL)
            continue;
        if (config->athlete_count == CONFIG_MAX_ATHLETES) {
            config_fault(reader, entry->section, NULL, "one athlete too many; %d at most", CONFIG_MAX_ATHLETES);
            return false;
        }
        sections[config->athlete_count] = entry->section;
        config_athlete_read(reader, entry->section, &config->athletes[config->athlete_count++]);
        check_unique(reader, config, sections, config->athlete_count - 1);
    }
    if (config->athlete_count == 0)
        config_fault(reader, NULL, NULL, "there is no athlete; write a section [athlete NAME]");
    return true;
}
