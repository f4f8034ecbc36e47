/* SPDX-License-Identifier: MIT */
#include "ctl/ask.h"

#include "ctl/notes.h"
#include "mqtt/json.h"
#include "mqtt/topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define CONNECT_PATIENCE_MS 10000
#define OTHERS_MS 500 /* after the first gateway was heard of: are there more? */
#define CLOSE_TIMEOUT_MS 1000
#define MAX_GATEWAYS 64

G_DEFINE_QUARK(zone1d-ask-error, ask_error)

typedef struct {
    const Place *place;
    GMainLoop *loop;
    MqttClient *client;
    bool connected, timed_out;
    GPtrArray *gateways; /* ids of those that are online */
    char *answer_topic;  /* NULL: none is awaited yet */
    char *transaction;
    cJSON *answer;
    guint timer;
} Ask;

static gboolean on_time(gpointer user)
{
    Ask *ask = user;
    ask->timer = 0;
    ask->timed_out = true;
    g_main_loop_quit(ask->loop);
    return G_SOURCE_REMOVE;
}

/* Runs until something asks for an end of it, or for so long. False when the time ran out. */
static bool run(Ask *ask, unsigned patience_ms)
{
    ask->timed_out = false;
    ask->timer = g_timeout_add(patience_ms, on_time, ask);
    g_main_loop_run(ask->loop);
    g_clear_handle_id(&ask->timer, g_source_remove);
    return !ask->timed_out;
}

static void on_connected(void *user)
{
    Ask *ask = user;
    ask->connected = true;
    g_main_loop_quit(ask->loop);
}

static void note_gateway(Ask *ask, const MqttIncoming *message)
{
    char id[TOPIC_MAX_ID_BYTES + 1];
    const char *leaf = topic_split(message->topic, ask->place->topics, "gateway", id);
    if (leaf == NULL || strcmp(leaf, "status") != 0 || strcmp(message->payload, "online") != 0 ||
        ask->gateways->len >= MAX_GATEWAYS)
        return;
    g_ptr_array_add(ask->gateways, g_strdup(id));
    if (ask->answer_topic == NULL)
        g_main_loop_quit(ask->loop);
}

static void on_message(void *user, const MqttIncoming *message)
{
    Ask *ask = user;
    if (g_strcmp0(message->topic, ask->answer_topic) != 0) {
        note_gateway(ask, message);
        return;
    }
    cJSON *answer = cJSON_ParseWithLength(message->payload, message->len);
    const char *transaction = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "transaction"));
    if (ask->answer != NULL || g_strcmp0(transaction, ask->transaction) != 0) {
        cJSON_Delete(answer);
        return;
    }
    ask->answer = answer;
    g_main_loop_quit(ask->loop);
}

static bool open_broker(Ask *ask, const Place *place, GError **error)
{
    static const MqttEvents events = {.connected = on_connected, .message = on_message};
    g_autofree char *client_id = g_strdup_printf("zone1ctl-%d-%08x", (int)getpid(), g_random_int());
    MqttOptions options = place->mqtt;
    char why[200];
    *ask = (Ask){.place = place, .loop = g_main_loop_new(NULL, FALSE),
                 .gateways = g_ptr_array_new_with_free_func(g_free)};
    ask->transaction = g_uuid_string_random();
    options.client_id = client_id;
    ask->client = mqtt_client_new(&options, &events, ask);
    if (run(ask, CONNECT_PATIENCE_MS))
        return true;
    notes_last(why, sizeof why);
    g_set_error(error, ASK_ERROR, ASK_ERROR_UNREACHABLE, "%s",
                why[0] != '\0' ? why : "the broker does not answer; is it running there?");
    return false;
}

static void close_broker(Ask *ask)
{
    mqtt_client_free(ask->client, CLOSE_TIMEOUT_MS);
    g_main_loop_unref(ask->loop);
    g_ptr_array_unref(ask->gateways);
    g_free(ask->answer_topic);
    g_free(ask->transaction);
    cJSON_Delete(ask->answer);
}

/* Sends OBJECT (taken over) and awaits the answer; its topic is set already. */
static bool exchange(Ask *ask, const char *topic, cJSON *object, unsigned patience_ms)
{
    mqtt_client_subscribe_new(ask->client, ask->answer_topic, 1);
    json_string(object, "transaction", ask->transaction);
    g_autofree char *json = json_print(object);
    mqtt_client_publish(ask->client, MQTT_KEEP, topic, json, 1, false, 0);
    return run(ask, patience_ms);
}

/* NULL with *error: an error of the gateway's. */
static cJSON *take_data(Ask *ask, GError **error)
{
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ask->answer, "status"));
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ask->answer, "error"));
    if (g_strcmp0(status, "ok") != 0) {
        g_set_error(error, ASK_ERROR, ASK_ERROR_REFUSED, "%s",
                    text != NULL ? text : "the gateway's answer makes no sense");
        return NULL;
    }
    cJSON *data = cJSON_DetachItemFromObjectCaseSensitive(ask->answer, "data");
    return data != NULL ? data : cJSON_CreateObject();
}

/* ---- a gateway ---- */

static char *name_all(const GPtrArray *gateways)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < gateways->len; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", (const char *)gateways->pdata[i]);
    return g_strdup(names->str);
}

/* The gateway that is meant, or NULL with *error. */
static const char *find_gateway(Ask *ask, const Place *place, GError **error)
{
    if (place->gateway_id != NULL)
        return place->gateway_id;
    g_autofree char *filter = topic_gateway(place->topics, "+", "status");
    mqtt_client_subscribe(ask->client, filter, 1);
    if (run(ask, ASK_PATIENCE_MS))
        while (run(ask, OTHERS_MS))
            ;
    g_autofree char *names = name_all(ask->gateways);
    if (ask->gateways->len == 0)
        g_set_error(error, ASK_ERROR, ASK_ERROR_UNREACHABLE,
                    "no gateway is online at this broker; is zone1d running, with this broker and prefix?");
    else if (ask->gateways->len > 1)
        g_set_error(error, ASK_ERROR, ASK_ERROR_UNREACHABLE,
                    "several gateways are online; say which with --gateway: %s", names);
    return ask->gateways->len == 1 ? ask->gateways->pdata[0] : NULL;
}

static cJSON *ask_request(Ask *ask, const char *gateway_id, const char *command, cJSON *object, unsigned patience_ms,
                          GError **error)
{
    const char *topics = ask->place->topics;
    g_autofree char *request = g_strdup_printf("request/%s", command);
    g_autofree char *response = g_strdup_printf("response/%s", command);
    g_autofree char *topic = topic_gateway(topics, gateway_id, request);
    ask->answer_topic = topic_gateway(topics, gateway_id, response);
    if (exchange(ask, topic, object, patience_ms))
        return take_data(ask, error);
    g_set_error(error, ASK_ERROR, ASK_ERROR_UNREACHABLE, "gateway %s does not answer; is zone1d running there?",
                gateway_id);
    return NULL;
}

cJSON *ask_gateway(const Place *place, const char *command, cJSON *object, unsigned patience_ms, GError **error)
{
    Ask ask;
    cJSON *data = NULL;
    const char *gateway_id = open_broker(&ask, place, error) ? find_gateway(&ask, place, error) : NULL;
    if (gateway_id != NULL)
        data = ask_request(&ask, gateway_id, command, object, patience_ms, error);
    else
        cJSON_Delete(object);
    close_broker(&ask);
    return data;
}

/* ---- an athlete, or a group ---- */

bool ask_set(const Place *place, const char *kind, const char *id, const char *key, const char *value, GError **error)
{
    Ask ask;
    cJSON *data = NULL;
    if (open_broker(&ask, place, error)) {
        cJSON *object = cJSON_CreateObject();
        json_string(object, key, value);
        g_autofree char *topic = g_strdup_printf("%s/%s/%s/set", place->topics, kind, id);
        ask.answer_topic = g_strdup_printf("%s/%s/%s/result", place->topics, kind, id);
        if (exchange(&ask, topic, object, ASK_PATIENCE_MS))
            data = take_data(&ask, error);
        else
            g_set_error(error, ASK_ERROR, ASK_ERROR_UNREACHABLE,
                        "no gateway answers for %s %s; is zone1d running, and the name right?", kind, id);
    }
    close_broker(&ask);
    bool done = data != NULL;
    cJSON_Delete(data);
    return done;
}

int ask_report(const char *command, GError *error)
{
    bool unreachable = g_error_matches(error, ASK_ERROR, ASK_ERROR_UNREACHABLE);
    bool refused = g_error_matches(error, ASK_ERROR, ASK_ERROR_REFUSED);
    bool config = error->domain == CONFIG_ERROR, usage = !unreachable && !refused && !config;
    fprintf(stderr, "zone1ctl %s: %s%s%s%s\n", command, error->message, usage ? "; see zone1ctl " : "",
            usage ? command : "", usage ? " --help" : "");
    g_error_free(error);
    return unreachable ? EX_UNAVAILABLE : refused ? EXIT_FAILURE : config ? EX_CONFIG : EX_USAGE;
}
