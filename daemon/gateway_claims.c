/* SPDX-License-Identifier: MIT */
#include "gateway_claims.h"

#include "mqtt/json.h"
#include "mqtt/topics.h"

#include <string.h>

#define ID_CHARS 12
#define SALT "zone1d strap "

typedef struct {
    gint64 until_us;
} Claim;

struct GatewayClaims {
    const Config *config;
    MqttClient *mqtt;
    GHashTable *others; /* id -> Claim */
    char **own;         /* of each athlete: the id, or NULL */
    guint timer;
};

static gboolean on_renew(gpointer user);

/* The same on every gateway, and no address; whoever knows an address can tell its id, as with any such hash. */
static char *id_of(const char *address)
{
    g_autofree char *text = g_strconcat(SALT, address, NULL);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return g_strndup(sum, ID_CHARS);
}

static char *topic_of(const GatewayClaims *claims, const char *id)
{
    return g_strdup_printf("%s/claim/%s", claims->config->mqtt_prefix, id);
}

GatewayClaims *gateway_claims_new(const Config *config, MqttClient *mqtt)
{
    GatewayClaims *claims = g_new0(GatewayClaims, 1);
    claims->config = config;
    claims->mqtt = mqtt;
    claims->others = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    claims->own = g_new0(char *, CONFIG_MAX_ATHLETES);
    g_autofree char *filter = topic_of(claims, "+");
    mqtt_client_subscribe(mqtt, filter, 1);
    return claims;
}

static void give_back(GatewayClaims *claims, unsigned athlete)
{
    if (claims->own[athlete] == NULL)
        return;
    g_autofree char *topic = topic_of(claims, claims->own[athlete]);
    mqtt_client_publish(claims->mqtt, MQTT_KEEP, topic, "", 1, true, 0);
    g_clear_pointer(&claims->own[athlete], g_free);
}

void gateway_claims_free(GatewayClaims *claims)
{
    if (claims == NULL)
        return;
    g_clear_handle_id(&claims->timer, g_source_remove);
    for (unsigned i = 0; i < claims->config->athlete_count; i++)
        give_back(claims, i);
    g_free(claims->own);
    g_hash_table_unref(claims->others);
    g_free(claims);
}

static void claim(const GatewayClaims *claims, const char *id)
{
    cJSON *object = cJSON_CreateObject();
    json_string(object, "gateway", claims->config->gateway_id);
    g_autofree char *json = json_print(object);
    g_autofree char *topic = topic_of(claims, id);
    mqtt_client_publish(claims->mqtt, MQTT_KEEP, topic, json, 1, true, CLAIMS_EXPIRY_S);
}

static bool claims_any(const GatewayClaims *claims)
{
    for (unsigned i = 0; i < claims->config->athlete_count; i++)
        if (claims->own[i] != NULL)
            return true;
    return false;
}

static gboolean on_renew(gpointer user)
{
    GatewayClaims *claims = user;
    for (unsigned i = 0; i < claims->config->athlete_count; i++)
        if (claims->own[i] != NULL)
            claim(claims, claims->own[i]);
    return G_SOURCE_CONTINUE;
}

void gateway_claims_set(GatewayClaims *claims, unsigned athlete, const char *address)
{
    give_back(claims, athlete);
    if (address != NULL) {
        claims->own[athlete] = id_of(address);
        claim(claims, claims->own[athlete]);
    }
    bool any = claims_any(claims);
    if (any && claims->timer == 0)
        claims->timer = g_timeout_add_seconds(CLAIMS_RENEW_S, on_renew, claims);
    else if (!any)
        g_clear_handle_id(&claims->timer, g_source_remove);
}

void gateway_claims_reload(GatewayClaims *claims, const ConfigChange *change)
{
    g_autofree char **own = g_new0(char *, CONFIG_MAX_ATHLETES);
    for (unsigned i = 0; i < change->now->athlete_count; i++)
        if (change->from[i] >= 0)
            own[i] = g_steal_pointer(&claims->own[change->from[i]]);
    for (unsigned i = 0; i < change->before->athlete_count; i++)
        give_back(claims, i);
    memcpy(claims->own, own, CONFIG_MAX_ATHLETES * sizeof own[0]);
    if (!claims_any(claims))
        g_clear_handle_id(&claims->timer, g_source_remove);
}

/* The part of TOPIC behind <prefix>/claim/, or NULL. */
static const char *id_in(const GatewayClaims *claims, const char *topic)
{
    gsize length = strlen(claims->config->mqtt_prefix);
    if (strncmp(topic, claims->config->mqtt_prefix, length) != 0 || !g_str_has_prefix(topic + length, "/claim/"))
        return NULL;
    const char *id = topic + length + strlen("/claim/");
    return strlen(id) == ID_CHARS && topic_is_id(id, ID_CHARS) ? id : NULL;
}

static gboolean is_over(gpointer key, gpointer value, gpointer user)
{
    (void)key;
    return ((Claim *)value)->until_us <= *(gint64 *)user;
}

static void remember(GatewayClaims *claims, const char *id, gint64 now_us)
{
    if (g_hash_table_size(claims->others) >= CLAIMS_MAX)
        g_hash_table_foreach_remove(claims->others, is_over, &now_us);
    if (g_hash_table_size(claims->others) >= CLAIMS_MAX && !g_hash_table_contains(claims->others, id))
        return;
    Claim *other = g_new(Claim, 1);
    other->until_us = now_us + CLAIMS_EXPIRY_S * G_USEC_PER_SEC;
    g_hash_table_replace(claims->others, g_strdup(id), other);
}

bool gateway_claims_take(GatewayClaims *claims, const MqttIncoming *message, gint64 now_us)
{
    const char *id = id_in(claims, message->topic);
    if (id == NULL)
        return false;
    cJSON *object = message->len > 0 ? cJSON_ParseWithLength(message->payload, message->len) : NULL;
    const char *gateway = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "gateway"));
    if (gateway == NULL)
        g_hash_table_remove(claims->others, id);
    else if (strcmp(gateway, claims->config->gateway_id) != 0)
        remember(claims, id, now_us);
    cJSON_Delete(object);
    return true;
}

bool gateway_claims_taken(const GatewayClaims *claims, const char *address, gint64 now_us)
{
    if (g_hash_table_size(claims->others) == 0)
        return false;
    g_autofree char *id = id_of(address);
    const Claim *other = g_hash_table_lookup(claims->others, id);
    return other != NULL && now_us < other->until_us;
}
