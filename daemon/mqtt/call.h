/* SPDX-License-Identifier: MIT
 *
 * How another thread makes the main loop look: a source of the default main context that is made ready from outside.
 */
#ifndef ZONE1D_MQTT_CALL_H
#define ZONE1D_MQTT_CALL_H

#include <glib.h>
#include <stdbool.h>

/* On the main loop's thread. True: call again in its next turn. USER may be freed in it, and the source destroyed. */
typedef bool (*CallHandler)(void *user);

/* Attached; NAME is static. To be destroyed and unreferenced on the main loop's thread alone: GLib's context is not
 * locked against a source that goes elsewhere. */
GSource *call_new(const char *name, CallHandler handler, void *user);

/* The handler runs soon, once however often it is called. Any thread that holds a reference. */
void call_make(GSource *call);

#endif
