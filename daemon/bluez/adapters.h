/* SPDX-License-Identifier: MIT
 *
 * The adapters: which can be used, who may connect on each (one strap at a time, in the order in which
 * they asked, and never while discovery runs), and discovery in between while a strap is missing.
 *
 * That there is none to use is said once, some seconds later: bluetoothd itself takes a moment to
 * switch them on.
 *
 * An adapter without power is not switched on: bluetoothd does so by itself at its start (AutoEnable,
 * the default since BlueZ 5.65), so one that is off was switched off, by somebody or by rfkill. It is
 * said once, with what to do, and noticed as soon as it is on. Main thread.
 */
#ifndef ZONE1D_BLUEZ_ADAPTERS_H
#define ZONE1D_BLUEZ_ADAPTERS_H

#include "bluez/objects.h"

typedef struct Adapters Adapters;
typedef struct Adapter Adapter;

/* A strap's place in a queue. The strap owns it; all zero is in none. */
typedef struct Turn {
    /* The adapter is this strap's until adapters_release. From the main loop, never from within a call. */
    void (*granted)(void *user);
    void *user;
    Adapter *adapter; /* private */
} Turn;

/* The adapter at PATH cannot be used any more: what was going on there is over. Turns on it are void. */
typedef void (*AdapterLost)(void *user, const char *path);

/* BUS and TIMING stay the caller's and outlive it. */
Adapters *adapters_new(Bus *bus, const BluezTiming *timing, AdapterLost lost, void *user);
void adapters_free(Adapters *adapters); /* NULL is fine; turns are void */

/* To be called from the objects' events. */
void adapters_changed(Adapters *adapters, const AdapterObject *object);
void adapters_removed(Adapters *adapters, const char *path);
/* Up: all that bluetoothd has is told. Down: all are removed, each told as lost. */
void adapters_service(Adapters *adapters, bool up);
/* There, and with power. */
bool adapters_usable(const Adapters *adapters, const char *path);
void adapters_each_usable(const Adapters *adapters, void (*fn)(void *user, const char *path), void *user);

/* LINKS are up on the adapter at PATH, and it had no slot for one more (FULL), or it had one. Forgotten
 * when its power goes. */
void adapters_note_links(Adapters *adapters, const char *path, unsigned links, bool full);

/* How many links it can have at once as far as was learnt; 0: not known. */
unsigned adapters_slots(const Adapters *adapters, const char *path);

/* Queues TURN, which is in no queue. An adapter that cannot be used: it is never granted. */
void adapters_queue(Adapters *adapters, const char *path, Turn *turn);

/* Gives the adapter back, or leaves its queue; fine in neither case too. */
void adapters_release(Adapters *adapters, Turn *turn);

/* Should discovery run whenever nobody connects? */
void adapters_search(Adapters *adapters, bool wanted);

#endif
