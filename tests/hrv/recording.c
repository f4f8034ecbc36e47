/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *recording_text(const char *name)
{
    static char text[1 << 20];
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", getenv("ZONE1D_TEST_DATA"), name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        abort();
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    return text;
}

size_t recording_rr_ms(const char *name, double *ret)
{
    const char *line = strchr(recording_text(name), '\n');
    size_t count = 0;

    while (line != NULL && line[1] != '\0' && count < RECORDING_MAX_BEATS) {
        ret[count++] = g_ascii_strtod(line + 1, NULL);
        line = strchr(line + 1, '\n');
    }
    if (count == 0)
        abort();
    return count;
}

double random_even(uint64_t *seed)
{
    /* splitmix64, Steele et al. 2014 */
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

double random_normal(uint64_t *seed)
{
    /* Box and Muller 1958 */
    double radius = sqrt(-2 * log(1 - random_even(seed)));
    return radius * cos(2 * 3.14159265358979323846 * random_even(seed));
}
