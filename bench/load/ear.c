/* SPDX-License-Identifier: MIT */
#include "ear.h"

#include <MQTTClient.h>
#include <string.h>

#define RECEIVED_BYTES "$SYS/broker/bytes/received"

struct Ear {
    MQTTClient client;
    Book *book;
    GMutex lock;
    EarBytes first, last;
};

/* SIZE_MAX: none. */
static unsigned strap_of(const char *topic)
{
    const char *number = strstr(topic, "/s");
    g_auto(GStrv) octets = NULL;

    if (number != NULL && g_ascii_isdigit(number[2]))
        return (unsigned)g_ascii_strtoull(number + 2, NULL, 10);
    octets = g_strsplit(topic, ":", -1);
    if (g_strv_length(octets) != 6)
        return G_MAXUINT;
    return (unsigned)(g_ascii_strtoull(octets[4], NULL, 16) * 256 + g_ascii_strtoull(octets[5], NULL, 16));
}

static unsigned number_after(const char *text, const char *key)
{
    const char *found = text[0] == '{' ? strstr(text, key) : text;

    if (found == NULL)
        return 0;
    found += text[0] == '{' ? strlen(key) : 0;
    found += strspn(found, " ");
    return (unsigned)g_ascii_strtoull(found, NULL, 10);
}

static unsigned count_rr(const char *text)
{
    const char *from = strstr(text, "\"rr_ms\":"), *open = from != NULL ? strchr(from, '[') : NULL;
    unsigned commas = 0;

    if (open == NULL || open[1] == ']')
        return 0;
    for (; *open != '\0' && *open != ']'; open++)
        commas += *open == ',' ? 1 : 0;
    return commas + 1;
}

static void note_bytes(Ear *ear, const char *text, gint64 at_us)
{
    const EarBytes bytes = {.bytes = g_ascii_strtoull(text, NULL, 10), .at_us = at_us};

    g_mutex_lock(&ear->lock);
    ear->last = bytes;
    if (ear->first.at_us == 0)
        ear->first = bytes;
    g_mutex_unlock(&ear->lock);
}

static int on_message(void *user, char *topic, int topic_len, MQTTClient_message *message)
{
    Ear *ear = user;
    gint64 at_us = g_get_monotonic_time();
    g_autofree char *text = g_strndup(message->payload, (gsize)message->payloadlen);

    (void)topic_len;
    if (strcmp(topic, RECEIVED_BYTES) == 0)
        note_bytes(ear, text, at_us);
    else if (!message->retained)
        book_came(ear->book, strap_of(topic), at_us, number_after(text, "\"hr\":"), count_rr(text),
                  strlen(topic) + strlen(text));
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

static void must(int code, const char *what)
{
    if (code != MQTTCLIENT_SUCCESS)
        g_error("the subscriber: %s: %d", what, code);
}

Ear *ear_new(unsigned port, const char *filter, Book *book)
{
    Ear *ear = g_new0(Ear, 1);
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    g_autofree char *uri = g_strdup_printf("tcp://127.0.0.1:%u", port);

    ear->book = book;
    g_mutex_init(&ear->lock);
    must(MQTTClient_create(&ear->client, uri, "ear", MQTTCLIENT_PERSISTENCE_NONE, NULL), "create");
    must(MQTTClient_setCallbacks(ear->client, ear, NULL, on_message, NULL), "callbacks");
    options.keepAliveInterval = 0;
    must(MQTTClient_connect(ear->client, &options), "connect");
    must(MQTTClient_subscribe(ear->client, filter, 0), "subscribe");
    must(MQTTClient_subscribe(ear->client, RECEIVED_BYTES, 0), "subscribe");
    return ear;
}

void ear_free(Ear *ear)
{
    if (ear == NULL)
        return;
    MQTTClient_disconnect(ear->client, 1000);
    MQTTClient_destroy(&ear->client);
    g_mutex_clear(&ear->lock);
    g_free(ear);
}

void ear_say(Ear *ear, const char *topic, const char *payload)
{
    must(MQTTClient_publish(ear->client, topic, (int)strlen(payload), payload, 1, 0, NULL), "publish");
}

EarBytes ear_bytes(Ear *ear)
{
    g_mutex_lock(&ear->lock);
    EarBytes bytes = ear->last;
    g_mutex_unlock(&ear->lock);
    return bytes;
}

EarBytes ear_bytes_first(Ear *ear)
{
    g_mutex_lock(&ear->lock);
    EarBytes bytes = ear->first;
    g_mutex_unlock(&ear->lock);
    return bytes;
}

void ear_bytes_from(Ear *ear)
{
    g_mutex_lock(&ear->lock);
    ear->first = (EarBytes){0};
    g_mutex_unlock(&ear->lock);
}
