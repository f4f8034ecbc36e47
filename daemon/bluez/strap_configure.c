/* SPDX-License-Identifier: MIT */
#include "bluez/strap_private.h"

void strap_renumber(Strap *strap, unsigned number) { strap->number = number; }

/* Whether what it goes for, or has, is still one of its own for certain. */
static bool still_fits(const Strap *strap)
{
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);

    return device != NULL && !strap->unverified && strap_fit(strap, device) != STRAP_FIT_NONE;
}

void strap_yield(Strap *strap, const Strap *other)
{
    if (strap->path != NULL && !strap->parting && strap_keys_have_address(&other->keys, strap->path_address) &&
        !strap_keys_have_address(&strap->keys, strap->path_address))
        strap_refuse(strap);
}

void strap_configure(Strap *strap, const StrapId *id)
{
    if (!strap_keys_configure(&strap->keys, id))
        return;
    /* The one that was live last is nobody's business any more: it may be another athlete's now. */
    if (strap->path == NULL)
        strap->bound_address[0] = '\0';
    else if (!still_fits(strap))
        strap_refuse(strap);
    strap->context->step_changed(strap->context->user);
}
