/* SPDX-License-Identifier: MIT */
#include "config_home.h"

#include "config_names.h"
#include "config_value.h"

#include <string.h>

#define DEFAULT_DISCOVERY_PREFIX "homeassistant"
#define MAX_TOPIC_BYTES 128

static bool is_topic(const char *text)
{
    const gsize len = strlen(text);
    return text[0] != '/' && text[len - 1] != '/' && text[0] != '$' && strpbrk(text, "+# ") == NULL &&
           strstr(text, "//") == NULL;
}

char *config_topic(ConfigReader *reader, const char *section, const char *key, const char *fallback)
{
    g_autofree char *text = config_text(reader, section, key, MAX_TOPIC_BYTES, "a topic");
    if (text == NULL)
        return g_strdup(fallback);
    if (is_topic(text))
        return g_steal_pointer(&text);
    g_autofree char *shown = config_show(text);
    config_fault(reader, section, key,
                 "'%s' is no topic to begin with; write levels with '/' between them, without blanks, '+', '#' or a "
                 "leading '$'%s%s", shown, fallback != NULL ? ", such as " : "", fallback != NULL ? fallback : "");
    return NULL;
}

void config_home_assistant_read(ConfigReader *reader, Config *config)
{
    /* On unless switched off: without Home Assistant nobody reads these topics, with it all appears by itself. */
    config->discovery = true;
    config_bool(reader, CONFIG_HOME_ASSISTANT, "discovery", &config->discovery);
    config->discovery_prefix = config_topic(reader, CONFIG_HOME_ASSISTANT, "prefix", DEFAULT_DISCOVERY_PREFIX);
}

void config_lamps_read(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    ret->wled_topic = config_topic(reader, section, "wled", NULL);
    ret->awtrix_topic = config_topic(reader, section, "awtrix", NULL);
}
