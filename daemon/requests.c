/* SPDX-License-Identifier: MIT */
#include "requests.h"

#include "mqtt/commands.h"
#include "mqtt/json.h"
#include "mqtt/topics.h"

#include <string.h>

#define MAX_COMMAND_BYTES 32

typedef struct {
    const char *command;
    RequestHandler handler;
    void *user;
} Entry;

struct Requests {
    const Config *config;
    MqttClient *client;
    GArray *entries; /* Entry */
    GQueue pending;  /* Request* */
    guint64 refused;
};

struct Request {
    Requests *requests; /* NULL: it has gone */
    char *command;
    char transaction[COMMAND_MAX_TRANSACTION + 1];
    char *response_topic; /* NULL: none */
    guint8 *correlation;
    gsize correlation_len;
};

Requests *requests_new(const Config *config, MqttClient *client)
{
    Requests *requests = g_new0(Requests, 1);
    requests->config = config;
    requests->client = client;
    requests->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_queue_init(&requests->pending);
    g_autofree char *filter = topic_gateway(config->mqtt_prefix, config->gateway_id, "request/+");
    mqtt_client_subscribe_new(client, filter, 1);
    return requests;
}

void requests_free(Requests *requests)
{
    if (requests == NULL)
        return;
    for (GList *link = requests->pending.head; link != NULL; link = link->next)
        ((Request *)link->data)->requests = NULL;
    g_queue_clear(&requests->pending);
    g_array_unref(requests->entries);
    g_free(requests);
}

void requests_add(Requests *requests, const char *command, RequestHandler handler, void *user)
{
    const Entry entry = {command, handler, user};
    g_array_append_val(requests->entries, entry);
}

guint64 requests_refused(const Requests *requests) { return requests->refused; }

static bool begins_with_level(const char *topic, const char *level)
{
    gsize length = strlen(level);
    return strncmp(topic, level, length) == 0 && (topic[length] == '/' || topic[length] == '\0');
}

bool requests_may_answer_to(const Config *config, const char *topic)
{
    g_autofree char *ours = topic_gateway(config->mqtt_prefix, config->gateway_id, "response");
    if (topic[0] == '\0' || topic[0] == '$' || strpbrk(topic, "+#") != NULL)
        return false;
    return begins_with_level(topic, ours) ||
           (!begins_with_level(topic, config->mqtt_prefix) && !begins_with_level(topic, "homeassistant"));
}

const char *request_text(const cJSON *args, const char *key, gsize max_bytes)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(args, key));
    return text != NULL && text[0] != '\0' && strlen(text) <= max_bytes && g_utf8_validate(text, -1, NULL) ? text
                                                                                                           : NULL;
}

/* ---- answers ---- */

static void request_free(Request *request)
{
    g_free(request->command);
    g_free(request->response_topic);
    g_free(request->correlation);
    g_free(request);
}

/* Takes OBJECT over. */
static void answer(Request *request, cJSON *object)
{
    json_string(object, "transaction", request->transaction[0] != '\0' ? request->transaction : NULL);
    g_autofree char *json = json_print(object);
    Requests *requests = request->requests;
    if (requests != NULL) {
        g_autofree char *leaf = g_strdup_printf("response/%s", request->command);
        g_autofree char *topic = topic_gateway(requests->config->mqtt_prefix, requests->config->gateway_id, leaf);
        const MqttIncoming to = {.correlation = request->correlation, .correlation_len = request->correlation_len};
        mqtt_client_answer(requests->client, &to, topic, json);
        if (request->response_topic != NULL && strcmp(request->response_topic, topic) != 0)
            mqtt_client_answer(requests->client, &to, request->response_topic, json);
        g_queue_remove(&requests->pending, request);
    }
    request_free(request);
}

void request_succeed(Request *request, cJSON *data)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "status", "ok");
    cJSON_AddItemToObject(object, "data", data != NULL ? data : cJSON_CreateObject());
    answer(request, object);
}

void request_fail(Request *request, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "status", "error");
    cJSON_AddStringToObject(object, "error", text);
    answer(request, object);
}

/* ---- requests ---- */

static Request *request_new(Requests *requests, const MqttIncoming *message, const char *command)
{
    Request *request = g_new0(Request, 1);
    request->requests = requests;
    request->command = g_strdup(command);
    if (message->response_topic != NULL && requests_may_answer_to(requests->config, message->response_topic))
        request->response_topic = g_strdup(message->response_topic);
    request->correlation = g_memdup2(message->correlation, message->correlation_len);
    request->correlation_len = message->correlation_len;
    g_queue_push_tail(&requests->pending, request);
    return request;
}

/* The object, or NULL when MESSAGE is none. Nothing at all is an empty one. */
static cJSON *arguments_of(const MqttIncoming *message)
{
    if (message->len == 0)
        return cJSON_CreateObject();
    cJSON *object = message->len <= REQUESTS_MAX_BYTES ? cJSON_ParseWithLength(message->payload, message->len) : NULL;
    if (cJSON_IsObject(object))
        return object;
    cJSON_Delete(object);
    return NULL;
}

static const Entry *find_entry(const Requests *requests, const char *command)
{
    for (guint i = 0; i < requests->entries->len; i++) {
        const Entry *entry = &g_array_index(requests->entries, Entry, i);
        if (strcmp(entry->command, command) == 0)
            return entry;
    }
    return NULL;
}

static void refuse(Requests *requests, Request *request, const char *why)
{
    requests->refused++;
    request_fail(request, "%s", why);
}

static void take(Requests *requests, const MqttIncoming *message, const char *command)
{
    const Entry *entry = find_entry(requests, command);
    Request *request = request_new(requests, message, command);
    cJSON *args = arguments_of(message);
    if (args == NULL)
        refuse(requests, request, "not a JSON object of at most 4096 bytes");
    else if (!command_take_transaction(cJSON_GetObjectItemCaseSensitive(args, "transaction"), request->transaction))
        refuse(requests, request, "transaction: not a text of at most 64 bytes");
    else if (entry == NULL)
        refuse(requests, request, "there is no such request");
    else if (requests->pending.length > REQUESTS_MAX_PENDING)
        refuse(requests, request, "too many requests at a time; try again");
    else
        entry->handler(entry->user, request, args);
    cJSON_Delete(args);
}

bool requests_take(Requests *requests, const MqttIncoming *message)
{
    char gateway_id[TOPIC_MAX_ID_BYTES + 1];
    const char *leaf = topic_split(message->topic, requests->config->mqtt_prefix, "gateway", gateway_id);
    if (leaf == NULL || strcmp(gateway_id, requests->config->gateway_id) != 0 || !g_str_has_prefix(leaf, "request/"))
        return false;
    const char *command = leaf + strlen("request/");
    /* A request that the broker had stored would be carried out at every start. */
    if (!message->retained && topic_is_id(command, MIN(strlen(command), MAX_COMMAND_BYTES + 1)))
        take(requests, message, command);
    return true;
}
