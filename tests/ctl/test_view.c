/* SPDX-License-Identifier: MIT */
#include "ctl/lines.h"
#include "ctl/view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const LiveReport running = {
    .at_s = 1700000000, .hr_bpm = 128, .signal = SIGNAL_LIVE, .zone_name = "z1", .zone = 1, .zone_model = "hrr",
    .cap_bpm = 140, .status = STATUS_IN, .advice = ADVICE_HOLD, .trend_bpm_min = 1, .compliance = 95.4,
    .coverage = 98, .valid_s = 727, .above_s = 54, .excursions = 2, .session = SESSION_ACTIVE,
};

static View view_of(const LiveReport *live)
{
    View view;
    view_init(&view, "localhost:1883", "anna", 0);
    view.broker_up = view.broker_was_up = true;
    view.gateway = GATEWAY_ONLINE;
    if (live != NULL)
        view_take_live(&view, live, 1000);
    return view;
}

static char *text_of(const View *view, gint64 now_ms, int rows, int columns)
{
    g_autoptr(Frame) frame = frame_new(rows, columns);
    view_draw(view, now_ms, frame);
    return frame_text(frame);
}

static void assert_shows(const char *text, const char *wanted)
{
    if (strstr(text, wanted) == NULL)
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static void assert_hides(const char *text, const char *unwanted)
{
    if (strstr(text, unwanted) != NULL)
        fail_msg("\"%s\" is in:\n%s", unwanted, text);
}

static void whole_picture_at_the_smallest_size(void **state)
{
    (void)state;
    static const char wanted[] =
        " anna                     active  12:07\n"
        "   ██    ██████  ██████  zone 1\n"
        " ████        ██  ██  ██  cap 140 bpm\n"
        "   ██    ██████  ██████  12 to spare\n"
        "   ██    ██      ██  ██  in target\n"
        " ██████  ██████  ██████\n"
        " hold this\n"
        " in 95.4 %  above 0:54 in 2  cov 98.0 %\n"
        " ██████████████████████████▊· in target\n"
        "                               ▂ 5 min\n"
        "\n"
        " q quits   zones by hrr\n";
    View view = view_of(&running);
    g_autofree char *text = text_of(&view, 1500, VIEW_MIN_ROWS, VIEW_MIN_COLUMNS);
    assert_string_equal(text, wanted);
}

static void an_estimated_maximum_is_marked(void **state)
{
    (void)state;
    LiveReport live = running;
    live.max_estimated = true;
    View view = view_of(&live);
    g_autofree char *text = text_of(&view, 1500, VIEW_MIN_ROWS, VIEW_MIN_COLUMNS);
    assert_shows(text, "zones by hrr, max estimated");
    view.have_last = true;
    view.last = (SummaryReport){.verdict = VERDICT_KEPT, .zone_model = "hrr", .cap_bpm = 140, .max_estimated = true};
    g_autofree char *wide = text_of(&view, 1500, 24, 80);
    assert_shows(wide, "last session: kept");
    assert_shows(wide, "zones by hrr, max estimated");
    g_autofree char *verdict = view_verdict(&view.last, "anna");
    assert_shows(verdict, "zone model hrr, max estimated, cap 140 bpm");
}

static void everything_fits_at_every_size(void **state)
{
    (void)state;
    LiveReport live = running;
    live.advice = ADVICE_EASE_OFF;
    live.valid_s = 360000;
    live.above_s = 35999;
    live.excursions = 99;
    live.compliance = 100;
    live.coverage = 100;
    View view = view_of(&live);
    for (int rows = VIEW_MIN_ROWS; rows <= 60; rows += 3) {
        for (int columns = VIEW_MIN_COLUMNS; columns <= 200; columns += 7) {
            g_autofree char *text = text_of(&view, 1500, rows, columns);
            assert_shows(text, "zone 1");
            assert_shows(text, "12 to spare");
            assert_shows(text, "in target");
            assert_shows(text, "ease off");
            assert_shows(text, "above 9:59:59");
            assert_shows(text, "100.0 %");
            assert_shows(text, "q quits");
            assert_shows(text, " min\n");
        }
    }
    for (int size = 1; size < 12; size++) {
        g_autofree char *text = text_of(&view, 1500, size, size * 2);
        assert_non_null(text);
    }
}

typedef struct {
    const char *what, *headline, *detail;
    SignalState signal;
    int hr_bpm;
    gint64 now_ms;
    bool no_live, broker_down, never_up, gateway_down;
    const char *note;
} FaultCase;

static const FaultCase fault_cases[] = {
    {.what = "lost", .headline = "SIGNAL LOST", .detail = "link", .signal = SIGNAL_LOST},
    {.what = "stale", .headline = "NO SIGNAL", .detail = "sent nothing", .signal = SIGNAL_STALE},
    {.what = "no contact", .headline = "NO CONTACT", .detail = "skin", .signal = SIGNAL_NO_CONTACT},
    {.what = "none", .headline = "NO STRAP", .detail = "put it on", .signal = SIGNAL_NONE},
    {.what = "a stale signal with a rate is still no signal", .headline = "NO SIGNAL", .signal = SIGNAL_STALE,
     .hr_bpm = 128},
    {.what = "live without a rate", .headline = "NO SIGNAL", .detail = "usable", .signal = SIGNAL_LIVE},
    {.what = "silence", .headline = "NO MESSAGES", .detail = "for 5 s",
     .signal = SIGNAL_LIVE, .hr_bpm = 128, .now_ms = 6000},
    {.what = "broker gone", .headline = "BROKER GONE", .detail = "localhost:1883",
     .signal = SIGNAL_LIVE, .hr_bpm = 128, .broker_down = true},
    {.what = "no broker yet", .headline = "NO BROKER", .detail = "localhost:1883",
     .no_live = true, .broker_down = true, .never_up = true},
    {.what = "the broker's own reason", .headline = "NO BROKER", .detail = "not authorised",
     .broker_down = true, .never_up = true, .no_live = true, .note = "not authorised"},
    {.what = "zone1d gone", .headline = "ZONE1D OFFLINE", .detail = "not running",
     .signal = SIGNAL_LIVE, .hr_bpm = 128, .gateway_down = true},
    {.what = "nothing heard yet", .headline = "WAITING",
     .detail = "anna yet. zone1d is running: is the strap worn", .no_live = true, .now_ms = 10000},
};

static View faulty_view(const FaultCase *c)
{
    LiveReport live = running;
    live.signal = c->signal;
    live.hr_bpm = c->hr_bpm;
    View view = view_of(c->no_live ? NULL : &live);
    view.broker_up = !c->broker_down;
    view.broker_was_up = !c->never_up;
    view.gateway = c->gateway_down ? GATEWAY_OFFLINE : GATEWAY_ONLINE;
    g_strlcpy(view.note, c->note != NULL ? c->note : "", sizeof view.note);
    return view;
}

static void no_rate_is_shown_that_is_not_live(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(fault_cases); i++) {
        const FaultCase *c = &fault_cases[i];
        View view = faulty_view(c);
        gint64 now_ms = c->now_ms > 0 ? c->now_ms : 2000;
        g_autofree char *text = text_of(&view, now_ms, 24, 80);
        g_autofree char *line = view_line(&view, now_ms);
        assert_shows(text, c->headline);
        assert_shows(line, c->headline);
        if (c->detail != NULL)
            assert_shows(text, c->detail);
        assert_hides(text, "██  ██"); /* of the number; the bar has no gaps */
        assert_hides(text, "to spare");
        assert_hides(line, "128");
    }
}

static void the_first_seconds_are_no_fault(void **state)
{
    (void)state;
    View view = view_of(NULL);
    view.since_ms = 5000;
    g_autofree char *line = view_line(&view, 14999);
    assert_string_equal(line, "waiting for the first heart rate of anna");
    g_autofree char *text = text_of(&view, 14999, VIEW_MIN_ROWS, VIEW_MIN_COLUMNS);
    assert_shows(text, "WAITING\n");
    assert_shows(text, "for the first heart rate of anna\n");
    g_autofree char *later = view_line(&view, 15000);
    assert_shows(later, "--- WAITING: Nothing from anna yet.");
    view.athlete[0] = '\0';
    g_autofree char *nobody = view_line(&view, 6000);
    assert_string_equal(nobody, "waiting for the first heart rate");
    view.gateway = GATEWAY_OFFLINE; /* what is known to be wrong is said at once */
    g_autofree char *offline = view_line(&view, 6000);
    assert_shows(offline, "--- ZONE1D OFFLINE");
}

static void just_before_the_silence_is_too_long_it_is_live(void **state)
{
    (void)state;
    char detail[VIEW_DETAIL];
    View view = view_of(&running);
    assert_null(view_fault(&view, 1000 + VIEW_SILENCE_MS - 1, detail, sizeof detail));
    assert_non_null(view_fault(&view, 1000 + VIEW_SILENCE_MS, detail, sizeof detail));
}

static void above_the_cap_says_so_in_words(void **state)
{
    (void)state;
    LiveReport live = running;
    live.hr_bpm = 147;
    live.zone = 2;
    g_strlcpy(live.zone_name, "z2", sizeof live.zone_name);
    live.status = STATUS_ABOVE;
    live.advice = ADVICE_EASE_OFF;
    View view = view_of(&live);
    g_autofree char *text = text_of(&view, 1500, 24, 80);
    g_autofree char *line = view_line(&view, 1500);
    assert_shows(text, "zone 2");
    assert_shows(text, "7 OVER");
    assert_shows(text, "above target");
    assert_shows(text, "ease off: slow down or walk");
    assert_string_equal(line, "   12:07  147 bpm  z2     above target (ease off: slow down or walk)"
                              "  cap 140  compliance 95.4 %");
}

static void values_that_are_not_known_are_no_numbers(void **state)
{
    (void)state;
    LiveReport live = running;
    live.compliance = live.coverage = live.trend_bpm_min = NAN;
    live.cap_bpm = 0;
    live.zone = ZONE_NONE;
    live.zone_name[0] = '\0';
    View view = view_of(&live);
    g_autofree char *text = text_of(&view, 1500, 24, 80);
    assert_shows(text, "in target - %");
    assert_shows(text, "coverage - %");
    assert_hides(text, "nan");
    assert_hides(text, "OVER");
    assert_hides(text, "to spare");
}

static void bar_follows_the_recording(void **state)
{
    (void)state;
    LiveReport live = running;
    live.coverage = 100;
    live.valid_s = 3000;
    View view = view_of(&live);
    view.total_s = 6000;
    g_autofree char *text = text_of(&view, 1500, 12, 40);
    assert_shows(text, "\n █████████████▌············· of 1:40:00\n");
}

static void hint_takes_the_last_row(void **state)
{
    (void)state;
    LiveReport live = running;
    View view = view_of(&live);
    g_strlcpy(view.hint, "http://127.0.0.1:8000/#athlete=runner\x1b[2J", sizeof view.hint);
    g_autofree char *text = text_of(&view, 1500, 12, 60);
    assert_shows(text, " q quits   http://127.0.0.1:8000/#athlete=runner?[2J\n");
}

/* Ten seconds a column, the highest zone of them, blank where nothing came. */
static void strip_shows_the_last_minutes(void **state)
{
    (void)state;
    LiveReport live = running;
    View view = view_of(NULL);
    static const struct {
        int at_s, zone;
    } messages[] = {{1000, 1}, {1005, 0}, {1010, 2}, {1012, 1}, {1040, 0}, {1050, 5}};
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
        live.at_s = messages[i].at_s;
        live.zone = messages[i].zone;
        view_take_live(&view, &live, 1000);
    }
    g_autofree char *text = text_of(&view, 1500, 12, 40);
    assert_shows(text, " ▂▄  ▁▇ 5 min\n");
    live.at_s = 99999999; /* the clock was set */
    view_take_live(&view, &live, 1000);
    g_autofree char *later = text_of(&view, 1500, 12, 40);
    assert_shows(later, "     ▇ 5 min\n");
    live.at_s = 5;
    view_take_live(&view, &live, 1000);
}

static void verdict_has_every_figure(void **state)
{
    (void)state;
    SummaryReport summary = {
        .id = "x", .verdict = VERDICT_KEPT, .zone_model = "hrr", .cap_bpm = 140,
        .compliance = 95.4, .coverage = 100, .valid_s = 6123, .above_s = 282, .longest_s = 55, .excursions = 24,
        .peak_over_bpm = 9, .hr_max_bpm = 149, .hr_avg_bpm = 121.6,
        .reason = "95.4 % of the time at or below the cap (kept from 95.0 %), longest excursion 55 s",
    };
    g_autofree char *text = view_verdict(&summary, "anna");
    assert_string_equal(text, "verdict: kept, 95.4 % in target - the run stayed in its zone\n"
                              "  athlete     anna, zone model hrr, cap 140 bpm\n"
                              "  judged      1:42:03 with a valid heart rate, coverage 100.0 %\n"
                              "  above       4:42 in 24 excursions, longest 0:55, up to 9 bpm over the cap\n"
                              "  heart rate  122 bpm on average, 149 at most\n"
                              "  reason      95.4 % of the time at or below the cap (kept from 95.0 %),\n"
                              "              longest excursion 55 s\n");
}

static void lines_come_on_change_and_not_too_often(void **state)
{
    (void)state;
    Lines lines = {0};
    LiveReport live = running;
    View view = view_of(&live);
    unsigned written = 0;
    g_autofree char *early = NULL;
    view.broker_up = view.broker_was_up = false;
    assert_false(lines_due(&lines, &view, 500, &early)); /* it has only just begun to connect */
    view.broker_up = view.broker_was_up = true;
    for (gint64 now_ms = 1000; now_ms < 31000; now_ms += 100) {
        g_autofree char *line = NULL;
        live.valid_s++;
        view_take_live(&view, &live, now_ms);
        written += lines_due(&lines, &view, now_ms, &line);
    }
    assert_in_range(written, 3, 4); /* the heartbeat alone */
    live.status = STATUS_ABOVE;
    view_take_live(&view, &live, 32000);
    g_autofree char *line = NULL;
    assert_true(lines_due(&lines, &view, 32000, &line));
    assert_shows(line, "above target");
    g_autofree char *again = NULL;
    live.status = STATUS_IN;
    view_take_live(&view, &live, 32100);
    assert_false(lines_due(&lines, &view, 32100, &again));
    assert_true(lines_due(&lines, &view, 33000, &again));
    lines_clear(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_picture_at_the_smallest_size),
        cmocka_unit_test(everything_fits_at_every_size),
        cmocka_unit_test(an_estimated_maximum_is_marked),
        cmocka_unit_test(no_rate_is_shown_that_is_not_live),
        cmocka_unit_test(the_first_seconds_are_no_fault),
        cmocka_unit_test(just_before_the_silence_is_too_long_it_is_live),
        cmocka_unit_test(above_the_cap_says_so_in_words),
        cmocka_unit_test(values_that_are_not_known_are_no_numbers),
        cmocka_unit_test(bar_follows_the_recording),
        cmocka_unit_test(hint_takes_the_last_row),
        cmocka_unit_test(strip_shows_the_last_minutes),
        cmocka_unit_test(verdict_has_every_figure),
        cmocka_unit_test(lines_come_on_change_and_not_too_often),
    };
    return cmocka_run_group_tests_name("ctl view", tests, NULL, NULL);
}
