/* SPDX-License-Identifier: MIT */
#include "mqtt/discovery.h"

#include "mqtt/discovery_parts.h"
#include "mqtt/json.h"
#include "mqtt/topics.h"

#include <string.h>

#define APPLICATION "zone1d"
#define MAX_OWNER_BYTES 512

/* Which device a part belongs to. */
typedef struct {
    const DiscoveryGateway *gateway;
    const DiscoveryAthlete *athlete; /* NULL: the gateway's own */
    const char *identifier;          /* of the device */
} Device;

char *discovery_gateway_topic(const char *discovery_prefix, const char *gateway_id)
{
    return g_strdup_printf("%s/device/zone1d_gateway_%s/config", discovery_prefix, gateway_id);
}

char *discovery_athlete_topic(const char *discovery_prefix, const char *athlete_id)
{
    return g_strdup_printf("%s/device/zone1d_%s/config", discovery_prefix, athlete_id);
}

/* ---- one component ---- */

static void add_text(cJSON *object, const char *key, const char *value)
{
    if (value != NULL)
        cJSON_AddStringToObject(object, key, value);
}

static void add_topic(cJSON *object, const char *key, const Device *device, const char *leaf)
{
    if (leaf == NULL)
        return;
    const DiscoveryGateway *gateway = device->gateway;
    g_autofree char *topic = device->athlete != NULL ? topic_athlete(gateway->prefix, device->athlete->id, leaf)
                                                     : topic_gateway(gateway->prefix, gateway->gateway_id, leaf);
    cJSON_AddStringToObject(object, key, topic);
}

/* While the gateway is there everything can be used: a session is started before the strap is put on. */
static void add_availability(cJSON *object, const DiscoveryGateway *gateway)
{
    g_autofree char *topic = topic_gateway(gateway->prefix, gateway->gateway_id, "status");
    cJSON *list = cJSON_AddArrayToObject(object, "availability"), *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "topic", topic);
    cJSON_AddItemToArray(list, one);
}

static void add_number(cJSON *object, const DiscoveryPart *part)
{
    if (part->step <= 0)
        return;
    json_decimal(object, "min", part->min, 0);
    json_decimal(object, "max", part->max, 0);
    json_decimal(object, "step", part->step, part->step < 1 ? 1 : 0);
    cJSON_AddStringToObject(object, "mode", "box");
}

static void add_words(cJSON *object, const Device *device, const DiscoveryPart *part)
{
    if (part->options != NULL)
        part->options(cJSON_AddArrayToObject(object, "options"), device->athlete);
    if (part->event_types != NULL)
        part->event_types(cJSON_AddArrayToObject(object, "event_types"), device->athlete);
}

/* A target that is no option (a cap set by hand) is unknown: an option that is not in the list is an error. */
static void add_select_template(cJSON *object)
{
    char *options = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(object, "options"));
    g_autofree char *template =
        g_strdup_printf("{{ value_json.target if value_json.target in %s else none }}", options);
    cJSON_free(options);
    cJSON_AddStringToObject(object, "value_template", template);
}

/* What a reading is when it is fresh, and for how long. */
static void add_reading(cJSON *object, const Device *device, const DiscoveryPart *part)
{
    if (part->measured)
        cJSON_AddStringToObject(object, "state_class", "measurement");
    if (part->live)
        json_int(object, "expire_after", MAX(DISCOVERY_EXPIRE_MIN_S, 3 * device->gateway->state_interval_s));
    if (strcmp(part->key, "status") == 0 && device->athlete == NULL) {
        cJSON_AddStringToObject(object, "payload_on", "online");
        cJSON_AddStringToObject(object, "payload_off", "offline");
    }
    if (part->attributes != NULL) {
        add_topic(object, "json_attributes_topic", device, part->state);
        cJSON_AddStringToObject(object, "json_attributes_template", part->attributes);
    }
}

static cJSON *component(const Device *device, const DiscoveryPart *part)
{
    cJSON *object = cJSON_CreateObject();
    g_autofree char *unique_id = g_strdup_printf("%s_%s", device->identifier, part->key);
    cJSON_AddStringToObject(object, "platform", part->platform);
    cJSON_AddStringToObject(object, "unique_id", unique_id);
    cJSON_AddStringToObject(object, "name", part->name);
    add_topic(object, "state_topic", device, part->state);
    add_topic(object, "command_topic", device, part->command);
    add_text(object, "payload_press", part->press);
    add_text(object, "value_template", part->template);
    add_text(object, "device_class", part->device_class);
    add_text(object, "unit_of_measurement", part->unit);
    add_text(object, "icon", part->icon);
    add_reading(object, device, part);
    add_number(object, part);
    add_words(object, device, part);
    if (strcmp(part->platform, "select") == 0)
        add_select_template(object);
    if (part->diagnostic)
        cJSON_AddStringToObject(object, "entity_category", "diagnostic");
    if (device->athlete == NULL && !part->always)
        add_availability(object, device->gateway);
    return object;
}

/* ---- a device ---- */

static cJSON *device_object(const Device *device, const char *name, const char *model)
{
    cJSON *object = cJSON_CreateObject(), *identifiers = cJSON_AddArrayToObject(object, "identifiers");
    cJSON_AddItemToArray(identifiers, cJSON_CreateString(device->identifier));
    cJSON_AddStringToObject(object, "name", name);
    cJSON_AddStringToObject(object, "manufacturer", APPLICATION);
    cJSON_AddStringToObject(object, "model", model);
    cJSON_AddStringToObject(object, "sw_version", device->gateway->version);
    if (device->athlete != NULL) {
        g_autofree char *via = g_strdup_printf("zone1d_gateway_%s", device->gateway->gateway_id);
        cJSON_AddStringToObject(object, "via_device", via);
    }
    return object;
}

/* Names what is gone since BEFORE; whatever is not a word there came from outside and is left out. */
static void add_removed(cJSON *components, const cJSON *before)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, before)
    {
        if (one->string == NULL || !cJSON_IsString(one) ||
            cJSON_GetObjectItemCaseSensitive(components, one->string) != NULL)
            continue;
        cJSON *gone = cJSON_CreateObject();
        cJSON_AddStringToObject(gone, "platform", one->valuestring);
        cJSON_AddItemToObject(components, one->string, gone);
    }
}

static cJSON *message(const Device *device, const char *name, const char *model)
{
    gsize count;
    const DiscoveryPart *parts =
        device->athlete != NULL ? discovery_athlete_parts(&count) : discovery_gateway_parts(&count);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(object, "device", device_object(device, name, model));
    cJSON *origin = cJSON_AddObjectToObject(object, "origin");
    cJSON_AddStringToObject(origin, "name", APPLICATION);
    cJSON_AddStringToObject(origin, "sw_version", device->gateway->version);
    if (device->athlete != NULL)
        add_availability(object, device->gateway);
    json_int(object, "qos", 1);
    cJSON *components = cJSON_AddObjectToObject(object, "components");
    for (gsize i = 0; i < count; i++)
        cJSON_AddItemToObject(components, parts[i].key, component(device, &parts[i]));
    return object;
}

char *discovery_gateway(const DiscoveryGateway *gateway)
{
    g_autofree char *identifier = g_strdup_printf("zone1d_gateway_%s", gateway->gateway_id);
    g_autofree char *name = g_strdup_printf("zone1d %s", gateway->gateway_id);
    Device device = {.gateway = gateway, .identifier = identifier};
    return json_print(message(&device, name, "Heart-rate gateway"));
}

char *discovery_athlete(const DiscoveryGateway *gateway, const DiscoveryAthlete *athlete, const cJSON *before)
{
    g_autofree char *identifier = g_strdup_printf("zone1d_%s", athlete->id);
    Device device = {.gateway = gateway, .athlete = athlete, .identifier = identifier};
    cJSON *object = message(&device, athlete->name, "Athlete");
    add_removed(cJSON_GetObjectItemCaseSensitive(object, "components"), before);
    return json_print(object);
}

cJSON *discovery_components(void)
{
    gsize count;
    const DiscoveryPart *parts = discovery_athlete_parts(&count);
    cJSON *object = cJSON_CreateObject();
    for (gsize i = 0; i < count; i++)
        cJSON_AddStringToObject(object, parts[i].key, parts[i].platform);
    return object;
}

/* ---- and back ---- */

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The gateway's own device has its availability at its components, an athlete's at the root. */
static const char *owner_of(const cJSON *object)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "availability"), *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(object, "components"))
    {
        if (list != NULL)
            break;
        list = cJSON_GetObjectItemCaseSensitive(one, "availability");
    }
    return text_of(cJSON_GetArrayItem(list, 0), "topic");
}

char *discovery_owner(const char *payload, gsize len)
{
    cJSON *object = cJSON_ParseWithLength(payload, len);
    const char *application = text_of(cJSON_GetObjectItemCaseSensitive(object, "origin"), "name");
    const char *owner = owner_of(object);
    bool ours = g_strcmp0(application, APPLICATION) == 0 && owner != NULL && strlen(owner) <= MAX_OWNER_BYTES;
    char *copy = ours ? g_strdup(owner) : NULL;
    cJSON_Delete(object);
    return copy;
}
