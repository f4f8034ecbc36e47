/* SPDX-License-Identifier: MIT
 *
 * Every stop leaves "offline" behind, and none hangs, whatever the network does. The main loop never
 * waits: the longest gap of its heartbeat is printed.
 */
#include "broker.h"
#include "observer.h"
#include "relay.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define STOPS 200
#define AT_ONCE 8
#define STOP_MS 20000 /* never reached; the sanitizers are slow */
#define SHORT_MS 500
#define HANGING_NAME "hanging.invalid"

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret);

static const char *program;
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_released = PTHREAD_COND_INITIALIZER;
static bool resolver_hangs;
static gint resolver_entered;

/* A resolver that does not come back before it is told to. */
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    if (node == NULL || strcmp(node, HANGING_NAME) != 0)
        return __real_getaddrinfo(node, service, hints, ret);
    pthread_mutex_lock(&resolver_lock);
    g_atomic_int_set(&resolver_entered, 1);
    while (resolver_hangs)
        pthread_cond_wait(&resolver_released, &resolver_lock);
    pthread_mutex_unlock(&resolver_lock);
    return EAI_AGAIN;
}

typedef struct {
    gint64 last_us, longest_us;
    guint beats;
} Heart;

static gboolean on_beat(gpointer data)
{
    Heart *heart = data;
    gint64 now_us = g_get_monotonic_time();
    heart->longest_us = heart->beats > 0 ? MAX(heart->longest_us, now_us - heart->last_us) : 0;
    heart->last_us = now_us;
    heart->beats++;
    return G_SOURCE_CONTINUE;
}

/* Lives for a while as the gateway does, publishing; then stops. The longest gap is in proportion to
 * the time it lived, not to the time that the network stalls (for ever). */
static void live_and_stop(const char *what, const char *host, unsigned port)
{
    Heart heart = {0};
    Observer *observer = observer_new();
    MqttOptions options = observer_options(port, "bounded", "zone1d/bounded/status");
    options.host = host;
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    guint beat = g_timeout_add(1, on_beat, &heart);
    gint64 start_us = g_get_monotonic_time();
    for (unsigned i = 0; i < 20; i++) {
        mqtt_client_publish(client, MQTT_LATEST, "zone1d/bounded/live", "{}", 0, false, 5);
        mqtt_client_publish(client, MQTT_KEEP, "zone1d/bounded/session", "{}", 1, true, 0);
        assert_true(mqtt_client_healthy(client));
        assert_false(mqtt_client_connected(client));
        run_for_ms(100);
    }
    gint64 lived_us = g_get_monotonic_time() - start_us;
    g_source_remove(beat);
    gint64 stop_us = g_get_monotonic_time();
    mqtt_client_free(client, SHORT_MS);
    stop_us = g_get_monotonic_time() - stop_us;
    g_print("# %s: longest pause of the main loop %.1f ms in %.1f s, stopped after %.0f ms\n", what,
            (double)heart.longest_us / 1e3, (double)lived_us / 1e6, (double)stop_us / 1e3);
    assert_true(heart.longest_us < lived_us / 4);
    assert_true(stop_us < 10 * SHORT_MS * 1000);
    assert_int_equal(observer->connected, 0);
    observer_free(observer);
}

static void stops_without_a_broker(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_PASS);
    unsigned port = relay_port(relay);
    relay_free(relay);
    live_and_stop("nothing listens", "127.0.0.1", port);
}

static void stops_with_a_silent_broker(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_SILENT);
    live_and_stop("accepts and never answers", "127.0.0.1", relay_port(relay));
    relay_free(relay);
}

static void stops_with_a_hanging_resolver(void **state)
{
    (void)state;
    resolver_hangs = true;
    live_and_stop("the resolver hangs", HANGING_NAME, 1883);
    assert_true(g_atomic_int_get(&resolver_entered));
    pthread_mutex_lock(&resolver_lock);
    resolver_hangs = false;
    pthread_cond_broadcast(&resolver_released);
    pthread_mutex_unlock(&resolver_lock);
}

/* A link that carries nothing any more: "offline" cannot be acknowledged, and nobody waits for it. */
static void stops_on_a_stalled_link(void **state)
{
    (void)state;
    Broker *broker = broker_new(NULL);
    Relay *relay = relay_new(broker_port(broker), RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(relay_port(relay), "stalled", "zone1d/stalled/status");
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    relay_set(relay, RELAY_STALL);
    mqtt_client_publish(client, MQTT_KEEP, "zone1d/last", "x", 1, false, 0);
    gint64 stop_us = g_get_monotonic_time();
    mqtt_client_free(client, SHORT_MS);
    stop_us = g_get_monotonic_time() - stop_us;
    g_print("# stalled link: stopped after %.0f ms\n", (double)stop_us / 1e3);
    assert_true(stop_us < 10 * SHORT_MS * 1000);
    observer_free(observer);
    relay_free(relay);
    broker_free(broker);
}

/* What the daemon does at its end, in a process of its own: the exit is part of it. */
static int stop_once(unsigned port, const char *name)
{
    char *status = g_strdup_printf("stops/%s/status", name), *last = g_strdup_printf("stops/%s/last", name);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(port, name, status);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    bool connected = wait_connected(observer, 1);
    mqtt_client_publish(client, MQTT_KEEP, last, "words", 1, true, 0);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    g_free(status);
    g_free(last);
    return connected ? 0 : 1;
}

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GPid start_stop(const Broker *broker, unsigned number)
{
    char *port = g_strdup_printf("%u", broker_port(broker)), *name = g_strdup_printf("stop-%u", number);
    const char *arguments[] = {program, "--stop", port, name, NULL};
    GPid pid = 0;
    assert_true(g_spawn_async(NULL, (char **)(guintptr)arguments, NULL,
                              G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, die_with_parent, NULL, &pid,
                              NULL));
    g_free(port);
    g_free(name);
    return pid;
}

static guint count_of(const char *text, const char *word)
{
    guint count = 0;
    for (const char *found = text; (found = strstr(found, word)) != NULL; found += strlen(word))
        count++;
    return count;
}

/* Asked right after each batch, before a last will (5 s) could hide what is missing. */
static void every_stop_leaves_offline(void **state)
{
    (void)state;
    Broker *broker = broker_new(NULL);
    gint64 start_us = g_get_monotonic_time();
    for (unsigned done = 0; done < STOPS; done += AT_ONCE) {
        GPid pids[AT_ONCE];
        for (unsigned i = 0; i < AT_ONCE; i++)
            pids[i] = start_stop(broker, done + i);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            int status = -1;
            while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
                ;
            assert_int_equal(status, 0);
        }
        char *all = broker_subscribe(broker, "stops/#", 2 * (done + AT_ONCE), 20, NULL);
        assert_int_equal(count_of(all, "offline\n"), done + AT_ONCE);
        assert_int_equal(count_of(all, "words\n"), done + AT_ONCE);
        g_free(all);
    }
    g_print("# %d stops in %.1f s, all of them offline\n", STOPS, (double)(g_get_monotonic_time() - start_us) / 1e6);
    broker_free(broker);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    program = argv[0];
    if (argc == 4 && strcmp(argv[1], "--stop") == 0)
        return stop_once((unsigned)strtoul(argv[2], NULL, 10), argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_without_a_broker),
        cmocka_unit_test(stops_with_a_silent_broker),
        cmocka_unit_test(stops_with_a_hanging_resolver),
        cmocka_unit_test(stops_on_a_stalled_link),
        cmocka_unit_test(every_stop_leaves_offline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
