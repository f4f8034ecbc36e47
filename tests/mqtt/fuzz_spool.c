/* SPDX-License-Identifier: MIT
 *
 * Bytes of any kind as a spool: what comes out of it is sound, and written again it is the same.
 */
#include "mqtt/spool_record.h"
#include "mqtt/topics.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size)
{
    SpoolContent content, again;
    GByteArray *bytes = g_byte_array_new();
    guint64 last = 0;
    spool_parse(data, size, &content);
    g_assert_true(content.sound_bytes <= size);
    g_assert_true(!content.foreign || content.messages->len == 0);
    spool_put_header(bytes);
    for (guint i = 0; i < content.messages->len; i++) {
        const OutMessage *message = content.messages->pdata[i];
        g_assert_true(message->spool_number > last && message->spool_number <= content.last_number);
        g_assert_true(topic_is_sound(message->topic));
        g_assert_true(message->len == strlen(message->payload) && message->len <= MQTT_OUT_MAX_PAYLOAD);
        last = message->spool_number;
        spool_put_message(bytes, message);
    }
    spool_parse(bytes->data, bytes->len, &again);
    g_assert_true(again.sound_bytes == bytes->len && again.messages->len == content.messages->len);
    g_byte_array_unref(bytes);
    spool_content_clear(&again);
    spool_content_clear(&content);
}

/* As they are; and as the body of a record whose checksum is right, which no chance would find. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GByteArray *bytes = g_byte_array_new();
    const size_t head = SPOOL_HEADER_BYTES + 12;
    check(data, size);
    spool_put_header(bytes);
    spool_put_record(bytes, size > head ? data + head : data, (guint)(size > head ? size - head : size));
    check(bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    return 0;
}
