/* SPDX-License-Identifier: MIT
 *
 * athlete/<a>/event: something happened. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_MQTT_EVENTS_H
#define ZONE1D_MQTT_EVENTS_H

#include "core/session.h"

#include <glib.h>

typedef enum {
    EVENT_SESSION_STARTED,
    EVENT_SESSION_PAUSED,
    EVENT_SESSION_RESUMED,
    EVENT_SESSION_FINISHED,
    EVENT_SESSION_DROPPED,
    EVENT_ABOVE_TARGET,
    EVENT_BACK_IN_TARGET,
    EVENT_BELOW_TARGET,
    EVENT_SIGNAL_LOST,
    EVENT_SIGNAL_RESTORED,
    EVENT_BATTERY_LOW,
    EVENT_TYPE_COUNT,
} EventType;

typedef struct {
    EventType type;
    gint64 wall_us;         /* when it happened, UTC, since the epoch */
    const char *session_id; /* NULL: outside a session */
    int hr_bpm;             /* 0: not known, or not to be told */
    int cap_bpm, floor_bpm; /* 0: none */
    int64_t for_ms;         /* how long it has been so; -1: does not apply */
    SignalState signal;     /* of the two about the signal */
    const Summary *summary; /* of a finished session; else NULL */
    int battery_percent;    /* of battery_low */
} Event;

/* "session_started" ... Static storage. */
const char *event_type_name(EventType type);

/* With an id of its own, by which a message that came twice is known. Freed with g_free. */
char *payload_event(const Event *event);

#endif
