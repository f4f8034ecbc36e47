/* SPDX-License-Identifier: MIT
 *
 * A strap from within: what strap.c (what happens), strap_choice.c (which device it is), strap_serial.c (is it
 * really that one) and strap_report.c (what is told of it) share. Main thread.
 */
#ifndef ZONE1D_BLUEZ_STRAP_PRIVATE_H
#define ZONE1D_BLUEZ_STRAP_PRIVATE_H

#include "bluez/link_reason.h"
#include "bluez/strap.h"
#include "bluez/strap_keys.h"

struct Strap {
    const StrapContext *context;
    unsigned number;
    StrapKeys keys;
    Link link;
    Turn turn;
    char *live_adapter;     /* that it was live on last; NULL before */
    char bound_address[18]; /* the device that was live last; "" before */
    char *path;             /* the device it goes for; NULL: none. Not necessarily there any more */
    guint path_hash;        /* of it, g_str_hash */
    char *adapter_path;
    char path_address[18];
    bool connected, ready; /* as link was told */
    BusCall *call;
    LinkState call_state; /* the state that the call is for */
    int64_t searching_since_ms, lost_ms;
    bool was_live;
    Details *details;
    unsigned reconnects;
    int64_t lost_total_ms; /* without the loss that lasts */
    int64_t recovery_ms;   /* how long the last loss that ended lasted; 0: none yet */
    int64_t packet_ms;     /* the last heart rate of any connection; INT64_MIN: none yet */
    bool unverified;       /* chosen for a serial number that it has not told yet: nothing of it counts */
    bool parting;          /* the device is not (any more) this strap: hang up, then forget it */
    char detail[LINK_REASON_MAX];      /* BlueZ's own reason in the present try or link; "" */
    char reason[LINK_REASON_MAX];      /* why the last try failed or the last link was lost; "" */
    char drop_reason[LINK_REASON_MAX]; /* the same of links only */
};

/* ---- strap.c ---- */

/* Tells core/link of EVENT and does what it asks for. */
void strap_step(Strap *strap, LinkEvent event);

/* Calls METHOD of the object at PATH for the state that core/link is in; replaces a call that is under way. */
void strap_call(Strap *strap, DBusMessage *message, BusReply fn);

/* 0x2A37 is to be subscribed, once it is certain that the device is the strap. */
void strap_subscribe(Strap *strap);

/* Forgets the device it went for. */
void strap_forget_path(Strap *strap);

/* The device it goes for, or has, is not the strap: hangs up and forgets it. */
void strap_refuse(Strap *strap);

/* ---- strap_choice.c ---- */

/* Is DEVICE one of the athlete's straps? Best fit of all keys. */
StrapFit strap_fit(const Strap *strap, const DeviceObject *device);

/* The strap is free: should it go for this device, which is one of its own? */
void strap_consider(Strap *strap, const DeviceObject *device);

/* It waits for one adapter, and another one hears it too, which has less to do: its own wait counted. */
void strap_move_queue(Strap *strap, const DeviceObject *device);

/* ---- strap_serial.c ---- */

/* Reads the serial number, and then subscribes or refuses. Nothing while the number's object is not there. */
void strap_verify(Strap *strap, const DeviceObject *device);

/* A try ended in which the number should have been read. */
void strap_note_unread(Strap *strap);

/* ---- strap_report.c ---- */

/* Notes why the state was left, if it was left for a reason, and logs what is worth a line. */
void strap_note_step(Strap *strap, LinkState before, unsigned failures_before, int64_t now_ms);

/* Notes the error of a call, and logs it. */
void strap_note_error(Strap *strap, const char *what, const char *error, const char *text);

#endif
