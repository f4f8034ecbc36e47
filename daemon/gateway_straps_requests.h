/* SPDX-License-Identifier: MIT
 *
 * The requests about straps: bind {"id","athlete"}, unbind {"id"} or {"athlete"}, scan {"seconds"}, straps. Main
 * thread.
 */
#ifndef ZONE1D_GATEWAY_STRAPS_REQUESTS_H
#define ZONE1D_GATEWAY_STRAPS_REQUESTS_H

#include "gateway_straps.h"
#include "requests.h"

#define SCAN_MAX_S 60
#define SCAN_DEFAULT_S 10
#define SCANS_MAX 8 /* that wait for their end at a time */

typedef struct GatewayStrapsRequests GatewayStrapsRequests;

/* Both outlive it. */
GatewayStrapsRequests *gateway_straps_requests_new(GatewayStraps *straps, Requests *requests);

/* A scan that is under way is answered with an error. NULL is fine. */
void gateway_straps_requests_free(GatewayStrapsRequests *handlers);

#endif
