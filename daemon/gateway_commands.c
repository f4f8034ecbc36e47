/* SPDX-License-Identifier: MIT */
#include "gateway_commands.h"

#include "mqtt/json.h"
#include "mqtt/topics.h"
#include "requests.h"

#include <string.h>

struct GatewayCommands {
    const AthleteContext *context;
    Athlete *const *athletes;
    GHashTable *strangers; /* ids of other gateways' athletes */
    GatewayCommandsTally tally;
};

/* One command on its way to its answers. */
typedef struct {
    GatewayCommands *commands;
    const MqttIncoming *message;
    const char *athlete_id;
    const char *transaction;
} Order;

GatewayCommands *gateway_commands_new(const AthleteContext *context, Athlete *const *athletes)
{
    static const char *const leaves[] = {"set", "set/+"};
    GatewayCommands *commands = g_new0(GatewayCommands, 1);
    const Config *config = context->config;
    commands->context = context;
    commands->athletes = athletes;
    commands->strangers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(leaves); i++) {
        g_autofree char *filter = topic_athlete(config->mqtt_prefix, "+", leaves[i]);
        mqtt_client_subscribe_new(context->mqtt, filter, 1);
    }
    g_autofree char *straps = topic_athlete(config->mqtt_prefix, "+", "strap");
    mqtt_client_subscribe(context->mqtt, straps, 1);
    return commands;
}

void gateway_commands_free(GatewayCommands *commands)
{
    if (commands == NULL)
        return;
    g_hash_table_unref(commands->strangers);
    g_free(commands);
}

GatewayCommandsTally gateway_commands_tally(const GatewayCommands *commands) { return commands->tally; }

/* ---- answers ---- */

static void answer(const Order *order, const char *key, const char *error)
{
    const AthleteContext *context = order->commands->context;
    cJSON *object = cJSON_CreateObject();
    json_string(object, "key", key[0] != '\0' ? key : NULL);
    json_string(object, "status", error == NULL ? "ok" : "error");
    if (error != NULL)
        json_string(object, "error", error);
    if (order->transaction[0] != '\0')
        json_string(object, "transaction", order->transaction);
    g_autofree char *json = json_print(object);
    g_autofree char *topic = topic_athlete(context->config->mqtt_prefix, order->athlete_id, "result");
    const char *response_topic = order->message->response_topic;
    mqtt_client_answer(context->mqtt, order->message, topic, json);
    if (response_topic != NULL && requests_may_answer_to(context->config, response_topic))
        mqtt_client_answer(context->mqtt, order->message, response_topic, json);
    if (error == NULL)
        order->commands->tally.done++;
    else
        order->commands->tally.refused++;
}

static void carry_out(const Order *order, Athlete *athlete, const CommandSet *set, int64_t now_ms)
{
    for (CommandKey key = 0; key < COMMAND_KEY_COUNT; key++)
        if (set->given[key])
            answer(order, command_key_name(key), athlete_set(athlete, key, set, now_ms));
}

/* ---- messages ---- */

static Athlete *find_athlete(const GatewayCommands *commands, const char *id)
{
    const Config *config = commands->context->config;
    for (unsigned i = 0; i < config->athlete_count; i++)
        if (strcmp(config->athletes[i].id, id) == 0)
            return commands->athletes[i];
    return NULL;
}

static void take_command(GatewayCommands *commands, const MqttIncoming *message, const char *id, const char *key,
                         int64_t now_ms)
{
    Athlete *athlete = find_athlete(commands, id);
    CommandSet set;
    CommandFault fault;
    Order order = {.commands = commands, .message = message, .athlete_id = id, .transaction = ""};
    if (athlete == NULL && g_hash_table_contains(commands->strangers, id))
        return;
    bool taken = key != NULL ? command_parse_plain(key, message->payload, message->len, &set, &fault)
                             : command_parse_json(message->payload, message->len, &set, &fault);
    order.transaction = set.transaction;
    if (athlete == NULL)
        answer(&order, "", "there is no such athlete");
    else if (!taken)
        answer(&order, fault.key, fault.text);
    else
        carry_out(&order, athlete, &set, now_ms);
}

/* Whose athlete ID is: a strap topic says which gateway speaks for them. */
static void note_stranger(GatewayCommands *commands, const MqttIncoming *message, const char *id)
{
    cJSON *strap = message->len > 0 ? cJSON_ParseWithLength(message->payload, message->len) : NULL;
    const char *gateway = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(strap, "gateway"));
    bool others = gateway != NULL && strcmp(gateway, commands->context->config->gateway_id) != 0;
    if (!others)
        g_hash_table_remove(commands->strangers, id);
    else if (g_hash_table_size(commands->strangers) < COMMANDS_MAX_STRANGERS)
        g_hash_table_add(commands->strangers, g_strdup(id));
    cJSON_Delete(strap);
}

bool gateway_commands_take(GatewayCommands *commands, const MqttIncoming *message, int64_t now_ms)
{
    char id[TOPIC_MAX_ID_BYTES + 1];
    const char *leaf = topic_split(message->topic, commands->context->config->mqtt_prefix, "athlete", id);
    if (leaf == NULL)
        return false;
    if (strcmp(leaf, "strap") == 0) {
        note_stranger(commands, message, id);
        return true;
    }
    if (strcmp(leaf, "set") != 0 && !g_str_has_prefix(leaf, "set/"))
        return false;
    /* A stored "start" must never be carried out again. */
    if (!message->retained)
        take_command(commands, message, id, leaf[3] == '/' ? leaf + 4 : NULL, now_ms);
    return true;
}
