/* SPDX-License-Identifier: MIT
 *
 * Every stop leaves "offline" behind, and none hangs, whatever the network and the disk do. The main
 * loop never waits for them.
 */
#include "broker.h"
#include "observer.h"
#include "relay.h"

#include <errno.h>
#include <glib/gstdio.h>
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

#define PROCESSES 100 /* that stop */
#define CLIENTS 10    /* in each */
#define AT_ONCE 4
#define STOP_MS 20000 /* never reached; the sanitizers are slow */
#define SHORT_MS 500
#define HANGING_NAME "hanging.invalid"
#define LONGEST_PAUSE_US (20 * 1000)
#define STRETCH_MS 700
#define STRETCHES 8
#define SLOW_WRITE_MS 300

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret);

ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset);

enum { DISK_GOOD, DISK_SLOW, DISK_FULL };
static gint disk, disk_writes; /* atomic */

static const char *program;
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_released = PTHREAD_COND_INITIALIZER;
static bool resolver_hangs;
static gint resolver_entered;

/* A disk that takes its time, or has no room. */
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    int how = g_atomic_int_get(&disk);
    g_atomic_int_inc(&disk_writes);
    if (how == DISK_SLOW)
        g_usleep(SLOW_WRITE_MS * 1000);
    if (how != DISK_FULL)
        return __real_pwrite64(fd, bytes, len, offset);
    errno = ENOSPC;
    return -1;
}

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

/* How long the main loop is away from its poll: measured around the poll, so that the wait for the next
 * tick does not count. */
static gint64 turn_since_us, longest_turn_us;

static gint measuring_poll(GPollFD *fds, guint count, gint timeout_ms)
{
    if (turn_since_us != 0)
        longest_turn_us = MAX(longest_turn_us, g_get_monotonic_time() - turn_since_us);
    gint ready = g_poll(fds, count, timeout_ms);
    turn_since_us = g_get_monotonic_time();
    return ready;
}

typedef struct {
    MqttClient *client;
    const char *payload;
} Ticker;

/* What the gateway does, and more of it. */
static gboolean on_tick(gpointer data)
{
    const Ticker *ticker = data;
    mqtt_client_publish(ticker->client, MQTT_LIVE, "zone1d/bounded/live", "{}", 0, false, 5);
    mqtt_client_publish(ticker->client, MQTT_KEEP, "zone1d/bounded/session", "{}", 1, true, 0);
    mqtt_client_publish(ticker->client, MQTT_KEEP, "zone1d/bounded/event", ticker->payload, 1, false, 0);
    return G_SOURCE_CONTINUE;
}

static bool disk_is_written(gconstpointer subject, guint64 value)
{
    (void)subject;
    return (guint64)g_atomic_int_get(&disk_writes) >= value;
}

/* DISK_USED: from the moment on at which messages have waited long enough to be written.
 * The longest turn in a stretch of time; the machine is shared, and whoever else wants the processor
 * makes a turn long now and then, but not in every stretch. What zone1d waits for would: the stalls last.
 * (The thread's /proc schedstat would tell them apart, but not every kernel has it.) */
static gint64 best_longest_turn_us(Ticker *ticker, bool disk_used)
{
    gint64 best_us = G_MAXINT64;
    /* Without a flood when the disk is used: what is dropped soon is never written. */
    guint tick = g_timeout_add(disk_used ? 10 : 2, on_tick, ticker);
    if (disk_used)
        assert_true(wait_until(disk_is_written, NULL, (guint64)g_atomic_int_get(&disk_writes) + 1));
    g_main_context_set_poll_func(NULL, measuring_poll);
    for (unsigned i = 0; i < STRETCHES && (i < 2 || best_us >= LONGEST_PAUSE_US); i++) {
        turn_since_us = longest_turn_us = 0;
        run_for_ms(STRETCH_MS);
        best_us = MIN(best_us, longest_turn_us);
        assert_true(mqtt_client_healthy(ticker->client));
    }
    g_main_context_set_poll_func(NULL, NULL);
    g_source_remove(tick);
    return best_us;
}

static void assert_bounded(const MqttClient *client)
{
    MqttStats stats;
    mqtt_client_stats(client, &stats);
    assert_true(stats.queued <= MQTT_OUT_MAX_MESSAGES + MQTT_OUT_MAX_LATEST + 16);
    assert_true(stats.held_bytes <= MQTT_OUT_MAX_BYTES);
}

/* Lives for a while as the gateway does, publishing; then stops. SPOOL: a path, or NULL. */
static void live_and_stop(const char *what, const char *host, unsigned port, const char *spool)
{
    Observer *observer = observer_new();
    char *payload = g_strnfill(spool != NULL ? 100 : 60000, 'x');
    MqttOptions options = observer_options(port, "bounded", "zone1d/bounded/status");
    options.host = host;
    options.spool_path = spool;
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    Ticker ticker = {.client = client, .payload = payload};
    gint64 longest_us = best_longest_turn_us(&ticker, spool != NULL);
    assert_bounded(client);
    gint64 stop_us = g_get_monotonic_time();
    mqtt_client_free(client, SHORT_MS);
    stop_us = g_get_monotonic_time() - stop_us;
    g_print("# %s: longest pause of the main loop %.1f ms, stopped after %.0f ms\n", what, (double)longest_us / 1e3,
            (double)stop_us / 1e3);
    assert_true(longest_us < LONGEST_PAUSE_US);
    assert_true(stop_us < 10 * SHORT_MS * 1000);
    observer_free(observer);
    g_free(payload);
}

/* What the others are to be compared with. */
static void lives_with_a_good_broker(void **state)
{
    (void)state;
    Broker *broker = broker_new(NULL);
    live_and_stop("nothing is wrong", "127.0.0.1", broker_port(broker), NULL);
    broker_free(broker);
}

static void stops_without_a_broker(void **state)
{
    (void)state;
    live_and_stop("nothing listens", "127.0.0.1", broker_free_port(), NULL);
}

static void stops_with_a_silent_broker(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_SILENT);
    live_and_stop("accepts and never answers", "127.0.0.1", relay_port(relay), NULL);
    relay_free(relay);
}

static void stops_with_a_broker_that_refuses(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_REFUSE);
    relay_refuse(relay, 0x87, TRUE);
    live_and_stop("refuses", "127.0.0.1", relay_port(relay), NULL);
    relay_free(relay);
}

static void stops_with_a_slow_broker(void **state)
{
    (void)state;
    Broker *broker = broker_new(NULL);
    Relay *relay = relay_new(broker_port(broker), RELAY_TRICKLE);
    live_and_stop("a byte at a time", "127.0.0.1", relay_port(relay), NULL);
    relay_free(relay);
    broker_free(broker);
}

static char *spool_in(const char *folder)
{
    return g_build_filename(folder, "outbox", NULL);
}

static void remove_spool(char *folder, char *path)
{
    char *lock = g_strconcat(path, ".lock", NULL);
    g_unlink(path);
    g_unlink(lock);
    assert_int_equal(g_rmdir(folder), 0);
    g_free(lock);
    g_free(path);
    g_free(folder);
}

/* The disk is so slow that it is written to all the time, then it is full. */
static void stops_with_a_slow_and_a_full_disk(void **state)
{
    (void)state;
    char *folder = g_strdup("slow-XXXXXX");
    assert_non_null(g_mkdtemp(folder));
    char *path = spool_in(folder);
    g_atomic_int_set(&disk, DISK_SLOW);
    live_and_stop("a slow disk", "127.0.0.1", broker_free_port(), path);
    g_atomic_int_set(&disk, DISK_FULL);
    live_and_stop("a full disk", "127.0.0.1", broker_free_port(), path);
    g_atomic_int_set(&disk, DISK_GOOD);
    remove_spool(folder, path);
}

/* And what waits is on disk all the same. */
static void stops_with_a_hanging_resolver(void **state)
{
    (void)state;
    char *folder = g_strdup("hanging-XXXXXX");
    assert_non_null(g_mkdtemp(folder));
    char *path = spool_in(folder);
    resolver_hangs = true;
    live_and_stop("the resolver hangs", HANGING_NAME, 1883, path);
    assert_true(g_atomic_int_get(&resolver_entered));
    assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    pthread_mutex_lock(&resolver_lock);
    resolver_hangs = false;
    pthread_cond_broadcast(&resolver_released);
    pthread_mutex_unlock(&resolver_lock);
    remove_spool(folder, path);
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
    Observer *observers[CLIENTS];
    MqttClient *clients[CLIENTS];
    int status = 0;
    for (unsigned i = 0; i < CLIENTS; i++) {
        char *id = g_strdup_printf("%s-%u", name, i);
        char *topic = g_strdup_printf("stops/%s/status", id), *last = g_strdup_printf("stops/%s/last", id);
        MqttOptions options = observer_options(port, id, topic);
        observers[i] = observer_new();
        clients[i] = mqtt_client_new(&options, &observer_events, observers[i]);
        mqtt_client_publish(clients[i], MQTT_KEEP, last, "words", 1, true, 0);
        g_free(last);
        g_free(topic);
        g_free(id);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        status |= wait_connected(observers[i], 1) ? 0 : 1;
    for (unsigned i = 0; i < CLIENTS; i++) {
        mqtt_client_free(clients[i], STOP_MS);
        observer_free(observers[i]);
    }
    return status;
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
    for (unsigned done = 0; done < PROCESSES; done += AT_ONCE) {
        GPid pids[AT_ONCE];
        for (unsigned i = 0; i < AT_ONCE; i++)
            pids[i] = start_stop(broker, done + i);
        for (unsigned i = 0; i < AT_ONCE; i++) {
            int status = -1;
            while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
                ;
            assert_int_equal(status, 0);
        }
        const unsigned stops = (done + AT_ONCE) * CLIENTS;
        char *all = broker_subscribe(broker, "stops/#", 2 * stops, 20, NULL);
        assert_int_equal(count_of(all, "offline\n"), stops);
        assert_int_equal(count_of(all, "words\n"), stops);
        g_free(all);
    }
    g_print("# %d stops in %.1f s, all of them offline\n", PROCESSES * CLIENTS,
            (double)(g_get_monotonic_time() - start_us) / 1e6);
    broker_free(broker);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    program = argv[0];
    if (argc == 4 && strcmp(argv[1], "--stop") == 0)
        return stop_once((unsigned)strtoul(argv[2], NULL, 10), argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_with_a_good_broker),
        cmocka_unit_test(stops_without_a_broker),
        cmocka_unit_test(stops_with_a_silent_broker),
        cmocka_unit_test(stops_with_a_broker_that_refuses),
        cmocka_unit_test(stops_with_a_slow_broker),
        cmocka_unit_test(stops_with_a_slow_and_a_full_disk),
        cmocka_unit_test(stops_with_a_hanging_resolver),
        cmocka_unit_test(stops_on_a_stalled_link),
        cmocka_unit_test(every_stop_leaves_offline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
