/* SPDX-License-Identifier: MIT
 *
 * What is sent to a lamp with WLED (https://kno.wled.ge/interfaces/mqtt/, JSON API) and to a clock with AWTRIX 3
 * (https://blueforcer.github.io/awtrix3/#/api, custom apps). Pure but for allocation; any thread. Every char*
 * returned is the caller's, freed with g_free.
 */
#ifndef ZONE1D_MQTT_LAMP_H
#define ZONE1D_MQTT_LAMP_H

#include <glib.h>

#define LAMP_AWTRIX_LIFETIME_S 5 /* then the clock forgets a heart rate by itself */

typedef enum {
    LAMP_OFF,
    LAMP_WAITING, /* a session, but no heart rate: faint and white */
    LAMP_ZONE,
} LampState;

/* <base>/api and <base>/custom/zone1d-<athlete>. */
char *lamp_wled_topic(const char *base);
char *lamp_awtrix_topic(const char *base, const char *athlete_id);

/* The colour of a zone as 0xRRGGBB: ZONE_BELOW blue, z1 green ... red from the fifth on. */
unsigned lamp_colour(int zone);

/* For WLED: the whole lamp in one colour. ZONE counts for LAMP_ZONE only. */
char *lamp_wled(LampState state, int zone);

/* For AWTRIX: HR_BPM in the colour of ZONE. An empty message instead takes it away. */
char *lamp_awtrix(int hr_bpm, int zone);

#endif
