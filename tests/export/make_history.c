/* SPDX-License-Identifier: MIT
 *
 * usage: make_history FOLDER [HOURS_AGO RECORDING]...
 * Runs recordings, with what they say was done to the session, through an athlete of the gateway into the store in
 * FOLDER. One without a stop is left as it stands: a session in progress.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../gateway/athlete_fixture.h"
#include "recording.h"

#include <stdlib.h>

static void do_marks(Fixture *fixture, const Recording *recording, gsize index, gsize *mark)
{
    for (; *mark < recording_mark_count(recording); (*mark)++) {
        const RecordingMark one = recording_mark(recording, *mark);
        if (one.before != index)
            return;
        run_to(fixture, MAX(fixture->now_ms, one.t_ms));
        const CommandSet set = {.target = one.target};
        if (one.is_target)
            assert_null(athlete_set(fixture->athlete, COMMAND_TARGET, &set, T0_MS + fixture->now_ms));
        else
            assert_true(athlete_command(fixture->athlete, one.command, T0_MS + fixture->now_ms));
    }
}

static void run_recording(Fixture *fixture, const Recording *recording)
{
    gsize mark = 0;
    for (gsize i = 0; i < recording_count(recording); i++) {
        Sample sample;
        do_marks(fixture, recording, i, &mark);
        recording_get(recording, i, &sample);
        run_to(fixture, MAX(fixture->now_ms, sample.t_ms));
        sample.t_ms += T0_MS;
        athlete_sample(fixture->athlete, &sample);
    }
    do_marks(fixture, recording, recording_count(recording), &mark);
    athlete_save(fixture->athlete, T0_MS + fixture->now_ms);
}

static void make(const char *folder, gint64 hours_ago, const char *path)
{
    void *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Recording) recording = recording_load(path, &error);
    if (recording == NULL)
        fail_msg("%s", error->message);
    athlete_setup(&state);
    Fixture *fixture = state;
    const StoreOptions options = {.folder = folder, .interval_s = 1};
    fixture->config->store.interval_s = 4;
    fixture->context.store = store_new(&options);
    fixture->context.clock = "test";
    fixture->wall_shift_us = g_get_real_time() - hours_ago * 3600 * G_USEC_PER_SEC - WALL0_US;
    run_recording(fixture, recording);
    assert_true(store_free(fixture->context.store, 60000));
    athlete_teardown(&state);
}

int main(int argc, char **argv)
{
    for (int i = 2; i + 1 < argc; i += 2)
        make(argv[1], strtoll(argv[i], NULL, 10), argv[i + 1]);
    return 0;
}
