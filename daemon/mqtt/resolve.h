/* SPDX-License-Identifier: MIT
 *
 * Names to addresses in a thread of its own: getaddrinfo cannot be interrupted, and may take as long as
 * it likes. One question at a time is on its way; one that hangs is waited for by the next who asks.
 * One thread uses a resolver.
 */
#ifndef ZONE1D_MQTT_RESOLVE_H
#define ZONE1D_MQTT_RESOLVE_H

#include <netdb.h>
#include <stdbool.h>

#define RESOLVE_TIMEOUT_MS 30000

typedef struct Resolver Resolver;

/* For HOST (name or address) and PORT, both for ever. */
Resolver *resolver_new(const char *host, unsigned port);

/* A question on its way ends by itself. NULL is fine. */
void resolver_free(Resolver *resolver);

typedef enum { RESOLVE_DONE, RESOLVE_FAILED, RESOLVE_TIMED_OUT, RESOLVE_CANCELLED } ResolveResult;

/* Waits for the answer, for RESOLVE_TIMEOUT_MS at most, while CANCELLED (asked every 50 ms) says no.
 * DONE: *ret is the caller's (freeaddrinfo). FAILED: *ret_why says why (not to be
 * freed). */
ResolveResult resolver_ask(Resolver *resolver, bool (*cancelled)(void *user), void *user, struct addrinfo **ret,
                           const char **ret_why);

#endif
