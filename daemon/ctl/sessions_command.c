/* SPDX-License-Identifier: MIT
 *
 * zone1ctl sessions: what is stored, as a table.
 */
#include "ctl/command.h"
#include "ctl/history.h"
#include "ctl/words.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"

#include <math.h>
#include <stdio.h>
#include <sysexits.h>

static void add_time(cJSON *object, const char *key, gint64 wall_us)
{
    g_autofree char *text = payload_time(wall_us);
    json_string(object, key, text);
}

static void print_json(const GPtrArray *records)
{
    fputs("[", stdout);
    for (guint i = 0; i < records->len; i++) {
        const StoreRecord *record = records->pdata[i];
        const bool ended = record->ended_us != 0;
        cJSON *object = cJSON_CreateObject();
        json_string(object, "id", record->id);
        json_string(object, "athlete", record->athlete);
        add_time(object, "started_at", record->started_us);
        add_time(object, "ended_at", record->ended_us);
        json_string(object, "target", record->target);
        json_int(object, "cap", record->cap_bpm);
        json_string(object, "zone_model", record->zone_model);
        json_string(object, "verdict", record->verdict);
        json_string(object, "reason", record->reason);
        json_decimal(object, "compliance", record->compliance, 1);
        json_decimal(object, "elapsed_s", ended ? (double)record->elapsed_ms / 1000 : NAN, 3);
        json_decimal(object, "valid_s", ended ? (double)record->valid_ms / 1000 : NAN, 3);
        json_decimal(object, "above_s", ended ? (double)record->above_ms / 1000 : NAN, 3);
        json_decimal(object, "longest_s", ended ? (double)record->longest_ms / 1000 : NAN, 3);
        json_decimal(object, "trimp_edwards", ended ? record->load : NAN, 1);
        json_int_or_null(object, "rpe", record->rpe, record->rpe > 0);
        g_autofree char *text = json_print(object);
        printf("%s\n%s", i > 0 ? "," : "", text);
    }
    puts("\n]");
}

static void print_row(const StoreRecord *record)
{
    char percent[WORDS_PERCENT], longest[WORDS_DURATION];
    g_autofree char *date = history_date(record->started_us);
    if (record->ended_us == 0) {
        printf("%-16s  %-14s %5s  %-12s %9s %8s  %s\n", date, record->athlete, "-", "running", "-", "-", record->id);
        return;
    }
    printf("%-16s  %-14s %5d  %-12s %9s %8s  %s\n", date, record->athlete, (int)(record->elapsed_ms / 60000),
           record->verdict != NULL ? record->verdict : "-", words_percent(record->compliance, percent),
           words_duration((int)(record->longest_ms / 1000), longest), record->id);
}

static void print_table(const GPtrArray *records)
{
    printf("%-16s  %-14s %5s  %-12s %9s %8s  %s\n", "DATE", "ATHLETE", "MIN", "VERDICT", "IN TARGET", "LONGEST", "ID");
    for (guint i = 0; i < records->len; i++)
        print_row(records->pdata[i]);
}

int sessions_command(int argc, char **argv)
{
    g_autofree char *athlete = NULL;
    gboolean json = FALSE;
    int limit = 0, status = EX_OK;
    const GOptionEntry entries[] = {
        {"athlete", 'a', 0, G_OPTION_ARG_STRING, &athlete, "Only theirs", "NAME"},
        {"limit", 'n', 0, G_OPTION_ARG_INT, &limit, "Only the newest N (0: all)", "N"},
        {"json", 'j', 0, G_OPTION_ARG_NONE, &json, "As JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const HistoryCommand command = {
        .entries = entries,
        .summary = "Lists the stored sessions, newest first: when it began, whose, how long, the verdict, the share of "
                   "the time\nat or below the cap, and the longest excursion."};
    if (!history_options(&argc, &argv, &command, &status))
        return status;
    if (limit < 0) {
        fprintf(stderr, "zone1ctl sessions: --limit must be 0 or more\n");
        return EX_USAGE;
    }
    g_autoptr(StoreReader) reader = history_open(&status);
    if (reader == NULL)
        return status;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = store_reader_list(reader, athlete, (unsigned)limit, &error);
    if (records == NULL)
        return history_fail(error);
    if (json)
        print_json(records);
    else
        print_table(records);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
