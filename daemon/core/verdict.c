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

/* The longest excursion; to the millisecond where it would else read like the limit that it exceeds. */
static Words longest_words(int64_t longest_ms, int64_t limit_ms)
{
    Words words = time_words(longest_ms);
    if (longest_ms > limit_ms && strcmp(words.text, time_words(limit_ms).text) == 0)
        snprintf(words.text, sizeof words.text, "%lld.%03lld s", (long long)(longest_ms / 1000),
                 (long long)(longest_ms % 1000));
    return words;
}

static bool too_little_known(const Totals *totals, VerdictResult *result)
{
    const VerdictRules *rules = &result->rules;
    double coverage = totals_coverage(totals);
    if (totals->valid_ms < rules->min_valid_ms)
        snprintf(result->reason, sizeof result->reason, "only %s of valid heart rate, at least %s are needed",
                 time_words(totals->valid_ms).text, time_words(rules->min_valid_ms).text);
    else if (coverage < rules->min_coverage)
        snprintf(result->reason, sizeof result->reason,
                 "the heart rate is known for only %s of the time, at least %s are needed",
                 percent_words(coverage).text, percent_words(rules->min_coverage).text);
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
