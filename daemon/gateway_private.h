/* SPDX-License-Identifier: MIT
 *
 * The gateway from within: what gateway.c (what happens) and gateway_configure.c (another configuration) share.
 * Main thread.
 */
#ifndef ZONE1D_GATEWAY_PRIVATE_H
#define ZONE1D_GATEWAY_PRIVATE_H

#include "gateway.h"

#include "athlete.h"
#include "gateway_claims.h"
#include "gateway_commands.h"
#include "gateway_deadlines.h"
#include "gateway_discovery.h"
#include "gateway_info.h"
#include "gateway_speed.h"
#include "gateway_straps.h"
#include "gateway_straps_requests.h"
#include "group.h"
#include "mqtt/client.h"
#include "requests.h"
#include "source.h"
#include "store/store.h"
#include "wall_clock.h"

struct Gateway {
    Config *config;
    AthleteContext context;
    Athlete **athletes;
    MqttClient *mqtt;
    GatewayCommands *commands;
    GatewaySpeed *speed;
    Groups *groups;
    GatewayDeadlines *deadlines;
    Requests *requests;
    GatewayDiscovery *discovery;
    Source *source;
    GatewayStraps *straps;
    GatewayClaims *claims;
    GatewayStrapsRequests *straps_requests;
    GatewayInfo *info;
    bool replays, started;
    char *boot;
    ClockWatch clock;
    WallClockAlarm *alarm;
    guint clock_wait; /* GSource id, and how often it has looked */
    unsigned clock_waited_s;
    unsigned stop_timeout_ms;
    GatewayDone done;
    void *done_user;
};

/* What was stored, to read; NULL when nothing is. Free with store_reader_free. */
StoreReader *gateway_open_reader(const Gateway *gateway);

/* How CONFIG wants sessions stored; its folder is CONFIG's. */
StoreOptions gateway_store_options(const Config *config);

/* Time has passed for everybody: tells what is due, and sets the timer. */
void gateway_advance(Gateway *gateway, int64_t now_ms);

#endif
