/* SPDX-License-Identifier: MIT
 *
 * The wiring: a source of samples, the athletes, and the broker. Main thread.
 */
#ifndef ZONE1D_GATEWAY_H
#define ZONE1D_GATEWAY_H

#include "config_change.h"
#include "core/session.h"
#include "recording.h"

typedef struct Gateway Gateway;

/* Why the broker can never be reached as CONFIG says with the libraries of this machine (static), or NULL. */
const char *gateway_fault(const Config *config);

/* Begins to connect to the broker. CONFIG outlives it, and is changed by gateway_reload only. REPLAYS: it will play a
 * recording, and leaves what the service keeps on disk for the broker alone. */
Gateway *gateway_new(Config *config, bool replays);

/* Opens the store that the configuration names, before one of the two below. What it knows of the athletes
 * comes back when they start: a session in progress, and what is retained. */
void gateway_open_store(Gateway *gateway);

/* Takes the samples of the athletes' straps, from now on and for ever. */
void gateway_run_bluez(Gateway *gateway);

/* Takes the samples of RECORDING (taken over) as athlete ATHLETE at SPEED times real time, from the
 * moment the broker is there, and calls DONE with its summary at its end (NULL: the recording was
 * too short to be a session). */
typedef void (*GatewayDone)(void *user, const Summary *summary);
void gateway_run_replay(Gateway *gateway, Recording *recording, unsigned athlete, double speed, GatewayDone done,
                        void *user);

/* Has the configuration FRESH in force: it and the gateway's change places, so that FRESH is the one before then, the
 * caller's to free. config_keep_fixed has been called on it. Straps and sessions of athletes who stay go on. Not while
 * a recording is played. */
void gateway_reload(Gateway *gateway, Config *fresh);

/* Whether everything that must make progress does, for the watchdog. */
bool gateway_healthy(const Gateway *gateway);

/* Stops the source, stores the running sessions, flushes to the broker and leaves `offline` there: in about 2 s at
 * most, 3 s more with a disk that hangs, or 20 s after the end of a recording. NULL is fine. */
void gateway_free(Gateway *gateway);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gateway, gateway_free)

#endif
