/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "published.h"

#include "gateway.h"
#include "stand_in_client.h"

#include <cjson/cJSON.h>
#include <string.h>

/* The broker's client knows nothing of its user in publish: one bench at a time. */
static struct {
    Fixture *fixture;
    Config *config;
    Gateway *gateway;
    bool by_name;
    Shown shown[FIXTURE_MAX_STRAPS];
    gint64 sent_us[FIXTURE_MAX_STRAPS][256]; /* when the athlete's strap sent that rate last */
    gint64 down_us[FIXTURE_MAX_STRAPS];
    char lie[512]; /* the first one */
} bench;

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);

static void note_sent(const MockDevice *device, const guint8 *bytes, gsize len);
static void on_publish(const char *topic, const char *payload, int qos, bool retain);
static void judge(unsigned athlete, const char *payload, Shown *ret);

int published_setup(void **state)
{
    fixture_setup(state);
    memset(&bench, 0, sizeof bench);
    bench.fixture = *state;
    bench.fixture->mock->beat_ms = 60;
    mock_on_notify = note_sent;
    stand_in_client = (StandInClient){.publish = on_publish};
    return 0;
}

int published_teardown(void **state)
{
    mock_on_notify = NULL;
    gateway_free(bench.gateway); /* with the source */
    bench.fixture->source = NULL;
    config_free(bench.config);
    if (bench.lie[0] != '\0')
        print_error("published: %s\n", bench.lie);
    return fixture_teardown(state) != 0 || bench.lie[0] != '\0' ? -1 : 0;
}

const char *published_address(unsigned athlete)
{
    static char addresses[FIXTURE_MAX_STRAPS][18];

    g_snprintf(addresses[athlete], sizeof addresses[athlete], "00:AA:03:00:00:%02X", athlete);
    return addresses[athlete];
}

static Config *config_of(unsigned count, const char *name)
{
    g_autoptr(GString) text = g_string_new("[gateway]\nname = test\n");
    g_autoptr(GError) error = NULL;
    Config *config;

    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(text, "[athlete a%u]\nstrap = %s\nage = 40\nmax = 185\nrest = 55\n", i,
                               name != NULL ? name : published_address(i));
    config = config_parse(text->str, text->len, "test.conf", &error);
    g_assert_no_error(error);
    return config;
}

void published_start(Fixture *fixture, unsigned count, const char *name)
{
    (void)fixture;
    bench.by_name = name != NULL;
    bench.config = config_of(count, name);
    bench.gateway = gateway_new(bench.config, false);
    gateway_run_bluez(bench.gateway);
}

void published_reload(unsigned count)
{
    g_autoptr(Config) config = config_of(count, NULL);

    gateway_reload(bench.gateway, config);
}

MockDevice *published_strap(MockAdapter *adapter, unsigned athlete)
{
    MockDevice *device = mock_add_device(adapter, published_address(athlete), NULL);

    device->bpm = 60 + 2 * athlete;
    device->walk = 8; /* no step of it is a spike */
    return device;
}

const Shown *published_shown(unsigned athlete) { return &bench.shown[athlete]; }

unsigned published_live_count(void)
{
    unsigned live = 0;

    for (unsigned i = 0; i < FIXTURE_MAX_STRAPS; i++)
        live += bench.shown[i].hr_bpm != 0 ? 1 : 0;
    return live;
}

bool published_is_lost(unsigned athlete)
{
    return bench.shown[athlete].hr_bpm == 0 && strcmp(bench.shown[athlete].signal, "lost") == 0;
}

void published_wait_live(Fixture *fixture, unsigned athlete)
{
    unsigned before = bench.shown[athlete].rates;

    wait_until(bench.shown[athlete].rates > before && fixture->told[athlete].up);
}

static void note_sent(const MockDevice *device, const guint8 *bytes, gsize len)
{
    if (len < 2 || (bytes[0] & 0x01) != 0)
        return;
    for (unsigned i = 0; i < FIXTURE_MAX_STRAPS; i++)
        if (bench.by_name || strcmp(device->address, published_address(i)) == 0)
            bench.sent_us[i][bytes[1]] = g_get_monotonic_time();
}

/* ---- in place of what the gateway calls ---- */

Source *__wrap_bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user)
{
    bench.fixture->next = events;
    bench.fixture->next_user = user;
    bench.fixture->source = fixture_source(bench.fixture, straps, count);
    return bench.fixture->source;
}

static void on_publish(const char *topic, const char *payload, int qos, bool retain)
{
    static const char START[] = "zone1d/athlete/a";
    unsigned athlete;
    char *what;
    Shown state = {0};

    (void)qos;
    (void)retain;
    if (!g_str_has_prefix(topic, START))
        return;
    athlete = (unsigned)g_ascii_strtoull(topic + strlen(START), &what, 10);
    g_assert_cmpuint(athlete, <, FIXTURE_MAX_STRAPS);
    if (strcmp(what, "/live") == 0)
        judge(athlete, payload, &bench.shown[athlete]);
    else if (strcmp(what, "/state") == 0)
        judge(athlete, payload, &state);
}

/* ---- the judgement ---- */

static void lie(unsigned athlete, const Shown *shown, const char *why)
{
    if (bench.lie[0] == '\0')
        g_snprintf(bench.lie, sizeof bench.lie, "a%u: %d bpm, %s: %s", athlete, shown->hr_bpm, shown->signal, why);
}

static void judge_rate(unsigned athlete, const Shown *shown)
{
    gint64 sent_us = bench.sent_us[athlete][shown->hr_bpm & 0xff];

    if (!bench.fixture->told[athlete].up)
        lie(athlete, shown, "a rate while the link is down");
    else if (strcmp(shown->signal, "live") != 0)
        lie(athlete, shown, "a rate without a live signal");
    else if (sent_us == 0 || g_get_monotonic_time() - sent_us > PUBLISHED_FRESH_US + PUBLISHED_WAY_US)
        lie(athlete, shown, "it was not sent within the last 5 s");
    else if (sent_us < bench.fixture->told[athlete].down_us)
        lie(athlete, shown, "it was sent before the link was lost");
}

static void judge(unsigned athlete, const char *payload, Shown *ret)
{
    cJSON *json = cJSON_Parse(payload);
    const cJSON *hr = cJSON_GetObjectItemCaseSensitive(json, "hr");
    const char *signal = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "signal"));

    ret->hr_bpm = cJSON_IsNumber(hr) ? hr->valueint : 0;
    g_strlcpy(ret->signal, signal != NULL ? signal : "?", sizeof ret->signal);
    ret->rates += ret->hr_bpm != 0 ? 1 : 0;
    if (ret->hr_bpm != 0)
        judge_rate(athlete, ret);
    else if (!bench.fixture->told[athlete].up && strcmp(ret->signal, "lost") != 0 &&
             strcmp(ret->signal, "none") != 0)
        lie(athlete, ret, "no link, and neither lost nor none");
    cJSON_Delete(json);
}
