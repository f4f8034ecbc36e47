/* SPDX-License-Identifier: MIT
 *
 * A heart rate over time, drawn with characters on its zones. Pure but for allocation.
 */
#ifndef ZONE1D_CTL_PLOT_H
#define ZONE1D_CTL_PLOT_H

#include "core/zones.h"

#include <glib.h>
#include <stdint.h>

#define PLOT_MIN_COLUMNS 30

typedef struct {
    int64_t t_ms;
    int bpm; /* 0: not known */
} PlotPoint;

/* POINTS (of PlotPoint, in order) on ZONES, with the first rate over CAP_BPM marked: ROWS lines and one for the time,
 * COLUMNS wide (PLOT_MIN_COLUMNS at least). What is over the cap has a sign of its own, so that it shows without
 * colour. "" without a known rate. Caller frees. */
char *plot_text(const GArray *points, const ZoneTable *zones, int cap_bpm, int rows, int columns, bool colour);

#endif
