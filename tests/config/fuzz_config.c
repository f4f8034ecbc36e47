/* SPDX-License-Identifier: MIT
 *
 * Bytes of any kind as a configuration: taken whole and sound, or refused with a place.
 */
#include "config.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_parse((const char *)data, size, "fuzz.conf", &error);
    g_assert_true((config == NULL) == (error != NULL));
    if (config == NULL) {
        g_assert_true(g_str_has_prefix(error->message, "fuzz.conf:"));
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    g_assert_true(config->athlete_count >= 1 && config->athlete_count <= CONFIG_MAX_ATHLETES);
    for (unsigned i = 0; i < config->athlete_count; i++) {
        const AthleteConfig *athlete = &config->athletes[i];
        int cap_bpm, floor_bpm;
        g_assert_true(athlete->zones.count >= 2 && athlete->zones.count <= ZONES_MAX);
        g_assert_true(target_bounds(&athlete->target, &athlete->zones, &cap_bpm, &floor_bpm));
        g_autofree char *id = config_make_id(athlete->id);
        g_assert_cmpstr(id, ==, athlete->id);
    }
    return 0;
}
