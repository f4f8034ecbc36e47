/* SPDX-License-Identifier: MIT */
#include "athlete_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char CONFIG[] = "[gateway]\nname = gym\nstate-interval = 5\n[athlete Anna]\nmax = 185\nrest = 55\n";

static Fixture *current;
static GPtrArray *messages; /* Published */

/* In the place of the real one. */
void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                         bool retain, unsigned expiry_s)
{
    assert_null(client);
    Published *message = g_new0(Published, 1);
    *message = (Published){.at_ms = current->now_ms, .kind = kind, .topic = g_strdup(topic),
                           .payload = g_strdup(payload), .json = cJSON_Parse(payload), .qos = qos,
                           .retain = retain, .expiry_s = expiry_s};
    assert_true(message->json != NULL || payload[0] == '\0');
    g_ptr_array_add(messages, message);
}

/* What waits in the place of the broker's client is what was published since its link stalled. */
bool mqtt_client_take_back(MqttClient *client, const char *topic)
{
    assert_null(client);
    for (guint i = messages->len; current->stalled && i > current->stalled_from; i--) {
        Published *message = messages->pdata[i - 1];
        if (message->kind != MQTT_KEEP && strcmp(message->topic, topic) == 0) {
            g_ptr_array_remove_index(messages, i - 1);
            return true;
        }
    }
    return false;
}

void stall(Fixture *fixture, bool on)
{
    fixture->stalled = on;
    fixture->stalled_from = messages->len;
}

static void published_free(gpointer data)
{
    Published *message = data;
    cJSON_Delete(message->json);
    g_free(message->topic);
    g_free(message->payload);
    g_free(message);
}

static int64_t clock_ms(const Source *source)
{
    (void)source;
    return T0_MS + current->now_ms;
}

static int64_t clock_wall_us(const Source *source)
{
    (void)source;
    return WALL0_US + current->now_ms * 1000 + current->wall_shift_us;
}

static const SourceClass fake_class = {.now_ms = clock_ms, .wall_us = clock_wall_us};

int athlete_setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    fixture->source.class = &fake_class;
    fixture->config = config_parse(CONFIG, strlen(CONFIG), "test.conf", &error);
    assert_null(error);
    fixture->context = (AthleteContext){.config = fixture->config, .source = &fixture->source};
    fixture->athlete = athlete_new(&fixture->context, &fixture->config->athletes[0]);
    messages = g_ptr_array_new_with_free_func(published_free);
    *state = current = fixture;
    return 0;
}

int athlete_teardown(void **state)
{
    Fixture *fixture = *state;
    athlete_free(fixture->athlete);
    config_free(fixture->config);
    g_free(fixture);
    g_ptr_array_unref(messages);
    return 0;
}

void run_to(Fixture *fixture, int64_t at_ms)
{
    int64_t due_ms;
    unsigned turns = 0;
    while ((due_ms = athlete_deadline_ms(fixture->athlete)) <= T0_MS + at_ms) {
        fixture->now_ms = MAX(fixture->now_ms, due_ms - T0_MS);
        athlete_advance(fixture->athlete, T0_MS + fixture->now_ms);
        assert_true(++turns < 100000); /* a deadline that its own service does not move would spin */
    }
    fixture->now_ms = at_ms;
}

void sample_at(Fixture *fixture, int64_t at_ms, int bpm)
{
    Sample sample = {.t_ms = T0_MS + at_ms, .bpm = (uint16_t)bpm, .contact = CONTACT_UNSUPPORTED, .speed_mps = NAN};
    if (bpm > 0) {
        sample.rr_count = 1;
        sample.rr_ms[0] = 60000.0 / bpm;
    }
    run_to(fixture, at_ms);
    athlete_sample(fixture->athlete, &sample);
}

void samples(Fixture *fixture, int64_t from_ms, int count, int bpm)
{
    for (int i = 0; i < count; i++)
        sample_at(fixture, from_ms + i * 1000, bpm);
}

static bool is_leaf(const Published *message, const char *leaf)
{
    g_autofree char *topic = g_strdup_printf("zone1d/athlete/anna/%s", leaf);
    return strcmp(message->topic, topic) == 0;
}

unsigned published(const char *leaf, int64_t from_ms, int64_t to_ms)
{
    unsigned count = 0;
    for (guint i = 0; i < messages->len; i++) {
        const Published *message = messages->pdata[i];
        count += is_leaf(message, leaf) && message->at_ms >= from_ms && message->at_ms < to_ms;
    }
    return count;
}

unsigned published_with(const char *leaf, const char *key, const char *expected, int64_t from_ms, int64_t to_ms)
{
    unsigned count = 0;
    for (guint i = 0; i < messages->len; i++) {
        const Published *message = messages->pdata[i];
        if (is_leaf(message, leaf) && message->at_ms >= from_ms && message->at_ms < to_ms)
            count += g_strcmp0(word(message, key), expected) == 0;
    }
    return count;
}

const Published *newest_before(const char *leaf, int64_t at_ms)
{
    for (guint i = messages->len; i > 0; i--) {
        const Published *message = messages->pdata[i - 1];
        if (is_leaf(message, leaf) && message->at_ms < at_ms)
            return message;
    }
    fail_msg("nothing came under %s", leaf);
    return NULL;
}

const Published *newest(const char *leaf) { return newest_before(leaf, INT64_MAX); }

double number(const Published *message, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(message->json, key);
    assert_non_null(item);
    return cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
}

const char *word(const Published *message, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(message->json, key);
    assert_non_null(item);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}
