/* SPDX-License-Identifier: MIT */
#include "core/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

VerdictRules verdict_rules_default(void)
{
    return (VerdictRules){
        .min_valid_ms = 300000,
        .min_coverage = 80,
        .kept_compliance = 95,
        .kept_longest_ms = 60000,
        .slipped_compliance = 80,
    };
}

/* "95.4 %" from tenths, so that no locale puts a comma into it. */
typedef struct {
    char text[48];
} Words;

static Words percent_words(double percent)
{
    Words words;
    long tenths = lround(percent * 10);
    snprintf(words.text, sizeof words.text, "%ld.%ld %%", tenths / 10, tenths % 10);
    return words;
}

static Words time_words(int64_t ms)
{
    Words words;
    long long s = (long long)(ms / 1000);
    if (s < 600)
        snprintf(words.text, sizeof words.text, "%lld s", s);
    else
        snprintf(words.text, sizeof words.text, "%lld min", s / 60);
    return words;
}

/* A time that may have MISSED its limit; to the millisecond where it would then read like that. */
static Words time_words_beside(int64_t ms, int64_t limit_ms, bool missed)
{
    Words words = time_words(ms);
    if (missed && strcmp(words.text, time_words(limit_ms).text) == 0)
        snprintf(words.text, sizeof words.text, "%lld.%03lld s", (long long)(ms / 1000), (long long)(ms % 1000));
    return words;
}

static Words longest_words(int64_t longest_ms, int64_t limit_ms)
{
    return time_words_beside(longest_ms, limit_ms, longest_ms > limit_ms);
}

static int64_t permille(double percent) { return lround(percent * 10); }

/* In whole ms, without a rounding between: 79.96 % is under 80. */
static bool covered(const Totals *totals, const VerdictRules *rules)
{
    return totals->valid_ms * 1000 >= permille(rules->min_coverage) * (totals->valid_ms + totals->unknown_ms);
}

/* The coverage; cut after three decimals where the rounded one would read like the limit that it is under. */
static Words coverage_words(const Totals *totals, const VerdictRules *rules)
{
    Words words = percent_words(totals_coverage(totals));
    if (strcmp(words.text, percent_words(rules->min_coverage).text) == 0) {
        long long cut = totals->valid_ms * 100000 / (totals->valid_ms + totals->unknown_ms);
        snprintf(words.text, sizeof words.text, "%lld.%03lld %%", cut / 1000, cut % 1000);
    }
    return words;
}

static bool too_little_known(const Totals *totals, VerdictResult *result)
{
    const VerdictRules *rules = &result->rules;
    char *reason = result->reason;
    if (totals->valid_ms < rules->min_valid_ms)
        snprintf(reason, sizeof result->reason, "only %s of valid heart rate, at least %s are needed",
                 time_words_beside(totals->valid_ms, rules->min_valid_ms, true).text,
                 time_words(rules->min_valid_ms).text);
    else if (totals->valid_ms == 0)
        snprintf(reason, sizeof result->reason, "no valid heart rate");
    else if (!covered(totals, rules))
        snprintf(reason, sizeof result->reason,
                 "the heart rate is known for only %s of the time, at least %s are needed",
                 coverage_words(totals, rules).text, percent_words(rules->min_coverage).text);
    else
        return false;
    return true;
}

static void explain(const Totals *totals, VerdictResult *result)
{
    const VerdictRules *rules = &result->rules;
    Words share = percent_words(totals_compliance(totals));
    Words longest = longest_words(totals->longest_ms, rules->kept_longest_ms);
    char *reason = result->reason;
    size_t size = sizeof result->reason;
    switch (result->verdict) {
    case VERDICT_STRICT:
        snprintf(reason, size, "never above the cap in %s", time_words(totals->valid_ms).text);
        break;
    case VERDICT_KEPT:
        snprintf(reason, size,
                 "%s of the time at or below the cap (kept from %s), longest excursion %s (kept up to %s)",
                 share.text, percent_words(rules->kept_compliance).text, longest.text,
                 time_words(rules->kept_longest_ms).text);
        break;
    case VERDICT_SLIPPED:
        if (totals_compliance(totals) >= rules->kept_compliance)
            snprintf(reason, size, "%s of the time at or below the cap, but one excursion lasted %s (kept up to %s)",
                     share.text, longest.text, time_words(rules->kept_longest_ms).text);
        else
            snprintf(reason, size, "only %s of the time at or below the cap (kept from %s), longest excursion %s",
                     share.text, percent_words(rules->kept_compliance).text, longest.text);
        break;
    case VERDICT_OVERDONE:
        snprintf(reason, size, "only %s of the time at or below the cap (overdone under %s), longest excursion %s",
                 share.text, percent_words(rules->slipped_compliance).text, longest.text);
        break;
    case VERDICT_INCONCLUSIVE:
        break;
    }
}

void verdict_judge(const Totals *totals, const VerdictRules *rules, VerdictResult *ret)
{
    VerdictResult result = {.verdict = VERDICT_INCONCLUSIVE, .rules = *rules};
    if (!too_little_known(totals, &result)) {
        double compliance = totals_compliance(totals);
        if (totals->above_ms == 0)
            result.verdict = VERDICT_STRICT;
        else if (compliance >= rules->kept_compliance && totals->longest_ms <= rules->kept_longest_ms)
            result.verdict = VERDICT_KEPT;
        else
            result.verdict = compliance >= rules->slipped_compliance ? VERDICT_SLIPPED : VERDICT_OVERDONE;
        explain(totals, &result);
    }
    *ret = result;
}
