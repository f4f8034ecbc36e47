/* SPDX-License-Identifier: MIT
 *
 * What comes back from outside: the memory's file, and what others have stored on the broker. The first
 * byte says which.
 */
#include "mqtt/discovery.h"
#include "mqtt/leftovers.h"
#include "mqtt/memory.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const char *topic, const char *payload, gsize len)
{
    static const char *const athletes[] = {"anna", NULL};
    const MemoryNames names = {.gateway_id = "gym", .prefix = "zone1d", .discovery_prefix = "homeassistant"};
    const LeftoversView view = {.names = &names, .count = 1, .athletes = athletes, .discovery = true};
    g_autoptr(Leftovers) leftovers = leftovers_new();
    bool done;
    leftovers_see(leftovers, topic, payload, len);
    g_autoptr(GPtrArray) topics = leftovers_judge(leftovers, &view, &done);
    /* At most what was seen is cleared, and never another's. */
    g_assert_true(done && topics->len <= 1);
    if (topics->len == 1)
        g_assert_cmpstr(topics->pdata[0], ==, topic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    const gsize len = size - 1;
    if (data[0] == 'm') {
        g_autoptr(Memory) memory = memory_parse(bytes, len);
        g_autofree char *text = memory_print(memory);
        g_autoptr(Memory) again = memory_parse(text, strlen(text));
        g_assert_cmpuint(again->count, ==, memory->count);
    } else if (data[0] == 't') {
        g_autofree char *topic = g_strndup(bytes, len);
        if (g_utf8_validate(topic, -1, NULL))
            judge(topic, "{\"gateway\":\"gym\"}", 17);
    } else {
        judge(data[0] == 's' ? "zone1d/athlete/bob/strap" : "homeassistant/device/zone1d_bob/config", bytes, len);
    }
    return 0;
}
