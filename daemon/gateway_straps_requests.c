/* SPDX-License-Identifier: MIT */
#include "gateway_straps_requests.h"

#define MAX_WORD_BYTES 32

struct GatewayStrapsRequests {
    GatewayStraps *straps;
    GPtrArray *scans; /* of Scan, owned */
};

/* One request that waits for its end. */
typedef struct {
    GatewayStrapsRequests *handlers;
    Request *request; /* NULL: answered */
    guint timer;
} Scan;

static void scan_free(gpointer data)
{
    Scan *scan = data;
    g_clear_handle_id(&scan->timer, g_source_remove);
    if (scan->request != NULL)
        request_fail(scan->request, "the gateway ends");
    g_free(scan);
}

static void answer(Request *request, const GError *error)
{
    if (error == NULL)
        request_succeed(request, NULL);
    else
        request_fail(request, "%s", error->message);
}

static void on_bind(void *user, Request *request, const cJSON *args)
{
    GatewayStrapsRequests *handlers = user;
    const char *id = request_text(args, "id", MAX_WORD_BYTES), *athlete = request_text(args, "athlete", MAX_WORD_BYTES);
    g_autoptr(GError) error = NULL;
    if (id == NULL || athlete == NULL) {
        request_fail(request, "give the strap's id and the athlete's");
        return;
    }
    gateway_straps_bind(handlers->straps, id, athlete, &error);
    answer(request, error);
}

static void on_unbind(void *user, Request *request, const cJSON *args)
{
    GatewayStrapsRequests *handlers = user;
    const char *id = request_text(args, "id", MAX_WORD_BYTES), *athlete = request_text(args, "athlete", MAX_WORD_BYTES);
    g_autoptr(GError) error = NULL;
    gateway_straps_unbind(handlers->straps, id, athlete, &error);
    answer(request, error);
}

static void on_straps(void *user, Request *request, const cJSON *args)
{
    GatewayStrapsRequests *handlers = user;
    (void)args;
    request_succeed(request, gateway_straps_table(handlers->straps));
}

static gboolean on_scanned(gpointer user)
{
    Scan *scan = user;
    GatewayStrapsRequests *handlers = scan->handlers;
    cJSON *data = cJSON_CreateObject();
    cJSON_AddItemToObject(data, "heard", gateway_straps_heard(handlers->straps));
    request_succeed(g_steal_pointer(&scan->request), data);
    scan->timer = 0;
    g_ptr_array_remove_fast(handlers->scans, scan);
    return G_SOURCE_REMOVE;
}

/* SCAN_DEFAULT_S when it is not given; 0 when it is no whole number of 1..SCAN_MAX_S. */
static unsigned read_seconds(const cJSON *args)
{
    const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(args, "seconds");
    if (seconds == NULL)
        return SCAN_DEFAULT_S;
    if (!cJSON_IsNumber(seconds) || !(seconds->valuedouble >= 1) || seconds->valuedouble > SCAN_MAX_S)
        return 0;
    unsigned whole = (unsigned)seconds->valuedouble;
    return seconds->valuedouble == whole ? whole : 0;
}

static void on_scan(void *user, Request *request, const cJSON *args)
{
    GatewayStrapsRequests *handlers = user;
    unsigned seconds = read_seconds(args);
    if (seconds == 0) {
        request_fail(request, "seconds must be a whole number, 1 to %d", SCAN_MAX_S);
        return;
    }
    if (handlers->scans->len >= SCANS_MAX) {
        request_fail(request, "too many scans run already; wait for one to end");
        return;
    }
    Scan *scan = g_new0(Scan, 1);
    *scan = (Scan){.handlers = handlers, .request = request};
    scan->timer = g_timeout_add(seconds * 1000, on_scanned, scan);
    g_ptr_array_add(handlers->scans, scan);
    gateway_straps_look(handlers->straps, seconds);
}

GatewayStrapsRequests *gateway_straps_requests_new(GatewayStraps *straps, Requests *requests)
{
    GatewayStrapsRequests *handlers = g_new0(GatewayStrapsRequests, 1);
    handlers->straps = straps;
    handlers->scans = g_ptr_array_new_with_free_func(scan_free);
    requests_add(requests, "bind", on_bind, handlers);
    requests_add(requests, "unbind", on_unbind, handlers);
    requests_add(requests, "scan", on_scan, handlers);
    requests_add(requests, "straps", on_straps, handlers);
    return handlers;
}

void gateway_straps_requests_free(GatewayStrapsRequests *handlers)
{
    if (handlers == NULL)
        return;
    g_ptr_array_unref(handlers->scans);
    g_free(handlers);
}
