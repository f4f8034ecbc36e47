/* SPDX-License-Identifier: MIT */
#include "bluez/wakeup.h"

#include "bluez/timing.h"

#define NEVER INT64_MAX

typedef struct {
    GSource source;
    int64_t at_ms;
    void (*fn)(void *user);
    void *user;
} Wakeup;

/* GLib allocates it as malloc does: aligned for anything. */
static Wakeup *wakeup_of(GSource *source) { return (Wakeup *)(void *)source; }

/* Asked in each round of the main loop, before it sleeps: so the time needs no more than to be written down. */
static gboolean prepare(GSource *source, gint *timeout_ms)
{
    const Wakeup *self = wakeup_of(source);
    const int64_t left_ms = self->at_ms == NEVER ? NEVER : self->at_ms - bluez_now_ms();

    *timeout_ms = left_ms == NEVER ? -1 : (gint)CLAMP(left_ms, 0, G_MAXINT);
    return left_ms <= 0;
}

static gboolean check(GSource *source)
{
    const Wakeup *self = wakeup_of(source);

    return self->at_ms != NEVER && self->at_ms <= bluez_now_ms();
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer user)
{
    Wakeup *self = wakeup_of(source);

    (void)callback;
    (void)user;
    self->at_ms = NEVER;
    self->fn(self->user);
    return G_SOURCE_CONTINUE;
}

GSource *wakeup_new(void (*fn)(void *user), void *user)
{
    static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch};
    GSource *source = g_source_new(&functions, sizeof(Wakeup));
    Wakeup *self = wakeup_of(source);

    self->at_ms = NEVER;
    self->fn = fn;
    self->user = user;
    g_source_set_static_name(source, "wakeup");
    g_source_attach(source, NULL);
    return source;
}

void wakeup_destroy(GSource **wakeup)
{
    if (*wakeup == NULL)
        return;
    g_source_destroy(*wakeup);
    g_source_unref(*wakeup);
    *wakeup = NULL;
}

void wakeup_set(GSource *wakeup, int64_t at_ms) { wakeup_of(wakeup)->at_ms = at_ms; }

void wakeup_sooner(GSource *wakeup, int64_t at_ms)
{
    Wakeup *self = wakeup_of(wakeup);

    self->at_ms = MIN(self->at_ms, at_ms);
}
