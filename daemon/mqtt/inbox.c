/* SPDX-License-Identifier: MIT */
#include "mqtt/inbox.h"

#include <string.h>

struct Inbox {
    GQueue waiting;
    gsize bytes;
    guint max_messages;
    gsize max_bytes, max_payload;
};

void in_message_free(InMessage *message)
{
    if (message == NULL)
        return;
    g_free(message->topic);
    g_free(message->payload);
    g_free(message->response_topic);
    g_free(message->correlation);
    g_free(message);
}

Inbox *inbox_new(guint max_messages, gsize max_bytes, gsize max_payload)
{
    Inbox *inbox = g_new0(Inbox, 1);
    g_queue_init(&inbox->waiting);
    inbox->max_messages = max_messages;
    inbox->max_bytes = max_bytes;
    inbox->max_payload = max_payload;
    return inbox;
}

static void free_message(gpointer message)
{
    in_message_free(message);
}

void inbox_free(Inbox *inbox)
{
    if (inbox == NULL)
        return;
    g_queue_clear_full(&inbox->waiting, free_message);
    g_free(inbox);
}

MqttIncoming in_message_view(const InMessage *message)
{
    return (MqttIncoming){.topic = message->topic,
                          .payload = message->payload,
                          .len = message->len,
                          .retained = message->retained,
                          .response_topic = message->response_topic,
                          .correlation = message->correlation,
                          .correlation_len = message->correlation_len};
}

static gsize cost_of(const MqttIncoming *message)
{
    return strlen(message->topic) + message->len + message->correlation_len +
           (message->response_topic != NULL ? strlen(message->response_topic) : 0) + sizeof(InMessage);
}

static gsize cost(const InMessage *message)
{
    const MqttIncoming view = in_message_view(message);
    return cost_of(&view);
}

/* A list of at most max_messages, walked only in a flood. */
static bool remove_topic(Inbox *inbox, const char *topic)
{
    for (GList *link = inbox->waiting.head; link != NULL; link = link->next) {
        InMessage *message = link->data;
        if (strcmp(message->topic, topic) != 0)
            continue;
        inbox->bytes -= cost(message);
        in_message_free(message);
        g_queue_delete_link(&inbox->waiting, link);
        return true;
    }
    return false;
}

static bool fits(const Inbox *inbox, gsize added)
{
    return inbox->waiting.length < inbox->max_messages && inbox->bytes + added <= inbox->max_bytes;
}

static InMessage *copy(const MqttIncoming *from)
{
    InMessage *message = g_new0(InMessage, 1);
    message->topic = g_strdup(from->topic);
    message->payload = g_malloc(from->len + 1);
    if (from->len > 0)
        memcpy(message->payload, from->payload, from->len);
    message->payload[from->len] = '\0';
    message->len = from->len;
    message->retained = from->retained;
    message->response_topic = g_strdup(from->response_topic);
    message->correlation = g_memdup2(from->correlation, from->correlation_len);
    message->correlation_len = from->correlation_len;
    return message;
}

guint inbox_push(Inbox *inbox, const MqttIncoming *message)
{
    gsize added = cost_of(message);
    guint lost = 0;
    if (message->len > inbox->max_payload)
        return 1;
    if (!fits(inbox, added))
        lost = remove_topic(inbox, message->topic) ? 1 : 0;
    if (!fits(inbox, added))
        return 1 + lost;
    g_queue_push_tail(&inbox->waiting, copy(message));
    inbox->bytes += added;
    return lost;
}

InMessage *inbox_pop(Inbox *inbox)
{
    InMessage *message = g_queue_pop_head(&inbox->waiting);
    if (message != NULL)
        inbox->bytes -= cost(message);
    return message;
}

guint inbox_waiting(const Inbox *inbox)
{
    return inbox->waiting.length;
}
