/* SPDX-License-Identifier: MIT
 *
 * The JSON of a group (docs/mqtt.md). Of people there is the alias, and what they share. Pure but for allocation;
 * any thread. Every char* returned is the caller's, freed with g_free.
 */
#ifndef ZONE1D_MQTT_GROUP_PAYLOAD_H
#define ZONE1D_MQTT_GROUP_PAYLOAD_H

#include "core/session.h"

#include <glib.h>

typedef struct {
    const char *athlete_id, *alias;
    Live live;              /* as it stands */
    const ZoneTable *zones; /* the athlete's */
    bool hide_rate;         /* only the zone is shared */
    bool hide_all;          /* nothing is */
    const Summary *finished; /* of the session in this one of the group; NULL: none yet, or not shared */
} GroupRow;

typedef struct {
    const char *group_id, *gateway_id;
    gint64 wall_us; /* now, UTC, since the epoch */
    SessionState state;
    gint64 start_wall_us; /* 0: none has been */
    const GroupRow *rows;
    guint count;
} GroupReport;

/* group/<g>/live */
char *payload_group_live(const GroupReport *report);

/* group/<g>/session */
char *payload_group_session(const GroupReport *report);

/* How many members have a session and are in its target now. */
guint group_in_target(const GroupReport *report);

#endif
