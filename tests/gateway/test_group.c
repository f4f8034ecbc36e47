/* SPDX-License-Identifier: MIT
 *
 * Groups in virtual time: what is told of them, and what they are told.
 */
#include "group.h"

#include <cjson/cJSON.h>
#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MEMBERS 30
#define T0_MS INT64_C(5000123)
#define WALL0_US G_GINT64_CONSTANT(1764000000000000) /* 2025-11-24T16:00:00Z */
#define HOUR_S 3600
#define STORE_PATIENCE_MS 60000

static struct {
    Source source;
    Config *config;
    AthleteContext context;
    Athlete *athletes[MEMBERS + 1];
    Groups *groups;
    int64_t now_ms;
    gint64 wall_shift_us; /* the wall clock was set by so much */
    char *folder; /* of the store; NULL: none */
    unsigned lives, sessions, athlete_lives;
    char *live, *session, *result;
} bench;

/* In the place of the real client. */
void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                         bool retain, unsigned expiry_s)
{
    assert_null(client);
    if (strcmp(topic, "zone1d/group/tue/live") == 0) {
        assert_true(kind == MQTT_LIVE && qos == 0 && !retain && expiry_s == 5);
        bench.lives++;
        g_free(bench.live);
        bench.live = g_strdup(payload);
    } else if (strcmp(topic, "zone1d/group/tue/session") == 0) {
        assert_true(kind == MQTT_KEEP && qos == 1 && retain && expiry_s == 0);
        bench.sessions++;
        g_free(bench.session);
        bench.session = g_strdup(payload);
    } else if (g_str_has_suffix(topic, "/live")) {
        bench.athlete_lives++;
    }
}

bool mqtt_client_take_back(MqttClient *client, const char *topic)
{
    (void)client, (void)topic;
    return false;
}

void mqtt_client_answer(MqttClient *client, const MqttIncoming *request, const char *topic, const char *payload)
{
    assert_null(client);
    assert_non_null(request);
    assert_string_equal(topic, "zone1d/group/tue/result");
    g_free(bench.result);
    bench.result = g_strdup(payload);
}

void mqtt_client_subscribe_new(MqttClient *client, const char *filter, int qos)
{
    assert_null(client);
    assert_true(g_str_has_prefix(filter, "zone1d/group/tue/set") && qos == 1);
}

void mqtt_client_unsubscribe(MqttClient *client, const char *filter)
{
    assert_null(client);
    assert_true(g_str_has_prefix(filter, "zone1d/group/tue/set"));
}

static int64_t clock_ms(const Source *source)
{
    (void)source;
    return bench.now_ms;
}

static int64_t clock_wall_us(const Source *source)
{
    (void)source;
    return WALL0_US + (bench.now_ms - T0_MS) * 1000 + bench.wall_shift_us;
}

static const SourceClass fake_class = {.now_ms = clock_ms, .wall_us = clock_wall_us};

static void bring_up(void)
{
    for (unsigned i = 0; i < MEMBERS + 1; i++)
        bench.athletes[i] = athlete_new(&bench.context, &bench.config->athletes[i]);
    bench.groups = groups_new(&bench.context, bench.athletes);
}

static void take_down(void)
{
    groups_free(bench.groups);
    for (unsigned i = 0; i < MEMBERS + 1; i++)
        athlete_free(bench.athletes[i]);
}

static int setup(void **state)
{
    g_autoptr(GString) text = g_string_new("[gateway]\nname = gym\n");
    g_autoptr(GError) error = NULL;
    (void)state;
    memset(&bench, 0, sizeof bench);
    for (int i = 0; i < MEMBERS; i++)
        g_string_append_printf(text, "[athlete m%d]\nmax = 185\nrest = 55\nalias = M %d\ngroup = Tue\n%s", i, i,
                               i == 1 ? "share = zone\n" : i == 2 ? "share = none\n" : "");
    g_string_append(text, "[athlete alone]\nmax = 185\n");
    bench.now_ms = T0_MS;
    bench.source.class = &fake_class;
    bench.config = config_parse(text->str, text->len, "test.conf", &error);
    assert_null(error);
    bench.context = (AthleteContext){.config = bench.config, .source = &bench.source};
    bring_up();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    take_down();
    config_free(bench.config);
    g_free(bench.live);
    g_free(bench.session);
    g_free(bench.result);
    return 0;
}

/* Serves every deadline up to TO_MS, as the gateway does. */
static void run_to(int64_t to_ms)
{
    for (unsigned turns = 0;; turns++) {
        int64_t due_ms = groups_deadline_ms(bench.groups);
        for (unsigned i = 0; i < MEMBERS + 1; i++)
            due_ms = MIN(due_ms, athlete_deadline_ms(bench.athletes[i]));
        if (due_ms > to_ms)
            break;
        assert_true(turns < 1000000);
        bench.now_ms = MAX(bench.now_ms, due_ms);
        for (unsigned i = 0; i < MEMBERS + 1; i++)
            athlete_advance(bench.athletes[i], bench.now_ms);
        groups_advance(bench.groups, bench.now_ms);
    }
    bench.now_ms = to_ms;
}

static void sample(unsigned member, int bpm)
{
    const Sample one = {.t_ms = bench.now_ms, .bpm = (uint16_t)bpm, .speed_mps = NAN};
    athlete_sample(bench.athletes[member], &one);
    groups_advance(bench.groups, bench.now_ms);
}

/* COUNT members from FIRST on send BPM + their number % 3 each second. */
static void seconds(int how_many, unsigned first, unsigned count, int bpm)
{
    for (int s = 0; s < how_many; s++) {
        for (unsigned i = first; i < first + count; i++)
            sample(i, bpm + (int)(i % 3));
        run_to(bench.now_ms + 1000);
    }
}

static void tell(const char *leaf, const char *payload, bool retained)
{
    g_autofree char *topic = g_strdup_printf("zone1d/group/tue/%s", leaf);
    const MqttIncoming message = {.topic = topic, .payload = payload, .len = strlen(payload), .retained = retained};
    g_clear_pointer(&bench.result, g_free);
    assert_true(groups_take(bench.groups, &message, bench.now_ms));
}

static cJSON *row(const char *json, const char *array, unsigned member)
{
    static cJSON *object;
    g_autofree char *id = g_strdup_printf("m%u", member);
    cJSON *item;
    cJSON_Delete(object);
    object = cJSON_Parse(json);
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(object, array))
        if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(item, "athlete")), id) == 0)
            return item;
    return NULL;
}

static const char *word(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

static void test_thirty_for_an_hour(void **state)
{
    (void)state;
    tell("set/session", "start", false);
    assert_string_equal(bench.result, "{\"key\":\"session\",\"status\":\"ok\"}");
    assert_non_null(strstr(bench.session,
                           "\"state\":\"active\",\"started_at\":\"2025-11-24T16:00:00.000Z\",\"members\":30"));
    bench.lives = bench.sessions = bench.athlete_lives = 0;
    seconds(HOUR_S, 0, MEMBERS, 128);
    assert_in_range(bench.lives, HOUR_S - 1, HOUR_S + 1);
    assert_true(bench.sessions <= HOUR_S / 10 + 1);
    assert_non_null(strstr(bench.session, "\"in_target\":29")); /* who shares nothing is not counted */
    cJSON *member = row(bench.live, "members", 3);
    assert_string_equal(word(member, "alias"), "M 3");
    assert_true(cJSON_GetObjectItem(member, "hr")->valuedouble == 128);
    member = row(bench.live, "members", 1);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(member, "hr")));
    assert_string_equal(word(member, "zone"), "z1");
    member = row(bench.live, "members", 2);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(member, "zone")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(member, "signal")));
    assert_null(row(bench.live, "members", MEMBERS));
    tell("set", "{\"session\":\"stop\",\"transaction\":\"7\"}", false);
    assert_string_equal(bench.result, "{\"key\":\"session\",\"status\":\"ok\",\"transaction\":\"7\"}");
    assert_non_null(strstr(bench.session, "\"state\":\"finished\""));
    assert_string_equal(word(row(bench.session, "verdicts", 29), "verdict"), "strict");
    assert_string_equal(word(row(bench.session, "verdicts", 29), "zone_model"), "hrr");
    assert_non_null(cJSON_GetObjectItem(row(bench.session, "verdicts", 29), "cap"));
    assert_null(row(bench.session, "verdicts", 2));
    cJSON *all = cJSON_Parse(bench.session);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(all, "verdicts")), MEMBERS - 1);
    cJSON_Delete(all);
}

static void test_late_joiners_and_leavers(void **state)
{
    (void)state;
    seconds(12, 0, 1, 125); /* it begins with the first of them, by itself */
    assert_non_null(strstr(bench.session, "\"state\":\"active\""));
    seconds(400, 0, 4, 125); /* three come later */
    athlete_command(bench.athletes[0], SESSION_CMD_STOP, bench.now_ms);
    groups_advance(bench.groups, bench.now_ms);
    assert_non_null(strstr(bench.session, "\"state\":\"active\""));
    assert_string_equal(word(row(bench.session, "verdicts", 0), "verdict"), "strict");
    seconds(80, 1, 3, 140);
    tell("set/session", "stop", false);
    assert_non_null(strstr(bench.session, "\"state\":\"finished\""));
    assert_non_null(row(bench.session, "verdicts", 0));
    assert_string_equal(word(row(bench.session, "verdicts", 3), "verdict"), "slipped");
    /* The next one begins with an empty table. */
    tell("set/session", "start", false);
    assert_null(row(bench.session, "verdicts", 0));
    assert_non_null(strstr(bench.session, "\"verdicts\":[]"));
}

/* ---- with a store ---- */

static int setup_with_store(void **state)
{
    g_autofree char *cwd = g_get_current_dir();
    setup(state);
    bench.folder = g_build_filename(cwd, "group-XXXXXX", NULL);
    assert_non_null(g_mkdtemp(bench.folder));
    const StoreOptions options = {.folder = bench.folder, .interval_s = 4};
    bench.context.store = store_new(&options);
    bench.context.clock = "boot-1";
    bench.context.clock_trusted = true;
    return 0;
}

static int teardown_with_store(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    g_autofree char *file = g_strdup(store_file(bench.context.store));
    store_free(bench.context.store, STORE_PATIENCE_MS);
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(file, endings[i], NULL);
        g_remove(path);
    }
    g_rmdir(bench.folder);
    g_free(bench.folder);
    return teardown(state);
}

/* The daemon is gone from one moment to the next, and another starts BREAK_MS later. */
static void crash_and_begin(int64_t break_ms)
{
    assert_true(store_flush(bench.context.store, STORE_PATIENCE_MS));
    take_down();
    bench.now_ms += break_ms;
    bring_up();
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreReader) reader = store_reader_open(store_file(bench.context.store), &error);
    assert_null(error);
    for (unsigned i = 0; i < MEMBERS + 1; i++)
        athlete_restore(bench.athletes[i], reader, bench.now_ms);
    groups_restore(bench.groups, reader, bench.now_ms);
    groups_announce(bench.groups, bench.now_ms);
}

/* The table as it was told last; caller frees. */
static char *verdicts(void)
{
    cJSON *object = cJSON_Parse(bench.session);
    char *printed = cJSON_PrintUnformatted(cJSON_GetObjectItem(object, "verdicts")), *text = g_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(object);
    return text;
}

static void test_it_goes_on_after_a_crash(void **state)
{
    (void)state;
    bench.wall_shift_us = -WALL0_US + 100 * G_USEC_PER_SEC; /* the clock has not been set */
    tell("set/session", "start", false);
    seconds(250, 0, 4, 125);
    athlete_command(bench.athletes[0], SESSION_CMD_STOP, bench.now_ms);
    groups_advance(bench.groups, bench.now_ms);
    g_autofree char *first = verdicts();
    assert_non_null(row(bench.session, "verdicts", 0));
    crash_and_begin(60000);
    g_autofree char *second = verdicts();
    assert_string_equal(second, first);
    assert_non_null(strstr(bench.session, "\"state\":\"active\",\"started_at\":\"1970-01-01T00:01:40.000Z\""));
    /* The clock is set; what is kept of it moves as well. */
    const gint64 delta_us = -bench.wall_shift_us;
    bench.wall_shift_us = 0;
    store_correct_clock(bench.context.store, "boot-1", delta_us);
    for (unsigned i = 0; i < MEMBERS + 1; i++)
        athlete_correct_clock(bench.athletes[i], delta_us, bench.now_ms);
    groups_correct_clock(bench.groups, delta_us, bench.now_ms);
    assert_non_null(strstr(bench.session, "\"started_at\":\"2025-11-24T16:00:00.000Z\""));
    crash_and_begin(0);
    assert_non_null(strstr(bench.session, "\"state\":\"active\",\"started_at\":\"2025-11-24T16:00:00.000Z\""));
    seconds(10, 1, 3, 125);
    tell("set/session", "stop", false);
    assert_non_null(strstr(bench.session, "\"state\":\"finished\""));
    assert_non_null(row(bench.session, "verdicts", 3));
    g_autofree char *third = verdicts();
    crash_and_begin(0);
    g_autofree char *fourth = verdicts();
    assert_string_equal(fourth, third);
    assert_non_null(strstr(bench.session, "\"state\":\"finished\",\"started_at\":\"2025-11-24T16:00:00.000Z\""));
}

/* The break was too long for all of them: it has ended, and the table is whole. */
static void test_it_ends_in_a_long_break(void **state)
{
    (void)state;
    tell("set/session", "start", false);
    seconds(250, 0, 4, 125);
    crash_and_begin(SESSION_AUTO_END_MS);
    assert_non_null(strstr(bench.session, "\"state\":\"finished\",\"started_at\":\"2025-11-24T16:00:00.000Z\""));
    assert_string_equal(word(row(bench.session, "verdicts", 3), "verdict"), "inconclusive");
    crash_and_begin(0);
    assert_non_null(row(bench.session, "verdicts", 3));
}

static void test_silence_at_the_end(void **state)
{
    (void)state;
    run_to(T0_MS + 600000);
    assert_int_equal(bench.lives, 0);
    seconds(5, 0, 1, 125);
    athlete_link(bench.athletes[0], false, bench.now_ms);
    groups_advance(bench.groups, bench.now_ms);
    run_to(bench.now_ms + 600000);
    assert_in_range(bench.lives, 5, 8);
    assert_string_equal(word(row(bench.live, "members", 0), "signal"), "lost");
    assert_true(groups_deadline_ms(bench.groups) == SOURCE_NEVER);
}

static void test_what_a_group_is_not_told(void **state)
{
    (void)state;
    tell("set/session", "start", true); /* stored */
    assert_null(bench.result);
    assert_int_equal(athlete_session_state(bench.athletes[0]), SESSION_IDLE);
    tell("set/session", "stop", false);
    assert_non_null(strstr(bench.result, "no member has a session"));
    tell("set", "{\"session\":\"start\",\"cap\":130}", false);
    assert_non_null(strstr(bench.result, "a group can be told session alone"));
    assert_int_equal(athlete_session_state(bench.athletes[0]), SESSION_IDLE);
    tell("set", "[", false);
    assert_non_null(strstr(bench.result, "not JSON"));
    const MqttIncoming other = {.topic = "zone1d/group/wed/set/session", .payload = "start", .len = 5};
    assert_false(groups_take(bench.groups, &other, bench.now_ms));
    groups_announce(bench.groups, bench.now_ms);
    assert_non_null(strstr(bench.session, "\"state\":\"idle\",\"started_at\":null,\"members\":30,\"in_target\":0,"
                                          "\"verdicts\":[]"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define WITH_STORE(name) cmocka_unit_test_setup_teardown(name, setup_with_store, teardown_with_store)
    const struct CMUnitTest tests[] = {
        TEST(test_thirty_for_an_hour),
        TEST(test_late_joiners_and_leavers),
        WITH_STORE(test_it_goes_on_after_a_crash),
        WITH_STORE(test_it_ends_in_a_long_break),
        TEST(test_silence_at_the_end),
        TEST(test_what_a_group_is_not_told),
    };
    return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
