/* SPDX-License-Identifier: MIT
 *
 * Where samples come from. BlueZ and a recording implement the same vtable, clock included, so
 * that nothing downstream can tell them apart: a replay runs the daemon in virtual time.
 * Everything happens on the thread of the default GLib main context.
 */
#ifndef ZONE1D_SOURCE_H
#define ZONE1D_SOURCE_H

#include "core/session.h"
#include "core/strap_info.h"

#include <glib.h>
#include <stdbool.h>

#define SOURCE_NEVER INT64_MAX

typedef struct Source Source;

/* What a source tells. ATHLETE is the index of the athlete in the configuration. A callback may
 * call source_set_timer and source_now_ms, nothing else of the source. */
typedef struct {
    /* SAMPLE is the source's and ends with the call. */
    void (*sample)(void *user, unsigned athlete, const Sample *sample);
    void (*link)(void *user, unsigned athlete, bool up, int64_t now_ms);
    /* Something of the strap is known now that was not, or has changed; INFO ends with the call. Follows
     * each link. May be NULL. */
    void (*strap)(void *user, unsigned athlete, const StrapInfo *info, int64_t now_ms);
    /* The time asked for with source_set_timer has come. */
    void (*timer)(void *user, int64_t now_ms);
    /* A recording begins / has ended with its last sample; never from BlueZ. Between them lies one
     * session of that athlete, whatever gaps there are (SESSION_CMD_RECORD). */
    void (*begin)(void *user, unsigned athlete, int64_t now_ms);
    void (*end)(void *user, unsigned athlete, int64_t now_ms);
    /* The recording says that the session was paused or went on; that TARGET counts from now on. May be NULL. */
    void (*command)(void *user, unsigned athlete, SessionCommand command, int64_t now_ms);
    void (*target)(void *user, unsigned athlete, const Target *target, int64_t now_ms);
} SourceEvents;

typedef struct {
    void (*start)(Source *source);
    int64_t (*now_ms)(const Source *source);
    int64_t (*wall_us)(const Source *source);
    void (*set_timer)(Source *source, int64_t at_ms);
    bool (*healthy)(const Source *source);
    void (*free)(Source *source);
} SourceClass;

struct Source {
    /* As strictly aligned as what an implementation adds: from Source to it is a cast, on 32-bit ARM too. */
    _Alignas(int64_t) const SourceClass *class;
    const SourceEvents *events;
    void *user;
};

/* Starts yielding. Problems are logged and retried for ever, never returned. */
static inline void source_start(Source *source) { source->class->start(source); }

/* The source's monotonic clock, ms; starts anywhere, never goes back. */
static inline int64_t source_now_ms(const Source *source) { return source->class->now_ms(source); }

/* The wall time that belongs to now, us since the epoch, UTC: for labels only. */
static inline int64_t source_wall_us(const Source *source) { return source->class->wall_us(source); }

/* Calls events->timer once at AT_MS (at once if it is past). Replaces the time set before;
 * SOURCE_NEVER clears it. */
static inline void source_set_timer(Source *source, int64_t at_ms) { source->class->set_timer(source, at_ms); }

/* False when the source has stopped making progress through a fault of its own (for the watchdog:
 * a missing bluetoothd is not such a fault). */
static inline bool source_healthy(const Source *source) { return source->class->healthy(source); }

/* Stops at once, frees all; NULL is fine. No callback comes afterwards. */
static inline void source_free(Source *source)
{
    if (source != NULL)
        source->class->free(source);
}

#endif
