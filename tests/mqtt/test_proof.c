/* SPDX-License-Identifier: MIT
 *
 * What "check" tells of a real broker: right, forbidden, encrypted, wrong password, not there.
 */
#include "broker.h"
#include "mqtt/proof.h"
#include "observer.h"
#include "relay.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define RIGHTS                                                                                     \
    "user gateway\ntopic readwrite zone1d/gateway/gym/#\ntopic write zone1d/athlete/anna/#\n"      \
    "topic read zone1d/athlete/+/set/#\n"

typedef struct {
    GString *text; /* "ok ...\n", "hint ...\n", "bad ...\n" */
    unsigned done;
    bool all_well;
} Told;

static void on_line(void *user, ProofLevel level, const char *text)
{
    static const char *const words[] = {"ok", "hint", "bad"};
    Told *told = user;
    g_string_append_printf(told->text, "%s %s\n", words[level], text);
}

static void on_done(void *user, bool all_well)
{
    Told *told = user;
    told->done++;
    told->all_well = all_well;
}

static const ProofEvents events = {.line = on_line, .done = on_done};

static bool is_done(gconstpointer subject, guint64 value)
{
    (void)value;
    return ((const Told *)subject)->done > 0;
}

static Proof *start(const MqttOptions *options, Told *told)
{
    static const char *const athletes[] = {"anna", "ben", NULL};
    static const char *const filters[] = {"zone1d/athlete/+/set/#", "zone1d/gateway/gym/request/+", NULL};
    const ProofTopics topics = {.prefix = "zone1d", .gateway_id = "gym", .athlete_ids = athletes,
                                .command_filters = filters};
    return proof_start(options, &topics, &events, told);
}

static Told prove(const MqttOptions *options)
{
    Told told = {.text = g_string_new(NULL)};
    Proof *proof = start(options, &told);
    assert_true(wait_until(is_done, &told, 0));
    run_for_ms(50);
    assert_int_equal(told.done, 1);
    proof_free(proof);
    return told;
}

/* Every one of the lines (a NULL-ended list of texts within them) was told; ends TOLD. */
static void assert_told(Told *told, bool all_well, const char *const *parts)
{
    for (; *parts != NULL; parts++)
        if (strstr(told->text->str, *parts) == NULL) {
            g_printerr("missing: %s\nin:\n%s", *parts, told->text->str);
            fail();
        }
    assert_int_equal(told->all_well, all_well);
    g_string_free(told->text, TRUE);
}

static void all_is_well(void **state)
{
    (void)state;
    Broker *broker = broker_new(NULL);
    Observer *observer = observer_new();
    MqttOptions options = observer_options(broker_port(broker), "gateway-gym", "zone1d/gateway/gym/status");
    MqttClient *client = mqtt_client_new(&options, &observer_events, observer);
    mqtt_client_subscribe(client, "zone1d/#", 1);
    assert_true(wait_connected(observer, 1));
    Told told = prove(&options);
    const char *const parts[] = {"answers and speaks MQTT 5", "ok not encrypted, and need not be",
                                 "ok it lets this gateway in as anybody",
                                 "ok it may publish to zone1d/gateway/gym/check, and a message comes back after ",
                                 "ok it may publish to zone1d/athlete/anna/check\n",
                                 "ok it may publish to zone1d/athlete/ben/check\n",
                                 "ok the broker grants listening to zone1d/athlete/+/set/#",
                                 "ok the broker grants listening to zone1d/gateway/gym/request/+", NULL};
    assert_told(&told, true, parts);
    /* The gateway that runs is not disturbed, and nothing stays behind. */
    assert_int_equal(observer->disconnected, 0);
    mqtt_client_free(client, 20000);
    char *stored = broker_subscribe(broker, "#", 2, 1, NULL);
    assert_string_equal(stored, "offline\n");
    g_free(stored);
    observer_free(observer);
    broker_free(broker);
}

static Broker *guarded(char **ret_password)
{
    Broker *broker = broker_new("allow_anonymous false\npassword_file @/users\nacl_file @/rights\n");
    g_free(broker_file(broker, "rights", RIGHTS));
    *ret_password = broker_file(broker, "password", "right\n");
    broker_stop(broker);
    broker_start(broker);
    return broker;
}

static void what_is_forbidden_is_told(void **state)
{
    (void)state;
    char *password = NULL;
    Broker *broker = guarded(&password);
    MqttOptions options = observer_options(broker_port(broker), "gateway-gym", NULL);
    options.username = "gateway";
    options.password_file = password;
    Told told = prove(&options);
    const char *const parts[] = {"ok it lets this gateway in as gateway",
                                 "ok it may publish to zone1d/gateway/gym/check, and",
                                 "ok it may publish to zone1d/athlete/anna/check\n",
                                 "bad it may not publish to zone1d/athlete/ben/check: not authorised",
                                 "conf/mosquitto/zone1d.acl",
                                 "ok the broker grants listening to zone1d/athlete/+/set/#", NULL};
    assert_told(&told, false, parts);

    Relay *relay = relay_new(broker_port(broker), RELAY_REFUSE_V5);
    options.port = relay_port(relay);
    told = prove(&options);
    const char *const old_parts[] = {"speaks MQTT 3.1.1", "ok it may publish to zone1d/gateway/gym/check, and",
                                     "hint what it publishes to zone1d/athlete/ben/check does not come back", NULL};
    assert_told(&told, true, old_parts);
    relay_free(relay);
    broker_free(broker);
    g_free(password);
}

static void wrong_password_is_told(void **state)
{
    (void)state;
    char *password = NULL;
    Broker *broker = guarded(&password);
    MqttOptions options = observer_options(broker_port(broker), "gateway-gym", NULL);
    options.username = "gateway";
    options.password_file = password;
    g_free(broker_file(broker, "password", "wrong\n"));
    Told told = prove(&options);
    const char *const parts[] = {"bad it refuses the connection: not authorised", "see username and password-file",
                                 NULL};
    assert_told(&told, false, parts);
    options.password_file = "nowhere";
    told = prove(&options);
    g_autofree char *why = g_strdup_printf("bad the password cannot be read: nowhere: %s", g_strerror(ENOENT));
    const char *const unread[] = {why, NULL};
    assert_told(&told, false, unread);
    broker_free(broker);
    g_free(password);
}

static void encryption_is_told(void **state)
{
    (void)state;
    unsigned port = broker_free_port();
    const char *folder = g_getenv("ZONE1D_TEST_CERTIFICATES");
    char *extra = g_strdup_printf("listener %u 127.0.0.1\ncertfile %s/server.pem\nkeyfile %s/server.key\n", port,
                                  folder, folder);
    char *ca = g_strconcat(folder, "/ca.pem", NULL), *other = g_strconcat(folder, "/other-ca.pem", NULL);
    Broker *broker = broker_new(extra);
    MqttOptions options = observer_options(port, "gateway-gym", NULL);
    options.host = "localhost";
    options.tls.on = true;
    options.tls.ca_file = ca;
    Told told = prove(&options);
    const char *const parts[] = {"ok encrypted (TLSv1.3), and its certificate is good for localhost",
                                 "ok the broker grants listening to", NULL};
    assert_told(&told, true, parts);
    options.tls.ca_file = other;
    told = prove(&options);
    const char *const unknown[] = {"cannot be used: its certificate is from an authority that is not known", NULL};
    assert_told(&told, false, unknown);
    broker_free(broker);
    g_free(extra);
    g_free(other);
    g_free(ca);
}

static void nobody_there_is_told(void **state)
{
    (void)state;
    MqttOptions options = observer_options(broker_free_port(), "gateway-gym", NULL);
    Told told = prove(&options);
    const char *const parts[] = {"cannot be used: connection refused (nothing listens there); see host, port", NULL};
    assert_told(&told, false, parts);
    options.host = "::1";
    options.tls.on = true;
    told = prove(&options);
    const char *const fault[] = {"bad the MQTT library cannot check a certificate for an IPv6 address", NULL};
    assert_told(&told, false, fault);
}

static void freed_in_the_middle(void **state)
{
    (void)state;
    Relay *relay = relay_new(0, RELAY_SILENT);
    Told told = {.text = g_string_new(NULL)};
    MqttOptions options = observer_options(relay_port(relay), "gateway-gym", NULL);
    Proof *proof = start(&options, &told);
    while (relay_accepted(relay) < 1)
        run_for_ms(10);
    proof_free(proof);
    proof_free(NULL);
    run_for_ms(200);
    assert_int_equal(told.done, 0);
    assert_int_equal(told.text->len, 0);
    g_string_free(told.text, TRUE);
    relay_free(relay);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(what_is_forbidden_is_told),
        cmocka_unit_test(wrong_password_is_told),
        cmocka_unit_test(encryption_is_told),
        cmocka_unit_test(nobody_there_is_told),
        cmocka_unit_test(freed_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
