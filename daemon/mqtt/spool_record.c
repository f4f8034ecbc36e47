/* SPDX-License-Identifier: MIT */
#include "mqtt/spool_record.h"

#include "mqtt/topics.h"

#include <string.h>

#define MAGIC "zone1d-spool"
#define MAGIC_BYTES 12
#define CHECK_BYTES 8
#define RECORD_HEAD_BYTES (4 + CHECK_BYTES)
#define MAX_BODY_BYTES (MQTT_OUT_MAX_PAYLOAD + 2048)
#define DONE_AT_ONCE 128 /* numbers in one record */

static void put_number(GByteArray *bytes, guint64 value, guint size)
{
    for (guint i = 0; i < size; i++) {
        guint8 byte = (guint8)(value >> (8 * i));
        g_byte_array_append(bytes, &byte, 1);
    }
}

static void put_text(GByteArray *bytes, const char *text, gsize len)
{
    g_byte_array_append(bytes, (const guint8 *)text, (guint)len);
}

static void checksum(const guint8 *body, gsize len, guint8 ret[CHECK_BYTES])
{
    guint8 digest[32];
    gsize size = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, body, (gssize)len);
    g_checksum_get_digest(sum, digest, &size);
    g_checksum_free(sum);
    memcpy(ret, digest, CHECK_BYTES);
}

void spool_put_record(GByteArray *bytes, const guint8 *body, guint len)
{
    guint8 check[CHECK_BYTES];
    checksum(body, len, check);
    put_number(bytes, len, 4);
    g_byte_array_append(bytes, check, sizeof check);
    g_byte_array_append(bytes, body, len);
}

void spool_put_header(GByteArray *bytes)
{
    put_text(bytes, MAGIC, MAGIC_BYTES);
    put_number(bytes, SPOOL_VERSION, 4);
}

void spool_put_message(GByteArray *bytes, const OutMessage *message)
{
    GByteArray *body = g_byte_array_sized_new((guint)(message->len + 256));
    gsize topic = strlen(message->topic);
    put_text(body, "M", 1);
    put_number(body, message->spool_number, 8);
    put_number(body, (guint64)message->qos, 1);
    put_number(body, message->retain ? 1 : 0, 1);
    put_number(body, topic, 2);
    put_text(body, message->topic, topic);
    put_text(body, message->payload, message->len);
    spool_put_record(bytes, body->data, body->len);
    g_byte_array_unref(body);
}

void spool_put_done(GByteArray *bytes, const guint64 *numbers, guint count)
{
    for (guint done = 0; done < count; done += DONE_AT_ONCE) {
        GByteArray *body = g_byte_array_new();
        put_text(body, "D", 1);
        for (guint i = done; i < MIN(count, done + DONE_AT_ONCE); i++)
            put_number(body, numbers[i], 8);
        spool_put_record(bytes, body->data, body->len);
        g_byte_array_unref(body);
    }
}

/* What is left of a body; a read beyond it makes it bad, and gives 0 or nothing. */
typedef struct {
    const guint8 *at;
    gsize left;
    bool bad;
} Reader;

static const guint8 *take(Reader *reader, gsize len)
{
    const guint8 *at = reader->at;
    if (reader->bad || len > reader->left) {
        reader->bad = true;
        return NULL;
    }
    reader->at += len;
    reader->left -= len;
    return at;
}

static guint64 take_number(Reader *reader, guint size)
{
    const guint8 *at = take(reader, size);
    guint64 value = 0;
    for (guint i = 0; at != NULL && i < size; i++)
        value |= (guint64)at[i] << (8 * i);
    return value;
}

/* Without a NUL in it; freed with g_free. NULL when it is bad. */
static char *take_text(Reader *reader, gsize len)
{
    const guint8 *at = take(reader, len);
    if (at == NULL || memchr(at, '\0', len) != NULL) {
        reader->bad = true;
        return NULL;
    }
    return g_strndup((const char *)at, len);
}

/* NULL: it is none. */
static OutMessage *take_message(Reader *reader, guint64 last_number)
{
    OutMessage *message = g_new0(OutMessage, 1);
    message->kind = MQTT_KEEP;
    message->spool_number = take_number(reader, 8);
    message->qos = (int)take_number(reader, 1);
    guint64 retain = take_number(reader, 1);
    message->retain = retain == 1;
    message->topic = take_text(reader, take_number(reader, 2));
    message->payload = take_text(reader, reader->left);
    bool sound = !reader->bad && message->spool_number > last_number && message->qos <= 1 && retain <= 1 &&
                 topic_is_sound(message->topic) && strlen(message->payload) <= MQTT_OUT_MAX_PAYLOAD;
    if (!sound) {
        out_message_free(message);
        return NULL;
    }
    message->len = strlen(message->payload);
    return message;
}

/* Numbers that are not known (any more) are fine. */
static bool take_done(Reader *reader, GHashTable *waiting)
{
    while (reader->left > 0) {
        guint64 number = take_number(reader, 8);
        if (reader->bad)
            return false;
        g_hash_table_remove(waiting, &number);
    }
    return true;
}

static bool take_body(Reader *reader, SpoolContent *content, GPtrArray *all, GHashTable *waiting)
{
    guint64 kind = take_number(reader, 1);
    if (kind == 'D')
        return take_done(reader, waiting);
    OutMessage *message = kind == 'M' ? take_message(reader, content->last_number) : NULL;
    if (message == NULL)
        return false;
    content->last_number = message->spool_number;
    g_ptr_array_add(all, message);
    g_hash_table_add(waiting, &message->spool_number);
    return true;
}

/* False: from here on it is damaged. */
static bool take_record(Reader *file, SpoolContent *content, GPtrArray *all, GHashTable *waiting)
{
    guint8 check[CHECK_BYTES];
    gsize len = take_number(file, 4);
    const guint8 *expected = take(file, CHECK_BYTES);
    const guint8 *body = len <= MAX_BODY_BYTES ? take(file, len) : NULL;
    if (file->bad || body == NULL)
        return false;
    checksum(body, len, check);
    Reader reader = {.at = body, .left = len};
    return memcmp(check, expected, CHECK_BYTES) == 0 && take_body(&reader, content, all, waiting);
}

static void free_message(gpointer message)
{
    out_message_free(message);
}

void spool_parse(const guint8 *bytes, gsize len, SpoolContent *ret)
{
    Reader file = {.at = bytes, .left = len};
    memset(ret, 0, sizeof *ret);
    ret->messages = g_ptr_array_new_with_free_func(free_message);
    if (len == 0)
        return;
    const guint8 *magic = take(&file, MAGIC_BYTES);
    guint64 version = take_number(&file, 4);
    ret->foreign = file.bad || memcmp(magic, MAGIC, MAGIC_BYTES) != 0 || version != SPOOL_VERSION;
    if (ret->foreign)
        return;
    GPtrArray *all = g_ptr_array_new();
    GHashTable *waiting = g_hash_table_new(g_int64_hash, g_int64_equal); /* numbers, in the messages */
    ret->sound_bytes = SPOOL_HEADER_BYTES;
    while (file.left > 0 && take_record(&file, ret, all, waiting))
        ret->sound_bytes = len - file.left;
    for (guint i = 0; i < all->len; i++) {
        OutMessage *message = all->pdata[i];
        if (g_hash_table_contains(waiting, &message->spool_number))
            g_ptr_array_add(ret->messages, message);
        else
            out_message_free(message);
    }
    g_hash_table_unref(waiting);
    g_ptr_array_unref(all);
}

void spool_content_clear(SpoolContent *content)
{
    g_ptr_array_unref(content->messages);
    content->messages = NULL;
}
