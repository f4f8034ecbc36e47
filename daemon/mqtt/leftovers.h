/* SPDX-License-Identifier: MIT
 *
 * What a gateway has left on the broker and does not publish any more: of an athlete that is not configured
 * any more, and of names it had before. Judged from the retained messages alone, so that it does not depend
 * on what the gateway remembers, and several gateways can share a broker. Pure but for allocation; any thread.
 *
 * Whose is what: a device of Home Assistant's belongs to the gateway whose status topic it names; an athlete's
 * topics to the gateway that athlete/<a>/strap names, unless a device says they are another's.
 */
#ifndef ZONE1D_MQTT_LEFTOVERS_H
#define ZONE1D_MQTT_LEFTOVERS_H

#include "mqtt/memory.h"

#define LEFTOVERS_MAX_TOPICS 4000 /* no more are looked at */

typedef struct {
    const MemoryNames *names; /* the present ones first, then those of before */
    unsigned count;
    const char *const *athletes; /* ids of those that are configured; NULL at the end */
    bool discovery;              /* devices are wanted at all */
} LeftoversView;

typedef struct Leftovers Leftovers;

/* Nothing seen yet. */
Leftovers *leftovers_new(void);
/* NULL is fine. */
void leftovers_free(Leftovers *leftovers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Leftovers, leftovers_free)

/* The filters under which the broker has all that matters for NAMES. Free with g_strfreev. */
char **leftovers_filters(const MemoryNames *names);

/* A retained message: TOPIC, and LEN bytes of anything; none: the topic is clear. */
void leftovers_see(Leftovers *leftovers, const char *topic, const char *payload, gsize len);

/* The topics to clear (char *, own memory; free with g_ptr_array_unref). *RET_DONE: nothing is left to look
 * for under the names of before. Names under which a gateway is online just now are another gateway's. */
GPtrArray *leftovers_judge(const Leftovers *leftovers, const LeftoversView *view, bool *ret_done);

#endif
