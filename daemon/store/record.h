/* SPDX-License-Identifier: MIT
 *
 * One session as the store keeps it, beside its samples.
 */
#ifndef ZONE1D_STORE_RECORD_H
#define ZONE1D_STORE_RECORD_H

#include "core/session.h"

#include <glib.h>

/* Texts are the record's own. A running session knows id, athlete, start, target, cap, model, bounds and profile. */
typedef struct {
    char *id;            /* unique; never changes, whatever the clock turns out to have been */
    char *athlete;       /* id */
    gint64 started_us;   /* wall time, UTC since the epoch: a label */
    gint64 ended_us;     /* 0: it has not ended */
    gint64 corrected_us; /* how much started_us was moved after the clock was set */
    char *clock;         /* whose label that is: one word for a boot, as in a StoreStamp; NULL: nobody knows */
    char *target;        /* the contract's word */
    int cap_bpm;
    char *zone_model;
    char *bounds;        /* lower bounds in bpm, separated by commas */
    char *profile;       /* "max 185 (estimated), rest 55, female": what was known of the athlete; may be "" */
    /* From here on: once it has ended. */
    char *verdict, *reason; /* NULL before */
    double compliance;      /* percent, NAN: not known */
    gint64 elapsed_ms, valid_ms, above_ms, longest_ms;
    gint64 top_ms;          /* in the two highest zones */
    double load;            /* Edwards' TRIMP */
    int rpe;                /* 0: not given */
    char *json;             /* athlete/<a>/session/last */
    GBytes *summary;        /* summary_save */
} StoreRecord;

/* Something small that the daemon remembers beside the sessions. Texts are the owner's. */
typedef struct {
    char *key;    /* unique */
    char *clock;  /* as in a StoreStamp: AT_US moves when that clock is corrected; NULL: it never does */
    gint64 at_us; /* a time that belongs to it */
    char *data;   /* UTF-8, whatever it is */
} StoreNote;

/* Frees it with its texts; NULL is fine. */
void store_note_free(StoreNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreNote, store_note_free)

/* Sets to nothing what is known at the start of a session. Never fails. */
StoreRecord *store_record_new(void);

/* A copy of its own. */
StoreRecord *store_record_copy(const StoreRecord *record);
void store_record_free(StoreRecord *record); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreRecord, store_record_free)

/* Fills what SUMMARY knows (all but id, athlete, times and json), in place of what was there. */
void store_record_take(StoreRecord *record, const Summary *summary);

/* Fills target, cap, zone model, bounds and profile of a session that begins. */
void store_record_describe(StoreRecord *record, const ZoneTable *zones, const Target *target, int cap_bpm);

#endif
