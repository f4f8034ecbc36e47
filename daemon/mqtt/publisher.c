/* SPDX-License-Identifier: MIT */
#include "mqtt/backoff.h"
#include "mqtt/client_private.h"
#include "mqtt/probe.h"
#include "mqtt/reason.h"
#include "mqtt/secret.h"
#include "mqtt/spooling.h"

#include <stdarg.h>
#include <string.h>

#define BEAT_US G_USEC_PER_SEC                 /* the thread looks at least this often */
#define CONNECT_LIMIT_US (30 * G_USEC_PER_SEC) /* Paho's own is LINK_CONNECT_TIMEOUT_S and up to 3 s more */
#define STABLE_US (60 * G_USEC_PER_SEC)        /* a connection that lasted this long was a good one */
#define SUSPICIOUS_LOSSES 3                    /* in a row, none of them after a good one */
#define UNDISTURBED_US (300 * G_USEC_PER_SEC)  /* after this a takeover is history */

typedef enum { STATE_WAITING, STATE_CONNECTING, STATE_UP, STATE_CLOSING, STATE_ENDED } State;

/* The thread's own; no other thread looks at it. */
typedef struct {
    MqttClient *client;
    State state;
    gint64 since_us; /* of the state */
    Resolver *resolver; /* NULL for a Unix socket */
    Link *link;
    bool mqtt5; /* the link's version */
    Backoff backoff;
    gint64 retry_us;
    bool only_v3;      /* for the next attempt: the broker has just refused MQTT 5 */
    unsigned hang_ups; /* in a row, instead of an answer to MQTT 5 */
    bool last_try;     /* at the stop, for what is still waiting */
    bool goodbye;      /* nothing but "offline" is sent any more */
    gint64 flush_us;   /* at the stop: until when what waits may go first; 0: not stopping */
    unsigned losses;   /* in a row, of connections that were not stable */
    bool taken_over;   /* another client with this client id is about */
    bool exposed_said; /* the warning about credentials in the clear */
    char *said;        /* the trouble that was last logged */
} Publisher;

/* What the thread found when it woke up. */
typedef struct {
    gint64 now_us;
    bool stopping, expired; /* expired: the time for the stop is over */
    gint64 stop_deadline_us;
    guint waiting, flying;
    LinkReport report;
} Look;

static void look(Publisher *publisher, Look *ret);
static gint64 next_deadline_locked(const Publisher *publisher);
static bool can_flush(const Publisher *publisher);
static void step(Publisher *publisher, const Look *seen);
static void step_waiting(Publisher *publisher, const Look *seen);
static void attempt(Publisher *publisher);
static bool judge_probe(Publisher *publisher, ProbeResult result, const ProbeAnswer *answer);
static void warn_if_exposed(Publisher *publisher, const StreamPeer *peer);
static void open_link(Publisher *publisher, const StreamPeer *peer, const char *password);
static void step_connecting(Publisher *publisher, const Look *seen);
static void on_refused(Publisher *publisher, const LinkReport *report);
static void go_up(Publisher *publisher);
static void step_up(Publisher *publisher, const Look *seen);
static void say_goodbye(Publisher *publisher, const Look *seen);
static void go_down(Publisher *publisher, const LinkReport *report, gint64 now_us);
static void log_loss(Publisher *publisher, int go_code);
static void drop_link(Publisher *publisher);
static void retry_later(Publisher *publisher);
static void enter(Publisher *publisher, State state);
static void trouble(Publisher *publisher, bool help_needed, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void finish(Publisher *publisher);
static const LinkEvents link_events;

gpointer publisher_run(gpointer data)
{
    Publisher publisher = {.client = data, .state = STATE_WAITING};
    Look seen;
    if (!mqtt_options_is_unix(publisher.client->options))
        publisher.resolver = resolver_new(publisher.client->options->host, publisher.client->options->port);
    spooling_step(publisher.client, g_get_monotonic_time(), false);
    while (publisher.state != STATE_ENDED) {
        look(&publisher, &seen);
        spooling_step(publisher.client, seen.now_us, seen.stopping && !can_flush(&publisher));
        step(&publisher, &seen);
    }
    finish(&publisher);
    return NULL;
}

/* At the stop: what waits may still be delivered. */
static bool can_flush(const Publisher *publisher)
{
    return publisher->state == STATE_UP && !publisher->goodbye;
}

/* Sleeps until there is something to do, and tells what. */
static void look(Publisher *publisher, Look *ret)
{
    MqttClient *client = publisher->client;
    pthread_mutex_lock(&client->lock);
    gint64 deadline_us = next_deadline_locked(publisher);
    client->beat_us = g_get_monotonic_time();
    while (!client->woken && mqtt_client_wait_until(&client->wake, &client->lock, deadline_us))
        ;
    client->woken = false;
    ret->now_us = client->beat_us = g_get_monotonic_time();
    ret->stopping = client->stopping;
    ret->stop_deadline_us = client->stop_deadline_us;
    ret->expired = client->stopping && (client->abandoned || ret->now_us >= client->stop_deadline_us);
    ret->waiting = outbox_waiting(client->outbox);
    ret->flying = flights_count_locked(client);
    ret->report = client->report;
    pthread_mutex_unlock(&client->lock);
}

static gint64 next_deadline_locked(const Publisher *publisher)
{
    const MqttClient *client = publisher->client;
    gint64 deadline_us = g_get_monotonic_time() + BEAT_US;
    if (publisher->state == STATE_WAITING)
        deadline_us = MIN(deadline_us, publisher->retry_us);
    if (client->stopping)
        deadline_us = MIN(deadline_us, client->stop_deadline_us);
    if (publisher->flush_us > g_get_monotonic_time())
        deadline_us = MIN(deadline_us, publisher->flush_us);
    return deadline_us;
}

static void step(Publisher *publisher, const Look *seen)
{
    if (seen->stopping && publisher->flush_us == 0)
        publisher->flush_us = seen->now_us + (seen->stop_deadline_us - seen->now_us) / 2;
    if (seen->expired) {
        enter(publisher, STATE_ENDED);
        return;
    }
    switch (publisher->state) {
    case STATE_WAITING:
        step_waiting(publisher, seen);
        break;
    case STATE_CONNECTING:
        step_connecting(publisher, seen);
        break;
    case STATE_UP:
        step_up(publisher, seen);
        break;
    case STATE_CLOSING:
        if (seen->report.disconnected || seen->report.lost)
            enter(publisher, STATE_ENDED);
        break;
    case STATE_ENDED:
        break;
    }
}

static void step_waiting(Publisher *publisher, const Look *seen)
{
    if (seen->stopping) {
        if (seen->waiting == 0 || publisher->last_try) {
            enter(publisher, STATE_ENDED);
            return;
        }
        publisher->last_try = true;
    } else if (seen->now_us < publisher->retry_us) {
        return;
    }
    attempt(publisher);
}

/* Asked all the time while the probe waits: the sign of life goes on, and what waits goes to disk. */
static bool probe_cancelled(void *user)
{
    MqttClient *client = ((Publisher *)user)->client;
    pthread_mutex_lock(&client->lock);
    client->beat_us = g_get_monotonic_time();
    bool cancelled = client->stopping && (outbox_waiting(client->outbox) == 0 ||
                                          client->beat_us >= client->stop_deadline_us);
    bool stopping = client->stopping;
    gint64 now_us = client->beat_us;
    pthread_mutex_unlock(&client->lock);
    spooling_step(client, now_us, stopping);
    return cancelled;
}

static void attempt(Publisher *publisher)
{
    MqttClient *client = publisher->client;
    GError *error = NULL;
    ProbeAnswer answer;
    char *password = NULL;
    if (client->options->password_file != NULL)
        password = secret_read(client->options->password_file, MQTT_PASSWORD_MAX_BYTES, &error);
    if (error != NULL) {
        trouble(publisher, true, "the password cannot be read: %s", error->message);
        g_error_free(error);
        retry_later(publisher);
        return;
    }
    const StreamTarget stream = {.host = client->options->host, .resolver = publisher->resolver,
                                 .tls = &client->options->tls, .cancelled = probe_cancelled, .user = publisher};
    const ProbeTarget target = {.stream = stream, .username = client->options->username, .password = password};
    ProbeResult result = probe_broker(&target, &answer);
    if (judge_probe(publisher, result, &answer)) {
        warn_if_exposed(publisher, &answer.peer);
        open_link(publisher, &answer.peer, password);
    } else {
        retry_later(publisher);
    }
    secret_free(password);
}

/* True when Paho shall go on; publisher->mqtt5 is set then. */
static bool judge_probe(Publisher *publisher, ProbeResult result, const ProbeAnswer *answer)
{
    bool only_v3 = publisher->only_v3;
    publisher->only_v3 = false;
    publisher->hang_ups = result == PROBE_MQTT3 && answer->hung_up ? publisher->hang_ups + 1 : 0;
    switch (result) {
    case PROBE_MQTT5:
        publisher->mqtt5 = !only_v3;
        return true;
    case PROBE_MQTT3:
        /* One hang-up may be a broker that is just going down. */
        publisher->mqtt5 = false;
        if (publisher->hang_ups != 1)
            return true;
        trouble(publisher, false, "it accepts the connection and hangs up without an answer%s",
                publisher->client->options->tls.on ? "" : " (does it want TLS?)");
        return false;
    case PROBE_UNREACHABLE:
    case PROBE_FOREIGN:
        trouble(publisher, answer->peer.needs_hand, "%s", answer->peer.why);
        return false;
    case PROBE_SILENT:
        trouble(publisher, false, "it accepts the connection and does not answer");
        return false;
    case PROBE_CANCELLED:
        return false;
    }
    return false;
}

static void warn_if_exposed(Publisher *publisher, const StreamPeer *peer)
{
    const MqttOptions *options = publisher->client->options;
    if (publisher->exposed_said || options->quiet)
        return;
    if (options->tls.on && options->tls.any_name)
        g_warning("MQTT: the certificate of the broker at %s is accepted whatever name it is for (verify-name = no): "
                  "whoever has any certificate of the same authority can pass for it", options->host);
    if (!options->tls.on && options->username != NULL && !peer->loopback)
        g_warning("MQTT: user name, password and heart rates go to %s unencrypted: everybody on the way can read "
                  "them; tls = yes encrypts them", options->host);
    publisher->exposed_said = true;
}

static void open_link(Publisher *publisher, const StreamPeer *peer, const char *password)
{
    MqttClient *client = publisher->client;
    const MqttOptions *with = client->options;
    const char *text = NULL;
    char *uri = mqtt_options_uri(with, peer->address);
    LinkOptions options = {.uri = uri, .tls = &with->tls, .mqtt5 = publisher->mqtt5, .client_id = with->client_id,
                           .username = with->username, .password = password, .will_topic = with->status_topic,
                           .keepalive_s = with->keepalive_s};
    pthread_mutex_lock(&client->lock);
    memset(&client->report, 0, sizeof client->report);
    pthread_mutex_unlock(&client->lock);
    publisher->link = link_open(&options, &link_events, client, &text);
    g_free(uri);
    if (publisher->link != NULL) {
        enter(publisher, STATE_CONNECTING);
        return;
    }
    trouble(publisher, true, "%s", text);
    retry_later(publisher);
}

static void step_connecting(Publisher *publisher, const Look *seen)
{
    if (seen->report.connected) {
        go_up(publisher);
    } else if (seen->report.refused) {
        drop_link(publisher);
        on_refused(publisher, &seen->report);
    } else if (seen->now_us - publisher->since_us > CONNECT_LIMIT_US) {
        drop_link(publisher);
        trouble(publisher, false, "it does not answer");
        retry_later(publisher);
    }
}

static void on_refused(Publisher *publisher, const LinkReport *report)
{
    int code = report->refused_code;
    if (publisher->mqtt5 && reason_is_version(code)) {
        publisher->only_v3 = true;
        enter(publisher, STATE_WAITING);
        publisher->retry_us = 0;
        return;
    }
    if (code > 0) {
        trouble(publisher, reason_needs_help(code), "it refuses the connection: %s", reason_refused(code));
    } else {
        trouble(publisher, false, "the connection broke while it was being made");
    }
    retry_later(publisher);
}

static void go_up(Publisher *publisher)
{
    MqttClient *client = publisher->client;
    enter(publisher, STATE_UP);
    pthread_mutex_lock(&client->lock);
    client->connection++;
    client->stats.connections++;
    pthread_mutex_unlock(&client->lock);
    if (client->options->status_topic != NULL)
        (void)flights_send_status(client, publisher->link, FLIGHT_ONLINE);
    pthread_mutex_lock(&client->lock);
    client->up = true;
    direct_open_locked(client, publisher->link);
    mqtt_client_wake_locked(client);
    mqtt_client_notify_locked(client);
    pthread_mutex_unlock(&client->lock);
    /* Two that take the connection from each other do so for ever: not at this level, then. */
    g_log_structured(G_LOG_DOMAIN, publisher->taken_over || client->options->quiet ? G_LOG_LEVEL_INFO
                                                                                    : G_LOG_LEVEL_MESSAGE,
                     "MESSAGE", "MQTT: connected to the broker at %s (MQTT %s)", client->place,
                     publisher->mqtt5 ? "5" : "3.1.1");
    g_clear_pointer(&publisher->said, g_free);
}

static void step_up(Publisher *publisher, const Look *seen)
{
    bool in_time = flights_collect(publisher->client, seen->now_us);
    if (seen->report.lost || !in_time) {
        go_down(publisher, &seen->report, seen->now_us);
        return;
    }
    /* What arrived is noted before more is sent: after a crash no more comes again than was on its way. */
    spooling_step(publisher->client, seen->now_us, seen->stopping && publisher->goodbye);
    if (!publisher->goodbye)
        flights_send(publisher->client, publisher->link);
    if (seen->stopping)
        say_goodbye(publisher, seen);
}

/* First what waits, as long as there is time for it; then "offline", and its acknowledgement: a
 * connection that is closed before leaves "online" behind. */
static void say_goodbye(Publisher *publisher, const Look *seen)
{
    MqttClient *client = publisher->client;
    bool has_status = client->options->status_topic != NULL;
    pthread_mutex_lock(&client->lock);
    bool flushed = outbox_waiting(client->outbox) == 0 && flights_count_locked(client) == 0;
    bool answered = !client->flights[FLIGHT_OFFLINE].used;
    pthread_mutex_unlock(&client->lock);
    if (!publisher->goodbye) {
        if (!flushed && seen->now_us < publisher->flush_us)
            return;
        publisher->goodbye = true;
        if (has_status && flights_send_status(client, publisher->link, FLIGHT_OFFLINE))
            return;
    }
    if (has_status && !answered)
        return;
    enter(publisher, link_disconnect(publisher->link) ? STATE_CLOSING : STATE_ENDED);
}

static void go_down(Publisher *publisher, const LinkReport *report, gint64 now_us)
{
    MqttClient *client = publisher->client;
    gint64 lasted_us = now_us - publisher->since_us;
    pthread_mutex_lock(&client->lock);
    client->up = false;
    mqtt_client_notify_locked(client);
    pthread_mutex_unlock(&client->lock);
    drop_link(publisher);
    if (lasted_us >= STABLE_US)
        backoff_reset(&publisher->backoff);
    if (lasted_us >= UNDISTURBED_US)
        publisher->taken_over = false;
    publisher->losses = lasted_us >= STABLE_US ? 1 : publisher->losses + 1;
    log_loss(publisher, report->go_code);
    retry_later(publisher);
}

/* Not every broker tells of a takeover (mosquitto 2.0.11 just hangs up): then the pattern does. */
static void log_loss(Publisher *publisher, int go_code)
{
    MqttClient *client = publisher->client;
    bool certain = go_code == REASON_TAKEN_OVER;
    if (certain)
        backoff_slow_down(&publisher->backoff);
    if (publisher->taken_over || client->options->quiet)
        return;
    if (certain || publisher->losses >= SUSPICIOUS_LOSSES) {
        publisher->taken_over = true;
        g_warning("MQTT: another client with the client id %s %s the connection to the broker: is there a second "
                  "gateway with the same id? Give each its own", client->options->client_id,
                  certain ? "took over" : "seems to take over");
        return;
    }
    g_message("MQTT: the connection to the broker at %s is lost%s%s", client->place,
              go_code > 0 ? ": " : "", go_code > 0 ? reason_words(go_code) : "");
}

static void drop_link(Publisher *publisher)
{
    direct_close(publisher->client);
    link_close(publisher->link);
    publisher->link = NULL;
    direct_clear(publisher->client);
    flights_clear(publisher->client);
}

static void retry_later(Publisher *publisher)
{
    gint64 delay_us = (gint64)backoff_next_ms(&publisher->backoff, g_random_double()) * 1000;
    bool stopping = publisher->flush_us != 0;
    publisher->retry_us = stopping ? 0 : g_get_monotonic_time() + delay_us;
    enter(publisher, STATE_WAITING);
}

static void enter(Publisher *publisher, State state)
{
    publisher->state = state;
    publisher->since_us = g_get_monotonic_time();
}

/* Why there is no connection: once for each new reason, not for each attempt. */
static void trouble(Publisher *publisher, bool help_needed, const char *format, ...)
{
    const MqttClient *client = publisher->client;
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    GLogLevelFlags level = help_needed ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_MESSAGE;
    if (g_strcmp0(text, publisher->said) == 0 || client->options->quiet)
        level = G_LOG_LEVEL_DEBUG;
    g_log_structured(G_LOG_DOMAIN, level, "MESSAGE",
                     "MQTT: no connection to the broker at %s: %s; trying on, at least every %u s",
                     client->place, text, BACKOFF_MAX_MS / 1000);
    g_free(publisher->said);
    publisher->said = text;
}

/* Nobody needs to wait for Paho's threads to end. */
static void finish(Publisher *publisher)
{
    MqttClient *client = publisher->client;
    spooling_step(client, g_get_monotonic_time(), true);
    pthread_mutex_lock(&client->lock);
    client->up = false;
    client->finished = true;
    pthread_cond_broadcast(&client->ended);
    pthread_mutex_unlock(&client->lock);
    link_close(publisher->link);
    resolver_free(publisher->resolver);
    g_free(publisher->said);
    mqtt_client_unref(client);
}

/* From here on: Paho's threads. */

static void on_connected(void *user)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->report.connected = true;
    mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

static void on_link_refused(void *user, int code)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->report.refused = true;
    client->report.refused_code = code;
    mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

static void on_told_to_go(void *user, int code)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->report.go_code = code;
    pthread_mutex_unlock(&client->lock);
}

static void on_link_lost(void *user)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->report.lost = true;
    mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

static void on_message(void *user, const MqttIncoming *message)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->stats.received++;
    client->stats.in_dropped += inbox_push(client->inbox, message);
    mqtt_client_notify_locked(client);
    pthread_mutex_unlock(&client->lock);
}

static void on_disconnected(void *user)
{
    MqttClient *client = user;
    pthread_mutex_lock(&client->lock);
    client->report.disconnected = true;
    mqtt_client_wake_locked(client);
    pthread_mutex_unlock(&client->lock);
}

static const LinkEvents link_events = {
    .connected = on_connected,
    .refused = on_link_refused,
    .told_to_go = on_told_to_go,
    .lost = on_link_lost,
    .message = on_message,
    .disconnected = on_disconnected,
};
