/* SPDX-License-Identifier: MIT
 *
 * zone1ctl delete: one stored session, gone.
 */
#include "ctl/command.h"
#include "ctl/history.h"
#include "store/remove.h"

#include <stdio.h>
#include <sysexits.h>

int delete_command(int argc, char **argv)
{
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    g_autoptr(GError) error = NULL;
    int status = EX_OK;
    const HistoryCommand command = {
        .entries = entries, .arguments = "ID", .least = 1, .most = 1,
        .summary = "Deletes a stored session with its samples, for good: its bytes are overwritten. ID as zone1ctl "
                   "sessions\ntells it. The daemon may be running; a session that has not ended stays."};
    if (!history_options(&argc, &argv, &command, &status))
        return status;
    if (g_strcmp0(argv[1], "last") == 0) {
        fputs("zone1ctl delete: the session's own id belongs here, not last: it may not be the one you mean\n", stderr);
        return EX_USAGE;
    }
    if (!store_remove(history_file(), argv[1], &error))
        return history_fail(error);
    printf("%s is deleted\n", argv[1]);
    return EX_OK;
}
