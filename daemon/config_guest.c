/* SPDX-License-Identifier: MIT */
#include "config_guest.h"

#include "config_athlete.h"
#include "config_names.h"
#include "config_value.h"

#include <string.h>

#define DEFAULT_GUESTS 4
#define MAX_PATH_BYTES 4000 /* with a file's name behind it, it is still a path */

static const ConfigNumber guest_count = {1, CONFIG_MAX_GUESTS, "", "4", false};

static UnknownStraps read_unknown(ConfigReader *reader)
{
    static const char *const words[] = {
        [UNKNOWN_IGNORE] = "ignore", [UNKNOWN_ASK] = "ask", [UNKNOWN_GUEST] = "guest"};
    g_autofree char *word = config_value(reader, CONFIG_GATEWAY, "unknown-straps");
    if (word == NULL)
        return UNKNOWN_IGNORE;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(word, words[i]) == 0)
            return (UnknownStraps)i;
    g_autofree char *shown = config_show(word);
    config_fault(reader, CONFIG_GATEWAY, "unknown-straps", "'%s' is not known here; there are ignore, ask and guest",
                 shown);
    return UNKNOWN_IGNORE;
}

/* Absolute, or the first one that systemd gives; NULL: none. */
static char *read_state_dir(ConfigReader *reader)
{
    g_autofree char *text = config_text(reader, CONFIG_GATEWAY, "state-dir", MAX_PATH_BYTES,
                                        "the absolute path of a folder that zone1d can write to");
    const char *given = g_getenv("STATE_DIRECTORY");
    if (text != NULL && !g_path_is_absolute(text)) {
        g_autofree char *shown = config_show(text);
        config_fault(reader, CONFIG_GATEWAY, "state-dir", "'%s' is a relative path; write an absolute one", shown);
        return NULL;
    }
    if (text != NULL)
        return g_steal_pointer(&text);
    return given != NULL && g_path_is_absolute(given) ? g_strndup(given, strcspn(given, ":")) : NULL;
}

void config_unknown_read(ConfigReader *reader, Config *config)
{
    config->unknown_straps = read_unknown(reader);
    config_bool(reader, CONFIG_GATEWAY, "probe-serials", &config->probe_serials);
    config->state_dir = read_state_dir(reader);
}

/* No athlete may be called like a guest. */
static void check_names(ConfigReader *reader, const Config *config, unsigned athletes)
{
    for (unsigned i = 0; i < athletes; i++)
        for (unsigned guest = athletes; guest < config->athlete_count; guest++)
            if (g_strcmp0(config->athletes[i].id, config->athletes[guest].id) == 0)
                config_fault(reader, CONFIG_GUEST, NULL,
                             "an athlete has the id %s, which is a guest's; change the name",
                             config->athletes[guest].id);
}

static void add_guests(ConfigReader *reader, Config *config, unsigned count)
{
    const unsigned athletes = config->athlete_count;
    for (unsigned i = 1; i <= count; i++) {
        AthleteConfig *guest = &config->athletes[config->athlete_count++];
        config_athlete_read_body(reader, CONFIG_GUEST, guest);
        guest->id = g_strdup_printf("guest-%u", i);
        guest->alias = g_strdup_printf("Guest %u", i);
        guest->guest = true;
    }
    config->guest_count = count;
    check_names(reader, config, athletes);
}

void config_guest_read(ConfigReader *reader, Config *config)
{
    int count = DEFAULT_GUESTS;
    const bool wanted = config->unknown_straps == UNKNOWN_GUEST;
    if (!config_has(reader, CONFIG_GUEST, NULL)) {
        if (wanted)
            config_fault(reader, CONFIG_GATEWAY, "unknown-straps",
                         "guests need zones; write a section [guest] with at least their age, such as age = 40");
        return;
    }
    config_number(reader, CONFIG_GUEST, "guests", &guest_count, &count);
    /* Checked also when it is not used, and once only when it is wrong. */
    const guint before = config_fault_count(reader);
    AthleteConfig trial = {0};
    config_athlete_read_body(reader, CONFIG_GUEST, &trial);
    config_athlete_clear(&trial);
    if (!wanted || config_fault_count(reader) > before)
        return;
    if (config->athlete_count + (unsigned)count > CONFIG_MAX_ATHLETES)
        config_fault(reader, CONFIG_GUEST, "guests", "athletes and guests together are more than %d",
                     CONFIG_MAX_ATHLETES);
    else
        add_guests(reader, config, (unsigned)count);
}
