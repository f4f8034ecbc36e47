/* SPDX-License-Identifier: MIT
 *
 * Who must not wait gives messages to Paho only while no connection is being made in the process: Paho connects, sets
 * TLS up and, where it is given a name (with TLS), asks the resolver under the one mutex that a message needs
 * (1.3.14: MQTTAsync_send; in 1.3.12 for QoS 1, where a send took 11.6 s behind a stalled resolver). At other times it
 * holds that for no longer than a write that does not block.
 *
 * One gate for the process, like Paho's mutex. Any thread.
 */
#ifndef ZONE1D_MQTT_GATE_H
#define ZONE1D_MQTT_GATE_H

#include <stdbool.h>

/* Nobody passes any more until gate_open; waits for those who are passing. Counted: it is open again after as many
 * gate_open. */
void gate_close(void);
void gate_open(void);

/* False when it is closed; does not wait. Else gate_passed has to follow. */
bool gate_pass(void);
void gate_passed(void);

#endif
