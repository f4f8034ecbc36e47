/* SPDX-License-Identifier: MIT
 *
 * A group of athletes who run together: their live table once a second, and a session of the group, which lasts from
 * the first of its members' sessions to the end of the last one. Who comes later, or leaves early, belongs to it
 * all the same. All times are ms on the source's clock. Main thread.
 */
#ifndef ZONE1D_GROUP_H
#define ZONE1D_GROUP_H

#include "athlete.h"

#define GROUP_LIVE_MS 1000
#define GROUP_SESSION_MS 10000 /* how often a change of numbers alone is told in group/<g>/session */

typedef struct Groups Groups;

/* The groups that CONTEXT's configuration names, with the ATHLETES in its order; all of them outlive it. Subscribes at
 * CONTEXT's client, whose source may be set later. */
Groups *groups_new(const AthleteContext *context, Athlete *const *athletes);
void groups_free(Groups *groups); /* NULL is fine */

/* The same by the configuration that is in force now, with its ATHLETES: a group that is still there goes on, one
 * that is not is taken back from the broker. BEFORE is freed; its athletes may be gone, its configuration not yet. */
Groups *groups_renew(Groups *before, Athlete *const *athletes, int64_t now_ms);

/* Before the first event, when the athletes are restored: the sessions of the groups that READER knows go on, or have
 * ended meanwhile; their tables of verdicts come back. */
void groups_restore(Groups *groups, StoreReader *reader, int64_t now_ms);

/* This boot's wall clock was off by DELTA_US until now. */
void groups_correct_clock(Groups *groups, gint64 delta_us, int64_t now_ms);

/* Those sessions of athlete ATHLETE are not there any more that NEWS names; NULL: none of them is. */
void groups_removed(Groups *groups, const char *athlete, const StoreNews *news, int64_t now_ms);

/* Something of an athlete may have changed, or time has passed: tells what is due. */
void groups_advance(Groups *groups, int64_t now_ms);

/* The same after athlete number ATHLETE alone was told something. */
void groups_athlete_changed(Groups *groups, unsigned athlete, int64_t now_ms);

/* When groups_advance is next needed if nothing else happens; SOURCE_NEVER if never. */
int64_t groups_deadline_ms(const Groups *groups);

/* The broker is (back) there: tells again what is retained. */
void groups_announce(Groups *groups, int64_t now_ms);

/* True when MESSAGE was a command to one of the groups (then it is done or refused, and answered). */
bool groups_take(Groups *groups, const MqttIncoming *message, int64_t now_ms);

#endif
