/* SPDX-License-Identifier: MIT */
#include "mqtt/proof.h"

#include "mqtt/call.h"
#include "mqtt/client_private.h"
#include "mqtt/probe.h"
#include "mqtt/reason.h"
#include "mqtt/secret.h"
#include "mqtt/topics.h"

#include <stdarg.h>
#include <string.h>

#define CONNECT_US (20 * G_USEC_PER_SEC)
#define ANSWER_US (5 * G_USEC_PER_SEC)
#define WHAT_TO_DO "let the broker's access list allow it (an example comes with zone1d: conf/mosquitto/zone1d.acl)"

/* What Paho's threads tell, under the lock. */
typedef struct {
    LinkToken token; /* first: the outcome finds it */
    Proof *proof;
    bool settled;
    LinkOutcome outcome;
    int code;
} Answer;

struct Proof {
    gint references; /* main side, thread; atomic */
    MqttOptions *options;
    char *prefix, *gateway_id, **athlete_ids, **filters;
    ProofEvents events;
    void *user;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    bool cancelled, connected, refused, lost;
    int refused_code;
    char *expected; /* the payload that is to come back */
    bool came_back;
    GQueue lines;    /* Line*, to be told by the main loop */
    GSource *teller; /* of the main loop, and made and let go by it alone; NULL: nobody listens any more */

    /* the thread only */
    Link *link;
    bool mqtt5, bad;
    GPtrArray *answers; /* Answer*: Paho may hold on to them until the link is closed */
};

static gpointer run(gpointer data);

typedef struct {
    ProofLevel level;
    char *text; /* NULL: done */
} Line;

static void free_line(gpointer data)
{
    Line *line = data;
    g_free(line->text);
    g_free(line);
}

static void proof_unref(Proof *proof)
{
    if (!g_atomic_int_dec_and_test(&proof->references))
        return;
    mqtt_options_free(proof->options);
    g_strfreev(proof->athlete_ids);
    g_strfreev(proof->filters);
    g_free(proof->prefix);
    g_free(proof->gateway_id);
    g_free(proof->expected);
    g_ptr_array_unref(proof->answers);
    g_queue_clear_full(&proof->lines, free_line);
    pthread_cond_destroy(&proof->changed);
    pthread_mutex_destroy(&proof->lock);
    g_free(proof);
}

/* ---- to the main loop ---- */

/* The next line that is to be told; *ret_more: there is another. NULL: none. */
static Line *take_line(Proof *proof, bool *ret_more)
{
    pthread_mutex_lock(&proof->lock);
    Line *line = g_queue_pop_head(&proof->lines);
    *ret_more = !g_queue_is_empty(&proof->lines);
    pthread_mutex_unlock(&proof->lock);
    return line;
}

/* One line for each call: PROOF may be freed in it. */
static bool deliver(void *user)
{
    Proof *proof = user;
    bool more;
    Line *line = take_line(proof, &more);
    if (line == NULL)
        return false;
    if (line->text != NULL)
        proof->events.line(proof->user, line->level, line->text);
    else
        proof->events.done(proof->user, line->level == PROOF_OK);
    free_line(line);
    return more;
}

/* Takes TEXT over. */
static void send_line(Proof *proof, ProofLevel level, char *text)
{
    Line *line = g_new0(Line, 1);
    line->level = level;
    line->text = text;
    pthread_mutex_lock(&proof->lock);
    g_queue_push_tail(&proof->lines, line);
    if (proof->teller != NULL)
        call_make(proof->teller);
    pthread_mutex_unlock(&proof->lock);
}

Proof *proof_start(const MqttOptions *options, const ProofTopics *topics, const ProofEvents *events, void *user)
{
    Proof *proof = g_new0(Proof, 1);
    proof->references = 2;
    proof->options = mqtt_options_copy(options);
    proof->prefix = g_strdup(topics->prefix);
    proof->gateway_id = g_strdup(topics->gateway_id);
    proof->athlete_ids = g_strdupv((char **)(guintptr)topics->athlete_ids);
    proof->filters = g_strdupv((char **)(guintptr)topics->command_filters);
    proof->events = *events;
    proof->user = user;
    proof->answers = g_ptr_array_new_with_free_func(g_free);
    pthread_mutex_init(&proof->lock, NULL);
    mqtt_condition_init(&proof->changed);
    proof->teller = call_new("mqtt-proof", deliver, proof);
    g_thread_unref(g_thread_new("mqtt-proof", run, proof));
    return proof;
}

void proof_free(Proof *proof)
{
    if (proof == NULL)
        return;
    GSource *teller = proof->teller;
    pthread_mutex_lock(&proof->lock);
    proof->teller = NULL;
    proof->cancelled = true;
    pthread_cond_broadcast(&proof->changed);
    pthread_mutex_unlock(&proof->lock);
    g_source_destroy(teller);
    g_source_unref(teller);
    proof_unref(proof);
}

static void say(Proof *proof, ProofLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void say(Proof *proof, ProofLevel level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    proof->bad |= level == PROOF_BAD;
    send_line(proof, level, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* ---- from Paho's threads ---- */

static void tell(Proof *proof, bool *what)
{
    pthread_mutex_lock(&proof->lock);
    *what = true;
    pthread_cond_broadcast(&proof->changed);
    pthread_mutex_unlock(&proof->lock);
}

static void on_connected(void *user)
{
    tell(user, &((Proof *)user)->connected);
}

static void on_refused(void *user, int code)
{
    Proof *proof = user;
    pthread_mutex_lock(&proof->lock);
    proof->refused_code = code;
    pthread_mutex_unlock(&proof->lock);
    tell(proof, &proof->refused);
}

static void on_told_to_go(void *user, int code)
{
    (void)user;
    (void)code;
}

static void on_lost(void *user)
{
    tell(user, &((Proof *)user)->lost);
}

static void on_message(void *user, const MqttIncoming *message)
{
    Proof *proof = user;
    pthread_mutex_lock(&proof->lock);
    bool same = proof->expected != NULL && strlen(proof->expected) == message->len &&
                memcmp(proof->expected, message->payload, message->len) == 0;
    pthread_mutex_unlock(&proof->lock);
    if (same)
        tell(proof, &proof->came_back);
}

static void on_disconnected(void *user)
{
    (void)user;
}

static const LinkEvents link_events = {.connected = on_connected,
                                       .refused = on_refused,
                                       .told_to_go = on_told_to_go,
                                       .lost = on_lost,
                                       .message = on_message,
                                       .disconnected = on_disconnected};

static void on_outcome(LinkToken *token, LinkOutcome outcome, int code)
{
    Answer *answer = (Answer *)(void *)token;
    pthread_mutex_lock(&answer->proof->lock);
    answer->outcome = outcome;
    answer->code = code;
    pthread_mutex_unlock(&answer->proof->lock);
    tell(answer->proof, &answer->settled);
}

/* ---- the thread ---- */

/* Until ONE or OTHER is so, or the link is lost, or it is cancelled, or LIMIT_US have passed. */
static void wait_for(Proof *proof, const bool *one, const bool *other, gint64 limit_us)
{
    gint64 deadline_us = g_get_monotonic_time() + limit_us;
    pthread_mutex_lock(&proof->lock);
    while (!*one && !*other && !proof->lost && !proof->cancelled &&
           mqtt_client_wait_until(&proof->changed, &proof->lock, deadline_us))
        ;
    pthread_mutex_unlock(&proof->lock);
}

static bool is_cancelled(void *user)
{
    Proof *proof = user;
    pthread_mutex_lock(&proof->lock);
    bool cancelled = proof->cancelled;
    pthread_mutex_unlock(&proof->lock);
    return cancelled;
}

static void say_encryption(Proof *proof, const StreamPeer *peer)
{
    const MqttOptions *options = proof->options;
    if (options->tls.on && options->tls.any_name)
        say(proof, PROOF_HINT, "encrypted (%s), but the certificate may be for any name (verify-name = no)", peer->tls);
    else if (options->tls.on)
        say(proof, PROOF_OK, "encrypted (%s), and its certificate is good for %s", peer->tls, options->host);
    else if (peer->loopback)
        say(proof, PROOF_OK, "not encrypted, and need not be: the broker is on this machine");
    else
        say(proof, PROOF_HINT, "not encrypted: everybody on the way can read heart rates%s; tls = yes encrypts them",
            options->username != NULL ? ", user name and password" : "");
}

/* True when Paho can go on. */
static bool prove_reach(Proof *proof, const char *password, ProbeAnswer *ret)
{
    const MqttOptions *options = proof->options;
    Resolver *resolver = mqtt_options_is_unix(options) ? NULL : resolver_new(options->host, options->port);
    char *place = mqtt_options_place(options);
    const StreamTarget stream = {.host = options->host, .resolver = resolver, .tls = &options->tls,
                                 .cancelled = is_cancelled, .user = proof};
    const ProbeTarget target = {.stream = stream, .username = options->username, .password = password};
    ProbeResult result = probe_broker(&target, ret);
    bool hung_up = result == PROBE_MQTT3 && ret->hung_up;
    bool fine = (result == PROBE_MQTT5 || result == PROBE_MQTT3) && !hung_up;
    proof->mqtt5 = result == PROBE_MQTT5;
    if (fine)
        say(proof, PROOF_OK, "the broker at %s answers and speaks MQTT %s", place, proof->mqtt5 ? "5" : "3.1.1");
    else if (result == PROBE_SILENT)
        say(proof, PROOF_BAD, "%s accepts the connection and does not answer: is it a broker?", place);
    else if (hung_up)
        say(proof, PROOF_BAD, "%s accepts the connection and hangs up: is it a broker%s?", place,
            options->tls.on ? "" : ", and does it want TLS (tls = yes)");
    else if (result != PROBE_CANCELLED)
        say(proof, PROOF_BAD, "the broker at %s cannot be used: %s; see host, port and tls in [mqtt]", place,
            ret->peer.why);
    if (fine)
        say_encryption(proof, &ret->peer);
    resolver_free(resolver);
    g_free(place);
    return fine;
}

static bool prove_login(Proof *proof, const char *password, const StreamPeer *peer)
{
    const MqttOptions *with = proof->options;
    const char *text = NULL;
    char *uri = mqtt_options_uri(with, peer->address), *id = g_strconcat(with->client_id, "-check", NULL);
    const LinkOptions options = {.uri = uri, .tls = &with->tls, .mqtt5 = proof->mqtt5, .client_id = id,
                                 .username = with->username, .password = password, .keepalive_s = with->keepalive_s};
    proof->link = link_open(&options, &link_events, proof, &text);
    if (proof->link != NULL)
        wait_for(proof, &proof->connected, &proof->refused, CONNECT_US);
    pthread_mutex_lock(&proof->lock);
    bool connected = proof->connected;
    int code = proof->refused_code;
    pthread_mutex_unlock(&proof->lock);
    if (connected)
        say(proof, PROOF_OK, "it lets this gateway in as %s", with->username != NULL ? with->username : "anybody");
    else if (code > 0)
        say(proof, PROOF_BAD, "it refuses the connection: %s; see username and password-file in [mqtt]",
            reason_refused(code));
    else
        say(proof, PROOF_BAD, "the connection is not made: %s", text != NULL ? text : "it breaks, or nothing answers");
    g_free(uri);
    g_free(id);
    return connected;
}

static Answer *new_answer(Proof *proof)
{
    Answer *answer = g_new0(Answer, 1);
    answer->token.outcome = on_outcome;
    answer->proof = proof;
    answer->outcome = LINK_FAILED;
    g_ptr_array_add(proof->answers, answer);
    return answer;
}

/* True when the broker accepted. What it did not is said: LEVEL, if it refused; DOING is "publish to". */
static bool settle(Proof *proof, Answer *answer, bool sent, ProofLevel level, const char *doing, const char *topic)
{
    if (sent)
        wait_for(proof, &answer->settled, &answer->settled, ANSWER_US);
    pthread_mutex_lock(&proof->lock);
    LinkOutcome outcome = answer->settled ? answer->outcome : LINK_FAILED;
    int code = answer->code;
    pthread_mutex_unlock(&proof->lock);
    if (outcome == LINK_REFUSED)
        say(proof, level, "it may not %s %s: %s; " WHAT_TO_DO, doing, topic,
            proof->mqtt5 ? reason_words(code) : "refused");
    else if (outcome == LINK_FAILED)
        say(proof, PROOF_BAD, "to %s %s was not answered", doing, topic);
    return outcome == LINK_DONE;
}

/* LEVEL: how bad it is when it may not. */
static bool listen_to(Proof *proof, ProofLevel level, const char *filter)
{
    Answer *answer = new_answer(proof);
    bool sent = link_subscribe(proof->link, filter, 1, true, &answer->token);
    return settle(proof, answer, sent, level, "listen to", filter);
}

/* A message to TOPIC. HEARD: it is listened to, and should come back; LEVEL: how bad it is when it does not. */
static void prove_publishing(Proof *proof, ProofLevel level, const char *topic, bool heard)
{
    char *payload = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    OutMessage message = {.kind = MQTT_KEEP, .topic = (char *)(guintptr)topic, .payload = payload,
                          .len = strlen(payload), .qos = 1};
    Answer *answer = new_answer(proof);
    pthread_mutex_lock(&proof->lock);
    g_free(proof->expected);
    proof->expected = payload;
    proof->came_back = false;
    pthread_mutex_unlock(&proof->lock);
    gint64 start_us = g_get_monotonic_time();
    bool sent = settle(proof, answer, link_publish(proof->link, &message, &answer->token), PROOF_BAD,
                       "publish to", topic);
    if (sent && heard)
        wait_for(proof, &proof->came_back, &proof->came_back, ANSWER_US);
    double took_ms = (double)(g_get_monotonic_time() - start_us) / 1e3;
    pthread_mutex_lock(&proof->lock);
    bool came_back = proof->came_back;
    pthread_mutex_unlock(&proof->lock);
    if (sent && came_back)
        say(proof, PROOF_OK, "it may publish to %s, and a message comes back after %.1f ms", topic, took_ms);
    else if (sent && heard)
        say(proof, level, "what it publishes to %s does not come back: it may not publish or not listen there; "
            WHAT_TO_DO, topic);
    else if (sent && proof->mqtt5)
        say(proof, PROOF_OK, "it may publish to %s", topic);
    else if (sent)
        say(proof, PROOF_HINT, "whether it may publish to %s cannot be told: it may not listen there", topic);
}

static void prove_rights(Proof *proof)
{
    char *topic = topic_gateway(proof->prefix, proof->gateway_id, "check");
    prove_publishing(proof, PROOF_BAD, topic, listen_to(proof, PROOF_BAD, topic));
    g_free(topic);
    for (char **athlete = proof->athlete_ids; *athlete != NULL && !is_cancelled(proof); athlete++) {
        topic = topic_athlete(proof->prefix, *athlete, "check");
        /* A broker of 3.1.1 acknowledges what it throws away: only its coming back tells. */
        prove_publishing(proof, PROOF_HINT, topic, !proof->mqtt5 && listen_to(proof, PROOF_HINT, topic));
        g_free(topic);
    }
    for (char **filter = proof->filters; *filter != NULL && !is_cancelled(proof); filter++)
        if (listen_to(proof, PROOF_BAD, *filter))
            say(proof, PROOF_OK, "the broker grants listening to %s", *filter);
}

static void prove(Proof *proof)
{
    const MqttOptions *options = proof->options;
    ProbeAnswer answer;
    GError *error = NULL;
    char *password = NULL;
    const char *fault = mqtt_options_fault(options);
    if (fault != NULL) {
        say(proof, PROOF_BAD, "%s", fault);
        return;
    }
    if (options->password_file != NULL)
        password = secret_read(options->password_file, MQTT_PASSWORD_MAX_BYTES, &error);
    if (error != NULL) {
        say(proof, PROOF_BAD, "the password cannot be read: %s", error->message);
        g_error_free(error);
        return;
    }
    if (prove_reach(proof, password, &answer) && prove_login(proof, password, &answer.peer))
        prove_rights(proof);
    secret_free(password);
}

static gpointer run(gpointer data)
{
    Proof *proof = data;
    prove(proof);
    if (proof->link != NULL)
        (void)link_disconnect(proof->link);
    send_line(proof, proof->bad ? PROOF_BAD : PROOF_OK, NULL);
    link_close(proof->link);
    proof_unref(proof);
    return NULL;
}
