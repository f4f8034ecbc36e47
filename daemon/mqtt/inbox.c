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

static gsize cost(const InMessage *message)
{
    return strlen(message->topic) + message->len + sizeof *message;
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

guint inbox_push(Inbox *inbox, const char *topic, const void *payload, gsize len, bool retained)
{
    gsize added = strlen(topic) + len + sizeof(InMessage);
    guint lost = 0;
    if (len > inbox->max_payload)
        return 1;
    if (!fits(inbox, added))
        lost = remove_topic(inbox, topic) ? 1 : 0;
    if (!fits(inbox, added))
        return 1 + lost;
    InMessage *message = g_new0(InMessage, 1);
    message->topic = g_strdup(topic);
    message->payload = g_malloc(len + 1);
    if (len > 0)
        memcpy(message->payload, payload, len);
    message->payload[len] = '\0';
    message->len = len;
    message->retained = retained;
    g_queue_push_tail(&inbox->waiting, message);
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
