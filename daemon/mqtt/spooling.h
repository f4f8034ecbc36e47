/* SPDX-License-Identifier: MIT
 *
 * Between the outbox and the spool: what has waited long enough goes to disk, what need not wait any
 * more is noted there. While the broker acknowledges, nothing is written. Publisher thread only,
 * without the client's lock.
 */
#ifndef ZONE1D_MQTT_SPOOLING_H
#define ZONE1D_MQTT_SPOOLING_H

#include "mqtt/client_private.h"

#define SPOOL_AFTER_US (2 * G_USEC_PER_SEC) /* what is not acknowledged by then goes to disk */

/* Does what is due; before all else it takes in what an earlier process left. ALL: what waits goes to
 * disk however short it has waited. */
void spooling_step(MqttClient *client, gint64 now_us, bool all);

#endif
