/* SPDX-License-Identifier: MIT
 *
 * TLS against a real broker: what is right connects, what is wrong is refused, and said once in words.
 */
#include "broker.h"
#include "observer.h"
#include "relay.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>

#define STATUS "zone1d/gateway/tls/status"
#define STOP_MS 20000 /* never reached; the sanitizers are slow */

/* A broker with a second listener that speaks TLS. */
typedef struct {
    Broker *broker;
    unsigned port;
} TlsBroker;

/* Freed with g_free. */
static char *file(const char *name)
{
    return g_build_filename(g_getenv("ZONE1D_TEST_CERTIFICATES"), name, NULL);
}

static TlsBroker start(const char *certificate, const char *more)
{
    TlsBroker started = {.port = broker_free_port()};
    const char *folder = g_getenv("ZONE1D_TEST_CERTIFICATES");
    char *extra = g_strdup_printf("listener %u 127.0.0.1\ncertfile %s/%s.pem\nkeyfile %s/%s.key\n%s\n", started.port,
                                  folder, certificate, folder, certificate, more);
    started.broker = broker_new(extra);
    g_free(extra);
    return started;
}

/* A client of PORT with TLS. Its files are kept until the end of the program. */
static MqttOptions tls_options(const char *host, unsigned port, const char *ca, const char *certificate)
{
    MqttOptions options = observer_options(port, "tls", STATUS);
    options.host = host;
    options.tls.on = true;
    static char *files[3];
    char *names[] = {ca != NULL ? g_strconcat(ca, ".pem", NULL) : NULL,
                     certificate != NULL ? g_strconcat(certificate, ".pem", NULL) : NULL,
                     certificate != NULL ? g_strconcat(certificate, ".key", NULL) : NULL};
    for (int i = 0; i < 3; i++) {
        g_free(files[i]);
        files[i] = names[i] != NULL ? file(names[i]) : NULL;
        g_free(names[i]);
    }
    options.tls.ca_file = files[0];
    options.tls.certificate_file = files[1];
    options.tls.key_file = files[2];
    return options;
}

static void assert_connects(const MqttOptions *options, const Broker *broker)
{
    Observer *observer = observer_new();
    log_clear();
    MqttClient *client = mqtt_client_new(options, &observer_events, observer);
    mqtt_client_subscribe(client, "tls/#", 1);
    assert_true(wait_connected(observer, 1));
    mqtt_client_publish(client, MQTT_KEEP, "tls/event", "{}", 1, false, 0);
    assert_true(wait_messages(observer, 1));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    char *status = broker_subscribe(broker, STATUS, 1, 10, NULL);
    assert_string_equal(status, "offline\n");
    g_free(status);
}

/* Not connected, for WHY, which is said once. */
static void assert_refused_in(unsigned attempts, const MqttOptions *options, const char *why)
{
    Relay *relay = relay_new(options->port, RELAY_PASS);
    MqttOptions through = *options;
    Observer *observer = observer_new();
    through.port = relay_port(relay);
    log_clear();
    MqttClient *client = mqtt_client_new(&through, &observer_events, observer);
    assert_true(log_wait(why));
    while (relay_accepted(relay) < attempts)
        run_for_ms(20);
    assert_int_equal(log_count("no connection to the broker"), 1);
    assert_int_equal(log_count(why), 1);
    assert_int_equal(observer->connected, 0);
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
}

static void assert_refused(const MqttOptions *options, const char *why)
{
    assert_refused_in(1, options, why);
}

static void right_authority(void **state)
{
    (void)state;
    TlsBroker tls = start("server", "");
    MqttOptions by_name = tls_options("localhost", tls.port, "ca", NULL);
    assert_connects(&by_name, tls.broker);
    assert_int_equal(log_count("unencrypted"), 0);
    MqttOptions by_address = tls_options("127.0.0.1", tls.port, "ca", NULL);
    assert_connects(&by_address, tls.broker);
    broker_free(tls.broker);
}

static void wrong_authority(void **state)
{
    (void)state;
    TlsBroker tls = start("server", "");
    MqttOptions other = tls_options("localhost", tls.port, "other-ca", NULL);
    assert_refused_in(3, &other, "from an authority that is not known here (ca-file)");
    MqttOptions system = tls_options("localhost", tls.port, NULL, NULL);
    assert_refused(&system, "from an authority that is not known here (ca-file)");
    broker_free(tls.broker);
}

static void wrong_name(void **state)
{
    (void)state;
    TlsBroker tls = start("wrong-name", "");
    MqttOptions by_name = tls_options("localhost", tls.port, "ca", NULL);
    assert_refused(&by_name, "its certificate is for another name than localhost");
    MqttOptions by_address = tls_options("127.0.0.1", tls.port, "ca", NULL);
    assert_refused(&by_address, "its certificate is for another name than 127.0.0.1");
    by_name = tls_options("localhost", tls.port, "ca", NULL);
    by_name.tls.any_name = true;
    assert_connects(&by_name, tls.broker);
    assert_int_equal(log_count("whatever name it is for (verify-name = no)"), 1);
    broker_free(tls.broker);
}

static void expired(void **state)
{
    (void)state;
    TlsBroker tls = start("expired", "");
    MqttOptions options = tls_options("localhost", tls.port, "ca", NULL);
    assert_refused(&options, "its certificate has expired (or the clock here is wrong)");
    broker_free(tls.broker);
}

static void client_certificate(void **state)
{
    (void)state;
    char *ca = file("ca.pem"), *more = g_strdup_printf("cafile %s\nrequire_certificate true\n", ca);
    TlsBroker tls = start("server", more);
    MqttOptions with = tls_options("localhost", tls.port, "ca", "client");
    assert_connects(&with, tls.broker);
    MqttOptions without = tls_options("localhost", tls.port, "ca", NULL);
    assert_refused(&without, "it wants a certificate of this side, and there is none (certificate-file)");
    MqttOptions foreign = tls_options("localhost", tls.port, "ca", "other-ca");
    assert_refused(&foreign, "it does not accept the certificate of this side (certificate-file)");
    broker_free(tls.broker);
    g_free(more);
    g_free(ca);
}

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* mosquitto cannot be kept from TLS 1.2: OpenSSL's own server is the broker of yesteryear. */
static void no_common_version(void **state)
{
    (void)state;
    unsigned port = broker_free_port();
    char *accept = g_strdup_printf("127.0.0.1:%u", port), *certificate = file("server.pem"), *key = file("server.key");
    const char *arguments[] = {"openssl", "s_server", "-quiet", "-accept", accept, "-cert", certificate, "-key", key,
                               "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", NULL};
    GPid pid = 0;
    assert_true(g_spawn_async(NULL, (char **)(guintptr)arguments, NULL,
                              G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                  G_SPAWN_STDERR_TO_DEV_NULL,
                              die_with_parent, NULL, &pid, NULL));
    Observer *observer = observer_new();
    MqttOptions options = tls_options("localhost", port, "ca", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(log_wait("it and this side have no version of TLS in common"));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g_free(accept);
    g_free(certificate);
    g_free(key);
}

static void only_one_side_speaks_tls(void **state)
{
    (void)state;
    TlsBroker tls = start("server", "");
    MqttOptions onto_plain = tls_options("localhost", broker_port(tls.broker), "ca", NULL);
    assert_refused(&onto_plain, "it hangs up instead of speaking TLS");
    Observer *observer = observer_new();
    MqttOptions plain = observer_options(tls.port, "plain", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&plain, &observer_events, observer);
    assert_true(log_wait("hangs up without an answer (does it want TLS?)"));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    broker_free(tls.broker);
}

static void unusable_files(void **state)
{
    (void)state;
    TlsBroker tls = start("server", "");
    char *key = file("server.key"), *config = file("openssl.cnf");
    MqttOptions options = tls_options("localhost", tls.port, "nowhere", NULL);
    g_autofree char *why = g_strdup_printf("nowhere.pem cannot be used: %s", g_strerror(ENOENT)); /* in any language */
    assert_refused(&options, why);
    options.tls.ca_file = config;
    assert_refused(&options, "openssl.cnf cannot be used: ");
    options = tls_options("localhost", tls.port, "ca", "client");
    options.tls.key_file = key;
    assert_refused(&options, "server.key cannot be used: key values mismatch");
    broker_free(tls.broker);
    g_free(key);
    g_free(config);
}

/* The handshake is never answered: said as what it is, and a stop does not wait for it. */
static void silent_handshake(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_SILENT);
    Observer *observer = observer_new();
    MqttOptions options = tls_options("localhost", relay_port(relay), "ca", NULL);
    log_clear();
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    assert_true(log_wait("it accepts the connection and does not answer"));
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
}

/* Paho's part of it: a link that was refused is made again, with the same files, many times. */
static void files_live_as_long_as_the_handle(void **state)
{
    (void)state;
    TlsBroker tls = start("server", "");
    Relay *relay = relay_new(tls.port, RELAY_PASS);
    Observer *observer = observer_new();
    MqttOptions options = tls_options("localhost", relay_port(relay), "ca", "client");
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(wait_connected(observer, i));
        relay_set(relay, RELAY_HANG_UP);
        assert_true(wait_disconnected(observer, i));
        relay_set(relay, RELAY_PASS);
    }
    mqtt_client_free(client, STOP_MS);
    observer_free(observer);
    relay_free(relay);
    broker_free(tls.broker);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    log_capture();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_authority),
        cmocka_unit_test(wrong_authority),
        cmocka_unit_test(wrong_name),
        cmocka_unit_test(expired),
        cmocka_unit_test(client_certificate),
        cmocka_unit_test(no_common_version),
        cmocka_unit_test(only_one_side_speaks_tls),
        cmocka_unit_test(unusable_files),
        cmocka_unit_test(silent_handshake),
        cmocka_unit_test(files_live_as_long_as_the_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
