/* SPDX-License-Identifier: MIT
 *
 * What a broker's reason code means, in words. Source: MQTT 3.1.1 table 3.1, MQTT 5.0 section 2.4.
 * Static storage; any thread.
 */
#ifndef ZONE1D_MQTT_REASON_H
#define ZONE1D_MQTT_REASON_H

#include <stdbool.h>

#define REASON_V3_BAD_VERSION 1
#define REASON_BAD_VERSION 0x84
#define REASON_TAKEN_OVER 0x8E

/* Of a refused connection. CODE as in the CONNACK: under 0x80 it is a 3.1.1 code. */
const char *reason_refused(int code);

/* Of any MQTT 5 packet: a lost link, a refused message or subscription. */
const char *reason_words(int code);

/* Nothing but an administrator's hand helps: a wrong password, no right, a banned client. */
bool reason_needs_help(int code);

/* The broker does not speak the version asked for. */
bool reason_is_version(int code);

#endif
