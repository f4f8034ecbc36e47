/* SPDX-License-Identifier: MIT
 *
 * The table of docs/verdict.md: the kept recordings, and what they are judged to be.
 */
#ifndef ZONE1D_TESTS_VERDICT_TABLE_H
#define ZONE1D_TESTS_VERDICT_TABLE_H

#include "core/verdict.h"

typedef struct {
    const char *file; /* in tests/data */
    int max_bpm, rest_bpm, cap_bpm;
    int64_t valid_s, above_s;
    double compliance;
    unsigned excursions;
    int64_t longest_s;
    Verdict verdict;
} VerdictRow;

static const VerdictRow verdict_table[] = {
    {"fatmaxxer_20210606.rr.csv", 195, 60, 140, 6123, 282, 95.4, 24, 55, VERDICT_KEPT},
    {"fatmaxxer_20210606.rr.csv", 185, 55, 132, 6123, 2128, 65.2, 19, 305, VERDICT_OVERDONE},
    {"fitdecode_fenix2-run.hr.csv", 185, 55, 132, 2833, 2407, 15.0, 4, 1799, VERDICT_OVERDONE},
    {"runpandas_2020-12-16T05_44_18.hr.csv", 185, 55, 132, 2212, 2103, 4.9, 5, 1070, VERDICT_OVERDONE},
    {"rhenanbartels_exercise_rri.rr.csv", 185, 55, 132, 2556, 0, 100.0, 0, 0, VERDICT_STRICT},
};

#endif
