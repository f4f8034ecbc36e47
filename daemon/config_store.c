/* SPDX-License-Identifier: MIT */
#include "config_store.h"

#include "config_names.h"
#include "config_value.h"

#define DEFAULT_INTERVAL_S 4

static const ConfigNumber interval_s = {1, 60, "s", "4", false};
static const ConfigNumber days = {0, 36500, "", "365", false};
static const ConfigNumber load = {10, 1000, "", "120", false};
static const ConfigNumber top_min = {1, 600, "min", "10", false};
static const ConfigNumber window_h = {12, 168, "h", "48", false};

void config_store_read(ConfigReader *reader, Config *config)
{
    int interval = DEFAULT_INTERVAL_S, keep = 0, keep_samples = 0, hard_min, hours;
    AdviceRules *rules = &config->advice;
    config_number(reader, CONFIG_STORE, "interval", &interval_s, &interval);
    config_number(reader, CONFIG_STORE, "keep-days", &days, &keep);
    config_number(reader, CONFIG_STORE, "keep-samples-days", &days, &keep_samples);
    config->store.interval_s = (unsigned)interval;
    config->store.keep_days = (unsigned)keep;
    config->store.keep_samples_days = (unsigned)keep_samples;
    *rules = advice_rules_default();
    config_number(reader, CONFIG_ADVICE, "hard-load", &load, &rules->hard_load);
    if (config_number(reader, CONFIG_ADVICE, "hard-minutes", &top_min, &hard_min))
        rules->hard_top_ms = (int64_t)hard_min * 60000;
    if (config_number(reader, CONFIG_ADVICE, "window", &window_h, &hours))
        rules->window_ms = (int64_t)hours * 3600000;
}
