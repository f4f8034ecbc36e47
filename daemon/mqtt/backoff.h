/* SPDX-License-Identifier: MIT
 *
 * When to try the broker again: 1 s, doubling to 10 s, each stretched by up to a half at random so
 * that many gateways do not come back in step. Our own rather than Paho's automatic reconnect, which
 * neither changes the MQTT version, nor reads the password anew, nor tells why an attempt failed.
 */
#ifndef ZONE1D_MQTT_BACKOFF_H
#define ZONE1D_MQTT_BACKOFF_H

#define BACKOFF_MIN_MS 1000u
#define BACKOFF_MAX_MS 10000u /* a broker that is back is found within this */

/* All zero: the next failure is the first. */
typedef struct {
    unsigned base_ms;
} Backoff;

/* After a failure: ms until the next attempt, BACKOFF_MIN_MS..BACKOFF_MAX_MS. RANDOM is 0..1. Pure. */
unsigned backoff_next_ms(Backoff *backoff, double random);

/* The next is at half the slowest pace at least: another one wants the same place. */
void backoff_slow_down(Backoff *backoff);

/* The next failure is the first again. */
void backoff_reset(Backoff *backoff);

#endif
