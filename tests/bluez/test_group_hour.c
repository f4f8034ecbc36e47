/* SPDX-License-Identifier: MIT
 *
 * A group of thirty for an hour, from bluetoothd's notifications to the table of verdicts: the real gateway on the
 * scripted bluetoothd. The straps' clock is moved on by a second when all that was sent in that second has arrived, so
 * that the hour takes as long as its 108,000 notifications take on the bus.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "gateway.h"
#include "stand_in_client.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { MEMBERS = 30, LATE = 28, HOUR_S = 3600, JOIN_S = 600, LEAVE_S = 3000 };

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);
int64_t __real_bluez_now_ms(void);
int64_t __wrap_bluez_now_ms(void);
gint64 __real_g_get_real_time(void);
gint64 __wrap_g_get_real_time(void);

static struct {
    Fixture *fixture;
    int64_t ahead_ms; /* of the machine's clock */
    Config *config;
    Gateway *gateway;
    MockDevice *devices[MEMBERS];
    char addresses[MEMBERS][18];
    bool away[MEMBERS];
    unsigned lives, sessions, full; /* group messages; of them with a rate of all who are there */
    char *live, *session;
} bench;

/* The machine's clock goes on by itself besides, by what the bus takes: a minute in the hour, say. */
int64_t __wrap_bluez_now_ms(void) { return __real_bluez_now_ms() + bench.ahead_ms; }

/* The wall clock goes with it, or it would be taken for one that is set. */
gint64 __wrap_g_get_real_time(void) { return __real_g_get_real_time() + bench.ahead_ms * 1000; }

static void keep(char **kept, const char *payload)
{
    g_free(*kept);
    *kept = g_strdup(payload);
}

static void on_publish(const char *topic, const char *payload, int qos, bool retain)
{
    (void)qos;
    (void)retain;
    if (strcmp(topic, "zone1d/group/tue/live") == 0) {
        bench.lives++;
        keep(&bench.live, payload);
    } else if (strcmp(topic, "zone1d/group/tue/session") == 0) {
        bench.sessions++;
        keep(&bench.session, payload);
    }
}

static void on_answer(const char *topic, const char *payload)
{
    if (strcmp(topic, "zone1d/group/tue/result") == 0)
        assert_non_null(strstr(payload, "\"status\":\"ok\""));
}

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user)
{
    bench.fixture->next = events;
    bench.fixture->next_user = user;
    bench.fixture->source = fixture_source(bench.fixture, straps, count);
    return bench.fixture->source;
}

static int setup(void **state)
{
    g_autoptr(GString) text = g_string_new("[gateway]\nname = gym\n");
    g_autoptr(GError) error = NULL;

    memset(&bench, 0, sizeof bench);
    fixture_setup(state);
    bench.fixture = *state;
    stand_in_client = (StandInClient){.publish = on_publish, .answer = on_answer};
    bench.fixture->mock->beat_ms = 3600000; /* each notification is sent by hand */
    bench.fixture->timing.link.silence_ms = bench.fixture->timing.link.subscribe_ms = 60000;
    for (unsigned i = 0; i < MEMBERS; i++) {
        g_snprintf(bench.addresses[i], sizeof bench.addresses[i], "00:AA:05:00:00:%02X", i);
        bench.devices[i] = mock_add_device(bench.fixture->hci0, bench.addresses[i], NULL);
        bench.devices[i]->phantom = true;
        mock_advertise(bench.devices[i], i < LATE);
        bench.away[i] = i >= LATE;
        g_string_append_printf(text, "[athlete m%u]\nstrap = %s\nmax = 185\nrest = 55\ngroup = Tue\n", i,
                               bench.addresses[i]);
    }
    bench.config = config_parse(text->str, text->len, "test.conf", &error);
    assert_null(error);
    bench.gateway = gateway_new(bench.config, false);
    gateway_run_bluez(bench.gateway);
    return 0;
}

static int teardown(void **state)
{
    gateway_free(bench.gateway); /* with the source */
    bench.fixture->source = NULL;
    config_free(bench.config);
    g_free(bench.live);
    g_free(bench.session);
    return fixture_teardown(state);
}

static bool all_are_up(void)
{
    for (unsigned i = 0; i < MEMBERS; i++)
        if (!bench.away[i] && !bench.fixture->told[i].up)
            return false;
    return true;
}

/* Within zone 1; every tenth member above it for the whole hour. */
static guint8 rate_of(unsigned member, unsigned second)
{
    return (guint8)((member % 10 == 3 ? 150 : 120) + (second / 30 + member) % 5);
}

static bool all_have_arrived(const unsigned *wanted)
{
    for (unsigned i = 0; i < MEMBERS; i++)
        if (bench.fixture->told[i].samples < wanted[i])
            return false;
    return true;
}

static void count_rates(unsigned second)
{
    cJSON *live = cJSON_Parse(bench.live);
    const cJSON *member;
    unsigned rates = 0, there = 0, i = 0;

    cJSON_ArrayForEach(member, cJSON_GetObjectItem(live, "members")) {
        const cJSON *hr = cJSON_GetObjectItem(member, "hr");

        there += bench.away[i] ? 0 : 1;
        if (cJSON_IsNumber(hr)) {
            assert_true(hr->valueint == rate_of(i, second) || (second > 0 && hr->valueint == rate_of(i, second - 1)));
            rates++;
        }
        i++;
    }
    bench.full += rates >= there ? 1 : 0;
    cJSON_Delete(live);
}

static void run_second(unsigned second)
{
    unsigned wanted[MEMBERS];

    for (unsigned i = 0; i < MEMBERS; i++) {
        const guint8 packet[] = {0x06, rate_of(i, second)};

        wanted[i] = bench.fixture->told[i].samples + (bench.away[i] ? 0 : 1);
        if (!bench.away[i])
            mock_notify(bench.devices[i], packet, sizeof packet);
    }
    wait_until(all_have_arrived(wanted));
    bench.ahead_ms += 1000;
}

static void tell(const char *payload)
{
    const MqttIncoming message = {.topic = "zone1d/group/tue/set/session", .payload = payload, .len = strlen(payload)};

    stand_in_client.events.message(stand_in_client.user, &message);
}

static void join_late(void)
{
    for (unsigned i = LATE; i < MEMBERS; i++) {
        bench.away[i] = false;
        mock_advertise(bench.devices[i], true);
    }
    wait_until(all_are_up());
}

static void leave(unsigned member)
{
    bench.away[member] = true;
    mock_advertise(bench.devices[member], false);
    mock_drop(bench.devices[member]);
    wait_until(!bench.fixture->told[member].up);
}

static const cJSON *verdict_of(const cJSON *session, unsigned member)
{
    g_autofree char *id = g_strdup_printf("m%u", member);
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItem(session, "verdicts"))
        if (g_strcmp0(cJSON_GetStringValue(cJSON_GetObjectItem(row, "athlete")), id) == 0)
            return row;
    return NULL;
}

static void thirty_for_an_hour(void **state)
{
    gint64 begun_us;

    (void)state;
    wait_until(all_are_up());
    begun_us = g_get_monotonic_time();
    for (unsigned second = 0; second < HOUR_S; second++) {
        if (second == JOIN_S)
            join_late();
        if (second == LEAVE_S)
            leave(0);
        run_second(second);
        if (bench.live != NULL)
            count_rates(second);
    }
    print_message("# %u s of %u members in %.1f s: %u live messages of the group, %u of its session\n", HOUR_S,
                  (unsigned)MEMBERS, (double)(g_get_monotonic_time() - begun_us) / G_USEC_PER_SEC, bench.lives,
                  bench.sessions);
    assert_in_range(bench.lives, HOUR_S * 9 / 10, HOUR_S * 11 / 10);
    assert_true(bench.sessions <= HOUR_S / 10 + MEMBERS);
    assert_true(bench.full >= HOUR_S * 9 / 10);
    tell("stop");
    cJSON *session = cJSON_Parse(bench.session);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(session, "state")), "finished");
    for (unsigned i = 0; i < MEMBERS; i++) {
        const cJSON *row = verdict_of(session, i);

        assert_non_null(row);
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(row, "verdict")),
                            i % 10 == 3 ? "overdone" : "strict");
    }
    cJSON_Delete(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(thirty_for_an_hour, setup, teardown)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
