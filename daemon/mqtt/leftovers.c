/* SPDX-License-Identifier: MIT */
#include "mqtt/leftovers.h"

#include "mqtt/discovery.h"
#include "mqtt/topics.h"

#include <string.h>

#define GATEWAY_DEVICE "gateway_"

struct Leftovers {
    GHashTable *topics; /* topic -> what it says of its owner: a status topic, a gateway's id, a status; or "" */
};

typedef struct {
    const Leftovers *leftovers;
    const LeftoversView *view;
    const MemoryNames *names; /* that are looked at */
    const char *status_topic; /* of these names */
    const char *present;      /* of the present ones */
    GPtrArray *clear;
} Judge;

Leftovers *leftovers_new(void)
{
    Leftovers *leftovers = g_new0(Leftovers, 1);
    leftovers->topics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return leftovers;
}

void leftovers_free(Leftovers *leftovers)
{
    if (leftovers == NULL)
        return;
    g_hash_table_unref(leftovers->topics);
    g_free(leftovers);
}

char **leftovers_filters(const MemoryNames *names)
{
    char **filters = g_new0(char *, 4);
    filters[0] = g_strdup_printf("%s/device/+/config", names->discovery_prefix);
    filters[1] = topic_athlete(names->prefix, "+", "#");
    filters[2] = topic_gateway(names->prefix, names->gateway_id, "#");
    return filters;
}

/* ---- what is seen ---- */

static char *strap_gateway(const char *payload, gsize len)
{
    cJSON *object = cJSON_ParseWithLength(payload, len);
    char *gateway = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "gateway")));
    cJSON_Delete(object);
    return gateway;
}

void leftovers_see(Leftovers *leftovers, const char *topic, const char *payload, gsize len)
{
    char *says = NULL;
    if (len == 0)
        g_hash_table_remove(leftovers->topics, topic);
    if (g_hash_table_size(leftovers->topics) >= LEFTOVERS_MAX_TOPICS || len == 0)
        return;
    if (g_str_has_suffix(topic, "/config"))
        says = discovery_owner(payload, len);
    else if (g_str_has_suffix(topic, "/strap"))
        says = strap_gateway(payload, len);
    else if (g_str_has_suffix(topic, "/status") && len <= strlen("offline"))
        says = g_strndup(payload, len);
    g_hash_table_replace(leftovers->topics, g_strdup(topic), says != NULL ? says : g_strdup(""));
}

/* ---- what is judged ---- */

static const char *says_of(const Leftovers *leftovers, const char *topic)
{
    return g_hash_table_lookup(leftovers->topics, topic);
}

/* The level behind PREFIX/KIND/ in TOPIC, when SUFFIX (or, with NULL, any levels) follows it; else NULL. */
static char *level_of(const char *topic, const char *prefix, const char *kind, const char *suffix)
{
    g_autofree char *start = g_strdup_printf("%s/%s/", prefix, kind);
    if (!g_str_has_prefix(topic, start))
        return NULL;
    const char *level = topic + strlen(start), *end = strchr(level, '/');
    if (end == NULL || end == level || (suffix != NULL && strcmp(end, suffix) != 0))
        return NULL;
    return g_strndup(level, (gsize)(end - level));
}

static bool is_wanted(const LeftoversView *view, const char *athlete)
{
    return g_strv_contains(view->athletes, athlete);
}

static void clear(Judge *judge, const char *topic)
{
    if (!g_ptr_array_find_with_equal_func(judge->clear, topic, g_str_equal, NULL))
        g_ptr_array_add(judge->clear, g_strdup(topic));
}

/* The device of an athlete (or of the gateway itself) that belongs to the names. */
static void judge_device(Judge *judge, const char *topic, const char *owner)
{
    const LeftoversView *view = judge->view;
    g_autofree char *object = level_of(topic, judge->names->discovery_prefix, "device", "/config");
    if (object == NULL || strcmp(owner, judge->status_topic) != 0 || !g_str_has_prefix(object, "zone1d_"))
        return;
    const char *id = object + strlen("zone1d_");
    const bool here = view->discovery && strcmp(judge->names->discovery_prefix, view->names->discovery_prefix) == 0;
    const bool own = g_str_has_prefix(id, GATEWAY_DEVICE);
    const bool stays = own ? here && strcmp(id + strlen(GATEWAY_DEVICE), view->names->gateway_id) == 0
                           : here && is_wanted(view, id);
    if (!stays)
        clear(judge, topic);
}

/* Whether a device says that ATHLETE is another gateway's. */
static bool is_anothers(const Judge *judge, const char *athlete)
{
    g_autofree char *topic = discovery_athlete_topic(judge->names->discovery_prefix, athlete);
    const char *owner = says_of(judge->leftovers, topic);
    return owner != NULL && owner[0] != '\0' && strcmp(owner, judge->status_topic) != 0 &&
           strcmp(owner, judge->present) != 0;
}

static bool is_ours(const Judge *judge, const char *athlete)
{
    g_autofree char *topic = topic_athlete(judge->names->prefix, athlete, "strap");
    const char *gateway = says_of(judge->leftovers, topic);
    return gateway != NULL && strcmp(gateway, judge->names->gateway_id) == 0 && !is_anothers(judge, athlete);
}

static void judge_athlete(Judge *judge, const char *topic)
{
    g_autofree char *athlete = level_of(topic, judge->names->prefix, "athlete", NULL);
    if (athlete == NULL || !is_ours(judge, athlete))
        return;
    if (strcmp(judge->names->prefix, judge->view->names->prefix) != 0 || !is_wanted(judge->view, athlete))
        clear(judge, topic);
}

/* What a gateway of these names said of itself, when it has other ones now. */
static void judge_gateway(Judge *judge, const char *topic)
{
    const MemoryNames *present = judge->view->names;
    g_autofree char *gateway = level_of(topic, judge->names->prefix, "gateway", NULL);
    if (g_strcmp0(gateway, judge->names->gateway_id) == 0 &&
        (strcmp(gateway, present->gateway_id) != 0 || strcmp(judge->names->prefix, present->prefix) != 0))
        clear(judge, topic);
}

static int by_name(gconstpointer one, gconstpointer other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

GPtrArray *leftovers_judge(const Leftovers *leftovers, const LeftoversView *view, bool *ret_done)
{
    GPtrArray *topics = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *present = topic_gateway(view->names->prefix, view->names->gateway_id, "status");
    *ret_done = true;
    for (unsigned i = 0; i < view->count; i++) {
        g_autofree char *status_topic = topic_gateway(view->names[i].prefix, view->names[i].gateway_id, "status");
        Judge judge = {.leftovers = leftovers, .view = view, .names = &view->names[i], .status_topic = status_topic,
                       .present = present, .clear = topics};
        GHashTableIter iter;
        gpointer topic, says;
        /* Not this gateway's (or not yet gone): a copy of its files, say. */
        if (strcmp(status_topic, present) != 0 && g_strcmp0(says_of(leftovers, status_topic), "online") == 0) {
            *ret_done = false;
            continue;
        }
        g_hash_table_iter_init(&iter, leftovers->topics);
        while (g_hash_table_iter_next(&iter, &topic, &says)) {
            judge_device(&judge, topic, says);
            judge_athlete(&judge, topic);
            judge_gateway(&judge, topic);
        }
    }
    g_ptr_array_sort(topics, by_name);
    return topics;
}
