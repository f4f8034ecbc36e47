/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <math.h>

#define SLICE_US 5000             /* longest work in one dispatch */
#define FAR_US (G_MAXINT64 >> 2)  /* never comes, and can be added to any clock */
#define UNPACED_SPEED G_MAXDOUBLE

typedef enum { REPLAY_NEW, REPLAY_RUNNING, REPLAY_ENDED } ReplayState;

typedef struct {
    Source base;
    Recording *recording;
    unsigned athlete;
    double speed;
    ReplayState state;
    bool in_event;
    gsize next, mark; /* sample, and mark */
    bool linked;
    int64_t first_ms; /* time of the first sample or mark: where the clock starts */
    int64_t last_ms;  /* and of the last */
    int64_t now_ms;   /* of the last event */
    int64_t timer_ms; /* SOURCE_NEVER: none */
    int64_t start_us; /* g_get_monotonic_time at the start */
    int64_t wall_us;  /* at the start */
    GSource *pacer;
} Replay;

typedef struct {
    GSource base;
    Replay *replay;
} Pacer;

static void replay_start(Source *source);
static int64_t replay_now_ms(const Source *source);
static int64_t replay_wall_us(const Source *source);
static void replay_set_timer(Source *source, int64_t at_ms);
static bool replay_healthy(const Source *source);
static void replay_free(Source *source);

static const SourceClass replay_class = {
    .start = replay_start,
    .now_ms = replay_now_ms,
    .wall_us = replay_wall_us,
    .set_timer = replay_set_timer,
    .healthy = replay_healthy,
    .free = replay_free,
};

Source *replay_source_new(Recording *recording, unsigned athlete, double speed, const SourceEvents *events, void *user)
{
    g_assert(speed > 0); /* not so for NAN either */
    Replay *replay = g_new0(Replay, 1);
    replay->base = (Source){&replay_class, events, user};
    replay->recording = recording;
    replay->athlete = athlete;
    replay->speed = MIN(speed, UNPACED_SPEED);
    replay->first_ms = recording_time_ms(recording, 0);
    replay->last_ms = recording_time_ms(recording, recording_count(recording) - 1);
    const gsize marks = recording_mark_count(recording);
    if (marks > 0) {
        replay->first_ms = MIN(replay->first_ms, recording_mark(recording, 0).t_ms);
        replay->last_ms = MAX(replay->last_ms, recording_mark(recording, marks - 1).t_ms);
    }
    replay->now_ms = replay->first_ms;
    replay->timer_ms = SOURCE_NEVER;
    replay->wall_us = g_get_real_time();
    return &replay->base;
}

static const Replay *as_const_replay(const Source *source)
{
    g_assert(source->class == &replay_class);
    return (const Replay *)source;
}

static Replay *as_replay(Source *source)
{
    g_assert(source->class == &replay_class);
    return (Replay *)source;
}

double replay_source_progress(const Source *source)
{
    const Replay *replay = as_const_replay(source);
    if (replay->state == REPLAY_ENDED)
        return 1;
    if (replay->last_ms == replay->first_ms)
        return 0;
    const double share =
        (double)(replay_now_ms(source) - replay->first_ms) / (double)(replay->last_ms - replay->first_ms);
    return MIN(share, 0.999999);
}

/* --- virtual time --- */

static bool mark_is_next(const Replay *replay)
{
    return replay->mark < recording_mark_count(replay->recording) &&
           recording_mark(replay->recording, replay->mark).before <= replay->next;
}

static bool is_over(const Replay *replay)
{
    return replay->next == recording_count(replay->recording) &&
           replay->mark == recording_mark_count(replay->recording);
}

/* Of the next sample or mark, of which there is one. */
static int64_t next_item_ms(const Replay *replay)
{
    return mark_is_next(replay) ? recording_mark(replay->recording, replay->mark).t_ms
                                : recording_time_ms(replay->recording, replay->next);
}

static int64_t next_event_ms(const Replay *replay) { return MIN(next_item_ms(replay), replay->timer_ms); }

/* The virtual time that belongs to the real time now, as a double: at high speeds it is beyond any integer. */
static double paced_ms(const Replay *replay)
{
    return (double)replay->first_ms + (double)(g_get_monotonic_time() - replay->start_us) / 1000 * replay->speed;
}

static int64_t replay_now_ms(const Source *source)
{
    const Replay *replay = as_const_replay(source);
    if (replay->state != REPLAY_RUNNING || replay->in_event)
        return replay->now_ms;
    const int64_t next_ms = next_event_ms(replay);
    const double paced = paced_ms(replay);
    if (paced >= (double)next_ms)
        return next_ms;
    return MAX((int64_t)paced, replay->now_ms);
}

static int64_t replay_wall_us(const Source *source)
{
    const Replay *replay = as_const_replay(source);
    return replay->wall_us + (replay_now_ms(source) - replay->first_ms) * 1000;
}

/* When, in real time, the next event is due; in the past when the replay is behind. */
static int64_t next_ready_us(const Replay *replay)
{
    const double wait_us = ceil((double)(next_event_ms(replay) - replay->first_ms) * 1000 / replay->speed);
    return replay->start_us + (wait_us < (double)FAR_US ? (int64_t)wait_us : FAR_US);
}

static void pace(Replay *replay)
{
    g_source_set_ready_time(replay->pacer, replay->state == REPLAY_RUNNING ? next_ready_us(replay) : -1);
}

static void replay_set_timer(Source *source, int64_t at_ms)
{
    Replay *replay = as_replay(source);
    /* The clock may already have shown a later time than the last event's; it must not go back. */
    replay->now_ms = replay_now_ms(source);
    replay->timer_ms = MAX(at_ms, replay->now_ms);
    if (replay->state == REPLAY_RUNNING && !replay->in_event)
        pace(replay);
}

/* --- events --- */

static void tell_link(Replay *replay, bool up)
{
    const SourceEvents *events = replay->base.events;
    const StrapInfo info = {.connected = up, .battery_percent = -1};
    events->link(replay->base.user, replay->athlete, up, replay->now_ms);
    if (events->strap != NULL)
        events->strap(replay->base.user, replay->athlete, &info, replay->now_ms);
}

static void tell_begin(Replay *replay)
{
    replay->base.events->begin(replay->base.user, replay->athlete, replay->now_ms);
}

static void tell_end(Replay *replay)
{
    const SourceEvents *events = replay->base.events;
    replay->state = REPLAY_ENDED;
    events->end(replay->base.user, replay->athlete, replay->now_ms);
    tell_link(replay, false);
}

static void tell_sample(Replay *replay)
{
    Sample sample;
    recording_get(replay->recording, replay->next, &sample);
    replay->next++;
    replay->base.events->sample(replay->base.user, replay->athlete, &sample);
}

static void tell_mark(Replay *replay)
{
    const SourceEvents *events = replay->base.events;
    const RecordingMark mark = recording_mark(replay->recording, replay->mark++);
    if (mark.is_target) {
        if (events->target != NULL)
            events->target(replay->base.user, replay->athlete, &mark.target, replay->now_ms);
    } else if (mark.command == SESSION_CMD_START) {
        tell_begin(replay);
    } else if (mark.command == SESSION_CMD_STOP) {
        tell_end(replay);
    } else if (events->command != NULL) {
        events->command(replay->base.user, replay->athlete, mark.command, replay->now_ms);
    }
}

static void tell_item(Replay *replay)
{
    if (!replay->linked) {
        replay->linked = true;
        tell_link(replay, true);
        if (!recording_says_start(replay->recording))
            tell_begin(replay);
    }
    if (mark_is_next(replay))
        tell_mark(replay);
    else
        tell_sample(replay);
    if (replay->state == REPLAY_RUNNING && is_over(replay))
        tell_end(replay);
}

static void tell_next(Replay *replay)
{
    replay->now_ms = next_event_ms(replay);
    replay->in_event = true;
    if (next_item_ms(replay) <= replay->timer_ms) {
        tell_item(replay);
    } else {
        replay->timer_ms = SOURCE_NEVER;
        replay->base.events->timer(replay->base.user, replay->now_ms);
    }
    replay->in_event = false;
}

static gboolean pacer_dispatch(GSource *source, GSourceFunc callback, gpointer user)
{
    (void)callback;
    (void)user;
    Replay *replay = ((Pacer *)source)->replay;
    const int64_t until_us = g_get_monotonic_time() + SLICE_US;
    while (replay->state == REPLAY_RUNNING && (double)next_event_ms(replay) <= paced_ms(replay)) {
        tell_next(replay);
        if (g_get_monotonic_time() >= until_us)
            break;
    }
    pace(replay);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs pacer_funcs = {.dispatch = pacer_dispatch};

static void replay_start(Source *source)
{
    Replay *replay = as_replay(source);
    g_assert(replay->state == REPLAY_NEW);
    replay->state = REPLAY_RUNNING;
    replay->start_us = g_get_monotonic_time();
    replay->wall_us = g_get_real_time();
    replay->pacer = g_source_new(&pacer_funcs, sizeof(Pacer));
    ((Pacer *)replay->pacer)->replay = replay;
    g_source_set_static_name(replay->pacer, "replay");
    /* Behind everything else, idle sources too: what other threads hand over comes as those. */
    g_source_set_priority(replay->pacer, G_PRIORITY_LOW);
    pace(replay);
    g_source_attach(replay->pacer, NULL);
}

static bool replay_healthy(const Source *source)
{
    (void)source; /* nothing outside it can stop it but the main loop, and that is watched itself */
    return true;
}

static void replay_free(Source *source)
{
    Replay *replay = as_replay(source);
    g_assert(!replay->in_event);
    if (replay->pacer != NULL) {
        g_source_destroy(replay->pacer);
        g_source_unref(replay->pacer);
    }
    recording_free(replay->recording);
    g_free(replay);
}
