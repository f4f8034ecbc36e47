/* SPDX-License-Identifier: MIT
 *
 * What waits for the broker outlives the process, however it ends, and comes once.
 */
#include "broker.h"
#include "listener.h"
#include "observer.h"

#include <errno.h>
#include <glib/gstdio.h>
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

#define STOP_MS 20000 /* never reached; the sanitizers are slow */
#define SHORT_MS 1000
#define IN_FLIGHT 10 /* what may be on its way, and not known to have arrived, when a process is killed */

ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset);

static const char *program;
static Broker *broker;
static char *spool;
static gint disk_is_full; /* atomic */

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    if (!g_atomic_int_get(&disk_is_full))
        return __real_pwrite64(fd, bytes, len, offset);
    errno = ENOSPC;
    return -1;
}

static int start_broker(void **state)
{
    (void)state;
    broker = broker_new(NULL);
    spool = broker_file(broker, "outbox", NULL);
    return 0;
}

static int stop_broker(void **state)
{
    (void)state;
    g_free(spool);
    broker_free(broker);
    return 0;
}

static MqttOptions spool_options(unsigned port)
{
    MqttOptions options = observer_options(port, "spooling", NULL);
    options.spool_path = spool;
    return options;
}

static void publish_events(MqttClient *client, unsigned first, unsigned count)
{
    char text[16];
    for (unsigned i = first; i < first + count; i++) {
        g_snprintf(text, sizeof text, "%u", i);
        mqtt_client_publish(client, MQTT_KEEP, "z/event", text, 1, false, 0);
        mqtt_client_publish(client, MQTT_KEEP, "z/session", text, 1, true, 0);
        mqtt_client_publish(client, MQTT_LIVE, "z/live", text, 0, false, 5);
    }
}

static bool is_spooled(gconstpointer subject, guint64 value)
{
    MqttStats stats;
    mqtt_client_stats(subject, &stats);
    return stats.spooled >= value;
}

static bool is_gone(gconstpointer subject, guint64 value)
{
    (void)value;
    return !g_file_test(subject, G_FILE_TEST_EXISTS);
}

/* ---- the process that is killed ---- */

/* Publishes COUNT events, says when they are on disk (with a broker: at once), and lives on. */
static int live(unsigned port, const char *path, unsigned count)
{
    Observer *observer = observer_new();
    spool = g_strdup(path);
    MqttOptions options = spool_options(port);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    publish_events(client, 1, count);
    if (count > 0 && !wait_until(is_spooled, client, count + 1))
        return 1;
    if (write(STDOUT_FILENO, "up\n", 3) != 3)
        return 1;
    while (client != NULL)
        g_main_context_iteration(NULL, TRUE);
    return 0;
}

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean on_child_says(GIOChannel *channel, GIOCondition condition, gpointer data)
{
    (void)channel;
    *(bool *)data = (condition & G_IO_IN) != 0;
    return G_SOURCE_REMOVE;
}

static bool is_true(gconstpointer subject, guint64 value)
{
    (void)value;
    return *(const bool *)subject;
}

static GPid start_child(unsigned to_port, unsigned count)
{
    char *port = g_strdup_printf("%u", to_port), *number = g_strdup_printf("%u", count);
    const char *arguments[] = {program, "--live", port, spool, number, NULL};
    GPid pid = 0;
    int fd = -1;
    bool said = false;
    assert_true(g_spawn_async_with_pipes(NULL, (char **)(guintptr)arguments, NULL,
                                         G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, die_with_parent, NULL,
                                         &pid, NULL, &fd, NULL, NULL));
    GIOChannel *channel = g_io_channel_unix_new(fd);
    g_io_channel_set_close_on_unref(channel, TRUE);
    g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_child_says, &said);
    assert_true(wait_until(is_true, &said, 0));
    g_io_channel_unref(channel);
    g_free(port);
    g_free(number);
    return pid;
}

static void kill_child(GPid pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* ---- what somebody else receives ---- */

/* Event COUNT and all before it came, in order of their first time; returns how many came again. */
static guint assert_all_came(const Listener *listener, unsigned count)
{
    unsigned next = 1;
    guint again = 0;
    for (guint i = 0; i < listener_count(listener); i++) {
        const char *line = listener_line(listener, i);
        if (!g_str_has_prefix(line, "z/event "))
            continue;
        guint64 number = g_ascii_strtoull(line + strlen("z/event "), NULL, 10);
        assert_true(number <= next);
        again += number < next;
        next += number == next;
    }
    assert_int_equal(next, count + 1);
    return again;
}

static void killed_while_the_broker_is_away(void **state)
{
    (void)state;
    broker_stop(broker);
    kill_child(start_child(broker_port(broker), 20));
    assert_true(g_file_test(spool, G_FILE_TEST_EXISTS));
    broker_start(broker);
    Listener *listener = listener_new(broker_port(broker), "z/#");
    GPid child = start_child(broker_port(broker), 0);
    assert_true(listener_wait_line(listener, "z/session 20", 1));
    assert_int_equal(assert_all_came(listener, 20), 0);
    assert_int_equal(listener_count(listener), 21); /* no old session, no live */
    assert_true(wait_until(is_gone, spool, 0));
    kill_child(child);
    kill_child(start_child(broker_port(broker), 0)); /* and nothing again after one more start */
    run_for_ms(500);
    assert_int_equal(listener_count(listener), 21);
    listener_free(listener);
}

static void killed_while_it_delivers(void **state)
{
    (void)state;
    const unsigned count = 400;
    char *last = g_strdup_printf("z/session %u", count);
    broker_stop(broker);
    kill_child(start_child(broker_port(broker), count));
    broker_start(broker);
    Listener *listener = listener_new(broker_port(broker), "z/#");
    GPid child = start_child(broker_port(broker), 0);
    assert_true(listener_wait(listener, count / 4));
    kill_child(child);
    child = start_child(broker_port(broker), 0);
    assert_true(listener_wait_line(listener, last, 1));
    guint again = assert_all_came(listener, count);
    g_print("# killed in the middle of %u: %u came again\n", count, again);
    assert_true(again <= IN_FLIGHT);
    assert_true(wait_until(is_gone, spool, 0));
    kill_child(child);
    listener_free(listener);
    g_free(last);
}

static void stopped_while_the_broker_is_away(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = spool_options(broker_port(broker));
    broker_stop(broker);
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    publish_events(client, 1, 5);
    mqtt_client_free(client, SHORT_MS); /* at once: nothing has waited long enough */
    assert_true(g_file_test(spool, G_FILE_TEST_EXISTS));
    broker_start(broker);
    Listener *listener = listener_new(broker_port(broker), "z/#");
    client = mqtt_client_new(&options, &observer_events, observer);
    publish_events(client, 6, 1); /* behind what waited */
    assert_true(listener_wait_line(listener, "z/session 6", 1));
    assert_int_equal(assert_all_came(listener, 6), 0);
    assert_true(wait_until(is_gone, spool, 0));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    listener_free(listener);
}

static void nothing_is_written_while_the_broker_acknowledges(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = spool_options(broker_port(broker));
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(wait_connected(observer, 1));
    for (unsigned i = 0; i < 10; i++) {
        publish_events(client, i, 1);
        assert_true(wait_acknowledged(client, 3 * i + 2));
        assert_true(is_gone(spool, 0));
    }
    mqtt_client_free(client, STOP_MS);
    assert_true(is_gone(spool, 0));
    observer_free(observer);
}

static void full_disk(void **state)
{
    (void)state;
    Observer *observer = observer_new();
    MqttOptions options = spool_options(broker_port(broker));
    broker_stop(broker);
    g_atomic_int_set(&disk_is_full, 1);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    publish_events(client, 1, 3);
    assert_true(log_wait("cannot be kept on disk"));
    assert_false(is_spooled(client, 1));
    publish_events(client, 4, 1);
    g_atomic_int_set(&disk_is_full, 0);
    assert_true(log_wait("is kept on disk again"));
    assert_true(wait_until(is_spooled, client, 5));
    assert_int_equal(log_count("cannot be kept on disk"), 1);
    broker_start(broker);
    Listener *listener = listener_new(broker_port(broker), "z/#");
    assert_true(listener_wait_line(listener, "z/session 4", 1));
    assert_true(wait_until(is_gone, spool, 0));
    assert_int_equal(assert_all_came(listener, 4), 0);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    listener_free(listener);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    program = argv[0];
    if (argc == 5 && strcmp(argv[1], "--live") == 0)
        return live((unsigned)strtoul(argv[2], NULL, 10), argv[3], (unsigned)strtoul(argv[4], NULL, 10));
    log_capture();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_while_the_broker_is_away),
        cmocka_unit_test(killed_while_it_delivers),
        cmocka_unit_test(stopped_while_the_broker_is_away),
        cmocka_unit_test(nothing_is_written_while_the_broker_acknowledges),
        cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
