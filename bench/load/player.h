/* SPDX-License-Identifier: MIT
 *
 * N straps of the mock of org.bluez that send as straps do: a rate and the RR intervals of the beats since, one after
 * the other through the second, never all at once. Runs in the default main context.
 */
#ifndef ZONE1D_BENCH_PLAYER_H
#define ZONE1D_BENCH_PLAYER_H

#include "book.h"
#include "mock_bluez.h"

typedef struct Player Player;

/* STRAPS straps of ADAPTER, which tell BOOK what they send. Each sends once it is subscribed. */
Player *player_new(MockAdapter *adapter, unsigned straps, Book *book);
void player_free(Player *player); /* NULL is fine */

/* RATE notifications a second of each strap from now on; 0: none. With ONE_RR each carries exactly one interval. */
void player_set_rate(Player *player, double rate, bool one_rr);

/* "00:AA:03:00:HH:LL" of STRAP. */
const char *player_address(unsigned strap);

#endif
