/* SPDX-License-Identifier: MIT */
#include "session_fixture.h"

#include "core/names.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void fixture_init(Fixture *fixture, const char *target, bool auto_start)
{
    AthleteProfile profile = {.max_bpm = 185, .rest_bpm = 55, .sex = SEX_MALE};
    SessionConfig config = {.rules = verdict_rules_default(), .auto_start = auto_start};
    assert_int_equal(zones_build(&profile, &config.zones), ZONES_OK);
    assert_true(target_parse(target, &config.target));
    memset(fixture, 0, sizeof *fixture);
    assert_true(session_init(&fixture->session, &config));
    fixture->now_ms = 86400123;
}

static void sample(Fixture *fixture, int bpm)
{
    Sample s = {.t_ms = fixture->now_ms, .bpm = (uint16_t)bpm, .contact = fixture->contact, .speed_mps = NAN};
    if (bpm > 0) {
        s.rr_count = 1;
        s.rr_ms[0] = 60000.0 / bpm;
    }
    fixture->events |= session_sample(&fixture->session, &s);
}

void fixture_run(Fixture *fixture, int seconds, int bpm)
{
    for (int i = 0; i < seconds; i++) {
        sample(fixture, bpm);
        fixture->now_ms += 1000;
    }
}

void fixture_wait(Fixture *fixture, double seconds)
{
    fixture->now_ms += (int64_t)(seconds * 1000);
    fixture->events |= session_advance(&fixture->session, fixture->now_ms);
}

bool fixture_command(Fixture *fixture, SessionCommand command)
{
    unsigned events;
    bool fits = session_command(&fixture->session, command, fixture->now_ms, &events);
    fixture->events |= events;
    return fits;
}

void fixture_link(Fixture *fixture, bool up)
{
    fixture->events |= session_link(&fixture->session, up, fixture->now_ms);
}

Live fixture_live(const Fixture *fixture)
{
    Live live;
    session_live(&fixture->session, fixture->now_ms, &live);
    return live;
}

Summary fixture_summary(const Fixture *fixture)
{
    Summary summary;
    assert_true(session_summary(&fixture->session, fixture->now_ms, &summary));
    const Totals *totals = &summary.totals;
    assert_int_equal(totals->valid_ms + totals->unknown_ms + totals->paused_ms, totals->elapsed_ms);
    assert_int_equal(totals->elapsed_ms, summary.end_ms - summary.start_ms);
    return summary;
}

unsigned fixture_take_events(Fixture *fixture)
{
    unsigned events = fixture->events;
    fixture->events = 0;
    return events;
}
