/* SPDX-License-Identifier: MIT */
#include "bluez/strap_private.h"

#include <string.h>

static StrapFit fit(const Strap *strap, const StrapKey *key, const DeviceObject *device)
{
    const StrapContext *context = strap->context;
    StrapFit fits = strap_key_fit(&strap->keys, key, device);

    if (fits == STRAP_FIT_NONE || g_strcmp0(key->address, device->address) == 0 ||
        !context->is_others(context->user, strap->number, device->address))
        return fits;
    return STRAP_FIT_NONE;
}

/* Which of the athlete's straps DEVICE is, and how surely; NULL: none. */
static const StrapKey *key_of(const Strap *strap, const DeviceObject *device, StrapFit *ret_fit)
{
    const StrapKey *best = NULL;

    *ret_fit = STRAP_FIT_NONE;
    for (unsigned i = 0; device->address[0] != '\0' && i < strap->keys.count; i++) {
        StrapFit one = fit(strap, &strap->keys.keys[i], device);

        if (one <= *ret_fit)
            continue;
        *ret_fit = one;
        best = &strap->keys.keys[i];
    }
    return best;
}

StrapFit strap_fit(const Strap *strap, const DeviceObject *device)
{
    StrapFit fits;

    key_of(strap, device, &fits);
    return fits;
}

/* The one that was live before, then the better fit, then a paired one. */
static unsigned rank_of(const Strap *strap, const DeviceObject *device, StrapFit fits)
{
    if (strcmp(strap->bound_address, device->address) == 0)
        return 2 * (STRAP_FIT_SURE + 1);
    return 2 * (unsigned)fits + (device->paired ? 1 : 0);
}

typedef struct {
    const Strap *strap;
    const StrapKey *key;
    unsigned rank;
    unsigned wait_ms; /* for the better ones; 0: there are none */
} Rivals;

static void look_for_better(void *user, const DeviceObject *device)
{
    Rivals *rivals = user;
    const BluezTiming *timing = rivals->strap->context->timing;
    StrapFit fits;

    if (key_of(rivals->strap, device, &fits) == rivals->key && rank_of(rivals->strap, device, fits) > rivals->rank)
        rivals->wait_ms = MAX(rivals->wait_ms, device->random_address ? timing->prefer_random_ms : timing->prefer_ms);
}

static bool is_fresh(const Strap *strap, const DeviceObject *device, int64_t now_ms)
{
    return device->heard && now_ms - device->heard_ms <= strap->context->timing->link.fresh_ms;
}

static void go_for(Strap *strap, const DeviceObject *device)
{
    strap_forget_path(strap);
    strap->path = g_strdup(device->path);
    strap->path_hash = device->path_hash;
    strap->adapter_path = g_strdup(device->adapter_path);
    g_strlcpy(strap->path_address, device->address, sizeof strap->path_address);
    strap->unverified = strap_fit(strap, device) < STRAP_FIT_SURE;
    g_debug("strap %u: is %s", strap->number + 1, device->path);
}

/* Another adapter has fewer links, and may hear the strap yet: discovery does not begin on all at once. */
static bool may_find_better(const Strap *strap, const DeviceObject *device, int64_t now_ms)
{
    const StrapContext *context = strap->context;

    return now_ms - strap->searching_since_ms < 2 * (int64_t)context->timing->scan_cycle_ms &&
           g_strcmp0(strap->live_adapter, device->adapter_path) != 0 &&
           context->load(context->user, device->adapter_path) > context->least_load(context->user);
}

/* The device that it goes for already is as good as DEVICE. */
static bool has_as_good(const Strap *strap, const DeviceObject *device, unsigned rank, int64_t now_ms)
{
    const StrapContext *context = strap->context;
    const DeviceObject *now = strap->path != NULL ? objects_device(context->objects, strap->path) : NULL;
    StrapFit fits;

    return now != NULL && is_fresh(strap, now, now_ms) && key_of(strap, now, &fits) != NULL &&
           rank_of(strap, now, fits) >= rank &&
           context->load(context->user, now->adapter_path) <= context->load(context->user, device->adapter_path);
}

void strap_consider(Strap *strap, const DeviceObject *device)
{
    const StrapContext *context = strap->context;
    Rivals rivals = {.strap = strap};
    int64_t now_ms = bluez_now_ms();
    StrapFit fits;

    if (!adapters_usable(context->adapters, device->adapter_path) || context->is_taken(context->user, device->address))
        return;
    rivals.key = key_of(strap, device, &fits);
    rivals.rank = rank_of(strap, device, fits);
    objects_each_device(context->objects, look_for_better, &rivals);
    if (now_ms - strap->searching_since_ms < rivals.wait_ms) {
        g_debug("strap %u: %s fits too; preferring the one known before", strap->number + 1, device->path);
        return;
    }
    if (!has_as_good(strap, device, rivals.rank, now_ms) && !may_find_better(strap, device, now_ms))
        go_for(strap, device);
}

void strap_move_queue(Strap *strap, const DeviceObject *device)
{
    const StrapContext *context = strap->context;

    if (strap->link.state != LINK_QUEUED || strcmp(strap->path_address, device->address) != 0 ||
        !adapters_usable(context->adapters, device->adapter_path) ||
        context->load(context->user, strap->adapter_path) <= context->load(context->user, device->adapter_path) + 1)
        return;
    adapters_release(context->adapters, &strap->turn);
    go_for(strap, device);
    adapters_queue(context->adapters, strap->adapter_path, &strap->turn);
    context->step_changed(context->user);
}
