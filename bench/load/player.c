/* SPDX-License-Identifier: MIT */
#include "player.h"

#include <string.h>

#define RR_UNIT_HZ 1024.0 /* Heart Rate Service 1.0, 3.1.1.4 */
#define MAX_RR 8

typedef struct {
    MockDevice *device;
    guint64 number;   /* of the next notification */
    double next_us;   /* when it is due */
    double beat_us;   /* when the next heart beat is due */
} Strap;

struct Player {
    Book *book;
    GSource *source;
    unsigned count;
    double every_us; /* 0: silent */
    bool one_rr;
    Strap straps[BOOK_MAX_STRAPS];
};

typedef struct {
    GSource source;
    Player *player;
} PlayerSource;

const char *player_address(unsigned strap)
{
    static char addresses[BOOK_MAX_STRAPS][18];

    g_snprintf(addresses[strap], sizeof addresses[strap], "00:AA:03:00:%02X:%02X", strap >> 8 & 0xff, strap & 0xff);
    return addresses[strap];
}

/* Jitter of a few ms: no heart beats as evenly as a rate. */
static double beat_length_us(guint64 number, unsigned beat, unsigned bpm)
{
    guint32 noise = (guint32)(number * 8 + beat) * 2654435761u >> 28;

    return 60e6 / bpm + (noise - 7.5) * 1000;
}

/* The beats until NOW_US, as a packet has them; returns how many. */
static unsigned take_beats(const Player *player, Strap *strap, unsigned bpm, double now_us, guint8 *packet)
{
    unsigned count = 0;

    strap->beat_us = MAX(strap->beat_us, now_us - 3e6);
    while (count < (player->one_rr ? 1 : MAX_RR) && (player->one_rr || strap->beat_us <= now_us)) {
        double length_us = beat_length_us(strap->number, count, bpm);
        guint16 units = (guint16)(length_us * RR_UNIT_HZ / 1e6 + 0.5);

        strap->beat_us += length_us;
        packet[2 * count] = (guint8)(units & 0xff);
        packet[2 * count + 1] = (guint8)(units >> 8);
        count++;
    }
    return count;
}

static void play(Player *player, unsigned index, double now_us)
{
    Strap *strap = &player->straps[index];
    unsigned bpm = book_bpm(index, strap->number);
    guint8 packet[2 + 2 * MAX_RR] = {0x16, (guint8)bpm}; /* contact, RR */
    unsigned rr = take_beats(player, strap, bpm, now_us, packet + 2);

    packet[0] = rr > 0 ? 0x16 : 0x06;
    book_sent(player->book, index, strap->number++, rr);
    mock_notify(strap->device, packet, 2 + 2 * rr);
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer user)
{
    Player *player = ((PlayerSource *)source)->player;
    double now_us = (double)g_get_monotonic_time(), next_us = now_us + 1e6;

    (void)callback;
    (void)user;
    for (unsigned i = 0; i < player->count; i++) {
        Strap *strap = &player->straps[i];

        if (strap->next_us <= now_us) {
            if (strap->device->notifying)
                play(player, i, now_us);
            strap->next_us += player->every_us;
        }
        next_us = MIN(next_us, strap->next_us);
    }
    g_source_set_ready_time(source, player->every_us > 0 ? (gint64)next_us : -1);
    return G_SOURCE_CONTINUE;
}

Player *player_new(MockAdapter *adapter, unsigned straps, Book *book)
{
    static GSourceFuncs functions = {.dispatch = dispatch};
    Player *player = g_new0(Player, 1);

    player->book = book;
    player->count = straps;
    for (unsigned i = 0; i < straps; i++)
        player->straps[i].device = mock_add_device(adapter, player_address(i), NULL);
    player->source = g_source_new(&functions, sizeof(PlayerSource));
    ((PlayerSource *)player->source)->player = player;
    g_source_attach(player->source, NULL);
    return player;
}

void player_free(Player *player)
{
    if (player == NULL)
        return;
    g_source_destroy(player->source);
    g_source_unref(player->source);
    g_free(player);
}

void player_set_rate(Player *player, double rate, bool one_rr)
{
    double now_us = (double)g_get_monotonic_time();

    player->every_us = rate > 0 ? 1e6 / rate : 0;
    player->one_rr = one_rr;
    for (unsigned i = 0; i < player->count; i++)
        player->straps[i].next_us = now_us + player->every_us * (i + 1) / player->count;
    g_source_set_ready_time(player->source, rate > 0 ? (gint64)now_us : -1);
}
