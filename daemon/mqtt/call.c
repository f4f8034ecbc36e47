/* SPDX-License-Identifier: MIT */
#include "mqtt/call.h"

typedef struct {
    GSource source;
    CallHandler handler;
    void *user;
} Call;

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    const Call *call = (Call *)source;
    (void)callback;
    (void)user_data;
    g_source_set_ready_time(source, -1); /* before it looks: what comes meanwhile calls anew */
    if (call->handler(call->user))
        call_make(source);
    return G_SOURCE_CONTINUE;
}

GSource *call_new(const char *name, CallHandler handler, void *user)
{
    static GSourceFuncs functions = {.dispatch = dispatch};
    GSource *source = g_source_new(&functions, sizeof(Call));
    Call *call = (Call *)source;
    call->handler = handler;
    call->user = user;
    g_source_set_static_name(source, name);
    g_source_attach(source, NULL);
    return source;
}

void call_make(GSource *call)
{
    g_source_set_ready_time(call, 0);
}
