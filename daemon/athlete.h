/* SPDX-License-Identifier: MIT
 *
 * One athlete of the gateway: feeds the session and says on MQTT what came of it, when it is due.
 * All times are ms on the source's clock. Main thread.
 */
#ifndef ZONE1D_ATHLETE_H
#define ZONE1D_ATHLETE_H

#include "config.h"
#include "core/session.h"
#include "mqtt/client.h"
#include "mqtt/commands.h"
#include "source.h"
#include "store/reader.h"
#include "store/store.h"

/* The clock and the outlet that all athletes of a gateway share. */
typedef struct {
    const Config *config;
    MqttClient *mqtt;
    const Source *source;
    Store *store;       /* NULL: nothing is stored */
    const char *clock;  /* one word for the boot that the source's clock belongs to; NULL: a clock of its own */
    bool clock_trusted; /* the wall clock was known to be right at the start */
} AthleteContext;

typedef struct Athlete Athlete;

/* CONTEXT and CONFIG outlive it (CONFIG until athlete_configure gives another one); the context's members may be set
 * later, before the first event. */
Athlete *athlete_new(const AthleteContext *context, const AthleteConfig *config);
void athlete_free(Athlete *athlete); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Athlete, athlete_free)

/* The strap's link came up or went down; a sample came. Publishes what that changes. */
void athlete_link(Athlete *athlete, bool up, int64_t now_ms);
void athlete_sample(Athlete *athlete, const Sample *sample);

/* What the source tells of the strap; copied. */
void athlete_strap(Athlete *athlete, const StrapInfo *info, int64_t now_ms);

/* Does what is due by NOW_MS. */
void athlete_advance(Athlete *athlete, int64_t now_ms);

/* When athlete_advance is next needed if nothing else happens; SOURCE_NEVER if never. */
int64_t athlete_deadline_ms(const Athlete *athlete);

/* Carries out KEY, which SET gives. NULL, or why that cannot be (a clause, static); nothing has changed then. */
const char *athlete_set(Athlete *athlete, CommandKey key, const CommandSet *set, int64_t now_ms);

/* Takes back all that is retained of the athlete, and forgets the last session. False, and nothing done, while a
 * session runs. */
bool athlete_forget(Athlete *athlete, int64_t now_ms);

/* Sessions of the athlete were removed from the store (NEWS): what is retained of them is replaced or cleared. */
void athlete_removed(Athlete *athlete, const StoreNews *news, int64_t now_ms);

/* False when the command does not fit the session's state; nothing has changed then. */
bool athlete_command(Athlete *athlete, SessionCommand command, int64_t now_ms);

/* Somebody else is this athlete from now on: what was known of the one before is forgotten, and the last summary
 * taken from the broker. Only while the link is down. */
void athlete_restart(Athlete *athlete, int64_t now_ms);

/* The same athlete by another CONFIG from now on, which outlives it; the one before is still there. RULES: those of
 * the verdict are others, too. A session in progress goes on by the zones, target and rules that it began with;
 * the next one has the new ones. Says what that changes on MQTT, and takes back what is not to be seen any more. */
void athlete_configure(Athlete *athlete, const AthleteConfig *config, bool rules, int64_t now_ms);

/* They are not in the configuration any more: a session in progress has its end and its verdict, the strap is said to
 * be gone. To be freed then. */
void athlete_dismiss(Athlete *athlete, int64_t now_ms);

/* The zones by which the present session, or the next one, is judged. */
const ZoneTable *athlete_zones(const Athlete *athlete);

/* How the heart rate came in when the athlete was last told something. */
SignalState athlete_signal(const Athlete *athlete);

/* Whether a session runs at NOW_MS (or pauses). */
bool athlete_in_session(const Athlete *athlete, int64_t now_ms);

/* Before the first event: what READER knows of the athlete is theirs again, a session in progress too. */
void athlete_restore(Athlete *athlete, StoreReader *reader, int64_t now_ms);

/* Hands the running session over to the store as it is: the daemon stops. */
void athlete_save(Athlete *athlete, int64_t now_ms);

/* The wall clock was off by DELTA_US until now: what is labelled by it is told anew. */
void athlete_correct_clock(Athlete *athlete, gint64 delta_us, int64_t now_ms);

/* The broker is (back) there: publishes what is retained, and the state as it is now. */
void athlete_announce(Athlete *athlete, int64_t now_ms);

/* The gateway ends, the source may be gone: publishes that the strap is not connected any more. */
void athlete_end(Athlete *athlete);

/* How it stands at NOW_MS. */
void athlete_live(const Athlete *athlete, int64_t now_ms, Live *ret);
SessionState athlete_session_state(const Athlete *athlete);

/* The id of the running or finished session, NULL: neither. The athlete's, until it changes. */
const char *athlete_session_id(const Athlete *athlete);

/* There is neither a session nor a signal, and that has been told. */
bool athlete_is_silent(const Athlete *athlete);

/* The running or finished session; false when there is neither. */
bool athlete_summary(const Athlete *athlete, int64_t now_ms, Summary *ret);

#endif
