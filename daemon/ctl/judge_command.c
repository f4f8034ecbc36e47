/* SPDX-License-Identifier: MIT
 *
 * The options of zone1ctl judge.
 */
#include "ctl/command.h"
#include "ctl/judge.h"

#include "core/names.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define NOT_GIVEN INT_MIN

typedef struct {
    char *model, *max_formula, *sex, *target, *percent, *bounds, *thresholds, *svg;
    AthleteProfile profile;
    double speed_cap_kmh; /* NOT_GIVEN: none; so the numbers of the profile, and RPE */
    int rpe, min_valid_s, kept_longest_s;
    double min_coverage, kept, slipped;
    gboolean json, rr_series;
} JudgeOptions;

static void clear(JudgeOptions *options)
{
    char *words[] = {options->model,   options->max_formula, options->sex,        options->target,
                     options->percent, options->bounds,      options->thresholds, options->svg};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        g_free(words[i]);
}

static JudgeOptions default_options(void)
{
    const VerdictRules rules = verdict_rules_default();
    const AthleteProfile profile = {
        .age_years = NOT_GIVEN, .max_bpm = NOT_GIVEN, .rest_bpm = NOT_GIVEN, .threshold_bpm = NOT_GIVEN};
    return (JudgeOptions){.profile = profile,
                          .speed_cap_kmh = NOT_GIVEN,
                          .rpe = NOT_GIVEN,
                          .min_valid_s = (int)(rules.min_valid_ms / 1000),
                          .kept_longest_s = (int)(rules.kept_longest_ms / 1000),
                          .min_coverage = rules.min_coverage,
                          .kept = rules.kept_compliance,
                          .slipped = rules.slipped_compliance};
}

static bool parse_options(int *argc, char ***argv, JudgeOptions *options, GError **error)
{
    AthleteProfile *profile = &options->profile;
    const GOptionEntry entries[] = {
        {"model", 'm', 0, G_OPTION_ARG_STRING, &options->model, "hrmax, hrr, lthr, threshold3 or bpm", "MODEL"},
        {"max", 0, 0, G_OPTION_ARG_INT, &profile->max_bpm, "Maximum heart rate", "BPM"},
        {"rest", 0, 0, G_OPTION_ARG_INT, &profile->rest_bpm, "Resting heart rate", "BPM"},
        {"lthr", 0, 0, G_OPTION_ARG_INT, &profile->threshold_bpm, "Threshold heart rate, for lthr", "BPM"},
        {"age", 0, 0, G_OPTION_ARG_INT, &profile->age_years, "For an estimate of the maximum", "YEARS"},
        {"max-formula", 0, 0, G_OPTION_ARG_STRING, &options->max_formula, "tanaka, fox, gulati or nes", "NAME"},
        {"sex", 0, 0, G_OPTION_ARG_STRING, &options->sex, "female or male, for Banister's TRIMP", "SEX"},
        {"percent", 0, 0, G_OPTION_ARG_STRING, &options->percent, "Own lower bounds of hrmax, hrr, lthr", "P,P,..."},
        {"bounds", 0, 0, G_OPTION_ARG_STRING, &options->bounds, "Lower bounds of the zones, for bpm", "BPM,BPM,..."},
        {"thresholds", 0, 0, G_OPTION_ARG_STRING, &options->thresholds, "For threshold3", "LT1,LT2"},
        {"target", 't', 0, G_OPTION_ARG_STRING, &options->target, "recovery, easy, z1 ..., cap:BPM", "TARGET"},
        {"speed-cap", 0, 0, G_OPTION_ARG_DOUBLE, &options->speed_cap_kmh, "Not faster than this", "KMH"},
        {"rpe", 0, 0, G_OPTION_ARG_INT, &options->rpe, "The athlete's rate of perceived exertion, 1 to 10", "N"},
        {"min-valid", 0, 0, G_OPTION_ARG_INT, &options->min_valid_s, "Valid time that a verdict needs", "S"},
        {"min-coverage", 0, 0, G_OPTION_ARG_DOUBLE, &options->min_coverage, "Coverage that it needs", "PERCENT"},
        {"kept", 0, 0, G_OPTION_ARG_DOUBLE, &options->kept, "Compliance from which a run is kept", "PERCENT"},
        {"kept-longest", 0, 0, G_OPTION_ARG_INT, &options->kept_longest_s, "... with no longer excursion", "S"},
        {"slipped", 0, 0, G_OPTION_ARG_DOUBLE, &options->slipped, "Under this it is overdone", "PERCENT"},
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options->json, "The summary as session/last has it", NULL},
        {"rr-series", 0, 0, G_OPTION_ARG_NONE, &options->rr_series, "Also DFA alpha 1 and RMSSD every 5 s", NULL},
        {"svg", 0, 0, G_OPTION_ARG_FILENAME, &options->svg, "Also draw the session into FILE", "FILE"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new("RECORDING");
    g_option_context_set_summary(context, "Judges a recording (CSV, see docs/recordings.md) at once.");
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

/* Words count in any case, as in the configuration. */
static void lower_words(const JudgeOptions *options)
{
    char *words[] = {options->model, options->max_formula, options->sex, options->target};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        for (char *at = words[i]; at != NULL && *at != '\0'; at++)
            *at = g_ascii_tolower(*at);
}

static bool fail(GError **error, const char *option, const char *word, const char *right)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s %s: must be %s", option, word, right);
    return false;
}

/* As far as a double can tell. */
static bool is_whole(double value) { return fabs(value - round(value)) < 1e-6; }

/* Numbers separated by commas, SCALE times as much being whole, times SCALE. */
static bool parse_list(const char *option, const char *text, int scale, int *values, size_t *ret_count, GError **error)
{
    if (text == NULL)
        return true;
    const char *right = scale == 1 ? "whole numbers separated by commas"
                                   : "numbers separated by commas, with one decimal at most";
    g_auto(GStrv) words = g_strsplit(text, ",", ZONES_MAX + 1);
    guint count = g_strv_length(words);
    if (count > ZONES_MAX)
        return fail(error, option, text, "at most 8 numbers");
    for (guint i = 0; i < count; i++) {
        char *end;
        double value = g_ascii_strtod(words[i], &end);
        bool plain = words[i][0] != '\0' && strspn(words[i], "0123456789.") == strlen(words[i]) && *end == '\0';
        if (!plain || value > 1000 || !is_whole(value * scale))
            return fail(error, option, text, right);
        values[i] = (int)lround(value * scale);
    }
    *ret_count = count;
    return true;
}

/* What is not given is 0 in a profile; that is no number to give. */
static bool take_numbers(AthleteProfile *profile, GError **error)
{
    const struct {
        const char *option;
        int *number;
    } numbers[] = {{"age", &profile->age_years},
                   {"max", &profile->max_bpm},
                   {"rest", &profile->rest_bpm},
                   {"lthr", &profile->threshold_bpm}};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (*numbers[i].number == 0)
            return fail(error, numbers[i].option, "0", "above 0");
        if (*numbers[i].number == NOT_GIVEN)
            *numbers[i].number = 0;
    }
    return true;
}

static bool parse_lists(const JudgeOptions *options, AthleteProfile *profile, GError **error)
{
    const char *bounds = options->bounds, *thresholds = options->thresholds;
    if (bounds != NULL && thresholds != NULL)
        return fail(error, "bounds", bounds, "without --thresholds");
    /* Own bounds leave no doubt about the model. */
    if (profile->model == ZONE_MODEL_AUTO && bounds != NULL)
        profile->model = ZONE_MODEL_BPM;
    else if (profile->model == ZONE_MODEL_AUTO && thresholds != NULL)
        profile->model = ZONE_MODEL_THRESHOLD3;
    if (bounds != NULL && profile->model == ZONE_MODEL_THRESHOLD3)
        return fail(error, "bounds", bounds, "--thresholds LT1,LT2 for the zone model threshold3");
    if (thresholds != NULL && profile->model == ZONE_MODEL_BPM)
        return fail(error, "thresholds", thresholds, "--bounds for the zone model bpm");
    return parse_list("percent", options->percent, 10, profile->percent_permille, &profile->percent_count, error) &&
           parse_list("bounds", bounds, 1, profile->bounds_bpm, &profile->bounds_count, error) &&
           parse_list("thresholds", thresholds, 1, profile->bounds_bpm, &profile->bounds_count, error);
}

static bool check_formula(const JudgeOptions *options, GError **error)
{
    if (options->max_formula == NULL)
        return true;
    if (options->profile.max_bpm != NOT_GIVEN)
        return fail(error, "max-formula", options->max_formula, "without --max, which leaves nothing to estimate");
    if (options->profile.age_years == NOT_GIVEN)
        return fail(error, "max-formula", options->max_formula, "with --age, which it estimates from");
    return true;
}

static bool parse_words(const JudgeOptions *options, AthleteProfile *profile, Target *target, GError **error)
{
    if (options->model != NULL && !zone_model_parse(options->model, &profile->model))
        return fail(error, "model", options->model, "hrmax, hrr, lthr, threshold3 or bpm");
    if (options->max_formula != NULL && !max_formula_parse(options->max_formula, &profile->max_formula))
        return fail(error, "max-formula", options->max_formula, "tanaka, fox, gulati or nes");
    if (options->sex != NULL && !sex_parse(options->sex, &profile->sex))
        return fail(error, "sex", options->sex, "female or male");
    if (options->target != NULL && !target_parse(options->target, target))
        return fail(error, "target", options->target, "recovery, easy, z1 to z8, z5a to z5c, or cap:80 to cap:200");
    return check_formula(options, error) && take_numbers(profile, error) && parse_lists(options, profile, error);
}

static bool is_percent(double value) { return value >= 0 && value <= 100 && is_whole(value * 10); }

static bool is_time_s(int value_s) { return value_s >= 0 && value_s <= 36000; }

/* The same limits as in the configuration file. */
static bool make_rules(const JudgeOptions *options, VerdictRules *ret, GError **error)
{
    if (!is_percent(options->min_coverage) || !is_percent(options->kept) || !is_percent(options->slipped) ||
        !is_time_s(options->min_valid_s) || !is_time_s(options->kept_longest_s))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "a threshold is out of range: 0 to 100 percent with one decimal at most, 0 to 36000 s");
    else if (options->slipped > options->kept)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--slipped must not be above --kept");
    *ret = (VerdictRules){.min_valid_ms = options->min_valid_s * INT64_C(1000),
                          .min_coverage = options->min_coverage,
                          .kept_compliance = options->kept,
                          .kept_longest_ms = options->kept_longest_s * INT64_C(1000),
                          .slipped_compliance = options->slipped};
    return *error == NULL;
}

static bool make_pace(const JudgeOptions *options, SessionConfig *config, GError **error)
{
    double cap_kmh = options->speed_cap_kmh;
    bool capped = cap_kmh != NOT_GIVEN, rated = options->rpe != NOT_GIVEN;
    if (capped && !(cap_kmh >= 1 && cap_kmh <= 30 && is_whole(cap_kmh * 10)))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--speed-cap must be 1 to 30 km/h, with one decimal at most");
    else if (rated && (options->rpe < 1 || options->rpe > SESSION_MAX_RPE))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--rpe must be 1 to %d", SESSION_MAX_RPE);
    else if (capped)
        config->speed_cap_mm_s = compliance_mm_s(cap_kmh);
    return *error == NULL;
}

static bool make_config(const JudgeOptions *options, SessionConfig *config, GError **error)
{
    AthleteProfile profile = options->profile;
    int cap_bpm, floor_bpm;
    if (!parse_words(options, &profile, &config->target, error) || !make_rules(options, &config->rules, error) ||
        !make_pace(options, config, error))
        return false;
    ZonesResult result = zones_build(&profile, &config->zones);
    if (result != ZONES_OK)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", zones_result_text(result));
    else if (!target_bounds(&config->target, &config->zones, &cap_bpm, &floor_bpm))
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--target: these zones have no such zone");
    return *error == NULL;
}

static void print_decimal(double value, const char *format)
{
    char buf[G_ASCII_DTOSTR_BUF_SIZE];
    printf(",%s", isnan(value) ? "" : g_ascii_formatd(buf, sizeof buf, format, value));
}

static void print_series(const GArray *series)
{
    puts("t_s,dfa_a1,rmssd_ms");
    for (guint i = 0; i < series->len; i++) {
        const JudgeRow *row = &g_array_index(series, JudgeRow, i);
        printf("%" G_GINT64_FORMAT ".%03d", (gint64)(row->t_ms / 1000), (int)(row->t_ms % 1000));
        print_decimal(row->dfa_a1, "%.3f");
        print_decimal(row->rmssd_ms, "%.1f");
        putchar('\n');
    }
}

/* The JSON object SUMMARY with the series in it. Caller frees. */
static char *with_series(const char *summary, const GArray *series)
{
    cJSON *rows = cJSON_CreateArray();
    for (guint i = 0; i < series->len; i++) {
        const JudgeRow *row = &g_array_index(series, JudgeRow, i);
        cJSON *object = cJSON_CreateObject();
        json_thousandths(object, "t_s", row->t_ms);
        json_decimal(object, "dfa_a1", row->dfa_a1, 3);
        json_decimal(object, "rmssd", row->rmssd_ms, 1);
        cJSON_AddItemToArray(rows, object);
    }
    g_autofree char *json = json_print(rows);
    g_assert(g_str_has_suffix(summary, "}"));
    return g_strdup_printf("%.*s,\"rr_series\":%s}", (int)strlen(summary) - 1, summary, json);
}

static void print_json(const JudgeOptions *options, const Judgement *judgement)
{
    const PayloadSession about = {.curve = &judgement->steps};
    g_autofree char *summary = payload_summary(&judgement->summary, &about);
    g_autofree char *whole = options->rr_series ? with_series(summary, judgement->series) : g_strdup(summary);
    puts(whole);
}

static void print_text(const JudgeOptions *options, const char *name, const Judgement *judgement)
{
    bool colour = isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL;
    g_autofree char *text = judge_text(name, &judgement->summary, colour);
    fputs(text, stdout);
    if (options->rr_series)
        print_series(judgement->series);
}

static bool write_svg(const char *path, const char *name, const Judgement *judgement)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *svg = judge_svg(name, judgement);
    if (!g_file_set_contents(path, svg, -1, &error))
        fprintf(stderr, "zone1ctl judge: %s\n", error->message);
    return error == NULL;
}

static int judge(const char *path, const JudgeOptions *options, const SessionConfig *config)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) recording = recording_load(path, &error);
    if (recording == NULL) {
        fprintf(stderr, "zone1ctl judge: %s\n", error->message);
        return EX_DATAERR;
    }
    g_autoptr(Judgement) judgement = judge_recording(recording, config, options->target == NULL, MAX(options->rpe, 0));
    if (!judgement->has_summary) {
        fprintf(stderr, "zone1ctl judge: %s: its session never starts\n", path);
        return EX_DATAERR;
    }
    g_autofree char *name = g_path_get_basename(path);
    if (options->json)
        print_json(options, judgement);
    else
        print_text(options, name, judgement);
    if (options->svg != NULL && !write_svg(options->svg, name, judgement))
        return EX_CANTCREAT;
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EX_IOERR;
}

int judge_command(int argc, char **argv)
{
    JudgeOptions options = default_options();
    SessionConfig config = {0};
    g_autoptr(GError) error = NULL;
    int status = EX_USAGE;
    if (parse_options(&argc, &argv, &options, &error) && argc != 2)
        g_set_error(&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "one recording belongs here");
    lower_words(&options);
    if (error == NULL && make_config(&options, &config, &error))
        status = judge(argv[1], &options, &config);
    if (error != NULL)
        fprintf(stderr, "zone1ctl judge: %s; see zone1ctl judge --help\n", error->message);
    clear(&options);
    return status;
}
