/* SPDX-License-Identifier: MIT
 *
 * The options of zone1ctl check, and its lines.
 */
#include "ctl/check.h"

#include "ctl/place.h"
#include "mqtt/json.h"
#include "mqtt/proof.h"
#include "mqtt/topics.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct {
    Place place;
    gboolean json;
    cJSON *lines; /* with json */
    bool all_well;
    GMainLoop *loop; /* of the broker's proof */
} Check;

static void on_line(void *user, CheckLevel level, const char *area, const char *text)
{
    static const char *const words[] = {[CHECK_OK] = "ok", [CHECK_HINT] = "hint", [CHECK_BAD] = "bad"};
    Check *check = user;
    check->all_well &= level != CHECK_BAD;
    if (!check->json) {
        printf("%-5s %-12s %s\n", level == CHECK_BAD ? "BAD" : words[level], area, text);
        fflush(stdout);
        return;
    }
    cJSON *object = cJSON_CreateObject();
    json_string(object, "level", words[level]);
    json_string(object, "area", area);
    json_string(object, "text", text);
    cJSON_AddItemToArray(check->lines, object);
}

/* ---- the broker ---- */

static void on_proof_line(void *user, ProofLevel level, const char *text)
{
    on_line(user, level == PROOF_OK ? CHECK_OK : level == PROOF_HINT ? CHECK_HINT : CHECK_BAD, "broker", text);
}

static void on_proof_done(void *user, bool all_well)
{
    (void)all_well;
    g_main_loop_quit(((Check *)user)->loop);
}

/* What the gateway subscribes to. */
static GPtrArray *filters_of(const char *prefix, const char *gateway_id)
{
    GPtrArray *filters = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(filters, topic_gateway(prefix, gateway_id, "request/+"));
    g_ptr_array_add(filters, topic_athlete(prefix, "+", "set"));
    g_ptr_array_add(filters, topic_athlete(prefix, "+", "set/+"));
    g_ptr_array_add(filters, g_strdup_printf("%s/group/+/set", prefix));
    g_ptr_array_add(filters, g_strdup_printf("%s/claim/+", prefix));
    g_ptr_array_add(filters, NULL);
    return filters;
}

static GPtrArray *athletes_of(const Config *config)
{
    GPtrArray *ids = g_ptr_array_new();
    for (unsigned i = 0; config != NULL && i < config->athlete_count; i++)
        g_ptr_array_add(ids, config->athletes[i].id);
    g_ptr_array_add(ids, NULL);
    return ids;
}

static void check_broker(Check *check)
{
    static const ProofEvents events = {.line = on_proof_line, .done = on_proof_done};
    const Place *place = &check->place;
    const char *gateway_id = place->gateway_id != NULL ? place->gateway_id : "check";
    g_autofree char *client_id = g_strdup_printf("zone1d-%s", gateway_id);
    g_autoptr(GPtrArray) filters = filters_of(place->topics, gateway_id);
    g_autoptr(GPtrArray) athletes = athletes_of(place->config);
    const ProofTopics topics = {.prefix = place->topics,
                                .gateway_id = gateway_id,
                                .athlete_ids = (const char *const *)athletes->pdata,
                                .command_filters = (const char *const *)filters->pdata};
    MqttOptions options = place->mqtt;
    options.client_id = client_id;
    const char *fault = mqtt_options_fault(&options);
    if (fault != NULL) {
        on_line(check, CHECK_BAD, "broker", fault);
        return;
    }
    check->loop = g_main_loop_new(NULL, FALSE);
    Proof *proof = proof_start(&options, &topics, &events, check);
    g_main_loop_run(check->loop);
    proof_free(proof);
    g_main_loop_unref(check->loop);
}

/* ---- all of it ---- */

static void check_configuration(Check *check)
{
    const Config *config = check->place.config;
    if (config == NULL) {
        on_line(check, CHECK_HINT, "config",
                "no configuration was read: " PLACE_DEFAULT_CONFIG " is not there, or --host was given");
        return;
    }
    g_autofree char *text = g_strdup_printf("%s: fine, %u athlete%s", config->path, config->athlete_count,
                                            config->athlete_count == 1 ? "" : "s");
    on_line(check, CHECK_OK, "config", text);
    check_permissions(config, on_line, check);
}

static bool parse(int *argc, char ***argv, Check *check, GError **error)
{
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &check->json, "As JSON, one line", NULL},
                                    G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Looks at all that zone1d needs: each line is ok, a hint, or what to do.");
    g_option_context_set_description(context, "Exit status: 0 nothing is bad, 1 something is, 64 wrong usage, 78 wrong "
                                              "configuration.\n");
    g_option_context_add_main_entries(context, entries, NULL);
    place_add_options(context, &check->place);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (*argc > 1)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "it takes no argument");
    return *error == NULL && place_resolve(&check->place, error);
}

int check_command(int argc, char **argv)
{
    Check check = {.all_well = true};
    g_autoptr(GError) error = NULL;
    int status = EX_OK;
    if (!parse(&argc, &argv, &check, &error)) {
        bool config = error->domain == CONFIG_ERROR;
        fprintf(stderr, "%s%s%s\n", config ? "" : "zone1ctl check: ", error->message,
                config ? "" : "; see zone1ctl check --help");
        status = config ? EX_CONFIG : EX_USAGE;
    } else {
        check.lines = cJSON_CreateArray();
        check_configuration(&check);
        check_clock(on_line, &check);
        check_rfkill("/sys", on_line, &check);
        check_wifi("/sys", "/proc/device-tree/model", on_line, &check);
        check_bluetooth(on_line, &check);
        check_broker(&check);
        g_autofree char *text = json_print(check.lines);
        if (check.json)
            puts(text);
        status = check.all_well ? EX_OK : EXIT_FAILURE;
    }
    place_clear(&check.place);
    return status;
}
