/* SPDX-License-Identifier: MIT */
#include "gateway_private.h"

#include <string.h>

static void dismiss_athletes(Gateway *gateway, const ConfigChange *change, int64_t now_ms)
{
    for (unsigned i = 0; i < change->before->athlete_count; i++)
        if (!config_change_keeps(change, i))
            athlete_dismiss(gateway->athletes[i], now_ms);
    groups_advance(gateway->groups, now_ms);
}

/* What the parts know is where the configuration is, not what is in it. */
static void exchange(Gateway *gateway, Config *fresh, ConfigChange *change)
{
    const Config before = *gateway->config;
    *gateway->config = *fresh;
    *fresh = before;
    change->before = fresh;
    change->now = gateway->config;
}

static void renew_athletes(Gateway *gateway, const ConfigChange *change, int64_t now_ms)
{
    const Config *now = change->now;
    const bool rules = !config_same_rules(&change->before->rules, &now->rules);
    Athlete *before[CONFIG_MAX_ATHLETES];
    memcpy(before, gateway->athletes, sizeof before);
    memset(gateway->athletes, 0, sizeof before);
    for (unsigned i = 0; i < now->athlete_count; i++) {
        const int from = change->from[i];
        if (from < 0) {
            gateway->athletes[i] = athlete_new(&gateway->context, &now->athletes[i]);
            continue;
        }
        gateway->athletes[i] = g_steal_pointer(&before[from]);
        athlete_configure(gateway->athletes[i], &now->athletes[i], rules, now_ms);
    }
    for (unsigned i = 0; i < CONFIG_MAX_ATHLETES; i++)
        athlete_free(before[i]);
}

/* What is known of who came is theirs again, as at the start. */
static void receive_athletes(Gateway *gateway, const ConfigChange *change, int64_t now_ms)
{
    StoreReader *reader = NULL;
    for (unsigned i = 0; i < change->now->athlete_count; i++) {
        if (change->from[i] >= 0)
            continue;
        if (reader == NULL && gateway->started)
            reader = gateway_open_reader(gateway);
        if (reader != NULL)
            athlete_restore(gateway->athletes[i], reader, now_ms);
        athlete_announce(gateway->athletes[i], now_ms);
    }
    store_reader_free(reader);
}

void gateway_reload(Gateway *gateway, Config *fresh)
{
    const int64_t now_ms = source_now_ms(gateway->source);
    ConfigChange change;
    config_change_find(&change, gateway->config, fresh);
    dismiss_athletes(gateway, &change, now_ms);
    exchange(gateway, fresh, &change);
    renew_athletes(gateway, &change, now_ms);
    gateway_deadlines_free(gateway->deadlines);
    gateway->deadlines = gateway_deadlines_new(gateway->athletes, gateway->config->athlete_count);
    gateway_claims_reload(gateway->claims, &change);
    gateway_speed_reload(gateway->speed, &change);
    gateway->groups = groups_renew(gateway->groups, gateway->athletes, now_ms);
    gateway_straps_reload(gateway->straps, &change);
    /* Devices before their states. */
    gateway_discovery_reload(gateway->discovery, &change);
    receive_athletes(gateway, &change, now_ms);
    gateway_info_note(gateway->info);
    if (gateway->context.store != NULL) {
        const StoreOptions options = gateway_store_options(gateway->config);
        store_configure(gateway->context.store, &options);
    }
    gateway_advance(gateway, source_now_ms(gateway->source));
}
