/* SPDX-License-Identifier: MIT */
#include "core/zones.h"

#include <string.h>

#define ZONES_REST_MIN_BPM 25
#define ZONES_MAX_MAX_BPM 230

static const int even_permille[] = {500, 600, 700, 800, 900};
static const int friel_permille[] = {0, 850, 900, 950, 1000, 1030, 1060};
#define EVEN_COUNT (sizeof(even_permille) / sizeof(even_permille[0]))
#define FRIEL_COUNT (sizeof(friel_permille) / sizeof(friel_permille[0]))

int zones_estimate_max(MaxFormula formula, int age_years)
{
    int centi_bpm = 0;
    switch (formula) {
    case MAX_FORMULA_TANAKA:
        centi_bpm = 20800 - 70 * age_years;
        break;
    case MAX_FORMULA_FOX:
        centi_bpm = 22000 - 100 * age_years;
        break;
    case MAX_FORMULA_GULATI:
        centi_bpm = 20600 - 88 * age_years;
        break;
    case MAX_FORMULA_NES:
        centi_bpm = 21100 - 64 * age_years;
        break;
    }
    return (centi_bpm + 50) / 100;
}

static bool outside(int value, int low, int high) { return value < low || value > high; }

/* An estimated maximum may be 10 bpm off and more: it does not gainsay a threshold that was measured. */
static bool threshold_outside(const AthleteProfile *profile)
{
    int threshold = profile->threshold_bpm;
    return threshold != 0 && (outside(threshold, ZONES_REST_MIN_BPM, ZONES_MAX_MAX_BPM) ||
                              threshold < profile->rest_bpm || (profile->max_bpm != 0 && threshold > profile->max_bpm));
}

/* The plain numbers of a profile, and how they stand to each other. */
static ZonesResult check_numbers(const AthleteProfile *profile, int max_bpm)
{
    if (profile->age_years != 0 && outside(profile->age_years, 5, 110))
        return ZONES_AGE_RANGE;
    if (max_bpm != 0 && outside(max_bpm, 100, ZONES_MAX_MAX_BPM))
        return ZONES_MAX_RANGE;
    if (profile->rest_bpm != 0 && outside(profile->rest_bpm, ZONES_REST_MIN_BPM, 110))
        return ZONES_REST_RANGE;
    if (profile->rest_bpm != 0 && max_bpm != 0 && profile->rest_bpm >= max_bpm)
        return ZONES_REST_NOT_BELOW_MAX;
    return threshold_outside(profile) ? ZONES_THRESHOLD_RANGE : ZONES_OK;
}

static bool all_under(const int *values, size_t count, int limit)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] >= limit)
            return false;
    return count > 0;
}

static bool all_over(const int *values, size_t count, int limit)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] <= limit)
            return false;
    return count > 0;
}

static bool any_outside(const int *values, size_t count, int low, int high)
{
    for (size_t i = 0; i < count; i++)
        if (outside(values[i], low, high))
            return true;
    return false;
}

static ZonesResult check_lists(const AthleteProfile *profile, ZoneModel model)
{
    bool takes_bounds = model == ZONE_MODEL_BPM || model == ZONE_MODEL_THRESHOLD3;
    if (takes_bounds ? profile->percent_count > 0 : profile->bounds_count > 0)
        return ZONES_PERCENT_UNUSED;
    if (profile->percent_count > ZONES_MAX || profile->bounds_count > ZONES_MAX)
        return ZONES_TOO_MANY;
    if (all_under(profile->bounds_bpm, profile->bounds_count, 40))
        return ZONES_PERCENT_AS_BPM;
    if (all_over(profile->percent_permille, profile->percent_count, 1200))
        return ZONES_BPM_AS_PERCENT;
    if (any_outside(profile->bounds_bpm, profile->bounds_count, ZONES_MIN_BPM, ZONES_MAX_BPM) ||
        any_outside(profile->percent_permille, profile->percent_count, 0, 1500))
        return ZONES_BOUNDS_RANGE;
    if (takes_bounds && profile->bounds_count < 2)
        return ZONES_NO_BOUNDS;
    if (model == ZONE_MODEL_THRESHOLD3 && profile->bounds_count > 2)
        return ZONES_TOO_MANY;
    if (profile->percent_count == 1)
        return ZONES_NO_BOUNDS;
    return ZONES_OK;
}

static int ceil_permille(int permille, int base_bpm) { return (permille * base_bpm + 999) / 1000; }

/* Lower bounds at shares of BASE_BPM above OFFSET_BPM: the athlete's own shares, or the model's. */
static void fill_shares(ZoneTable *table, const AthleteProfile *profile, const int *model_permille,
                        size_t model_count, int offset_bpm, int base_bpm)
{
    bool own = profile->percent_count > 0;
    const int *permille = own ? profile->percent_permille : model_permille;
    table->count = own ? profile->percent_count : model_count;
    for (size_t i = 0; i < table->count; i++)
        table->lower_bpm[i] = offset_bpm + ceil_permille(permille[i], base_bpm);
}

static void fill_lthr(ZoneTable *table, const AthleteProfile *profile)
{
    fill_shares(table, profile, friel_permille, FRIEL_COUNT, 0, profile->threshold_bpm);
    /* Friel's last zone is what lies above 106 %, not at it: the first bpm beyond. */
    if (profile->percent_count == 0)
        table->lower_bpm[FRIEL_COUNT - 1] = 1060 * profile->threshold_bpm / 1000 + 1;
}

static void fill_bounds(ZoneTable *table, const AthleteProfile *profile)
{
    size_t first = table->model == ZONE_MODEL_THRESHOLD3 ? 1 : 0;
    table->lower_bpm[0] = 0;
    memcpy(table->lower_bpm + first, profile->bounds_bpm, profile->bounds_count * sizeof(int));
    table->count = profile->bounds_count + first;
}

static ZonesResult fill(ZoneTable *table, const AthleteProfile *profile)
{
    switch (table->model) {
    case ZONE_MODEL_HRMAX:
        if (table->max_bpm == 0)
            return ZONES_NO_MAXIMUM;
        fill_shares(table, profile, even_permille, EVEN_COUNT, 0, table->max_bpm);
        break;
    case ZONE_MODEL_HRR:
        if (table->max_bpm == 0)
            return ZONES_NO_MAXIMUM;
        if (profile->rest_bpm == 0)
            return ZONES_NO_REST;
        fill_shares(table, profile, even_permille, EVEN_COUNT, profile->rest_bpm,
                    table->max_bpm - profile->rest_bpm);
        break;
    case ZONE_MODEL_LTHR:
        if (profile->threshold_bpm == 0)
            return ZONES_NO_THRESHOLD;
        fill_lthr(table, profile);
        break;
    case ZONE_MODEL_THRESHOLD3:
    case ZONE_MODEL_BPM:
        fill_bounds(table, profile);
        break;
    case ZONE_MODEL_AUTO:
        return ZONES_NO_MAXIMUM;
    }
    return ZONES_OK;
}

static ZonesResult check_table(const ZoneTable *table)
{
    for (size_t i = 1; i < table->count; i++)
        if (table->lower_bpm[i] <= table->lower_bpm[i - 1])
            return ZONES_NOT_RISING;
    /* A zone that no rate reaches would make a cap that nobody can exceed. */
    return table->lower_bpm[table->count - 1] > ZONES_MAX_BPM ? ZONES_BOUNDS_RANGE : ZONES_OK;
}

bool zones_sound(const ZoneTable *table)
{
    bool reserve = table->rest_bpm == 0 || table->max_bpm == 0 || table->rest_bpm < table->max_bpm;
    return table->model != ZONE_MODEL_AUTO && table->count >= 2 && table->count <= ZONES_MAX && reserve &&
           check_table(table) == ZONES_OK;
}

static ZoneModel chosen_model(const AthleteProfile *profile, int max_bpm)
{
    if (profile->model != ZONE_MODEL_AUTO)
        return profile->model;
    return profile->rest_bpm != 0 && max_bpm != 0 ? ZONE_MODEL_HRR : ZONE_MODEL_HRMAX;
}

ZonesResult zones_build(const AthleteProfile *profile, ZoneTable *ret)
{
    ZoneTable table = {.sex = profile->sex, .rest_bpm = profile->rest_bpm, .max_bpm = profile->max_bpm};
    if (table.max_bpm == 0 && profile->age_years != 0) {
        if (outside(profile->age_years, 5, 110))
            return ZONES_AGE_RANGE;
        table.max_bpm = zones_estimate_max(profile->max_formula, profile->age_years);
        table.max_estimated = true;
    }
    table.model = chosen_model(profile, table.max_bpm);
    ZonesResult result = check_numbers(profile, table.max_bpm);
    if (result == ZONES_OK)
        result = check_lists(profile, table.model);
    if (result == ZONES_OK)
        result = fill(&table, profile);
    if (result == ZONES_OK)
        result = check_table(&table);
    if (result == ZONES_OK)
        *ret = table;
    return result;
}

const char *zones_result_text(ZonesResult result)
{
    switch (result) {
    case ZONES_OK:
        return "fine";
    case ZONES_NO_MAXIMUM:
        return "the zones need the maximum heart rate: give max in bpm, or age in years";
    case ZONES_NO_REST:
        return "zone model hrr needs the resting heart rate: give rest in bpm";
    case ZONES_NO_THRESHOLD:
        return "zone model lthr needs the threshold heart rate: give threshold in bpm";
    case ZONES_NO_BOUNDS:
        return "too few bounds: give at least two, rising, separated by commas";
    case ZONES_AGE_RANGE:
        return "age is outside 5..110 years";
    case ZONES_MAX_RANGE:
        return "the maximum heart rate is outside 100..230 bpm";
    case ZONES_REST_RANGE:
        return "the resting heart rate is outside 25..110 bpm";
    case ZONES_REST_NOT_BELOW_MAX:
        return "the resting heart rate must be below the maximum";
    case ZONES_THRESHOLD_RANGE:
        return "the threshold heart rate must not lie outside rest and maximum (25..230 bpm where they are not given)";
    case ZONES_NOT_RISING:
        return "each bound must be higher than the one before it";
    case ZONES_PERCENT_AS_BPM:
        return "these look like percentages, but bpm belong here";
    case ZONES_BPM_AS_PERCENT:
        return "these look like bpm, but percentages belong here";
    case ZONES_BOUNDS_RANGE:
        return "a bound is out of range: 25..250 bpm, or 0..150 percent and by it 250 bpm at most";
    case ZONES_TOO_MANY:
        return "too many bounds: at most 8, and exactly two for threshold3";
    case ZONES_PERCENT_UNUSED:
        return "this zone model does not use such a list: percent goes with hrmax, hrr and lthr; "
               "bounds with bpm; thresholds with threshold3";
    }
    return "unknown";
}

int zones_zone_of(const ZoneTable *table, int bpm)
{
    int zone = ZONE_BELOW;
    while ((size_t)zone < table->count && bpm >= table->lower_bpm[zone])
        zone++;
    return zone;
}

int zones_last_bpm(const ZoneTable *table, int zone)
{
    return (size_t)zone < table->count ? table->lower_bpm[zone] - 1 : ZONES_MAX_BPM;
}

bool zones_have_fifths(const ZoneTable *table)
{
    return table->model == ZONE_MODEL_LTHR && table->count == FRIEL_COUNT;
}

const char *zones_zone_name(const ZoneTable *table, int zone)
{
    static const char *const plain[] = {"below", "z1", "z2", "z3", "z4", "z5", "z6", "z7", "z8"};
    static const char *const fifths[] = {"z5a", "z5b", "z5c"};
    if (zone < 0 || (size_t)zone > table->count)
        return NULL;
    if (zones_have_fifths(table) && zone >= 5)
        return fifths[zone - 5];
    return plain[zone];
}

int zones_edwards_weight(const ZoneTable *table, int zone)
{
    return table->model == ZONE_MODEL_LTHR && zone > 5 ? 5 : zone;
}
