/* SPDX-License-Identifier: MIT
 *
 * The store: sessions in an SQLite database, written by one thread of its own behind a bounded queue, so that a
 * slow SD card never makes the main loop wait. One transaction takes all that has gathered.
 *
 * What cannot be written now (full disk, read-only disk) waits in memory and is tried again for as long as it
 * takes; that is logged once, and once more when it goes again. A damaged file is set aside, named in the log,
 * and a new one begun. Everything here is called on the main thread unless it says otherwise.
 */
#ifndef ZONE1D_STORE_STORE_H
#define ZONE1D_STORE_STORE_H

#include "store/reader.h"

#define STORE_MAX_WAITING_BYTES (8 * 1024 * 1024) /* beyond it the oldest samples are given up, never a session */

typedef struct {
    const char *folder;     /* where the database lies; must exist */
    unsigned interval_s;    /* how often sessions hand over what is new: also how long a failed write waits */
    unsigned keep_days;     /* older sessions are deleted; 0: never */
    unsigned keep_samples_days; /* older samples are; the sessions stay. 0: never */
    bool (*clock_trusted)(void); /* any thread; deletes nothing by age while it says no */
    /* Main thread, in the default main context: sessions were removed. True: it has been told, and will not be again,
     * also after a restart. NULL: nobody wants to know. */
    bool (*removed)(void *user, const StoreNews *news);
    void *user;
} StoreOptions;

typedef struct Store Store;

/* Opens the database, or makes it, and waits for that. Never fails: what is wrong is logged and tried again.
 * OPTIONS are copied. */
Store *store_new(const StoreOptions *options);

/* Takes over interval_s, keep_days and keep_samples_days of OPTIONS, from now on. Never blocks for long. */
void store_configure(Store *store, const StoreOptions *options);

/* Writes what waits and closes, or gives up after TIMEOUT_MS (the thread then ends when the disk lets it).
 * True when all was written. NULL is fine. */
bool store_free(Store *store, unsigned timeout_ms);

/* The database's path. The store's own. */
const char *store_file(const Store *store);

/* BASE, or when a session has that id already BASE-2, BASE-3 ..., for a session of ATHLETE. Caller frees. */
char *store_new_id(Store *store, const char *base, const char *athlete);

/* When something was saved: times of one boot's clock mean nothing to the next one's. */
typedef struct {
    const char *clock; /* which monotonic clock: one word for each boot */
    gint64 ms;         /* on it */
    gint64 wall_us;
} StoreStamp;

/* Adds to session RECORD (copied; it is made when it is not there) the CHUNK of its track, and replaces what was
 * saved of its state. Either may be NULL. Never blocks. */
void store_save(Store *store, const StoreRecord *record, GBytes *chunk, GBytes *state, const StoreStamp *stamp);

/* Session RECORD (copied) has ended: CHUNK is the last of its track (or NULL). Its saved state goes. Called again
 * for the same id, it replaces what was said of it. */
void store_finish(Store *store, const StoreRecord *record, GBytes *chunk, const StoreStamp *stamp);

/* The same of one that has finished already; when it was deleted meanwhile, it stays so. */
void store_amend(Store *store, const StoreRecord *record, const StoreStamp *stamp);

/* Session ID of ATHLETE was none: all of it goes. */
void store_drop(Store *store, const char *athlete, const char *id);

/* Whether there is a session ID, or one of ATHLETE. */
bool store_has(const Store *store, const char *id);
bool store_knows(const Store *store, const char *athlete);

/* Deletes session ID (of whomever), its content overwritten. */
void store_delete(Store *store, const char *id);

/* Sessions may have been removed by another process, or told to nobody: options.removed tells. */
void store_look(Store *store);

/* Deletes all that is stored of ATHLETE, its content overwritten. */
void store_forget(Store *store, const char *athlete);

/* Keeps the note KEY in the place of the one of that key (StoreNote). DATA NULL: it goes. All is copied. */
void store_note(Store *store, const char *key, const char *clock, gint64 at_us, const char *data);

/* The wall clock was off by DELTA_US while CLOCK ran: moves the sessions and notes that were labelled by it. */
void store_correct_clock(Store *store, const char *clock, gint64 delta_us);

typedef struct {
    guint64 transactions, failures; /* failures: transactions that will be tried again */
    guint64 given_up_bytes;         /* samples that found no room in the queue */
    guint64 set_aside;              /* damaged files */
    gint64 longest_us;              /* the longest transaction */
    guint waiting;                  /* jobs */
    gsize waiting_bytes;
} StoreStats;

/* How it is going. */
void store_stats(Store *store, StoreStats *ret);

/* Waits until everything handed over is written; false after TIMEOUT_MS, or when the last try failed. For tests
 * and commands, not for the main loop. */
bool store_flush(Store *store, unsigned timeout_ms);

#endif
