/* SPDX-License-Identifier: MIT */
#include "mqtt/link.h"

#include "mqtt/gate.h"
#include "mqtt/nodelay.h"
#include "mqtt/tls.h"

#include <MQTTAsync.h>
#include <pthread.h>
#include <string.h>

/* MQTT 5, 3.8.3.1: retained messages are not sent when the subscription is made. */
#define RETAIN_NOT_SENT 2

struct Link {
    MQTTAsync handle;
    bool mqtt5;
    unsigned port;   /* of the broker; 0: it is not reached by TCP */
    gint being_made; /* atomic; 1: the gate is closed for it */
    const LinkEvents *events;
    void *user;
    /* Paho looks at these as long as the handle lives, whatever its documentation says. */
    MQTTAsync_SSLOptions tls;
    char *ca_file, *certificate_file, *key_file;
};

/* Paho starts its two threads with the first connection and ends them with the last handle, and is
 * not safe against both at once. */
static pthread_mutex_t start_and_end = PTHREAD_MUTEX_INITIALIZER;

static void leave_openssl_alone(void);
static void end_making(Link *link);
static unsigned port_of(const char *uri);
static void keep_tls(Link *link, const MqttTls *tls);
static void free_link(Link *link);
static MQTTAsync create_handle(const char *uri, const char *client_id, bool mqtt5);
static int start_connect(Link *link, const LinkOptions *options);
static int start_connect_v3(Link *link, MQTTAsync_connectOptions *connect);
static int start_connect_v5(Link *link, MQTTAsync_connectOptions *connect);
static MQTTAsync_responseOptions response_options(Link *link, LinkToken *token);
static void on_connected(void *context, MQTTAsync_successData *data);
static void on_connected5(void *context, MQTTAsync_successData5 *data);
static void on_refused(void *context, MQTTAsync_failureData *data);
static void on_refused5(void *context, MQTTAsync_failureData5 *data);
static void on_disconnect_packet(void *context, MQTTProperties *properties, enum MQTTReasonCodes code);
static void on_lost(void *context, char *cause);
static int on_message(void *context, char *topic, int topic_len, MQTTAsync_message *message);
static void on_done(void *context, MQTTAsync_successData *data);
static void on_done5(void *context, MQTTAsync_successData5 *data);
static void on_failed(void *context, MQTTAsync_failureData *data);
static void on_failed5(void *context, MQTTAsync_failureData5 *data);
static void on_disconnected(void *context, MQTTAsync_successData *data);
static void on_disconnected5(void *context, MQTTAsync_successData5 *data);

Link *link_open(const LinkOptions *options, const LinkEvents *events, void *user, const char **ret_text)
{
    Link *link = g_new0(Link, 1);
    link->mqtt5 = options->mqtt5;
    link->port = port_of(options->uri);
    link->events = events;
    link->user = user;
    keep_tls(link, options->tls);
    pthread_mutex_lock(&start_and_end);
    leave_openssl_alone();
    link->handle = create_handle(options->uri, options->client_id, options->mqtt5);
    if (link->handle == NULL) {
        pthread_mutex_unlock(&start_and_end);
        *ret_text = "the MQTT library does not accept the address or the client id";
        free_link(link);
        return NULL;
    }
    MQTTAsync_setCallbacks(link->handle, link, on_lost, on_message, NULL);
    MQTTAsync_setDisconnected(link->handle, link, on_disconnect_packet);
    link->being_made = 1;
    gate_close();
    int failure = start_connect(link, options);
    pthread_mutex_unlock(&start_and_end);
    if (failure != MQTTASYNC_SUCCESS) {
        const char *text = MQTTAsync_strerror(failure);
        *ret_text = text != NULL ? text : "the MQTT library does not start the connection";
        link_close(link);
        return NULL;
    }
    return link;
}

/* More than once does no harm. */
static void end_making(Link *link)
{
    if (g_atomic_int_compare_and_exchange(&link->being_made, 1, 0))
        gate_open();
}

/* OpenSSL starts by itself when TLS is used. Started by Paho for every client, its clean-up at the
 * process's exit would run while Paho's threads still do. */
static void leave_openssl_alone(void)
{
    static bool done;
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    tls_prepare();
    if (!done)
        MQTTAsync_global_init(&options);
    done = true;
}

static unsigned port_of(const char *uri)
{
    const char *colon = strrchr(uri, ':');
    return g_str_has_prefix(uri, "unix:") || colon == NULL ? 0 : (unsigned)g_ascii_strtoull(colon + 1, NULL, 10);
}

static void keep_tls(Link *link, const MqttTls *tls)
{
    MQTTAsync_SSLOptions none = MQTTAsync_SSLOptions_initializer;
    link->ca_file = g_strdup(tls->ca_file);
    link->certificate_file = g_strdup(tls->certificate_file);
    link->key_file = g_strdup(tls->key_file);
    link->tls = none;
    link->tls.trustStore = link->ca_file;
    link->tls.keyStore = link->certificate_file;
    link->tls.privateKey = link->key_file;
    link->tls.enableServerCertAuth = 1;
    link->tls.verify = tls->any_name ? 0 : 1;
}

static void free_link(Link *link)
{
    g_free(link->ca_file);
    g_free(link->certificate_file);
    g_free(link->key_file);
    g_free(link);
}

static MQTTAsync create_handle(const char *uri, const char *client_id, bool mqtt5)
{
    MQTTAsync handle = NULL;
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    create.MQTTVersion = mqtt5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    int failure = MQTTAsync_createWithOptions(&handle, uri, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
    return failure == MQTTASYNC_SUCCESS ? handle : NULL;
}

bool link_knows_unix_sockets(void)
{
    pthread_mutex_lock(&start_and_end);
    leave_openssl_alone();
    MQTTAsync handle = create_handle("unix:///any", "any", false);
    bool known = handle != NULL;
    if (known)
        MQTTAsync_destroy(&handle);
    pthread_mutex_unlock(&start_and_end);
    return known;
}

static int start_connect(Link *link, const LinkOptions *options)
{
    MQTTAsync_connectOptions v3 = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions v5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_connectOptions connect = link->mqtt5 ? v5 : v3;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.topicName = options->will_topic;
    will.message = "offline";
    will.qos = 1;
    will.retained = 1;
    connect.will = options->will_topic != NULL ? &will : NULL;
    connect.username = options->username;
    connect.password = options->password;
    connect.keepAliveInterval = (int)options->keepalive_s;
    connect.connectTimeout = LINK_CONNECT_TIMEOUT_S;
    connect.automaticReconnect = 0;
    connect.context = link;
    connect.ssl = options->tls->on ? &link->tls : NULL;
    return link->mqtt5 ? start_connect_v5(link, &connect) : start_connect_v3(link, &connect);
}

static int start_connect_v3(Link *link, MQTTAsync_connectOptions *connect)
{
    connect->MQTTVersion = MQTTVERSION_3_1_1;
    connect->cleansession = 1;
    connect->onSuccess = on_connected;
    connect->onFailure = on_refused;
    return MQTTAsync_connect(link->handle, connect);
}

/* A will is delayed no longer than the session lives: it has to outlive the link as well. */
static int start_connect_v5(Link *link, MQTTAsync_connectOptions *connect)
{
    MQTTProperties session = MQTTProperties_initializer, will = MQTTProperties_initializer;
    MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
                           .value.integer4 = LINK_WILL_DELAY_S};
    MQTTProperty delay = {.identifier = MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL, .value.integer4 = LINK_WILL_DELAY_S};
    if (connect->will != NULL) {
        MQTTProperties_add(&session, &expiry);
        MQTTProperties_add(&will, &delay);
        connect->connectProperties = &session;
        connect->willProperties = &will;
    }
    connect->MQTTVersion = MQTTVERSION_5;
    connect->cleanstart = 1;
    connect->onSuccess5 = on_connected5;
    connect->onFailure5 = on_refused5;
    int failure = MQTTAsync_connect(link->handle, connect);
    MQTTProperties_free(&session);
    MQTTProperties_free(&will);
    return failure;
}

/* LEN: on the wire, after its identifier (MQTT 5, 2.2.2.2). */
static void add_property(MQTTProperties *properties, const MQTTProperty *property, gsize len)
{
    properties->array[properties->count++] = *property;
    properties->length += 1 + (int)len;
}

/* Put together here and not by MQTTProperties_add: Paho copies them anyway, and each of its allocations costs it some
 * 1500 instructions (it keeps book of them). */
static void describe(const OutMessage *message, MQTTProperties *properties)
{
    if (message->expiry_s > 0) {
        const MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                                     .value.integer4 = message->expiry_s};
        add_property(properties, &expiry, sizeof(guint32));
    }
    if (message->correlation_len > 0) {
        const MQTTProperty correlation = {
            .identifier = MQTTPROPERTY_CODE_CORRELATION_DATA,
            .value.data = {.data = (char *)message->correlation, .len = (int)message->correlation_len}};
        add_property(properties, &correlation, sizeof(guint16) + message->correlation_len);
    }
}

bool link_publish(Link *link, const OutMessage *message, LinkToken *token)
{
    MQTTAsync_message paho = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions response = response_options(link, token);
    MQTTProperty properties[2];
    paho.payload = message->payload;
    paho.payloadlen = (int)message->len;
    paho.qos = message->qos;
    paho.retained = message->retain ? 1 : 0;
    paho.properties.array = properties;
    paho.properties.max_count = G_N_ELEMENTS(properties);
    if (link->mqtt5)
        describe(message, &paho.properties);
    return MQTTAsync_sendMessage(link->handle, message->topic, &paho, &response) == MQTTASYNC_SUCCESS;
}

bool link_publish_at_once(Link *link, const OutMessage *message, LinkToken *token)
{
    if (message->qos > 0 || !gate_pass())
        return false;
    const bool taken = link_publish(link, message, token);
    gate_passed();
    return taken;
}

bool link_subscribe(Link *link, const char *filter, int qos, bool only_new, LinkToken *token)
{
    MQTTAsync_responseOptions response = response_options(link, token);
    if (only_new)
        response.subscribeOptions.retainHandling = RETAIN_NOT_SENT;
    int failure = MQTTAsync_subscribe(link->handle, filter, qos, &response);
    return failure == MQTTASYNC_SUCCESS;
}

bool link_unsubscribe(Link *link, const char *filter, LinkToken *token)
{
    MQTTAsync_responseOptions response = response_options(link, token);
    return MQTTAsync_unsubscribe(link->handle, filter, &response) == MQTTASYNC_SUCCESS;
}

static MQTTAsync_responseOptions response_options(Link *link, LinkToken *token)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    response.context = token;
    if (link->mqtt5) {
        response.onSuccess5 = on_done5;
        response.onFailure5 = on_failed5;
    } else {
        response.onSuccess = on_done;
        response.onFailure = on_failed;
    }
    return response;
}

bool link_disconnect(Link *link)
{
    MQTTAsync_disconnectOptions v3 = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions v5 = MQTTAsync_disconnectOptions_initializer5;
    MQTTAsync_disconnectOptions disconnect = link->mqtt5 ? v5 : v3;
    disconnect.timeout = 0;
    disconnect.context = link;
    if (link->mqtt5)
        disconnect.onSuccess5 = on_disconnected5;
    else
        disconnect.onSuccess = on_disconnected;
    return MQTTAsync_disconnect(link->handle, &disconnect) == MQTTASYNC_SUCCESS;
}

void link_close(Link *link)
{
    if (link == NULL)
        return;
    pthread_mutex_lock(&start_and_end);
    MQTTAsync_destroy(&link->handle);
    pthread_mutex_unlock(&start_and_end);
    end_making(link);
    free_link(link);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    Link *link = context;
    (void)data;
    if (link->port != 0)
        nodelay_set(link->port);
    end_making(link);
    link->events->connected(link->user);
}

static void on_connected5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    on_connected(context, NULL);
}

static void on_refused(void *context, MQTTAsync_failureData *data)
{
    Link *link = context;
    int code = data != NULL && data->code > 0 ? data->code : 0;
    end_making(link);
    link->events->refused(link->user, code);
}

static void on_refused5(void *context, MQTTAsync_failureData5 *data)
{
    Link *link = context;
    int code = data != NULL && data->code > 0 ? data->code : 0;
    if (data != NULL && code == 0 && data->reasonCode > 0)
        code = (int)data->reasonCode;
    end_making(link);
    link->events->refused(link->user, code);
}

static void on_disconnect_packet(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
    Link *link = context;
    (void)properties;
    link->events->told_to_go(link->user, (int)code);
}

static void on_lost(void *context, char *cause)
{
    Link *link = context;
    (void)cause;
    link->events->lost(link->user);
}

static bool is_text(const char *text, gsize len)
{
    return strlen(text) == len && g_utf8_validate(text, -1, NULL);
}

/* Where an answer is wanted, freed with g_free; NULL: nowhere that makes sense. */
static char *response_topic(MQTTProperties *properties)
{
    MQTTProperty *property = MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    if (property == NULL || property->value.data.len <= 0)
        return NULL;
    char *topic = g_strndup(property->value.data.data, (gsize)property->value.data.len);
    if (!is_text(topic, (gsize)property->value.data.len))
        g_clear_pointer(&topic, g_free);
    return topic;
}

static void take_correlation(MQTTProperties *properties, MqttIncoming *message)
{
    MQTTProperty *property = MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_CORRELATION_DATA);
    if (property == NULL || property->value.data.len <= 0 || property->value.data.len > MQTT_IN_MAX_CORRELATION)
        return;
    message->correlation = (const guint8 *)property->value.data.data;
    message->correlation_len = (gsize)property->value.data.len;
}

/* The length is 0 or the topic's, depending on how Paho came to deliver it. */
static int on_message(void *context, char *topic, int topic_len, MQTTAsync_message *message)
{
    Link *link = context;
    gsize len = topic_len > 0 ? (gsize)topic_len : strlen(topic);
    char *name = g_strndup(topic, len);
    char *answer = response_topic(&message->properties);
    MqttIncoming incoming = {.topic = name, .payload = message->payload, .len = (gsize)MAX(message->payloadlen, 0),
                             .retained = message->retained != 0, .response_topic = answer};
    take_correlation(&message->properties, &incoming);
    if (is_text(name, len) && message->payloadlen >= 0)
        link->events->message(link->user, &incoming);
    g_free(answer);
    g_free(name);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_done(void *context, MQTTAsync_successData *data)
{
    LinkToken *token = context;
    (void)data;
    token->outcome(token, LINK_DONE, 0);
}

static void on_done5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    on_done(context, NULL);
}

static void on_failed(void *context, MQTTAsync_failureData *data)
{
    LinkToken *token = context;
    bool refused = data != NULL && data->code == 0x80;
    token->outcome(token, refused ? LINK_REFUSED : LINK_FAILED, refused ? data->code : 0);
}

static void on_failed5(void *context, MQTTAsync_failureData5 *data)
{
    LinkToken *token = context;
    bool refused = data != NULL && data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR;
    token->outcome(token, refused ? LINK_REFUSED : LINK_FAILED, refused ? (int)data->reasonCode : 0);
}

static void on_disconnected(void *context, MQTTAsync_successData *data)
{
    Link *link = context;
    (void)data;
    link->events->disconnected(link->user);
}

static void on_disconnected5(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    on_disconnected(context, NULL);
}
