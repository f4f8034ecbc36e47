/* SPDX-License-Identifier: MIT */
#include "core/link.h"

#include <stddef.h>

/* After so many rounds in a row without the service, BlueZ's cache of the device is suspected. A link
 * that a Disconnect did not end is removed at once: nothing else ends it (seen with BlueZ 5.66 after a
 * restart of bluetoothd). */
#define UNRESOLVED_BEFORE_REMOVE 3

typedef unsigned (*StateHandler)(Link *link, LinkEvent event, int64_t now_ms);

static unsigned on_wanted(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_queued(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_connecting(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_resolving(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_subscribing(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_live(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_disconnecting(Link *link, LinkEvent event, int64_t now_ms);
static unsigned on_backoff(Link *link, LinkEvent event, int64_t now_ms);
static void note_facts(Link *link, LinkEvent event, int64_t now_ms);
static unsigned forget_device(Link *link, LinkWhy why);
static unsigned lose_object(Link *link, int64_t now_ms);
static unsigned refuse_device(Link *link, int64_t now_ms);

static const StateHandler HANDLERS[LINK_STATE_COUNT] = {
    [LINK_WANTED] = on_wanted,
    [LINK_QUEUED] = on_queued,
    [LINK_CONNECTING] = on_connecting,
    [LINK_RESOLVING] = on_resolving,
    [LINK_SUBSCRIBING] = on_subscribing,
    [LINK_LIVE] = on_live,
    [LINK_DISCONNECTING] = on_disconnecting,
    [LINK_BACKOFF] = on_backoff,
};

LinkTiming link_timing_default(void)
{
    return (LinkTiming){
        .fresh_ms = 20000,
        .queue_ms = 60000,
        .connect_ms = 5000,
        .discover_ms = 10000,
        .resolve_ms = 5000,
        .subscribe_ms = 5000,
        .silence_ms = 6000,
        .disconnect_ms = 4000,
        .settled_ms = 10000,
        .away_ms = 6000,
        .backoff_min_ms = 500,
        .backoff_max_ms = 2000,
        .backoff_slow_ms = 30000,
        .slow_after = 6,
    };
}

void link_init(Link *link, const LinkTiming *timing, uint32_t seed)
{
    *link = (Link){
        .state = LINK_WANTED,
        .timing = *timing,
        .random = seed != 0 ? seed : 1,
        .deadline_ms = LINK_NEVER,
    };
}

unsigned link_event(Link *link, LinkEvent event, int64_t now_ms)
{
    note_facts(link, event, now_ms);
    if (event == LINK_EV_RESET) {
        link->failures = link->unresolved = 0;
        return forget_device(link, LINK_WHY_RESET);
    }
    if (event == LINK_EV_GONE)
        return lose_object(link, now_ms);
    if (event == LINK_EV_REFUSED)
        return refuse_device(link, now_ms);
    if (event == LINK_EV_TIME && now_ms < link->deadline_ms)
        return 0;
    return HANDLERS[link->state](link, event, now_ms);
}

int64_t link_deadline_ms(const Link *link) { return link->deadline_ms; }

bool link_searching(const Link *link) { return link->state == LINK_WANTED || link->state == LINK_BACKOFF; }

/* Not heard for long while it was looked for, and heard now: it is back, and what went wrong before is no
 * reason to let it wait. */
static void note_seen(Link *link, int64_t now_ms)
{
    if (link_searching(link) && now_ms - link->present_ms >= link->timing.away_ms) {
        link->failures = 0;
        if (link->state == LINK_BACKOFF && link->deadline_ms > now_ms + link->timing.backoff_min_ms)
            link->deadline_ms = now_ms + link->timing.backoff_min_ms;
    }
    link->seen = true;
    link->seen_ms = link->present_ms = now_ms;
}

static void note_facts(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_SEEN) {
        note_seen(link, now_ms);
    } else if (event == LINK_EV_CONNECTED || event == LINK_EV_STALE || event == LINK_EV_CONNECT_OK) {
        link->connected = true;
    } else if (event == LINK_EV_DISCONNECTED) {
        link->connected = link->ready = false;
    } else if (event == LINK_EV_READY) {
        link->ready = true;
    } else if (event == LINK_EV_UNREADY) {
        link->ready = false;
    } else if (event == LINK_EV_DISCONNECT_DONE) {
        link->disconnect_done = true;
    } else if (event == LINK_EV_NOTIFICATION) {
        link->notified_ms = now_ms;
    }
}

static bool is_fresh(const Link *link, int64_t now_ms)
{
    return link->seen && now_ms - link->seen_ms <= link->timing.fresh_ms;
}

static void enter(Link *link, LinkState state, int64_t deadline_ms)
{
    link->state = state;
    link->deadline_ms = deadline_ms;
}

static unsigned leave_live(Link *link)
{
    if (link->state != LINK_LIVE)
        return 0;
    link->drops++;
    return LINK_DO_DOWN;
}

/* The object is not there any more, so neither is anything that was known of it. */
static unsigned forget_device(Link *link, LinkWhy why)
{
    unsigned actions = leave_live(link) | LINK_DO_RELEASE;

    if (link->state != LINK_WANTED)
        link->why = why;
    link->seen = link->connected = link->ready = false;
    enter(link, LINK_WANTED, LINK_NEVER);
    return actions;
}

static uint32_t next_random(Link *link)
{
    /* xorshift32, Marsaglia 2003 */
    link->random ^= link->random << 13;
    link->random ^= link->random >> 17;
    link->random ^= link->random << 5;
    return link->random;
}

static int64_t doubled(int64_t wait_ms, unsigned times, int64_t max_ms)
{
    for (unsigned i = 0; i < times && wait_ms < max_ms; i++)
        wait_ms *= 2;
    return wait_ms < max_ms ? wait_ms : max_ms;
}

/* Half of the doubled wait is fixed, half is chance, so that straps that failed together part. */
static int64_t backoff_ms(Link *link)
{
    bool slow = link->why == LINK_WHY_BUSY || link->why == LINK_WHY_CONNECT_TIMEOUT ||
                link->why == LINK_WHY_UNRESOLVED || link->why == LINK_WHY_SUBSCRIBE_TIMEOUT;
    unsigned quick = link->failures, more = 0;
    int64_t wait_ms;

    if (slow && link->failures > link->timing.slow_after) {
        quick = link->timing.slow_after;
        more = link->failures - quick;
    }
    wait_ms = doubled(link->timing.backoff_min_ms, quick > 0 ? quick - 1 : 0, link->timing.backoff_max_ms);
    wait_ms = doubled(wait_ms, more, slow ? link->timing.backoff_slow_ms : wait_ms);
    return wait_ms / 2 + (int64_t)(next_random(link) % (uint32_t)(wait_ms / 2 + 1));
}

static void count_failure(Link *link, LinkWhy why)
{
    link->why = why;
    if (link->failures < UINT32_MAX)
        link->failures++;
    if (why == LINK_WHY_UNRESOLVED)
        link->unresolved++;
}

static unsigned enter_backoff(Link *link, int64_t now_ms)
{
    unsigned actions = leave_live(link) | LINK_DO_RELEASE;

    if (link->unresolved >= UNRESOLVED_BEFORE_REMOVE || link->stuck) {
        link->unresolved = 0;
        link->stuck = false;
        actions |= LINK_DO_REMOVE;
    }
    link->present_ms = now_ms; /* it could not be heard until now */
    enter(link, LINK_BACKOFF, now_ms + backoff_ms(link));
    return actions;
}

/* The adapter is kept until the link is down: a Connect beside a Disconnect in progress fails. */
static unsigned enter_disconnecting(Link *link, int64_t now_ms)
{
    unsigned actions = leave_live(link) | LINK_DO_DISCONNECT;

    if (link->state == LINK_QUEUED)
        actions |= LINK_DO_RELEASE;
    link->disconnect_done = false;
    enter(link, LINK_DISCONNECTING, now_ms + link->timing.disconnect_ms);
    return actions;
}

/* BlueZ drops what it only discovered after 30 s, and what it was told to. A try that this ended is
 * a failed one, or a device that comes and goes would be tried without pause. */
static unsigned lose_object(Link *link, int64_t now_ms)
{
    bool trying = link->state != LINK_WANTED && link->state != LINK_QUEUED && link->state != LINK_BACKOFF;

    if (link->state != LINK_BACKOFF && !trying)
        return forget_device(link, LINK_WHY_GONE);
    link->seen = link->connected = link->ready = false;
    if (!trying)
        return 0;
    count_failure(link, LINK_WHY_GONE);
    return enter_backoff(link, now_ms);
}

/* Nobody's failure: no wait grows by it, and BlueZ's idea of the device is not at fault. A link of it that
 * is there is ours, and cut. */
static unsigned refuse_device(Link *link, int64_t now_ms)
{
    LinkState state = link->state;

    link->seen = false;
    if (state == LINK_DISCONNECTING)
        return 0;
    link->why = LINK_WHY_REFUSED;
    link->failures = link->unresolved = 0;
    if (link->connected || (state != LINK_WANTED && state != LINK_QUEUED && state != LINK_BACKOFF))
        return enter_disconnecting(link, now_ms);
    link->ready = false;
    enter(link, LINK_WANTED, LINK_NEVER);
    return LINK_DO_RELEASE;
}

static unsigned fail(Link *link, LinkWhy why, bool hang_up, int64_t now_ms)
{
    count_failure(link, why);
    return hang_up ? enter_disconnecting(link, now_ms) : enter_backoff(link, now_ms);
}

static unsigned enter_subscribing(Link *link, int64_t now_ms)
{
    link->unresolved = 0;
    enter(link, LINK_SUBSCRIBING, now_ms + link->timing.subscribe_ms);
    return LINK_DO_SUBSCRIBE;
}

static unsigned enter_resolving(Link *link, int64_t now_ms)
{
    if (link->ready)
        return enter_subscribing(link, now_ms);
    enter(link, LINK_RESOLVING, now_ms + link->timing.resolve_ms);
    return 0;
}

static unsigned enter_queued(Link *link, int64_t now_ms)
{
    enter(link, LINK_QUEUED, now_ms + link->timing.queue_ms);
    return LINK_DO_QUEUE;
}

/* What a state that is not connected does about a link that is there without its doing. One of
 * before our time is cut: its other end may be long gone. One made meanwhile, by a late Connect or
 * by another program, is taken over. */
static unsigned meet_foreign_link(Link *link, LinkEvent event, int64_t now_ms)
{
    unsigned release = link->state == LINK_QUEUED ? LINK_DO_RELEASE : 0;

    if (event == LINK_EV_STALE) {
        link->why = LINK_WHY_STALE;
        return enter_disconnecting(link, now_ms);
    }
    if (event == LINK_EV_CONNECTED)
        return release | enter_resolving(link, now_ms);
    return 0;
}

static unsigned on_wanted(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_SEEN)
        return enter_queued(link, now_ms);
    return meet_foreign_link(link, event, now_ms);
}

static unsigned on_queued(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_TIME || (event == LINK_EV_GRANTED && !is_fresh(link, now_ms))) {
        enter(link, LINK_WANTED, LINK_NEVER);
        return LINK_DO_RELEASE;
    }
    if (event == LINK_EV_GRANTED) {
        link->seen = false; /* spent: whatever comes of this, it must be heard again before the next try */
        enter(link, LINK_CONNECTING, now_ms + link->timing.connect_ms);
        return LINK_DO_CONNECT;
    }
    return meet_foreign_link(link, event, now_ms);
}

/* Only Connect's answer counts: the property Connected flickers before le-connection-abort-by-local. But with a
 * link BlueZ discovers the services before it answers, which may take its time. */
static unsigned on_connecting(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_CONNECTED)
        link->deadline_ms = now_ms + link->timing.discover_ms;
    if (event == LINK_EV_CONNECT_OK)
        return enter_resolving(link, now_ms);
    if (event == LINK_EV_CONNECT_FAILED)
        return fail(link, LINK_WHY_CONNECT_FAILED, link->connected, now_ms);
    if (event == LINK_EV_CONNECT_BUSY) /* perhaps an earlier Connect of ours: Disconnect cancels it */
        return fail(link, LINK_WHY_BUSY, true, now_ms);
    if (event == LINK_EV_TIME)
        return fail(link, LINK_WHY_CONNECT_TIMEOUT, true, now_ms);
    return 0;
}

static unsigned on_resolving(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_READY)
        return enter_subscribing(link, now_ms);
    if (event == LINK_EV_DISCONNECTED)
        return fail(link, LINK_WHY_DISCONNECTED, false, now_ms);
    if (event == LINK_EV_TIME)
        return fail(link, LINK_WHY_UNRESOLVED, true, now_ms);
    return 0;
}

static unsigned on_subscribing(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_SUBSCRIBE_OK || event == LINK_EV_NOTIFICATION) {
        link->live_since_ms = link->notified_ms = now_ms;
        enter(link, LINK_LIVE, now_ms + link->timing.silence_ms);
        return LINK_DO_RELEASE | LINK_DO_UP;
    }
    if (event == LINK_EV_SUBSCRIBE_FAILED)
        return fail(link, LINK_WHY_SUBSCRIBE_FAILED, true, now_ms);
    if (event == LINK_EV_DISCONNECTED)
        return fail(link, LINK_WHY_DISCONNECTED, false, now_ms);
    if (event == LINK_EV_TIME)
        return fail(link, LINK_WHY_SUBSCRIBE_TIMEOUT, true, now_ms);
    return 0;
}

/* The age of the last notification is what tells life from death: Connected may stay true for ever. */
static unsigned on_live(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_NOTIFICATION) {
        link->deadline_ms = now_ms + link->timing.silence_ms;
        if (now_ms - link->live_since_ms >= link->timing.settled_ms)
            link->failures = 0;
        return 0;
    }
    if (event == LINK_EV_DISCONNECTED)
        return fail(link, LINK_WHY_DISCONNECTED, false, now_ms);
    if (event == LINK_EV_TIME)
        return fail(link, LINK_WHY_SILENT, true, now_ms);
    return 0;
}

static unsigned on_disconnecting(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event == LINK_EV_TIME) {
        link->stuck = link->connected;
        return enter_backoff(link, now_ms);
    }
    if (link->disconnect_done && !link->connected)
        return enter_backoff(link, now_ms);
    return 0;
}

static unsigned on_backoff(Link *link, LinkEvent event, int64_t now_ms)
{
    if (event != LINK_EV_TIME)
        return meet_foreign_link(link, event, now_ms);
    /* A strap that believes itself connected does not advertise: waiting to hear it would be for ever. */
    if (link->connected)
        return fail(link, LINK_WHY_STUCK, true, now_ms);
    if (is_fresh(link, now_ms))
        return enter_queued(link, now_ms);
    enter(link, LINK_WANTED, LINK_NEVER);
    return 0;
}

const char *link_state_name(LinkState state)
{
    static const char *const NAMES[LINK_STATE_COUNT] = {
        "wanted", "queued", "connecting", "resolving", "subscribing", "live", "disconnecting", "backoff",
    };

    return (unsigned)state < LINK_STATE_COUNT ? NAMES[state] : "?";
}

const char *link_why_text(LinkWhy why)
{
    static const char *const TEXTS[LINK_WHY_COUNT] = {
        [LINK_WHY_NONE] = "no reason",
        [LINK_WHY_CONNECT_FAILED] = "the connection failed",
        [LINK_WHY_BUSY] = "the adapter is busy or has no free slot",
        [LINK_WHY_CONNECT_TIMEOUT] = "the connection was not answered",
        [LINK_WHY_UNRESOLVED] = "it did not show its heart rate service",
        [LINK_WHY_SUBSCRIBE_FAILED] = "it refused notifications",
        [LINK_WHY_SUBSCRIBE_TIMEOUT] = "the subscription was not answered",
        [LINK_WHY_SILENT] = "it went silent",
        [LINK_WHY_DISCONNECTED] = "it disconnected",
        [LINK_WHY_STALE] = "a link of before our time was cut",
        [LINK_WHY_STUCK] = "it could not be disconnected",
        [LINK_WHY_GONE] = "BlueZ dropped it",
        [LINK_WHY_RESET] = "the adapter or bluetoothd went away",
        [LINK_WHY_REFUSED] = "it is not this athlete's strap",
    };

    return (unsigned)why < LINK_WHY_COUNT ? TEXTS[why] : "?";
}
