/* SPDX-License-Identifier: MIT
 *
 * The JSON of the contract (docs/mqtt.md). Numbers with a dot in any locale; what is not known is
 * null. Pure but for allocation; any thread. Every char* returned is the caller's, freed with g_free.
 */
#ifndef ZONE1D_MQTT_PAYLOAD_H
#define ZONE1D_MQTT_PAYLOAD_H

#include "core/curve.h"
#include "core/session.h"
#include "core/strap_info.h"

#include <glib.h>

#define PAYLOAD_VERSION 1 /* "v": raised only if a field ever had to change its meaning */

typedef struct {
    const char *gateway_id;
    gint64 wall_us; /* UTC, since the epoch; becomes "ts" */
    guint64 seq;
    bool hide_rate; /* the athlete shares the zone only: all that tells a heart rate is null */
} PayloadStamp;

typedef struct {
    const char *session_id; /* does not count when there is no session; NULL: null */
    gint64 start_wall_us;
    const char *group;  /* NULL: none */
    const char *alias;  /* what displays call the athlete; NULL: null */
    const ZoneTable *zones; /* NULL: the bounds are not told */
    const Curve *curve; /* NULL: it was not kept */
    bool hide_rate;
} PayloadSession;

/* athlete/<a>/live and athlete/<a>/state. */
char *payload_live(const Live *live, const ZoneTable *zones, const PayloadStamp *stamp);

/* athlete/<a>/session. */
char *payload_session(const Live *live, const PayloadSession *about);

/* athlete/<a>/session/last. */
char *payload_summary(const Summary *summary, const PayloadSession *about);

/* *JSON, a payload_summary, is replaced by the same with WALL_US as its start. */
void payload_relabel(char **json, gint64 wall_us);

/* athlete/<a>/strap. Neither the serial number nor the adapter is in it. CONTACT is the last sample's. */
char *payload_strap(const StrapInfo *info, Contact contact, const char *gateway_id);

/* "2026-11-23T17:20:01.250Z"; NULL for 0 or less, or a time after the year 9999. */
char *payload_time(gint64 wall_us);

/* "20261123T172001Z-anna"; a time that payload_time refuses becomes "00000000T000000Z". */
char *payload_session_id(gint64 wall_us, const char *athlete_id);

#endif
