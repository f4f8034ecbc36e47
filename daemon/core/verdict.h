/* SPDX-License-Identifier: MIT
 *
 * The verdict on a session, from its totals. The rules are in docs/verdict.md.
 */
#ifndef ZONE1D_CORE_VERDICT_H
#define ZONE1D_CORE_VERDICT_H

#include "core/compliance.h"

typedef enum {
    VERDICT_INCONCLUSIVE,
    VERDICT_STRICT,
    VERDICT_KEPT,
    VERDICT_SLIPPED,
    VERDICT_OVERDONE,
} Verdict;

/* Thresholds, percentages with one decimal at most; published with each verdict. */
typedef struct {
    int64_t min_valid_ms;
    double min_coverage;
    double kept_compliance;
    int64_t kept_longest_ms;
    double slipped_compliance;
} VerdictRules;

#define VERDICT_REASON_SIZE 400

typedef struct {
    Verdict verdict;
    char reason[VERDICT_REASON_SIZE]; /* in words, with the numbers; always with a dot, no line end */
    VerdictRules rules;
} VerdictResult;

/* 300 s valid, coverage 80 %, kept from 95 % and up to 60 s, slipped from 80 %. */
VerdictRules verdict_rules_default(void);

/* Judges the coverage and all times in whole ms, the compliance as it is published (one decimal, half up),
 * save that strict means not one millisecond above. Pure, any thread. */
void verdict_judge(const Totals *totals, const VerdictRules *rules, VerdictResult *ret);

#endif
