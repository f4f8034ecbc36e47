/* SPDX-License-Identifier: MIT */
#include "gateway_discovery.h"

#include "gateway_tidy.h"
#include "input_file.h"
#include "mqtt/discovery.h"
#include "mqtt/memory.h"

#include <string.h>

#define MEMORY_FILE "announced.json"
/* Home Assistant subscribes while it starts, and many gateways may answer its birth at once. */
#define BIRTH_MIN_MS 1000
#define BIRTH_MAX_MS 5000

struct GatewayDiscovery {
    const Config *config;
    MqttClient *mqtt;
    const GatewayDiscoveryEvents *events;
    void *user;
    char *birth_topic;
    guint birth_timer;
    char *memory_path; /* NULL: there is no folder for it */
    Memory *memory;
    bool remembered; /* in this run */
    bool tidied;
    GatewayTidy *tidy;
};

/* ---- the memory ---- */

/* A memory that cannot be read is as good as none: it is written anew. */
static Memory *load_memory(const char *path)
{
    gsize len = 0;
    g_autoptr(GError) error = NULL;
    if (path == NULL || !g_file_test(path, G_FILE_TEST_EXISTS))
        return memory_new();
    g_autofree char *bytes = input_file_read(path, MEMORY_MAX_BYTES, &len, &error);
    if (error != NULL)
        g_warning("%s; what was announced before is not known, so old names may stay in Home Assistant",
                  error->message);
    return bytes != NULL ? memory_parse(bytes, len) : memory_new();
}

static void save_memory(const GatewayDiscovery *discovery)
{
    g_autoptr(GError) error = NULL;
    if (discovery->memory_path == NULL)
        return;
    g_autofree char *text = memory_print(discovery->memory);
    if (!g_file_set_contents_full(discovery->memory_path, text, (gssize)strlen(text),
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &error))
        g_warning("%s: cannot be written: %s; a later change of names may leave old ones in Home Assistant",
                  discovery->memory_path, error->message);
}

static void remember_names(GatewayDiscovery *discovery)
{
    const Config *config = discovery->config;
    const MemoryNames names = {.gateway_id = config->gateway_id, .prefix = config->mqtt_prefix,
                               .discovery_prefix = config->discovery_prefix};
    if (memory_note(discovery->memory, &names))
        save_memory(discovery);
}

/* From now on the entities of today are what a later version has to take back. */
static void remember_components(GatewayDiscovery *discovery)
{
    cJSON *now = discovery_components();
    if (cJSON_Compare(now, discovery->memory->components, true)) {
        cJSON_Delete(now);
        return;
    }
    cJSON_Delete(discovery->memory->components);
    discovery->memory->components = now;
    save_memory(discovery);
}

/* ---- what is told ---- */

static void publish(GatewayDiscovery *discovery, const char *topic, const char *payload)
{
    mqtt_client_publish(discovery->mqtt, MQTT_KEEP, topic, payload, 1, true, 0);
}

static void announce(GatewayDiscovery *discovery)
{
    const Config *config = discovery->config;
    const DiscoveryGateway gateway = {.discovery_prefix = config->discovery_prefix, .prefix = config->mqtt_prefix,
                                      .gateway_id = config->gateway_id, .version = ZONE1D_VERSION,
                                      .state_interval_s = config->state_interval_s};
    g_autofree char *own_topic = discovery_gateway_topic(config->discovery_prefix, config->gateway_id);
    g_autofree char *own = discovery_gateway(&gateway);
    publish(discovery, own_topic, own);
    for (unsigned i = 0; i < config->athlete_count; i++) {
        const AthleteConfig *one = &config->athletes[i];
        const DiscoveryAthlete athlete = {.id = one->id, .name = one->alias, .zones = &one->zones,
                                          .target = &one->target};
        g_autofree char *topic = discovery_athlete_topic(config->discovery_prefix, one->id);
        g_autofree char *json = discovery_athlete(&gateway, &athlete, discovery->memory->components);
        publish(discovery, topic, json);
    }
}

/* ---- what is taken back ---- */

static void on_tidy(void *user, const GPtrArray *topics, bool done)
{
    GatewayDiscovery *discovery = user;
    for (guint i = 0; i < topics->len; i++)
        publish(discovery, topics->pdata[i], "");
    if (topics->len > 0)
        g_message("MQTT: %u stored messages of former athletes or names are cleared from the broker", topics->len);
    if (done && discovery->memory->count > 1) {
        memory_keep_first(discovery->memory);
        save_memory(discovery);
    }
    discovery->tidied = true;
    gateway_tidy_free(discovery->tidy);
    discovery->tidy = NULL;
}

static void take_back(GatewayDiscovery *discovery)
{
    if (discovery->tidied)
        return;
    gateway_tidy_free(discovery->tidy);
    discovery->tidy = gateway_tidy_new(discovery->config, discovery->memory, on_tidy, discovery);
}

/* ---- what comes ---- */

void gateway_discovery_connected(GatewayDiscovery *discovery, bool lasting)
{
    if (lasting && !discovery->remembered) {
        remember_names(discovery);
        discovery->remembered = true;
    }
    if (discovery->config->discovery)
        announce(discovery);
    if (!lasting)
        return;
    if (discovery->config->discovery)
        remember_components(discovery);
    take_back(discovery);
}

static gboolean on_birth(gpointer user)
{
    GatewayDiscovery *discovery = user;
    discovery->birth_timer = 0;
    if (!mqtt_client_connected(discovery->mqtt))
        return G_SOURCE_REMOVE; /* the next connection says it all */
    announce(discovery);
    discovery->events->say_states(discovery->user);
    return G_SOURCE_REMOVE;
}

bool gateway_discovery_message(GatewayDiscovery *discovery, const MqttIncoming *message)
{
    if (g_strcmp0(message->topic, discovery->birth_topic) != 0)
        return false;
    /* A stored birth is from before this connection, which began with all that it asks for. */
    if (!message->retained && strcmp(message->payload, "online") == 0 && discovery->birth_timer == 0)
        discovery->birth_timer =
            g_timeout_add((guint)g_random_int_range(BIRTH_MIN_MS, BIRTH_MAX_MS + 1), on_birth, discovery);
    return true;
}

/* ---- from outside ---- */

static void wait_for_birth(GatewayDiscovery *discovery)
{
    g_clear_pointer(&discovery->birth_topic, g_free);
    if (!discovery->config->discovery)
        return;
    discovery->birth_topic = g_strdup_printf("%s/status", discovery->config->discovery_prefix);
    mqtt_client_subscribe_new(discovery->mqtt, discovery->birth_topic, 1);
}

GatewayDiscovery *gateway_discovery_new(const Config *config, MqttClient *mqtt, const GatewayDiscoveryEvents *events,
                                        void *user)
{
    GatewayDiscovery *discovery = g_new0(GatewayDiscovery, 1);
    discovery->config = config;
    discovery->mqtt = mqtt;
    discovery->events = events;
    discovery->user = user;
    if (config->state_dir != NULL)
        discovery->memory_path = g_build_filename(config->state_dir, MEMORY_FILE, NULL);
    discovery->memory = load_memory(discovery->memory_path);
    wait_for_birth(discovery);
    return discovery;
}

static bool is_same_home(const Config *one, const Config *other)
{
    return one->discovery == other->discovery && strcmp(one->discovery_prefix, other->discovery_prefix) == 0;
}

static bool has_anybody_left(const ConfigChange *change)
{
    for (unsigned i = 0; i < change->before->athlete_count; i++)
        if (!config_change_keeps(change, i))
            return true;
    return false;
}

void gateway_discovery_reload(GatewayDiscovery *discovery, const ConfigChange *change)
{
    const bool same = is_same_home(change->before, change->now);
    if (!same && discovery->birth_topic != NULL)
        mqtt_client_unsubscribe(discovery->mqtt, discovery->birth_topic);
    if (!same) {
        wait_for_birth(discovery);
        discovery->remembered = false;
    }
    if (!same || has_anybody_left(change))
        discovery->tidied = false;
    if (mqtt_client_connected(discovery->mqtt))
        gateway_discovery_connected(discovery, true);
}

void gateway_discovery_free(GatewayDiscovery *discovery)
{
    if (discovery == NULL)
        return;
    g_clear_handle_id(&discovery->birth_timer, g_source_remove);
    gateway_tidy_free(discovery->tidy);
    memory_free(discovery->memory);
    g_free(discovery->memory_path);
    g_free(discovery->birth_topic);
    g_free(discovery);
}
