/* SPDX-License-Identifier: MIT */
#include "book.h"

#define RING 4096

typedef struct {
    guint64 next;    /* number of the next notification to be sent */
    guint64 awaited; /* of the oldest one that no message has come of */
    gint64 sent_us[RING];
    bool heard;
} Strap;

struct Book {
    GMutex lock;
    unsigned count, heard;
    gint64 first_us;
    gint64 open_us; /* notifications of before are not counted */
    BookCount counted;
    Strap straps[];
};

Book *book_new(unsigned straps)
{
    Book *book = g_malloc0(sizeof *book + straps * sizeof book->straps[0]);

    g_mutex_init(&book->lock);
    book->count = straps;
    book->counted.waits_us = g_array_new(FALSE, FALSE, sizeof(gint64));
    return book;
}

void book_free(Book *book)
{
    if (book == NULL)
        return;
    g_array_unref(book->counted.waits_us);
    g_mutex_clear(&book->lock);
    g_free(book);
}

unsigned book_bpm(unsigned strap, guint64 number)
{
    unsigned step = (unsigned)((number + strap * 7) % BOOK_PERIOD);

    return BOOK_LOW_BPM + MIN(step, BOOK_PERIOD - step);
}

void book_sent(Book *book, unsigned strap, guint64 number, unsigned rr)
{
    Strap *one = &book->straps[strap];

    g_mutex_lock(&book->lock);
    one->sent_us[number % RING] = g_get_monotonic_time();
    one->next = number + 1;
    if (one->next - one->awaited > RING)
        one->awaited = one->next - RING;
    book->counted.sent++;
    book->counted.sent_rr += rr;
    g_mutex_unlock(&book->lock);
}

static void match(Book *book, unsigned strap, gint64 at_us, unsigned bpm)
{
    Strap *one = &book->straps[strap];

    for (guint64 number = one->awaited; number < one->next && number < one->awaited + BOOK_PERIOD / 2; number++) {
        gint64 wait_us = at_us - one->sent_us[number % RING];

        if (book_bpm(strap, number) != bpm)
            continue;
        one->awaited = number + 1;
        if (one->sent_us[number % RING] < book->open_us)
            return;
        book->counted.matched++;
        g_array_append_val(book->counted.waits_us, wait_us);
        return;
    }
}

void book_came(Book *book, unsigned strap, gint64 at_us, unsigned bpm, unsigned rr, gsize bytes)
{
    if (strap >= book->count)
        return;
    g_mutex_lock(&book->lock);
    book->counted.messages++;
    book->counted.bytes += bytes;
    book->counted.rr += rr;
    if (bpm != 0) {
        if (book->first_us == 0)
            book->first_us = at_us;
        book->heard += book->straps[strap].heard ? 0 : 1;
        book->straps[strap].heard = true;
        match(book, strap, at_us, bpm);
    }
    g_mutex_unlock(&book->lock);
}

/* Locking changes nothing that a caller can see. */
static GMutex *lock_of(const Book *book) { return &((Book *)(guintptr)book)->lock; }

unsigned book_heard(const Book *book)
{
    unsigned heard;

    g_mutex_lock(lock_of(book));
    heard = book->heard;
    g_mutex_unlock(lock_of(book));
    return heard;
}

gint64 book_first_us(const Book *book)
{
    gint64 first_us;

    g_mutex_lock(lock_of(book));
    first_us = book->first_us;
    g_mutex_unlock(lock_of(book));
    return first_us;
}

void book_open(Book *book)
{
    g_mutex_lock(&book->lock);
    book->open_us = g_get_monotonic_time();
    g_array_set_size(book->counted.waits_us, 0);
    book->counted = (BookCount){.waits_us = book->counted.waits_us};
    g_mutex_unlock(&book->lock);
}

void book_count(const Book *book, BookCount *ret)
{
    g_mutex_lock(lock_of(book));
    *ret = book->counted;
    ret->waits_us = g_array_copy(book->counted.waits_us);
    g_mutex_unlock(lock_of(book));
}

void book_count_clear(BookCount *count) { g_clear_pointer(&count->waits_us, g_array_unref); }
