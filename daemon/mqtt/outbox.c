/* SPDX-License-Identifier: MIT */
#include "mqtt/outbox.h"

#include <string.h>

struct Outbox {
    GQueue waiting[LANE_COUNT]; /* OutMessage*, next to send first */
    GQueue on_the_way;    /* OutMessage*, in the order they were taken */
    GHashTable *latest;   /* topic of a waiting LIVE or LATEST message -> its link */
    GHashTable *retained; /* topic of a waiting retained KEEP message -> its link */
    guint max_messages, max_latest;
    gsize max_bytes;
    guint keep_count;
    gsize keep_bytes;
    guint64 replaced, pushed;
    GArray *gone; /* guint64 */
};

static guint make_room(Outbox *outbox);
static GList *oldest_to_drop(const Outbox *outbox);
static void replace_latest(Outbox *outbox, GList *link, OutMessage *message);
static void add_to_index(Outbox *outbox, GList *link);
static void unlink_waiting(Outbox *outbox, GList *link);

OutMessage *out_message_new(MqttKind kind, const char *topic, const char *payload, int qos, bool retain,
                            unsigned expiry_s)
{
    OutMessage *message = g_new0(OutMessage, 1);
    message->kind = kind;
    message->topic = g_strdup(topic);
    message->payload = g_strdup(payload);
    message->len = strlen(payload);
    message->qos = qos;
    message->retain = retain;
    message->expiry_s = expiry_s;
    return message;
}

void out_message_free(OutMessage *message)
{
    if (message == NULL)
        return;
    g_free(message->topic);
    g_free(message->payload);
    g_free(message->correlation);
    g_free(message);
}

Outbox *outbox_new(guint max_messages, gsize max_bytes, guint max_latest)
{
    Outbox *outbox = g_new0(Outbox, 1);
    g_queue_init(&outbox->waiting[LANE_LIVE]);
    g_queue_init(&outbox->waiting[LANE_ORDER]);
    g_queue_init(&outbox->on_the_way);
    outbox->latest = g_hash_table_new(g_str_hash, g_str_equal);
    outbox->retained = g_hash_table_new(g_str_hash, g_str_equal);
    outbox->max_messages = max_messages;
    outbox->max_bytes = max_bytes;
    outbox->max_latest = max_latest;
    outbox->gone = g_array_new(FALSE, FALSE, sizeof(guint64));
    return outbox;
}

static void free_message(gpointer message)
{
    out_message_free(message);
}

void outbox_free(Outbox *outbox)
{
    if (outbox == NULL)
        return;
    g_hash_table_unref(outbox->latest);
    g_hash_table_unref(outbox->retained);
    g_queue_clear_full(&outbox->waiting[LANE_LIVE], free_message);
    g_queue_clear_full(&outbox->waiting[LANE_ORDER], free_message);
    g_queue_clear_full(&outbox->on_the_way, free_message);
    g_array_unref(outbox->gone);
    g_free(outbox);
}

static void forget(Outbox *outbox, OutMessage *message)
{
    if (message->spool_number != 0)
        g_array_append_val(outbox->gone, message->spool_number);
    out_message_free(message);
}

static OutLane lane_of(const OutMessage *message)
{
    return message->kind == MQTT_LIVE ? LANE_LIVE : LANE_ORDER;
}

static gsize cost(const OutMessage *message)
{
    return strlen(message->topic) + message->len + sizeof *message;
}

guint outbox_push(Outbox *outbox, OutMessage *message)
{
    bool latest = message->kind != MQTT_KEEP;
    GHashTable *index = latest ? outbox->latest : outbox->retained;
    GList *older = latest || message->retain ? g_hash_table_lookup(index, message->topic) : NULL;
    if (latest && older != NULL) {
        replace_latest(outbox, older, message);
        return 0;
    }
    if (latest && g_hash_table_size(outbox->latest) >= outbox->max_latest) {
        forget(outbox, message);
        return 1;
    }
    if (older != NULL) {
        OutMessage *old = older->data;
        unlink_waiting(outbox, older);
        forget(outbox, old);
        outbox->replaced++;
    }
    message->order = ++outbox->pushed;
    GQueue *waiting = &outbox->waiting[lane_of(message)];
    g_queue_push_tail(waiting, message);
    add_to_index(outbox, waiting->tail);
    return make_room(outbox);
}

/* In its place, so that a topic that changes often is not pushed back for ever. */
static void replace_latest(Outbox *outbox, GList *link, OutMessage *message)
{
    OutMessage *old = link->data;
    g_hash_table_remove(outbox->latest, old->topic);
    message->order = old->order;
    link->data = message;
    g_hash_table_insert(outbox->latest, message->topic, link);
    forget(outbox, old);
    outbox->replaced++;
}

static guint make_room(Outbox *outbox)
{
    guint dropped = 0;
    while (outbox->keep_count > 1 &&
           (outbox->keep_count > outbox->max_messages || outbox->keep_bytes > outbox->max_bytes)) {
        GList *link = oldest_to_drop(outbox);
        OutMessage *message = link->data;
        unlink_waiting(outbox, link);
        forget(outbox, message);
        dropped++;
    }
    return dropped;
}

static GList *oldest_to_drop(const Outbox *outbox)
{
    GList *oldest = NULL;
    for (GList *link = outbox->waiting[LANE_ORDER].head; link != NULL; link = link->next) {
        const OutMessage *message = link->data;
        if (message->kind != MQTT_KEEP)
            continue;
        if (!message->retain)
            return link;
        if (oldest == NULL)
            oldest = link;
    }
    return oldest;
}

static void add_to_index(Outbox *outbox, GList *link)
{
    OutMessage *message = link->data;
    if (message->kind != MQTT_KEEP) {
        g_hash_table_insert(outbox->latest, message->topic, link);
        return;
    }
    if (message->retain)
        g_hash_table_insert(outbox->retained, message->topic, link);
    outbox->keep_count++;
    outbox->keep_bytes += cost(message);
}

static void unlink_waiting(Outbox *outbox, GList *link)
{
    OutMessage *message = link->data;
    if (message->kind != MQTT_KEEP) {
        g_hash_table_remove(outbox->latest, message->topic);
    } else {
        if (message->retain)
            g_hash_table_remove(outbox->retained, message->topic);
        outbox->keep_count--;
        outbox->keep_bytes -= cost(message);
    }
    g_queue_delete_link(&outbox->waiting[lane_of(message)], link);
}

/* Before all that waits; a KEEP message. */
static void wait_first(Outbox *outbox, OutMessage *message)
{
    g_queue_push_head(&outbox->waiting[LANE_ORDER], message);
    add_to_index(outbox, outbox->waiting[LANE_ORDER].head);
}

const OutMessage *outbox_peek(const Outbox *outbox, OutLane lane)
{
    const GList *head = outbox->waiting[lane].head;
    return head != NULL ? head->data : NULL;
}

OutLane outbox_first(const Outbox *outbox)
{
    const OutMessage *live = outbox_peek(outbox, LANE_LIVE), *other = outbox_peek(outbox, LANE_ORDER);
    return live != NULL && (other == NULL || live->order < other->order) ? LANE_LIVE : LANE_ORDER;
}

OutMessage *outbox_take(Outbox *outbox, OutLane lane)
{
    GList *link = outbox->waiting[lane].head;
    if (link == NULL)
        return NULL;
    OutMessage *message = link->data;
    unlink_waiting(outbox, link);
    g_queue_push_tail(&outbox->on_the_way, message);
    return message;
}

bool outbox_take_back(Outbox *outbox, const char *topic)
{
    GList *link = g_hash_table_lookup(outbox->latest, topic);
    if (link == NULL)
        return false;
    OutMessage *message = link->data;
    unlink_waiting(outbox, link);
    forget(outbox, message);
    outbox->replaced++;
    return true;
}

void outbox_settle(Outbox *outbox, OutMessage *message)
{
    if (g_queue_remove(&outbox->on_the_way, message))
        forget(outbox, message);
}

/* Of LANE, all that is dropped when the link is; returns how many. */
static guint drop_latest(Outbox *outbox, OutLane lane)
{
    guint dropped = 0;
    for (GList *link = outbox->waiting[lane].head, *next; link != NULL; link = next) {
        OutMessage *message = link->data;
        next = link->next;
        if (message->kind == MQTT_KEEP)
            continue;
        unlink_waiting(outbox, link);
        forget(outbox, message);
        dropped++;
    }
    return dropped;
}

guint outbox_link_lost(Outbox *outbox)
{
    guint dropped = drop_latest(outbox, LANE_LIVE) + drop_latest(outbox, LANE_ORDER);
    OutMessage *message;
    while ((message = g_queue_pop_tail(&outbox->on_the_way)) != NULL) {
        bool newer = message->retain && g_hash_table_contains(outbox->retained, message->topic);
        if (message->kind == MQTT_KEEP && !newer) {
            wait_first(outbox, message);
            continue;
        }
        if (newer)
            outbox->replaced++;
        else
            dropped++;
        forget(outbox, message);
    }
    return dropped;
}

guint outbox_waiting(const Outbox *outbox)
{
    return outbox->waiting[LANE_LIVE].length + outbox->waiting[LANE_ORDER].length;
}

guint outbox_on_the_way(const Outbox *outbox)
{
    return outbox->on_the_way.length;
}

guint64 outbox_replaced(const Outbox *outbox)
{
    return outbox->replaced;
}

guint outbox_restore(Outbox *outbox, GPtrArray *messages, bool retained)
{
    for (guint i = messages->len; i > 0; i--) {
        OutMessage *message = messages->pdata[i - 1];
        bool newer = message->retain && (!retained || g_hash_table_contains(outbox->retained, message->topic));
        messages->pdata[i - 1] = NULL;
        if (newer) {
            forget(outbox, message);
            continue;
        }
        wait_first(outbox, message);
    }
    g_ptr_array_set_size(messages, 0);
    return make_room(outbox);
}

static bool visit_queue(const GQueue *queue, bool (*visit)(OutMessage *message, void *user), void *user)
{
    for (GList *link = queue->head; link != NULL; link = link->next) {
        OutMessage *message = link->data;
        if (message->kind == MQTT_KEEP && !visit(message, user))
            return false;
    }
    return true;
}

void outbox_visit_kept(const Outbox *outbox, bool (*visit)(OutMessage *message, void *user), void *user)
{
    (void)(visit_queue(&outbox->on_the_way, visit, user) && visit_queue(&outbox->waiting[LANE_ORDER], visit, user));
}

void outbox_take_gone(Outbox *outbox, GArray *numbers)
{
    g_array_append_vals(numbers, outbox->gone->data, outbox->gone->len);
    g_array_set_size(outbox->gone, 0);
}

gsize outbox_bytes(const Outbox *outbox)
{
    return outbox->keep_bytes;
}
