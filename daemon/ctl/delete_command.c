/* SPDX-License-Identifier: MIT
 *
 * zone1ctl delete: one stored session, gone.
 */
#include "ctl/ask.h"
#include "ctl/command.h"
#include "ctl/history.h"
#include "store/remove.h"

#include <stdio.h>
#include <sysexits.h>

/* True when the gateway did it, or *error says why it would not. False when there is none to ask. */
static bool ask(const Place *place, const char *id, GError **error)
{
    g_autoptr(GError) reason = NULL;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "session", id);
    cJSON *data = ask_gateway(place, "delete", object, ASK_PATIENCE_MS, &reason);
    cJSON_Delete(data);
    if (data == NULL && !g_error_matches(reason, ASK_ERROR, ASK_ERROR_REFUSED)) {
        fprintf(stderr, "zone1ctl delete: %s\n", reason->message);
        return false;
    }
    if (data == NULL)
        g_propagate_error(error, g_steal_pointer(&reason));
    return true;
}

/* By itself, in the file. */
static int remove_here(const char *id, bool gateways)
{
    g_autoptr(GError) error = NULL;
    if (!store_remove(history_file(), id, &error))
        return history_fail(error);
    printf("%s is deleted\n", id);
    if (gateways)
        puts("What the broker retains of it goes when zone1d is connected to it next.");
    return EX_OK;
}

int delete_command(int argc, char **argv)
{
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    g_auto(Place) place = {0};
    GError *error = NULL;
    int status = EX_OK;
    const HistoryCommand command = {
        .entries = entries, .arguments = "ID", .least = 1, .most = 1, .place = &place,
        .summary = "Deletes a stored session with its samples, for good: its bytes are overwritten. ID as zone1ctl "
                   "sessions\ntells it. zone1d is asked to do it, and takes back what the broker retains of it; when "
                   "it does not answer,\nor with --state-dir, the file is changed all the same. A session that has "
                   "not ended stays."};
    if (!history_options(&argc, &argv, &command, &status))
        return status;
    if (g_strcmp0(argv[1], "last") == 0) {
        fputs("zone1ctl delete: the session's own id belongs here, not last: it may not be the one you mean\n", stderr);
        return EX_USAGE;
    }
    if (history_is_elsewhere() || !ask(&place, argv[1], &error))
        return remove_here(argv[1], !history_is_elsewhere());
    if (error != NULL)
        return ask_report("delete", error);
    printf("%s is deleted\n", argv[1]);
    return EX_OK;
}
