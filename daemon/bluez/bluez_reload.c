/* SPDX-License-Identifier: MIT
 *
 * Other straps while the source runs: who stays keeps their link, who goes is hung up on, who comes is looked for.
 */
#include "bluez/bluez_source_private.h"

#include <string.h>

/* The arrays by strap, old or new. */
typedef struct {
    Strap **straps;
    uint64_t *malformed, *excess;
    int64_t *paid_until_ms;
    unsigned count, guests;
    GuestSlot slots[BLUEZ_MAX_GUESTS];
} Books;

static Books take_books(BluezSource *self)
{
    Books books = {.straps = self->straps,
                   .malformed = self->malformed,
                   .excess = self->excess,
                   .paid_until_ms = self->paid_until_ms,
                   .count = self->count,
                   .guests = self->guests};

    memcpy(books.slots, self->slots, sizeof books.slots);
    return books;
}

static void open_books(BluezSource *self, unsigned count, unsigned guests)
{
    self->straps = g_new0(Strap *, count);
    self->malformed = g_new0(uint64_t, count);
    self->excess = g_new0(uint64_t, count);
    self->paid_until_ms = g_new0(int64_t, count);
    self->count = count;
    self->guests = guests;
    memset(self->slots, 0, sizeof self->slots);
}

static void carry_over(BluezSource *self, unsigned to, Books *before, unsigned from)
{
    const unsigned first_guest = self->count - self->guests, first_before = before->count - before->guests;

    self->straps[to] = g_steal_pointer(&before->straps[from]);
    self->malformed[to] = before->malformed[from];
    self->excess[to] = before->excess[from];
    self->paid_until_ms[to] = before->paid_until_ms[from];
    if (to >= first_guest && from >= first_before)
        self->slots[to - first_guest] = before->slots[from - first_before];
    strap_renumber(self->straps[to], to);
}

static void close_books(Books *books)
{
    for (unsigned i = 0; i < books->count; i++)
        strap_free(books->straps[i]);
    g_free(books->straps);
    g_free(books->malformed);
    g_free(books->excess);
    g_free(books->paid_until_ms);
}

static void note_path(void *user, const DeviceObject *device)
{
    g_ptr_array_add(user, g_strdup(device->path));
}

/* To who is looked for, as at the start; and what a guest has may be an athlete's now. */
static void show_device(BluezSource *self, const DeviceObject *device)
{
    const bool heard = device->heard && bluez_now_ms() - device->heard_ms <= self->timing.link.fresh_ms;

    strangers_device_changed(self, device, false);
    for (unsigned i = 0; i < self->count; i++)
        if (strap_is_searching(self->straps[i]))
            strap_device_changed(self->straps[i], device, true, heard);
}

/* What is in the tree already will not be told anew. */
static void show_devices(BluezSource *self)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    objects_each_device(self->objects, note_path, paths);
    for (guint i = 0; i < paths->len; i++) {
        const DeviceObject *device = objects_device(self->objects, paths->pdata[i]);

        if (device != NULL)
            show_device(self, device);
    }
}

static void configure(BluezSource *self, const StrapId *straps, const int *from)
{
    const unsigned athletes = self->count - self->guests;

    for (unsigned i = 0; i < athletes; i++)
        if (from[i] >= 0)
            strap_configure(self->straps[i], &straps[i]);
    for (unsigned i = 0; i < athletes; i++)
        for (unsigned j = 0; j < athletes; j++)
            if (i != j)
                strap_yield(self->straps[i], self->straps[j]);
}

void bluez_source_reload(Source *source, const StrapId *straps, const int *from, unsigned count,
                         const BluezOptions *options)
{
    BluezSource *self = (BluezSource *)source;
    Books before = take_books(self);

    open_books(self, count, MIN(MIN(options->guests, BLUEZ_MAX_GUESTS), count));
    for (unsigned i = 0; i < count; i++)
        if (from[i] >= 0)
            carry_over(self, i, &before, (unsigned)from[i]);
        else
            self->straps[i] = strap_new(&self->context, i, &straps[i]);
    close_books(&before);
    strangers_set(self, options->unknown);
    configure(self, straps, from);
    show_devices(self);
    bluez_source_search(self);
    bluez_source_changed(self);
}
