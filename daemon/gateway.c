/* SPDX-License-Identifier: MIT */
#include "gateway.h"

#include "athlete.h"
#include "athlete_unknown.h"
#include "bluez/bluez_source.h"
#include "gateway_broker.h"
#include "gateway_claims.h"
#include "gateway_commands.h"
#include "gateway_deadlines.h"
#include "gateway_discovery.h"
#include "gateway_guests.h"
#include "gateway_info.h"
#include "gateway_private.h"
#include "gateway_speed.h"
#include "gateway_straps.h"
#include "gateway_straps_requests.h"
#include "group.h"
#include "mqtt/client.h"
#include "mqtt/topics.h"
#include "replay.h"
#include "requests.h"
#include "source.h"
#include "store/store.h"
#include "wall_clock.h"

#include <string.h>

#define STOP_TIMEOUT_MS 2000
/* A recording that has ended waits longer for its verdict to be delivered: nobody else will ever tell it. */
#define DELIVERY_TIMEOUT_MS 20000
#define STORE_TIMEOUT_MS 3000
/* After a reboot in mid-session, so long for the clock to be set: only then is it known how long the break was. */
#define CLOCK_PATIENCE_S 30
#define MAX_SESSION_ID_BYTES 80
#define CLOCK_NOTE "clock" /* in the store: what the wall clock was ahead of the boot's */

/* ---- the clock ---- */

static void set_timer(Gateway *gateway)
{
    const int64_t groups_ms = groups_deadline_ms(gateway->groups);
    source_set_timer(gateway->source, MIN(groups_ms, gateway_deadlines_next_ms(gateway->deadlines)));
}

static void note(Gateway *gateway, unsigned index)
{
    gateway_deadlines_note(gateway->deadlines, index);
    gateway_info_signal(gateway->info, index);
}

/* Athlete INDEX was told something: their group may have to tell it on. */
static void follow(Gateway *gateway, unsigned index)
{
    note(gateway, index);
    groups_athlete_changed(gateway->groups, index, source_now_ms(gateway->source));
}

/* Any athlete may have been told something. */
static void follow_all(Gateway *gateway)
{
    gateway_deadlines_note_all(gateway->deadlines);
    groups_advance(gateway->groups, source_now_ms(gateway->source));
    set_timer(gateway);
}

/* The wall clock may be set at any time; what was labelled by the wrong one is labelled anew. */
static void watch_clock(Gateway *gateway, int64_t now_ms)
{
    const bool first = !gateway->clock.known;
    const gint64 delta_us = clock_watch_look(&gateway->clock, source_now_ms(gateway->source),
                                             source_wall_us(gateway->source));
    if (gateway->boot != NULL && first && gateway->context.store != NULL)
        store_note(gateway->context.store, CLOCK_NOTE, gateway->boot, gateway->clock.offset_us, "");
    if (delta_us == 0 || gateway->boot == NULL)
        return;
    g_message("the clock has been set, by %.0f s; sessions since the boot are labelled anew", (double)delta_us / 1e6);
    if (gateway->context.store != NULL)
        store_correct_clock(gateway->context.store, gateway->boot, delta_us);
    for (unsigned i = 0; i < gateway->config->athlete_count; i++)
        athlete_correct_clock(gateway->athletes[i], delta_us, now_ms);
    gateway_deadlines_note_all(gateway->deadlines);
    groups_correct_clock(gateway->groups, delta_us, now_ms);
}

void gateway_advance(Gateway *gateway, int64_t now_ms)
{
    const unsigned count = gateway->config->athlete_count;
    watch_clock(gateway, now_ms);
    for (unsigned i = 0; (i = gateway_deadlines_due(gateway->deadlines, i, now_ms)) < count; i++) {
        athlete_advance(gateway->athletes[i], now_ms);
        note(gateway, i);
    }
    groups_advance(gateway->groups, source_now_ms(gateway->source));
    set_timer(gateway);
}

/* ---- what the source tells ---- */

static void on_sample(void *user, unsigned athlete, const Sample *sample)
{
    Gateway *gateway = user;
    watch_clock(gateway, sample->t_ms);
    athlete_sample(gateway->athletes[athlete], sample);
    follow(gateway, athlete);
    set_timer(gateway);
}

static void note_claim(Gateway *gateway, unsigned athlete)
{
    StrapStatus status;
    if (gateway->replays)
        return;
    bluez_source_status(gateway->source, athlete, &status);
    gateway_claims_set(gateway->claims, athlete, status.address);
}

static void on_link(void *user, unsigned athlete, bool up, int64_t now_ms)
{
    Gateway *gateway = user;
    athlete_link(gateway->athletes[athlete], up, now_ms);
    note_claim(gateway, athlete);
    gateway_info_note(gateway->info);
    follow(gateway, athlete);
    set_timer(gateway);
}

static void on_strap(void *user, unsigned athlete, const StrapInfo *info, int64_t now_ms)
{
    Gateway *gateway = user;
    athlete_strap(gateway->athletes[athlete], info, now_ms);
    gateway_info_note(gateway->info);
    follow(gateway, athlete);
    set_timer(gateway);
}

static void on_timer(void *user, int64_t now_ms) { gateway_advance(user, now_ms); }

static void on_begin(void *user, unsigned athlete, int64_t now_ms)
{
    Gateway *gateway = user;
    athlete_command(gateway->athletes[athlete], SESSION_CMD_RECORD, now_ms);
    follow(gateway, athlete);
    set_timer(gateway);
}

static void on_end(void *user, unsigned athlete, int64_t now_ms)
{
    Gateway *gateway = user;
    Summary summary;
    athlete_command(gateway->athletes[athlete], SESSION_CMD_STOP, now_ms);
    gateway_deadlines_note(gateway->deadlines, athlete);
    gateway->stop_timeout_ms = DELIVERY_TIMEOUT_MS;
    bool known = athlete_summary(gateway->athletes[athlete], now_ms, &summary);
    if (gateway->done != NULL)
        gateway->done(gateway->done_user, known ? &summary : NULL);
}

static void on_command(void *user, unsigned athlete, SessionCommand command, int64_t now_ms)
{
    Gateway *gateway = user;
    athlete_command(gateway->athletes[athlete], command, now_ms);
    set_timer(gateway);
}

static void on_target(void *user, unsigned athlete, const Target *target, int64_t now_ms)
{
    Gateway *gateway = user;
    const CommandSet set = {.target = *target};
    const char *fault = athlete_set(gateway->athletes[athlete], COMMAND_TARGET, &set, now_ms);
    if (fault != NULL)
        g_warning("the recording names a target that is left out: %s", fault);
    set_timer(gateway);
}

static const SourceEvents source_events = {.sample = on_sample,
                                           .link = on_link,
                                           .strap = on_strap,
                                           .timer = on_timer,
                                           .begin = on_begin,
                                           .end = on_end,
                                           .command = on_command,
                                           .target = on_target};

static void on_seen(void *user, const HeardStrap *strap) { gateway_straps_seen(((Gateway *)user)->straps, strap); }

/* Who comes back goes on as before; what was known of somebody else is nobody's business. */
static void on_guest(void *user, unsigned athlete, bool returned)
{
    Gateway *gateway = user;
    if (returned)
        return;
    athlete_restart(gateway->athletes[athlete], source_now_ms(gateway->source));
    gateway_deadlines_note(gateway->deadlines, athlete);
}

static void on_guest_strap(void *user, unsigned athlete, const GuestStrap *strap)
{
    const Gateway *gateway = user;
    gateway_guests_keep(gateway->context.store, gateway->config->athletes[athlete].id, strap);
}

static bool is_guest_busy(void *user, unsigned athlete)
{
    const Gateway *gateway = user;
    return athlete_in_session(gateway->athletes[athlete], source_now_ms(gateway->source));
}

static bool is_strap_taken(void *user, const char *address)
{
    return gateway_claims_taken(((const Gateway *)user)->claims, address, g_get_monotonic_time());
}

static void on_changed(void *user) { gateway_info_note(((Gateway *)user)->info); }

static const BluezEvents bluez_events = {.seen = on_seen,
                                         .guest = on_guest,
                                         .guest_strap = on_guest_strap,
                                         .guest_busy = is_guest_busy,
                                         .taken = is_strap_taken,
                                         .changed = on_changed};

/* ---- what was stored ---- */

/* A session of an earlier boot: whether it goes on depends on a clock that may still be set. Not after minutes of this
 * boot: so long at least was the break. */
static bool must_wait_for_clock(const Gateway *gateway, StoreReader *reader)
{
    if (wall_clock_trusted() || source_now_ms(gateway->source) >= SESSION_AUTO_END_MS)
        return false;
    for (unsigned i = 0; i < gateway->config->athlete_count; i++) {
        g_autoptr(StoreSaved) saved = store_reader_saved(reader, gateway->config->athletes[i].id);
        if (saved != NULL && g_strcmp0(saved->clock, gateway->boot) != 0)
            return true;
    }
    return false;
}

StoreReader *gateway_open_reader(const Gateway *gateway)
{
    g_autoptr(GError) error = NULL;
    if (gateway->context.store == NULL)
        return NULL;
    StoreReader *reader = store_reader_open(store_file(gateway->context.store), &error);
    if (reader == NULL)
        g_info("nothing is restored: %s", error->message);
    return reader;
}

/* The clock may have been set while no zone1d ran: what this boot has labelled is still to be labelled anew then. The
 * note moves with each correction, in the same transaction. */
static void recall_clock(Gateway *gateway, StoreReader *reader)
{
    g_autoptr(StoreNote) note = store_reader_note(reader, CLOCK_NOTE);
    if (note != NULL && gateway->boot != NULL && g_strcmp0(note->clock, gateway->boot) == 0)
        gateway->clock = (ClockWatch){.known = true, .offset_us = note->at_us};
}

static void restore(Gateway *gateway)
{
    g_autoptr(StoreReader) reader = gateway_open_reader(gateway);
    if (reader == NULL)
        return;
    gateway->context.clock_trusted = wall_clock_trusted();
    recall_clock(gateway, reader);
    for (unsigned i = 0; i < gateway->config->athlete_count; i++)
        athlete_restore(gateway->athletes[i], reader, source_now_ms(gateway->source));
    athlete_unknown_end(&gateway->context, reader, source_now_ms(gateway->source));
    groups_restore(gateway->groups, reader, source_now_ms(gateway->source));
    for (unsigned i = 0; !gateway->replays && i < gateway->config->athlete_count; i++)
        if (gateway->config->athletes[i].guest)
            gateway_guests_restore(reader, gateway->config->athletes[i].id, gateway->source, i);
}

static bool on_removed(void *user, const StoreNews *news);

StoreOptions gateway_store_options(const Config *config)
{
    return (StoreOptions){.folder = config->state_dir,
                          .interval_s = config->store.interval_s,
                          .keep_days = config->store.keep_days,
                          .keep_samples_days = config->store.keep_samples_days,
                          .clock_trusted = wall_clock_trusted};
}

void gateway_open_store(Gateway *gateway)
{
    if (gateway->config->state_dir == NULL) {
        g_message("sessions are not stored: there is no folder for them; write state-dir into [gateway], or start "
                  "zone1d by systemd");
        return;
    }
    StoreOptions options = gateway_store_options(gateway->config);
    options.removed = on_removed;
    options.user = gateway;
    gateway->context.store = store_new(&options);
}

static void on_clock_set(void *user)
{
    Gateway *gateway = user;
    if (!gateway->started)
        return;
    watch_clock(gateway, source_now_ms(gateway->source));
    set_timer(gateway);
}

static void start_source(Gateway *gateway)
{
    gateway->started = true;
    restore(gateway);
    source_start(gateway->source);
    follow_all(gateway);
    on_clock_set(gateway);
}

/* ---- what the broker tells ---- */

static void announce_all(void *user)
{
    Gateway *gateway = user;
    int64_t now_ms = source_now_ms(gateway->source);
    for (unsigned i = 0; i < gateway->config->athlete_count; i++)
        athlete_announce(gateway->athletes[i], now_ms);
    gateway_deadlines_note_all(gateway->deadlines);
    groups_announce(gateway->groups, now_ms);
    gateway_info_announce(gateway->info);
}

static const GatewayDiscoveryEvents discovery_events = {.say_states = announce_all};

static void on_connected(void *user)
{
    Gateway *gateway = user;
    if (gateway->source == NULL)
        return;
    gateway_discovery_connected(gateway->discovery, !gateway->replays);
    /* A recording waits for the broker: nobody would see what it said before. */
    if (!gateway->started && gateway->clock_wait == 0)
        start_source(gateway);
    announce_all(gateway);
    /* What zone1ctl deleted while the broker could not be asked. */
    if (gateway->context.store != NULL)
        store_look(gateway->context.store);
}

static void on_message(void *user, const MqttIncoming *message)
{
    Gateway *gateway = user;
    if (gateway->source == NULL || gateway_discovery_message(gateway->discovery, message) ||
        requests_take(gateway->requests, message) ||
        gateway_claims_take(gateway->claims, message, g_get_monotonic_time()))
        return;
    int64_t now_ms = source_now_ms(gateway->source);
    if (gateway_commands_take(gateway->commands, message, now_ms) ||
        gateway_speed_take(gateway->speed, message, now_ms) || groups_take(gateway->groups, message, now_ms))
        follow_all(gateway);
}

static int find_athlete(const Gateway *gateway, const char *id)
{
    for (unsigned i = 0; id != NULL && i < gateway->config->athlete_count; i++)
        if (strcmp(gateway->config->athletes[i].id, id) == 0)
            return (int)i;
    return -1;
}

static bool on_removed(void *user, const StoreNews *news)
{
    Gateway *gateway = user;
    const int athlete = find_athlete(gateway, news->athlete);
    if (!gateway->started)
        return false;
    const int64_t now_ms = source_now_ms(gateway->source);
    if (athlete >= 0)
        athlete_removed(gateway->athletes[athlete], news, now_ms);
    groups_removed(gateway->groups, news->athlete, news, now_ms);
    set_timer(gateway);
    return true;
}

static bool is_in_progress(const Gateway *gateway, const char *id)
{
    for (unsigned i = 0; i < gateway->config->athlete_count; i++) {
        const Athlete *athlete = gateway->athletes[i];
        if (athlete_in_session(athlete, source_now_ms(gateway->source)) &&
            g_strcmp0(athlete_session_id(athlete), id) == 0)
            return true;
    }
    return false;
}

static void on_delete(void *user, Request *request, const cJSON *args)
{
    Gateway *gateway = user;
    const char *id = request_text(args, "session", MAX_SESSION_ID_BYTES);
    if (gateway->context.store == NULL)
        request_fail(request, "sessions are not stored here");
    else if (id == NULL || !store_has(gateway->context.store, id))
        request_fail(request, "there is no such session");
    else if (is_in_progress(gateway, id))
        request_fail(request, "the session has not ended yet; end it first");
    else {
        store_delete(gateway->context.store, id);
        request_succeed(request, NULL);
    }
}

/* Who is not configured (any more) has no topics: the gateway takes them back at its start. */
static bool forget_stranger(Gateway *gateway, const char *id)
{
    if (id == NULL || gateway->context.store == NULL || !store_knows(gateway->context.store, id))
        return false;
    store_forget(gateway->context.store, id);
    return true;
}

static void on_forget(void *user, Request *request, const cJSON *args)
{
    Gateway *gateway = user;
    const char *id = request_text(args, "athlete", CONFIG_MAX_ID_BYTES);
    const int athlete = find_athlete(gateway, id);
    const int64_t now_ms = source_now_ms(gateway->source);
    if (athlete < 0 && !forget_stranger(gateway, id)) {
        request_fail(request, "there is no such athlete");
    } else if (athlete >= 0 && !athlete_forget(gateway->athletes[athlete], now_ms)) {
        request_fail(request, "a session is running; stop it first");
    } else {
        groups_removed(gateway->groups, id, NULL, now_ms);
        if (athlete >= 0 && gateway->config->athletes[athlete].guest)
            gateway_guests_keep(gateway->context.store, id, NULL);
        request_succeed(request, NULL);
    }
    if (athlete >= 0)
        gateway_deadlines_note(gateway->deadlines, (unsigned)athlete);
}

static MqttClient *connect_broker(Gateway *gateway)
{
    const Config *config = gateway->config;
    g_autofree char *client_id = g_strdup_printf("zone1d-%s", config->gateway_id);
    g_autofree char *status_topic = topic_gateway(config->mqtt_prefix, config->gateway_id, "status");
    g_autofree char *spool = gateway->replays ? NULL : gateway_spool_path(config);
    MqttOptions options = gateway_broker_options(config);
    options.client_id = client_id;
    options.status_topic = status_topic;
    options.spool_path = spool;
    MqttEvents events = {.connected = on_connected, .message = on_message};
    return mqtt_client_new(&options, &events, gateway);
}

/* ---- from outside ---- */

Gateway *gateway_new(Config *config, bool replays)
{
    Gateway *gateway = g_new0(Gateway, 1);
    gateway->config = config;
    gateway->replays = replays;
    gateway->stop_timeout_ms = STOP_TIMEOUT_MS;
    gateway->context.config = config;
    gateway->athletes = g_new0(Athlete *, CONFIG_MAX_ATHLETES); /* also of a later configuration */
    for (unsigned i = 0; i < config->athlete_count; i++)
        gateway->athletes[i] = athlete_new(&gateway->context, &config->athletes[i]);
    gateway->mqtt = connect_broker(gateway);
    gateway->context.mqtt = gateway->mqtt;
    gateway->discovery = gateway_discovery_new(config, gateway->mqtt, &discovery_events, gateway);
    gateway->requests = requests_new(config, gateway->mqtt);
    requests_add(gateway->requests, "forget", on_forget, gateway);
    requests_add(gateway->requests, "delete", on_delete, gateway);
    gateway->commands = gateway_commands_new(&gateway->context, gateway->athletes);
    gateway->speed = gateway_speed_new(&gateway->context, gateway->athletes);
    gateway->claims = gateway_claims_new(config, gateway->mqtt);
    gateway->groups = groups_new(&gateway->context, gateway->athletes);
    gateway->deadlines = gateway_deadlines_new(gateway->athletes, config->athlete_count);
    gateway->straps = gateway_straps_new(config, gateway->mqtt);
    gateway->straps_requests = gateway_straps_requests_new(gateway->straps, gateway->requests);
    gateway->info = gateway_info_new(config, gateway->mqtt, gateway->straps, gateway->athletes, g_get_real_time());
    return gateway;
}

static gboolean look_at_clock(gpointer user)
{
    Gateway *gateway = user;
    if (!wall_clock_trusted() && ++gateway->clock_waited_s < CLOCK_PATIENCE_S)
        return G_SOURCE_CONTINUE;
    gateway->clock_wait = 0;
    start_source(gateway);
    return G_SOURCE_REMOVE;
}

static void start_when_clock_is_set(Gateway *gateway)
{
    g_autoptr(StoreReader) reader = gateway_open_reader(gateway);
    if (reader == NULL || !must_wait_for_clock(gateway, reader)) {
        start_source(gateway);
        return;
    }
    g_message("a session was interrupted by a reboot: waiting up to %d s for the clock to be set, to know whether it "
              "goes on", CLOCK_PATIENCE_S);
    gateway->clock_wait = g_timeout_add_seconds(1, look_at_clock, gateway);
}

void gateway_run_bluez(Gateway *gateway)
{
    gateway->source = gateway_straps_source(gateway->straps, &source_events, &bluez_events, gateway);
    gateway->context.source = gateway->source;
    gateway->boot = wall_clock_boot();
    gateway->context.clock = gateway->boot;
    gateway->alarm = wall_clock_alarm_new(on_clock_set, gateway);
    start_when_clock_is_set(gateway);
}

void gateway_run_replay(Gateway *gateway, Recording *recording, unsigned athlete, double speed, GatewayDone done,
                        void *user)
{
    gateway->done = done;
    gateway->done_user = user;
    gateway->source = replay_source_new(recording, athlete, speed, &source_events, gateway);
    gateway->context.source = gateway->source;
    if (mqtt_client_connected(gateway->mqtt))
        start_source(gateway);
}

bool gateway_healthy(const Gateway *gateway)
{
    return mqtt_client_healthy(gateway->mqtt) && (gateway->source == NULL || source_healthy(gateway->source));
}

void gateway_free(Gateway *gateway)
{
    if (gateway == NULL)
        return;
    wall_clock_alarm_free(gateway->alarm);
    gateway_discovery_free(gateway->discovery);
    gateway_info_free(gateway->info);
    if (gateway->clock_wait != 0)
        g_source_remove(gateway->clock_wait);
    for (unsigned i = 0; gateway->started && i < gateway->config->athlete_count; i++)
        athlete_save(gateway->athletes[i], source_now_ms(gateway->source));
    source_free(gateway->source);
    gateway_straps_requests_free(gateway->straps_requests);
    gateway_straps_free(gateway->straps);
    for (unsigned i = 0; i < gateway->config->athlete_count; i++)
        athlete_end(gateway->athletes[i]);
    gateway_claims_free(gateway->claims);
    requests_free(gateway->requests);
    gateway_commands_free(gateway->commands);
    gateway_speed_free(gateway->speed);
    groups_free(gateway->groups);
    gateway_deadlines_free(gateway->deadlines);
    mqtt_client_free(gateway->mqtt, gateway->stop_timeout_ms);
    store_free(gateway->context.store, STORE_TIMEOUT_MS);
    for (unsigned i = 0; i < gateway->config->athlete_count; i++)
        athlete_free(gateway->athletes[i]);
    g_free(gateway->athletes);
    g_free(gateway->boot);
    g_free(gateway);
}
