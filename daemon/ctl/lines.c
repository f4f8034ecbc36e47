/* SPDX-License-Identifier: MIT */
#include "ctl/lines.h"

#include <stdio.h>
#include <string.h>

/* Zone, status and fault: a change of these is worth a line as soon as one may be written. */
static char *state_of(const View *view, gint64 now_ms)
{
    char detail[VIEW_DETAIL];
    const char *fault = view_fault(view, now_ms, detail, sizeof detail);
    if (fault != NULL)
        return g_strdup(fault);
    return g_strdup_printf("%s %d %d", view->live.zone_name, view->live.status, view->live.advice);
}

bool lines_due(Lines *lines, const View *view, gint64 now_ms, char **ret_line)
{
    gint64 since_ms = now_ms - lines->written_ms;
    bool first = lines->line == NULL;
    /* The first attempt is under way: nothing is known yet that would be worth a line. */
    if (first && !view->broker_up && !view->broker_was_up && view->note[0] == '\0')
        return false;
    if (!first && since_ms < LINES_INTERVAL_MS)
        return false;
    g_autofree char *state = state_of(view, now_ms);
    bool changed = first || strcmp(state, lines->state) != 0;
    if (!changed && since_ms < LINES_HEARTBEAT_MS)
        return false;
    g_autofree char *line = view_line(view, now_ms);
    bool differs = first || strcmp(line, lines->line) != 0;
    lines_clear(lines);
    lines->written_ms = now_ms;
    lines->state = g_steal_pointer(&state);
    lines->line = g_strdup(line);
    if (differs)
        *ret_line = g_steal_pointer(&line);
    return differs;
}

void lines_show(Lines *lines, const View *view, gint64 now_ms)
{
    g_autofree char *line = NULL;
    if (!lines_due(lines, view, now_ms, &line))
        return;
    puts(line);
    fflush(stdout);
}

void lines_clear(Lines *lines)
{
    g_clear_pointer(&lines->line, g_free);
    g_clear_pointer(&lines->state, g_free);
}
