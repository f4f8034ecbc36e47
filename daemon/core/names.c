/* SPDX-License-Identifier: MIT */
#include "core/names.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const zone_models[] = {"auto", "hrmax", "hrr", "lthr", "threshold3", "bpm"};
static const char *const max_formulas[] = {"tanaka", "fox", "gulati", "nes"};
static const char *const sexes[] = {"unknown", "female", "male"};
static const char *const signals[] = {"none", "live", "stale", "no_contact", "lost"};
static const char *const statuses[] = {"none", "settling", "below", "in", "above", "unknown"};
static const char *const advices[] = {"none", "hold", "ease_off", "pick_up"};
static const char *const session_states[] = {"idle", "active", "paused", "finished"};
static const char *const verdicts[] = {"inconclusive", "strict", "kept", "slipped", "overdone"};
static const char *const validities[] = {"valid", "no_signal", "implausible", "no_contact", "spike"};

#define NAME(table, value) ((size_t)(value) < COUNT(table) ? (table)[(size_t)(value)] : "?")

const char *zone_model_name(ZoneModel model) { return NAME(zone_models, model); }
const char *max_formula_name(MaxFormula formula) { return NAME(max_formulas, formula); }
const char *sex_name(Sex sex) { return NAME(sexes, sex); }
const char *signal_name(SignalState signal) { return NAME(signals, signal); }
const char *status_name(TargetStatus status) { return NAME(statuses, status); }
const char *advice_name(Advice advice) { return NAME(advices, advice); }
const char *session_state_name(SessionState state) { return NAME(session_states, state); }
const char *verdict_name(Verdict verdict) { return NAME(verdicts, verdict); }
const char *invalid_reason_name(SampleValidity reason) { return NAME(validities, reason); }

static bool find(const char *const *table, size_t count, const char *word, size_t *ret)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i], word) == 0) {
            *ret = i;
            return true;
        }
    return false;
}

bool zone_model_parse(const char *word, ZoneModel *ret)
{
    size_t i;
    if (!find(zone_models, COUNT(zone_models), word, &i))
        return false;
    *ret = (ZoneModel)i;
    return true;
}

bool max_formula_parse(const char *word, MaxFormula *ret)
{
    size_t i;
    if (!find(max_formulas, COUNT(max_formulas), word, &i))
        return false;
    *ret = (MaxFormula)i;
    return true;
}

bool sex_parse(const char *word, Sex *ret)
{
    static const char *const words[] = {"female", "f", "woman", "male", "m", "man"};
    size_t i;
    if (!find(words, COUNT(words), word, &i))
        return false;
    *ret = i < 3 ? SEX_FEMALE : SEX_MALE;
    return true;
}

/* A whole number without sign or blanks, at most four digits; -1 for anything else. */
static int small_number(const char *text)
{
    int value = 0;
    size_t digits = 0;
    for (; text[digits] >= '0' && text[digits] <= '9' && digits < 5; digits++)
        value = value * 10 + (text[digits] - '0');
    return digits >= 1 && digits <= 4 && text[digits] == '\0' ? value : -1;
}

bool target_parse(const char *word, Target *ret)
{
    Target target = {TARGET_RECOVERY, 0, 0};
    if (strcmp(word, "recovery") == 0) {
        target.kind = TARGET_RECOVERY;
    } else if (strcmp(word, "easy") == 0) {
        target.kind = TARGET_EASY;
    } else if (word[0] == 'z' && word[1] >= '1' && word[1] <= '8' && word[2] == '\0') {
        target.kind = TARGET_ZONE;
        target.zone = word[1] - '0';
    } else if (strncmp(word, "z5", 2) == 0 && word[2] >= 'a' && word[2] <= 'c' && word[3] == '\0') {
        target.kind = TARGET_FIFTH;
        target.zone = 5 + word[2] - 'a';
    } else if (strncmp(word, "cap:", 4) == 0) {
        target.kind = TARGET_CAP;
        target.cap_bpm = small_number(word + 4);
        if (target.cap_bpm < TARGET_CAP_MIN_BPM || target.cap_bpm > TARGET_CAP_MAX_BPM)
            return false;
    } else {
        return false;
    }
    *ret = target;
    return true;
}

const char *target_name(const Target *target, char *buf, size_t size)
{
    switch (target->kind) {
    case TARGET_RECOVERY:
        snprintf(buf, size, "recovery");
        break;
    case TARGET_EASY:
        snprintf(buf, size, "easy");
        break;
    case TARGET_ZONE:
        snprintf(buf, size, "z%d", target->zone);
        break;
    case TARGET_FIFTH:
        snprintf(buf, size, "z5%c", 'a' + target->zone - 5);
        break;
    case TARGET_CAP:
        snprintf(buf, size, "cap:%d", target->cap_bpm);
        break;
    }
    return buf;
}
