/* SPDX-License-Identifier: MIT */
#include "gateway_straps.h"

#include "bindings.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"
#include "mqtt/topics.h"

#include <string.h>

#define MAX_ADAPTERS 32
#define MS 1000

struct GatewayStraps {
    const Config *config;
    MqttClient *mqtt;
    Bindings *bindings;
    Source *source;
    char *seen_topic;
};

_Static_assert(CONFIG_MAX_STRAPS == 1 + STRAP_MAX_SPARES, "every strap that can be configured can be used");
_Static_assert(CONFIG_MAX_GUESTS == BLUEZ_MAX_GUESTS, "every guest that can be configured can be taken in");

GatewayStraps *gateway_straps_new(const Config *config, MqttClient *mqtt)
{
    GatewayStraps *straps = g_new0(GatewayStraps, 1);
    straps->config = config;
    straps->mqtt = mqtt;
    straps->bindings = bindings_load(config->state_dir);
    straps->seen_topic = topic_gateway(config->mqtt_prefix, config->gateway_id, "seen");
    return straps;
}

void gateway_straps_free(GatewayStraps *straps)
{
    if (straps == NULL)
        return;
    bindings_free(straps->bindings);
    g_free(straps->seen_topic);
    g_free(straps);
}

/* ---- whose is which ---- */

/* Index of the athlete of ID who is no guest; -1: none. */
static int find_athlete(const Config *config, const char *id)
{
    for (unsigned i = 0; i < config->athlete_count - config->guest_count; i++)
        if (g_strcmp0(config->athletes[i].id, id) == 0)
            return (int)i;
    return -1;
}

/* The strap of ATHLETE; writes its spare ones to SPARES. */
static StrapId strap_id(const Config *config, const AthleteConfig *athlete, StrapId *spares)
{
    StrapId id = {.spares = spares, .probes = config->probe_serials};
    for (unsigned i = 0; i < athlete->strap_count; i++) {
        StrapId *one = i == 0 ? &id : &spares[id.spare_count++];
        one->address = athlete->straps[i].address;
        one->name = athlete->straps[i].name;
        one->serial = athlete->straps[i].serial;
    }
    return id;
}

static bool has_binding(const GatewayStraps *straps, const char *athlete)
{
    for (unsigned i = 0; i < bindings_count(straps->bindings); i++)
        if (strcmp(bindings_at(straps->bindings, i)->athlete, athlete) == 0)
            return true;
    return false;
}

static void warn_of_none(const GatewayStraps *straps, unsigned athlete)
{
    const AthleteConfig *config = &straps->config->athletes[athlete];
    if (config->strap_count == 0 && !config->guest && !has_binding(straps, config->id))
        g_warning("athlete %u in %s has no strap: nothing is heard of them; write the strap's address or name "
                  "into their section", athlete + 1, straps->config->path);
}

/* The configuration goes before what was bound at run time. */
static void apply_bindings(GatewayStraps *straps)
{
    for (unsigned i = 0; i < bindings_count(straps->bindings); i++) {
        const Binding *binding = bindings_at(straps->bindings, i);
        int athlete = find_athlete(straps->config, binding->athlete);
        if (athlete < 0) {
            g_warning("a strap was bound to an athlete who is not in %s any more; the binding waits for them",
                      straps->config->path);
            continue;
        }
        switch (bluez_source_bind(straps->source, (unsigned)athlete, binding->address, binding->name)) {
        case BLUEZ_BIND_CONFIGURED:
            g_warning("a strap was bound to athlete %d, and %s gives it to another one: the file counts", athlete + 1,
                      straps->config->path);
            bluez_source_unbind(straps->source, (unsigned)athlete, binding->address); /* of before a reload */
            break;
        case BLUEZ_BIND_FULL:
            g_warning("athlete %d has more than %d straps bound; the others are left out", athlete + 1,
                      STRAP_MAX_BOUND);
            break;
        case BLUEZ_BOUND:
            break;
        }
    }
}

static BluezOptions options_of(const GatewayStraps *straps)
{
    return (BluezOptions){.unknown = straps->config->unknown_straps,
                          .guests = straps->config->guest_count,
                          .id_key = bindings_key(straps->bindings),
                          .id_key_len = BINDINGS_KEY_BYTES};
}

/* Of each athlete; writes their spare ones to SPARES. Caller frees. */
static StrapId *strap_ids(const Config *config, StrapId *spares)
{
    StrapId *ids = g_new0(StrapId, config->athlete_count);
    for (unsigned i = 0; i < config->athlete_count; i++)
        ids[i] = strap_id(config, &config->athletes[i], &spares[i * CONFIG_MAX_STRAPS]);
    return ids;
}

Source *gateway_straps_source(GatewayStraps *straps, const SourceEvents *events, const BluezEvents *more, void *user)
{
    const Config *config = straps->config;
    g_autofree StrapId *spares = g_new0(StrapId, config->athlete_count * CONFIG_MAX_STRAPS);
    g_autofree StrapId *ids = strap_ids(config, spares);
    BluezOptions options = options_of(straps);
    options.events = more;
    options.user = user;
    for (unsigned i = 0; i < config->athlete_count; i++)
        warn_of_none(straps, i);
    straps->source = bluez_source_new(ids, config->athlete_count, events, user);
    bluez_source_set_options(straps->source, &options);
    apply_bindings(straps);
    return straps->source;
}

void gateway_straps_reload(GatewayStraps *straps, const ConfigChange *change)
{
    const Config *config = straps->config;
    if (straps->source == NULL)
        return;
    g_autofree StrapId *spares = g_new0(StrapId, config->athlete_count * CONFIG_MAX_STRAPS);
    g_autofree StrapId *ids = strap_ids(config, spares);
    const BluezOptions options = options_of(straps);
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (change->from[i] < 0)
            warn_of_none(straps, i);
    bluez_source_reload(straps->source, ids, change->from, config->athlete_count, &options);
    apply_bindings(straps);
}

static bool refuse(GError **error, const char *sentence)
{
    g_set_error_literal(error, G_IO_CHANNEL_ERROR, G_IO_CHANNEL_ERROR_INVAL, sentence);
    return false;
}

static bool keep(GatewayStraps *straps, GError **error)
{
    if (bindings_save(straps->bindings, error))
        return true;
    g_prefix_error(error, "done, but only until zone1d ends: ");
    return false;
}

bool gateway_straps_bind(GatewayStraps *straps, const char *id, const char *athlete, GError **error)
{
    int number = find_athlete(straps->config, athlete);
    HeardStrap strap;
    if (number < 0)
        return refuse(error, "there is no such athlete");
    if (straps->source == NULL || !bluez_source_find(straps->source, id, &strap))
        return refuse(error, "no strap of that id was heard lately; scan, and take an id from there");
    if (!strap.heart_rate)
        return refuse(error, "that device does not advertise the heart rate service");
    g_autofree char *address = g_strdup(strap.address), *name = g_strdup(strap.name);
    if (bindings_count(straps->bindings) >= BINDINGS_MAX)
        return refuse(error, "there are too many bindings; unbind one first");
    switch (bluez_source_bind(straps->source, (unsigned)number, address, name)) {
    case BLUEZ_BIND_CONFIGURED:
        return refuse(error, "the configuration gives that strap to another athlete");
    case BLUEZ_BIND_FULL:
        return refuse(error, "the athlete has as many straps bound as can be; unbind one first");
    case BLUEZ_BOUND:
        break;
    }
    bindings_put(straps->bindings, athlete, address, name);
    return keep(straps, error);
}

static unsigned unbind_all(GatewayStraps *straps, const char *address, const char *athlete)
{
    unsigned count = 0;
    for (unsigned i = bindings_count(straps->bindings); i-- > 0;) {
        const Binding *binding = bindings_at(straps->bindings, i);
        if ((address != NULL && strcmp(binding->address, address) != 0) ||
            (athlete != NULL && strcmp(binding->athlete, athlete) != 0))
            continue;
        int number = find_athlete(straps->config, binding->athlete);
        g_autofree char *own = g_strdup(binding->address);
        if (number >= 0)
            bluez_source_unbind(straps->source, (unsigned)number, own);
        bindings_remove(straps->bindings, own);
        count++;
    }
    return count;
}

bool gateway_straps_unbind(GatewayStraps *straps, const char *id, const char *athlete, GError **error)
{
    HeardStrap strap = {0};
    if (id == NULL && athlete == NULL)
        return refuse(error, "give the id of a strap, or an athlete");
    if (straps->source == NULL || (id != NULL && !bluez_source_find(straps->source, id, &strap)))
        return refuse(error, "no strap of that id was heard lately; name the athlete instead");
    g_autofree char *address = g_strdup(strap.address);
    if (unbind_all(straps, address, athlete) == 0)
        return athlete != NULL && find_athlete(straps->config, athlete) < 0
                   ? refuse(error, "there is no such athlete")
                   : refuse(error, "no strap was bound to it by bind; what the configuration says is changed there");
    return keep(straps, error);
}

void gateway_straps_look(GatewayStraps *straps, unsigned seconds)
{
    if (straps->source != NULL)
        bluez_source_look(straps->source, (int64_t)seconds * MS);
}

/* ---- what is told ---- */

void gateway_straps_seen(GatewayStraps *straps, const HeardStrap *strap)
{
    gint64 now_us = source_wall_us(straps->source);
    int64_t age_ms = source_now_ms(straps->source) - strap->since_ms;
    g_autofree char *since = payload_time(now_us - age_ms * MS);
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "id", strap->id);
    json_string(object, "name", strap->name);
    json_string(object, "since", since);
    json_string(object, "gateway", straps->config->gateway_id);
    g_autofree char *json = json_print(object);
    mqtt_client_publish(straps->mqtt, MQTT_KEEP, straps->seen_topic, json, 1, false, 0);
}

typedef struct {
    const GatewayStraps *straps;
    GArray *list;
} Listing;

/* What is in STRAP is valid until the main loop runs on, which is long enough. */
static void collect(void *user, const HeardStrap *strap)
{
    g_array_append_val(((Listing *)user)->list, *strap);
}

static int nearness(const HeardStrap *strap) { return strap->rssi_dbm == BLUEZ_NO_RSSI ? -1000 : strap->rssi_dbm; }

static int by_nearness(const void *one, const void *other)
{
    int difference = nearness(other) - nearness(one);
    return difference != 0 ? difference : strcmp(((const HeardStrap *)one)->id, ((const HeardStrap *)other)->id);
}

static cJSON *heard_json(const GatewayStraps *straps, const HeardStrap *strap)
{
    int64_t now_ms = source_now_ms(straps->source);
    cJSON *object = cJSON_CreateObject();
    json_string(object, "id", strap->id);
    json_string(object, "name", strap->name);
    json_string(object, "address", strap->address);
    cJSON_AddBoolToObject(object, "address_changes", strap->address_changes);
    cJSON_AddBoolToObject(object, "heart_rate", strap->heart_rate);
    json_int_or_null(object, "rssi", strap->rssi_dbm, strap->rssi_dbm != BLUEZ_NO_RSSI);
    json_int(object, "since_s", (now_ms - strap->since_ms) / MS);
    json_int(object, "heard_s", (now_ms - strap->heard_ms) / MS);
    json_string(object, "athlete", strap->athlete >= 0 ? straps->config->athletes[strap->athlete].id : NULL);
    return object;
}

cJSON *gateway_straps_heard(const GatewayStraps *straps)
{
    cJSON *array = cJSON_CreateArray();
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(HeardStrap));
    Listing listing = {straps, list};
    if (straps->source == NULL)
        return array;
    bluez_source_each_heard(straps->source, collect, &listing);
    g_array_sort(list, by_nearness);
    for (guint i = 0; i < list->len; i++)
        cJSON_AddItemToArray(array, heard_json(straps, &g_array_index(list, HeardStrap, i)));
    return array;
}

static const char *last_part(const char *path) { return path != NULL ? strrchr(path, '/') + 1 : NULL; }

static void add_details(cJSON *object, const StrapInfo *info)
{
    json_string(object, "location", info->location);
    json_string(object, "maker", info->maker);
    json_string(object, "model", info->model);
    json_string(object, "serial", info->serial);
    json_string(object, "firmware", info->firmware);
    json_int_or_null(object, "energy_kj", info->energy_kj, info->has_energy);
}

static cJSON *strap_json(const GatewayStraps *straps, unsigned athlete, const StrapStatus *status)
{
    const StrapInfo *info = &status->info;
    cJSON *object = cJSON_CreateObject();
    json_string(object, "athlete", straps->config->athletes[athlete].id);
    json_string(object, "link", status->bound ? link_state_name(status->state) : "none");
    json_string(object, "adapter", last_part(status->adapter_path));
    json_int_or_null(object, "links", status->links, status->adapter_path != NULL);
    json_int_or_null(object, "max", status->slots, status->slots > 0);
    json_int_or_null(object, "packet_age_ms", status->packet_age_ms, status->packet_age_ms >= 0);
    json_int_or_null(object, "battery", info->battery_percent, info->battery_percent >= 0);
    json_int(object, "drops", (int64_t)info->drops);
    json_int(object, "reconnects", info->reconnects);
    json_thousandths(object, "lost_s", info->lost_ms);
    json_string(object, "last_reason", status->reason);
    if (info->recovery_ms > 0)
        json_thousandths(object, "last_recovery_s", info->recovery_ms);
    else
        cJSON_AddNullToObject(object, "last_recovery_s");
    add_details(object, info);
    return object;
}

cJSON *gateway_straps_table(const GatewayStraps *straps)
{
    cJSON *object = cJSON_CreateObject(), *array = cJSON_AddArrayToObject(object, "straps");
    for (unsigned i = 0; straps->source != NULL && i < straps->config->athlete_count; i++) {
        StrapStatus status;
        bluez_source_status(straps->source, i, &status);
        if (status.bound || !straps->config->athletes[i].guest)
            cJSON_AddItemToArray(array, strap_json(straps, i, &status));
    }
    cJSON_AddItemToObject(object, "adapters", gateway_straps_adapters(straps));
    return object;
}

static cJSON *adapter_json(const AdapterStatus *adapter)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *version = g_strdup_printf("%u.%u", adapter->version[0], adapter->version[1]);
    json_string(object, "name", last_part(adapter->path));
    cJSON_AddBoolToObject(object, "powered", adapter->powered);
    json_string(object, "bluez", adapter->version[0] != 0 ? version : NULL);
    json_int(object, "links", adapter->links);
    json_int_or_null(object, "max", adapter->slots, adapter->slots > 0);
    return object;
}

cJSON *gateway_straps_adapters(const GatewayStraps *straps)
{
    AdapterStatus adapters[MAX_ADAPTERS];
    cJSON *array = cJSON_CreateArray();
    unsigned count = straps->source != NULL ? bluez_source_adapters(straps->source, adapters, MAX_ADAPTERS) : 0;
    for (unsigned i = 0; i < count; i++)
        cJSON_AddItemToArray(array, adapter_json(&adapters[i]));
    return array;
}
