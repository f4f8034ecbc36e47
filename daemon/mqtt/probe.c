/* SPDX-License-Identifier: MIT */
#include "mqtt/probe.h"

#include <glib.h>
#include <string.h>

#define FLAG_CLEAN_START 0x02
#define FLAG_PASSWORD 0x40
#define FLAG_USERNAME 0x80

static ProbeResult ask(const ProbeTarget *target, Stream *stream, ProbeAnswer *ret);
static GByteArray *connect_packet(const ProbeTarget *target);

ProbeResult probe_broker(const ProbeTarget *target, ProbeAnswer *ret)
{
    Stream *stream = NULL;
    ProbeResult result = PROBE_UNREACHABLE;
    memset(ret, 0, sizeof *ret);
    switch (stream_open(&target->stream, &stream, &ret->peer)) {
    case STREAM_FINE:
        result = ask(target, stream, ret);
        stream_close(stream);
        break;
    case STREAM_TIMED_OUT:
        result = PROBE_SILENT;
        break;
    case STREAM_CANCELLED:
        result = PROBE_CANCELLED;
        break;
    case STREAM_ENDED:
        g_strlcpy(ret->peer.why, "it hangs up instead of speaking TLS", sizeof ret->peer.why);
        break;
    case STREAM_FAILED:
        break;
    }
    return result;
}

/* CONNACK: 0x20, the length of the rest, flags, code; 3.1.1 ends here, 5 has properties, if only their length. */
static ProbeResult ask(const ProbeTarget *target, Stream *stream, ProbeAnswer *ret)
{
    static const guint8 goodbye[] = {0xE0, 0x00};
    guint8 answer[2] = {0};
    GByteArray *packet = connect_packet(target);
    StreamResult result = stream_write(stream, packet->data, packet->len);
    explicit_bzero(packet->data, packet->len);
    g_byte_array_unref(packet);
    if (result == STREAM_FINE)
        result = stream_read(stream, answer, sizeof answer);
    ret->hung_up = result == STREAM_ENDED;
    if (result != STREAM_FINE)
        return result == STREAM_CANCELLED ? PROBE_CANCELLED : result == STREAM_TIMED_OUT ? PROBE_SILENT :
               result == STREAM_FAILED ? PROBE_UNREACHABLE : PROBE_MQTT3;
    if (answer[0] != 0x20) {
        g_snprintf(ret->peer.why, sizeof ret->peer.why, "what answers there does not speak MQTT%s",
                   answer[0] == 0x15 ? " (but TLS)" : "");
        return PROBE_FOREIGN;
    }
    (void)stream_write(stream, goodbye, sizeof goodbye);
    return answer[1] > 2 ? PROBE_MQTT5 : PROBE_MQTT3;
}

static void append_string(GByteArray *packet, const char *text)
{
    gsize length = strlen(text);
    guint8 size[2] = {(guint8)(length >> 8), (guint8)length};
    g_byte_array_append(packet, size, sizeof size);
    g_byte_array_append(packet, (const guint8 *)text, (guint)length);
}

static GByteArray *connect_packet(const ProbeTarget *target)
{
    GByteArray *body = g_byte_array_new();
    guint8 head[] = {5, FLAG_CLEAN_START, 0, 10 /* keep-alive, s */, 0 /* no properties */};
    if (target->username != NULL)
        head[1] |= FLAG_USERNAME;
    if (target->password != NULL)
        head[1] |= FLAG_PASSWORD;
    append_string(body, "MQTT");
    g_byte_array_append(body, head, sizeof head);
    append_string(body, "");
    if (target->username != NULL)
        append_string(body, target->username);
    if (target->password != NULL)
        append_string(body, target->password);

    GByteArray *packet = g_byte_array_new();
    guint8 byte = 0x10;
    g_byte_array_append(packet, &byte, 1);
    guint rest = body->len;
    do {
        byte = (guint8)((rest % 128) | (rest > 127 ? 128 : 0));
        g_byte_array_append(packet, &byte, 1);
        rest /= 128;
    } while (rest > 0);
    g_byte_array_append(packet, body->data, body->len);
    explicit_bzero(body->data, body->len);
    g_byte_array_unref(body);
    return packet;
}
