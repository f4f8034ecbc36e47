/* SPDX-License-Identifier: MIT
 *
 * What every test of the BlueZ source needs: a bus, a bluetoothd to play with, a source with waits of
 * some 1/25 of the real ones, and a record of what it told.
 */
#ifndef ZONE1D_TESTS_BLUEZ_FIXTURE_H
#define ZONE1D_TESTS_BLUEZ_FIXTURE_H

#include "bluez/bluez_source.h"
#include "mock_bluez.h"
#include "private_bus.h"

#define FIXTURE_MAX_STRAPS 64
/* Generous: nothing is judged by it but that a test ends. */
#define FIXTURE_PATIENCE_MS 60000

typedef struct {
    unsigned samples, ups, downs;
    bool up;
    unsigned bpm;   /* of the last sample */
    gint64 down_us; /* monotonic, when the link was lost last */
    StrapInfo info; /* the last one told; its texts are in those below */
    char location[16], maker[65], model[65], serial[65], firmware[65];
    unsigned infos;
} Told;

typedef struct {
    PrivateBus *bus;
    MockBluez *mock; /* NULL while bluetoothd is gone */
    MockAdapter *hci0;
    Source *source;
    BluezTiming timing;
    Told told[FIXTURE_MAX_STRAPS];
    unsigned timers;
    unsigned samples_while_down; /* must stay 0 */
    const BluezOptions *options; /* of the next source; NULL: none */
    const SourceEvents *next;    /* who is told as well; NULL: nobody */
    void *next_user;
} Fixture;

#define ADDRESS_1 "00:AA:01:00:00:01"
#define ADDRESS_2 "00:AA:01:00:00:02"

/* What was logged as a warning since the setup. */
extern unsigned fixture_warnings, fixture_versions_said;
extern char fixture_last_warning[256];

BluezTiming fixture_timing(void);

/* How much slower than usual this machine is by ZONE1D_TEST_SLOWNESS, an emulated processor say: 1 to 100. */
unsigned fixture_slowness(void);

/* For cmocka's setup and teardown: a bus, org.bluez with hci0 on, no source yet. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

void fixture_start(Fixture *fixture, const StrapId *straps, unsigned count);
/* The source alone, not started; the caller's to start and to free. */
Source *fixture_source(Fixture *fixture, const StrapId *straps, unsigned count);
/* One strap, by ADDRESS_1. */
void fixture_start_one(Fixture *fixture);

/* bluetoothd dies, and another comes: with hci0 on, and nothing else. */
void fixture_kill_bluetoothd(Fixture *fixture);
void fixture_start_bluetoothd(Fixture *fixture);

/* One round of the main loop, at most 10 ms. False when FIXTURE_PATIENCE_MS (on this
 * machine) have passed since START_US. */
bool fixture_round(gint64 start_us);
/* Lets the main loop run for so long: only to see that something does not happen. */
void fixture_run_ms(unsigned ms);

/* Runs the main loop until CONDITION holds; fails the test when it never does. */
#define wait_until(condition)                                                                                          \
    do {                                                                                                               \
        gint64 start_us = g_get_monotonic_time();                                                                      \
        while (!(condition))                                                                                           \
            if (!fixture_round(start_us))                                                                              \
                fail_msg("never came true: %s", #condition);                                                           \
    } while (0)

#endif
