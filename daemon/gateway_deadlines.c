/* SPDX-License-Identifier: MIT */
#include "gateway_deadlines.h"

struct GatewayDeadlines {
    Athlete *const *athletes;
    unsigned count;
    int64_t at_ms[];
};

GatewayDeadlines *gateway_deadlines_new(Athlete *const *athletes, unsigned count)
{
    GatewayDeadlines *deadlines = g_malloc(sizeof *deadlines + count * sizeof deadlines->at_ms[0]);
    deadlines->athletes = athletes;
    deadlines->count = count;
    for (unsigned i = 0; i < count; i++)
        deadlines->at_ms[i] = INT64_MIN;
    return deadlines;
}

void gateway_deadlines_free(GatewayDeadlines *deadlines) { g_free(deadlines); }

void gateway_deadlines_note(GatewayDeadlines *deadlines, unsigned index)
{
    deadlines->at_ms[index] = athlete_deadline_ms(deadlines->athletes[index]);
}

void gateway_deadlines_note_all(GatewayDeadlines *deadlines)
{
    for (unsigned i = 0; i < deadlines->count; i++)
        gateway_deadlines_note(deadlines, i);
}

unsigned gateway_deadlines_due(const GatewayDeadlines *deadlines, unsigned from, int64_t now_ms)
{
    while (from < deadlines->count && deadlines->at_ms[from] > now_ms)
        from++;
    return from;
}

int64_t gateway_deadlines_next_ms(const GatewayDeadlines *deadlines)
{
    int64_t next_ms = SOURCE_NEVER;
    for (unsigned i = 0; i < deadlines->count; i++)
        next_ms = MIN(next_ms, deadlines->at_ms[i]);
    return next_ms;
}
