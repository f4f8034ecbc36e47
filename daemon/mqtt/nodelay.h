/* SPDX-License-Identifier: MIT
 *
 * Small messages are sent when they are written. Otherwise TCP keeps one back until the peer has acknowledged the one
 * before (Nagle's algorithm, RFC 1122 4.2.3.4), and the peer takes its time for that (delayed acknowledgements, up to
 * 40 ms on Linux as soon as it answers itself): a heart rate waited for it behind each state or event.
 */
#ifndef ZONE1D_MQTT_NODELAY_H
#define ZONE1D_MQTT_NODELAY_H

/* Turns it off for all TCP connections of this process to PORT. Paho does not do it, nor does it tell its socket, so
 * they are looked for among the open files. Returns how many there are. Any thread; does not wait. */
unsigned nodelay_set(unsigned port);

#endif
