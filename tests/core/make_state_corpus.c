/* SPDX-License-Identifier: MIT
 *
 * make_state_corpus FOLDER: writes the fuzzer's corpus, saved sessions of every state. Run it after the
 * format changed; test_session_extras says when that is due.
 */
#include "session_fixture.h"

#include "core/session_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *folder;

static void write_state(const Fixture *f, const char *name)
{
    static uint8_t bytes[SESSION_STATE_MAX_BYTES];
    char path[4096];
    size_t len = session_save(&f->session, bytes, sizeof bytes);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wbe");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        exit(1);
}

static void write_all(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f, "recovery", true);
    write_state(&f, "new");
    fixture_link(&f, true);
    fixture_run(&f, 9, 120);
    write_state(&f, "live");
    fixture_run(&f, 60, 125);
    session_set_speed(&f.session, 2.5, f.now_ms);
    session_set_rpe(&f.session, 2);
    fixture_run(&f, 20, 140);
    write_state(&f, "above");
    fixture_command(&f, SESSION_CMD_PAUSE);
    fixture_run(&f, 5, 140);
    write_state(&f, "paused");
    fixture_command(&f, SESSION_CMD_RESUME);
    fixture_run(&f, 200, 120);
    fixture_run(&f, 3, 0);
    write_state(&f, "zeros");
    fixture_command(&f, SESSION_CMD_STOP);
    write_state(&f, "finished");
    fixture_init(&f, "z2", false);
    f.contact = CONTACT_DETECTED;
    fixture_command(&f, SESSION_CMD_START);
    fixture_run(&f, 30, 110);
    fixture_link(&f, false);
    write_state(&f, "lost");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(write_all)};
    folder = argc == 2 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
