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
} PayloadStamp;

/* athlete/<a>/live and athlete/<a>/state. */
char *payload_live(const Live *live, const ZoneTable *zones, const PayloadStamp *stamp);

/* athlete/<a>/session; SESSION_ID and START_WALL_US do not count when idle. GROUP: NULL for none. */
char *payload_session(const Live *live, const char *session_id, gint64 start_wall_us, const char *group);

/* athlete/<a>/session/last. CURVE: the session's, or NULL when it was not kept. */
char *payload_summary(const Summary *summary, const char *session_id, gint64 start_wall_us, const Curve *curve);

/* athlete/<a>/strap. Neither the serial number nor the adapter is in it. CONTACT is the last sample's. */
char *payload_strap(const StrapInfo *info, Contact contact, const char *gateway_id);

/* "2026-11-23T17:20:01.250Z"; NULL for 0 or less, or a time after the year 9999. */
char *payload_time(gint64 wall_us);

/* "20261123T172001Z-anna"; a time that payload_time refuses becomes "00000000T000000Z". */
char *payload_session_id(gint64 wall_us, const char *athlete_id);

#endif
