/* SPDX-License-Identifier: MIT
 *
 * Topics and payloads of commands of any content: the first line is the topic, the rest the payload.
 */
#include "mqtt/commands.h"
#include "mqtt/topics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const CommandSet *set)
{
    bool any = false;
    for (CommandKey key = 0; key < COMMAND_KEY_COUNT; key++)
        any |= set->given[key];
    if (!any || (set->given[COMMAND_RPE] && (set->rpe < 0 || set->rpe > SESSION_MAX_RPE)) ||
        (set->given[COMMAND_CAP] &&
         (set->target.cap_bpm < TARGET_CAP_MIN_BPM || set->target.cap_bpm > TARGET_CAP_MAX_BPM)) ||
        (set->given[COMMAND_SPEED] && !isnan(set->speed_kmh) && !(set->speed_kmh >= 0 && set->speed_kmh <= 54)) ||
        strlen(set->transaction) > COMMAND_MAX_TRANSACTION)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static CommandSet set;
    CommandFault fault = {.key = "", .text = ""};
    char id[TOPIC_MAX_ID_BYTES + 1];
    const uint8_t *line_end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t topic_len = line_end != NULL ? (size_t)(line_end - data) : size;
    char *topic = g_strndup((const char *)data, topic_len);
    size_t len = line_end != NULL ? size - topic_len - 1 : 0;
    /* A copy of its own, so that a read beyond its end is seen. */
    char *payload = g_malloc(len + 1);
    memcpy(payload, data + size - len, len);
    payload[len] = '\0';
    const char *leaf = topic_split(topic, "zone1d", "athlete", id);
    bool taken = leaf != NULL && g_str_has_prefix(leaf, "set/")
                     ? command_parse_plain(leaf + 4, payload, len, &set, &fault)
                     : command_parse_json(payload, len, &set, &fault);
    if (taken)
        check(&set);
    else if (!g_utf8_validate(fault.key, -1, NULL) || fault.text[0] == '\0')
        abort();
    g_free(payload);
    g_free(topic);
    return 0;
}
