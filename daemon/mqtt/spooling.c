/* SPDX-License-Identifier: MIT */
#include "mqtt/spooling.h"

#include "mqtt/spool_record.h"

#define RETRY_US (10 * G_USEC_PER_SEC)  /* after a full disk or the like */
#define BATCH_BYTES ((guint)256 * 1024) /* put together under the lock at a time */

typedef struct {
    Spool *spool;
    gint64 older_than_us;
    GByteArray *records; /* NULL, as the next: there is nothing to write, as nearly always */
    GArray *numbers;
} Batch;

static void load(MqttClient *client)
{
    GPtrArray *messages = NULL;
    client->spool_loaded = spool_load(client->spool, &messages);
    if (!client->spool_loaded)
        return;
    if (messages->len > 0)
        g_message("MQTT: %u messages of an earlier run wait for the broker", messages->len);
    pthread_mutex_lock(&client->lock);
    /* Later, what is retained may be older than what was published since. */
    client->stats.dropped += outbox_restore(client->outbox, messages, client->connection == 0);
    client->stats.spooled = spool_waiting(client->spool);
    pthread_mutex_unlock(&client->lock);
    g_ptr_array_unref(messages);
}

/* Whoever asked is not there any more after a restart, and what expires has. */
static bool is_worth_it(const OutMessage *message, gint64 older_than_us)
{
    return message->spool_number == 0 && message->qos == 1 && message->expiry_s == 0 && message->correlation == NULL &&
           message->since_us <= older_than_us;
}

static bool add_to_batch(OutMessage *message, void *user)
{
    Batch *batch = user;
    if (!is_worth_it(message, batch->older_than_us))
        return true;
    if (batch->records == NULL) {
        batch->records = g_byte_array_new();
        batch->numbers = g_array_new(FALSE, FALSE, sizeof(guint64));
    }
    message->spool_number = spool_next_number(batch->spool);
    g_array_append_val(batch->numbers, message->spool_number);
    spool_put_message(batch->records, message);
    return batch->records->len < BATCH_BYTES;
}

static bool take_back(OutMessage *message, void *user)
{
    const guint64 *first = user;
    if (message->spool_number >= *first)
        message->spool_number = 0;
    return true;
}

/* True when there may be more. */
static bool write_batch(MqttClient *client, gint64 older_than_us, bool *ret_failed)
{
    Batch batch = {.spool = client->spool, .older_than_us = older_than_us};
    pthread_mutex_lock(&client->lock);
    outbox_visit_kept(client->outbox, add_to_batch, &batch);
    pthread_mutex_unlock(&client->lock);
    *ret_failed = false;
    if (batch.records == NULL)
        return false;
    guint64 *numbers = (guint64 *)(void *)batch.numbers->data;
    *ret_failed = !spool_append(client->spool, batch.records, numbers, batch.numbers->len);
    if (*ret_failed) {
        pthread_mutex_lock(&client->lock);
        outbox_visit_kept(client->outbox, take_back, numbers);
        pthread_mutex_unlock(&client->lock);
    }
    bool more = batch.records->len >= BATCH_BYTES && !*ret_failed;
    g_byte_array_unref(batch.records);
    g_array_unref(batch.numbers);
    return more;
}

/* True when it is on disk that what is done with is done with. */
static bool note_done(MqttClient *client)
{
    pthread_mutex_lock(&client->lock);
    outbox_take_gone(client->outbox, client->spool_gone);
    pthread_mutex_unlock(&client->lock);
    if (client->spool_gone->len == 0)
        return true;
    if (!spool_done(client->spool, (const guint64 *)(void *)client->spool_gone->data, client->spool_gone->len))
        return false;
    g_array_set_size(client->spool_gone, 0);
    return true;
}

void spooling_step(MqttClient *client, gint64 now_us, bool all)
{
    if (client->spool == NULL || (now_us < client->spool_retry_us && !all))
        return;
    if (!client->spool_loaded)
        load(client);
    bool failed = !client->spool_loaded || !note_done(client);
    while (!failed && write_batch(client, all ? now_us : now_us - SPOOL_AFTER_US, &failed))
        ;
    client->spool_retry_us = failed ? now_us + RETRY_US : 0;
    pthread_mutex_lock(&client->lock);
    client->stats.spooled = client->spool_loaded ? spool_waiting(client->spool) : 0;
    pthread_mutex_unlock(&client->lock);
}
