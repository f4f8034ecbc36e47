/* SPDX-License-Identifier: MIT
 *
 * Looks once, over a connection of its own, at what the broker has stored, and tells what of it this gateway
 * has left behind (mqtt/leftovers.h). The other connection would get the same messages for ever: every heart
 * rate would come back to its own gateway. Main thread.
 */
#ifndef ZONE1D_GATEWAY_TIDY_H
#define ZONE1D_GATEWAY_TIDY_H

#include "config.h"
#include "mqtt/client.h"
#include "mqtt/leftovers.h"

typedef struct GatewayTidy GatewayTidy;

/* TOPICS (char *) are to be cleared. DONE: nothing is left under the names of before. It may be freed in it. */
typedef void (*GatewayTidyResult)(void *user, const GPtrArray *topics, bool done);

/* Begins to look. CONFIG outlives it; MEMORY is read at the start alone. RESULT is called once, or never when there
 * is no answer. */
GatewayTidy *gateway_tidy_new(const Config *config, const Memory *memory, GatewayTidyResult result, void *user);
/* No call comes afterwards. NULL is fine. */
void gateway_tidy_free(GatewayTidy *tidy);

#endif
