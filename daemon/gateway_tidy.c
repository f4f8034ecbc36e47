/* SPDX-License-Identifier: MIT */
#include "gateway_tidy.h"

#include "gateway_broker.h"

#include <string.h>

/* What is stored comes at once after the subscription; MQTT does not say when that was all. */
#define QUIET_MS 2000
#define GIVE_UP_MS 60000

struct GatewayTidy {
    const Config *config;
    MqttClient *client;
    Leftovers *leftovers;
    Memory *memory; /* a copy */
    guint timer;
    GatewayTidyResult result;
    void *user;
};

static Memory *copy_of(const Memory *memory)
{
    g_autofree char *text = memory_print(memory);
    return memory_parse(text, strlen(text));
}

static gboolean judge(gpointer user)
{
    GatewayTidy *tidy = user;
    const Config *config = tidy->config;
    g_autofree const char **athletes = g_new0(const char *, config->athlete_count + 1);
    for (unsigned i = 0; i < config->athlete_count; i++)
        athletes[i] = config->athletes[i].id;
    LeftoversView view = {.names = tidy->memory->names, .count = tidy->memory->count, .athletes = athletes,
                          .discovery = config->discovery};
    bool done = false;
    g_autoptr(GPtrArray) topics = leftovers_judge(tidy->leftovers, &view, &done);
    tidy->timer = 0;
    tidy->result(tidy->user, topics, done);
    return G_SOURCE_REMOVE;
}

static gboolean give_up(gpointer user)
{
    GatewayTidy *tidy = user;
    tidy->timer = 0;
    mqtt_client_free(tidy->client, 0);
    tidy->client = NULL;
    return G_SOURCE_REMOVE;
}

static void wait_for_quiet(GatewayTidy *tidy)
{
    g_clear_handle_id(&tidy->timer, g_source_remove);
    tidy->timer = g_timeout_add(QUIET_MS, judge, tidy);
}

static void on_connected(void *user) { wait_for_quiet(user); }

/* What this gateway's other connection had still to say from its last run may come just now. */
static bool may_be_stored(const char *topic)
{
    return g_str_has_suffix(topic, "/config") || g_str_has_suffix(topic, "/strap") ||
           g_str_has_suffix(topic, "/session") || g_str_has_suffix(topic, "/session/last") ||
           g_str_has_suffix(topic, "/advice");
}

static void on_message(void *user, const MqttIncoming *message)
{
    GatewayTidy *tidy = user;
    if (!message->retained && !may_be_stored(message->topic))
        return;
    leftovers_see(tidy->leftovers, message->topic, message->payload, message->len);
    if (message->retained)
        wait_for_quiet(tidy);
}

static void subscribe_all(GatewayTidy *tidy)
{
    for (unsigned i = 0; i < tidy->memory->count; i++) {
        g_auto(GStrv) filters = leftovers_filters(&tidy->memory->names[i]);
        for (char **filter = filters; *filter != NULL; filter++)
            mqtt_client_subscribe(tidy->client, *filter, 0);
    }
}

GatewayTidy *gateway_tidy_new(const Config *config, const Memory *memory, GatewayTidyResult result, void *user)
{
    static const MqttEvents events = {.connected = on_connected, .message = on_message};
    GatewayTidy *tidy = g_new0(GatewayTidy, 1);
    g_autofree char *client_id = g_strdup_printf("zone1d-%s-tidy", config->gateway_id);
    MqttOptions options = gateway_broker_options(config);
    options.client_id = client_id;
    options.quiet = true;
    tidy->config = config;
    tidy->leftovers = leftovers_new();
    tidy->memory = copy_of(memory);
    tidy->result = result;
    tidy->user = user;
    tidy->client = mqtt_client_new(&options, &events, tidy);
    tidy->timer = g_timeout_add(GIVE_UP_MS, give_up, tidy);
    subscribe_all(tidy);
    return tidy;
}

void gateway_tidy_free(GatewayTidy *tidy)
{
    if (tidy == NULL)
        return;
    g_clear_handle_id(&tidy->timer, g_source_remove);
    mqtt_client_free(tidy->client, 0);
    leftovers_free(tidy->leftovers);
    memory_free(tidy->memory);
    g_free(tidy);
}
