/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keeping_fixture.h"

#include <stdlib.h>

char *kept_in;

void keeping_begin(Fixture *fixture, const char *boot, bool trusted)
{
    fixture->context.store = store_in(kept_in);
    fixture->context.clock = boot;
    fixture->context.clock_trusted = trusted;
    if (fixture->athlete == NULL)
        fixture->athlete = athlete_new(&fixture->context, &fixture->config->athletes[0]);
    g_autofree char *file = database_in(kept_in);
    g_autoptr(StoreReader) reader = store_reader_open(file, NULL);
    athlete_restore(fixture->athlete, reader, T0_MS + fixture->now_ms);
    athlete_announce(fixture->athlete, T0_MS + fixture->now_ms);
}

void keeping_crash(Fixture *fixture)
{
    store_free(fixture->context.store, PATIENCE_MS);
    athlete_free(fixture->athlete);
    fixture->athlete = NULL;
}

int keeping_setup(void **state)
{
    kept_in = folder_new();
    log_keep();
    athlete_setup(state);
    Fixture *fixture = *state;
    fixture->config->store.interval_s = 4;
    setenv("TZ", "UTC", 1);
    keeping_begin(fixture, "boot-1", true);
    return 0;
}

int keeping_teardown(void **state)
{
    Fixture *fixture = *state;
    store_free(fixture->context.store, PATIENCE_MS);
    folder_remove(kept_in);
    g_free(kept_in);
    return athlete_teardown(state);
}

void keeping_flush(Fixture *fixture) { assert_true(store_flush(fixture->context.store, PATIENCE_MS)); }

StoreRecord *keeping_stored(Fixture *fixture, const char *id)
{
    keeping_flush(fixture);
    g_autofree char *file = database_in(kept_in);
    g_autoptr(StoreReader) reader = store_reader_open(file, NULL);
    g_autoptr(GError) error = NULL;
    StoreRecord *record = store_reader_get(reader, id, NULL, &error);
    assert_null(error);
    return record;
}

void keeping_stop(Fixture *fixture)
{
    assert_true(athlete_command(fixture->athlete, SESSION_CMD_STOP, T0_MS + fixture->now_ms));
}
