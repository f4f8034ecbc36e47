/* SPDX-License-Identifier: MIT
 *
 * The straps of the configured athletes, over BlueZ, as a source of samples.
 */
#ifndef ZONE1D_BLUEZ_SOURCE_H
#define ZONE1D_BLUEZ_SOURCE_H

#include "bluez/bluez_status.h"
#include "bluez/timing.h"
#include "source.h"

#define STRAP_MAX_SPARES 3
#define STRAP_MAX_BOUND 4 /* of one athlete, at run time */
#define BLUEZ_MAX_GUESTS 16

/* What identifies an athlete's strap: an address ("AA:BB:CC:DD:EE:FF"), an advertised name or a serial number
 * (0x2A25, compared in any case); all NULL: this athlete has none. Further straps of the same athlete stand in
 * SPARES (whose own spares are ignored): the first that is heard is connected, the others are let be while it is. */
typedef struct StrapId {
    const char *address;
    const char *name;
    const char *serial;
    bool probes; /* of the first one, for all: any heart-rate strap may be connected once to read its serial number */
    const struct StrapId *spares;
    unsigned spare_count; /* more than STRAP_MAX_SPARES are ignored */
} StrapId;

/* STRAPS[i] is athlete i's; copied. Talks to the system bus (or DBUS_SYSTEM_BUS_ADDRESS). No bus, no
 * bluetoothd, no adapter: said once, retried for ever, noticed as soon as it is there. Samples carry
 * the CLOCK_BOOTTIME ms of their arrival. A malformed packet is counted and never stops anything.
 * Link up: the notifications are subscribed. Link down: they are not any more, or 10 s went by without. */
Source *bluez_source_new(const StrapId *straps, unsigned count, const SourceEvents *events, void *user);

/* The same with other waits than bluez_timing_default(): for tests. TIMING is copied. */
Source *bluez_source_new_timed(const StrapId *straps, unsigned count, const SourceEvents *events, void *user,
                               const BluezTiming *timing);

/* The strap that has a guest's number. */
typedef struct {
    const char *id;      /* short id */
    const char *address; /* upper case */
    const char *name;    /* NULL: none */
} GuestStrap;

/* What there is besides a source's events. Any may be NULL. None may call the source. */
typedef struct {
    /* A strap is heard that is bound to nobody: once an appearance, 16 in a row at most, then one in 4 s. */
    void (*seen)(void *user, const HeardStrap *strap);
    /* A stranger's strap is guest ATHLETE from now on; RETURNED: the one that had the number last. */
    void (*guest)(void *user, unsigned athlete, bool returned);
    /* STRAP has the number of guest ATHLETE from now on; NULL: nobody has. To be kept over a restart. */
    void (*guest_strap)(void *user, unsigned athlete, const GuestStrap *strap);
    /* Is guest ATHLETE in a session? The number is then kept for the strap, live or not, and nobody
     * else gets it. */
    bool (*guest_busy)(void *user, unsigned athlete);
    /* Does another gateway have the strap of ADDRESS? It is let be then, and asked for again when it is heard. */
    bool (*taken)(void *user, const char *address);
    /* Something that the bluez_source_..._status functions tell has changed. */
    void (*changed)(void *user);
} BluezEvents;

typedef struct {
    UnknownStraps unknown;
    unsigned guests; /* the last so many of the source's straps are for guests, and have no id; BLUEZ_MAX_GUESTS */
    const uint8_t *id_key; /* the secret that short ids are made with; copied */
    size_t id_key_len;
    const BluezEvents *events; /* outlives the source; they get USER */
    void *user;
} BluezOptions;

/* Before the source is started; without it unknown straps are ignored. */
void bluez_source_set_options(Source *source, const BluezOptions *options);

/* Other straps from now on: STRAPS[i] is athlete i's, who was athlete FROM[i] until now (-1: is new); athletes whose
 * number is in FROM no more are hung up on, without a call to anybody. A strap that stays the same keeps its link, and
 * what was bound at run time stays bound; one that is not its athlete's any more is hung up on. Of OPTIONS counts
 * unknown and guests. Events come with the new numbers from now on, also from within this call. */
void bluez_source_reload(Source *source, const StrapId *straps, const int *from, unsigned count,
                         const BluezOptions *options);

/* Before the source is started: STRAP had the number of guest ATHLETE when the process ended, and has it again. Not
 * when it is another athlete's by now. */
void bluez_source_restore_guest(Source *source, unsigned athlete, const GuestStrap *strap);

/* The device of short id ID, if it was heard lately. What is in RET is valid until the main loop runs on. */
bool bluez_source_find(const Source *source, const char *id, HeardStrap *ret);

/* All that was heard lately, in no order. FN may not call the source. */
void bluez_source_each_heard(const Source *source, void (*fn)(void *user, const HeardStrap *strap), void *user);

/* Runs discovery for DURATION_MS from now, in between connects as always. What is heard is told by the above. */
void bluez_source_look(Source *source, int64_t duration_ms);

typedef enum {
    BLUEZ_BOUND,
    BLUEZ_BIND_CONFIGURED, /* the configuration gives it to another athlete */
    BLUEZ_BIND_FULL,       /* the athlete has STRAP_MAX_BOUND */
} BluezBind;

/* Binds the strap of ADDRESS (upper case) to ATHLETE, who is no guest, beside those of the configuration. NAME
 * (NULL: none) is what it is found by where its address is one that changes, and counts in the question whose it
 * is by the configuration. It is taken from whoever it was bound to at run time, guests too. */
BluezBind bluez_source_bind(Source *source, unsigned athlete, const char *address, const char *name);

/* Takes that back. False when it was not bound to ATHLETE at run time. */
bool bluez_source_unbind(Source *source, unsigned athlete, const char *address);

/* How ATHLETE's strap is. Texts are valid until the main loop runs on. */
void bluez_source_status(const Source *source, unsigned athlete, StrapStatus *ret);

/* The adapters in the order of their names, MAX at most; returns how many. */
unsigned bluez_source_adapters(const Source *source, AdapterStatus *ret, unsigned max);

/* Athlete ATHLETE's link, for reports; valid until the source is freed or its main loop runs on. */
const Link *bluez_source_link(const Source *source, unsigned athlete);

/* Packets of athlete ATHLETE's strap that carried no rate, since the start. */
uint64_t bluez_source_malformed(const Source *source, unsigned athlete);

/* Packets of athlete ATHLETE's strap beyond 20 a second (a burst of 20 is let through), since the start:
 * they keep the link alive and are ignored otherwise. */
uint64_t bluez_source_excess(const Source *source, unsigned athlete);

#endif
