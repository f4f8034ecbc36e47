/* SPDX-License-Identifier: MIT
 *
 * The fixture with the real gateway behind the source, and all that it publishes judged at once: no
 * rate that the athlete's strap has not sent within the last 5 s, and since the link was lost last;
 * none while the link is down; `signal` as the link is. The broker's client is replaced at link time.
 */
#ifndef ZONE1D_TESTS_BLUEZ_PUBLISHED_H
#define ZONE1D_TESTS_BLUEZ_PUBLISHED_H

#include "fixture.h"

#define PUBLISHED_FRESH_US (5 * G_USEC_PER_SEC)
/* From the strap's sending to our looking at what was published. */
#define PUBLISHED_WAY_US (G_USEC_PER_SEC / 4)

/* What the last live message of an athlete said. */
typedef struct {
    int hr_bpm; /* 0: null */
    char signal[16];
    unsigned rates; /* messages with a rate, so far */
} Shown;

/* For cmocka's setup and teardown, as fixture_setup. The teardown fails a test that published a lie. */
int published_setup(void **state);
int published_teardown(void **state);

/* Athletes a0 .. a<COUNT - 1>. NAME NULL: each has a strap of an address of its own; else one by that name. */
void published_start(Fixture *fixture, unsigned count, const char *name);

/* From now on there are so many, each with a strap of an address of its own. */
void published_reload(unsigned count);

/* Athlete ATHLETE's strap on ADAPTER, with rates of its own: 60 + 2 * ATHLETE .. + 7. */
MockDevice *published_strap(MockAdapter *adapter, unsigned athlete);
const char *published_address(unsigned athlete);

const Shown *published_shown(unsigned athlete);
/* So many athletes have a live message with a rate as their last. */
unsigned published_live_count(void);
/* The last message says: no rate, the link is lost. */
bool published_is_lost(unsigned athlete);

/* Waits until athlete ATHLETE's rate is published, or published anew. */
void published_wait_live(Fixture *fixture, unsigned athlete);

#endif
