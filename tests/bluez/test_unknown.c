/* SPDX-License-Identifier: MIT
 *
 * Straps that are bound to nobody: ignored, told of, or guests; what is heard; binding at run time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include <string.h>

#define ADDRESS_3 "00:AA:01:00:00:03"
#define PRIVATE_1 "4A:AA:01:00:00:01" /* a resolvable private one */
#define PRIVATE_2 "5B:AA:01:00:00:02"

static const uint8_t KEY[] = "a secret of this test";

static struct {
    unsigned seen, guests, returned, changes, kept;
    char id[16], name[64];
    unsigned guest; /* the last one's number */
    bool busy;
} told;

static void on_seen(void *user, const HeardStrap *strap)
{
    (void)user;
    told.seen++;
    g_strlcpy(told.id, strap->id, sizeof told.id);
    g_strlcpy(told.name, strap->name != NULL ? strap->name : "", sizeof told.name);
    assert_int_equal(strap->athlete, -1);
    assert_true(strap->since_ms <= strap->heard_ms);
}

static void on_guest(void *user, unsigned athlete, bool returned)
{
    (void)user;
    told.guests++;
    told.returned += returned ? 1 : 0;
    told.guest = athlete;
}

static void on_guest_strap(void *user, unsigned athlete, const GuestStrap *strap)
{
    (void)user;
    (void)athlete;
    told.kept += strap != NULL ? 1 : 0;
}

static bool is_busy(void *user, unsigned athlete)
{
    (void)user;
    (void)athlete;
    return told.busy;
}

static void on_changed(void *user)
{
    (void)user;
    told.changes++;
}

static const BluezEvents EVENTS = {
    .seen = on_seen, .guest = on_guest, .guest_strap = on_guest_strap, .guest_busy = is_busy, .changed = on_changed};

static const BluezOptions IGNORE = {.id_key = KEY, .id_key_len = sizeof KEY, .events = &EVENTS};
static const BluezOptions ASK = {
    .unknown = UNKNOWN_ASK, .id_key = KEY, .id_key_len = sizeof KEY, .events = &EVENTS};
static const BluezOptions GUESTS = {
    .unknown = UNKNOWN_GUEST, .guests = 2, .id_key = KEY, .id_key_len = sizeof KEY, .events = &EVENTS};

/* One athlete with a strap by ADDRESS_1, and two places for guests if there are any. */
static void start(Fixture *f, const BluezOptions *options)
{
    const StrapId straps[] = {{.address = ADDRESS_1}, {0}, {0}};

    memset(&told, 0, sizeof told);
    f->options = options;
    fixture_start(f, straps, 1 + options->guests);
}

static void ignore_is_what_it_says(void **state)
{
    Fixture *f = *state;
    MockDevice *stranger = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start(f, &IGNORE);
    fixture_run_ms(500);
    assert_int_equal(told.seen, 0);
    assert_int_equal(stranger->connect.calls, 0);
}

/* Also while nobody is missing, and no second time while it stays. */
static void ask_tells_of_a_strap_once_an_appearance(void **state)
{
    Fixture *f = *state;
    MockDevice *stranger, *lamp;
    char id[16];

    mock_add_device(f->hci0, ADDRESS_1, "Mine");
    start(f, &ASK);
    wait_until(f->told[0].up && !f->hci0->discovering);
    lamp = mock_add_device(f->hci0, ADDRESS_3, "Lamp");
    lamp->hides_service = true;
    stranger = mock_add_device(f->hci0, ADDRESS_2, "HRM");
    wait_until(told.seen == 1);
    assert_string_equal(told.name, "HRM");
    g_strlcpy(id, told.id, sizeof id);
    fixture_run_ms(1000);
    assert_int_equal(told.seen, 1);
    mock_advertise(stranger, false);
    fixture_run_ms(f->timing.gone_ms + 100);
    mock_advertise(stranger, true);
    wait_until(told.seen == 2);
    assert_string_equal(told.id, id);
    assert_int_equal(stranger->connect.calls, 0);
    assert_int_equal(lamp->connect.calls, 0);
    assert_int_equal(f->told[0].downs, 0);
}

static void ids_are_stable_and_no_addresses(void **state)
{
    Fixture *f = *state;
    char id[16];

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    start(f, &ASK);
    wait_until(told.seen == 1);
    g_strlcpy(id, told.id, sizeof id);
    assert_int_equal(strlen(id), 8);
    assert_null(strstr(ADDRESS_2, id));
    source_free(f->source);
    start(f, &ASK);
    wait_until(told.seen == 1);
    assert_string_equal(told.id, id);
}

/* Its id is made of its name, and it is one strap under any address. */
static void a_changing_address_is_one_strap(void **state)
{
    Fixture *f = *state;
    MockDevice *one = mock_add_device(f->hci0, PRIVATE_1, "Ring 7"), *two;

    one->random_address = true;
    start(f, &ASK);
    wait_until(told.seen == 1);
    mock_advertise(one, false);
    wait_until(!f->hci0->discovering); /* not heard before it is as it should be */
    two = mock_add_device(f->hci0, PRIVATE_2, "Ring 7");
    two->random_address = true;
    fixture_run_ms(700);
    assert_int_equal(told.seen, 1);
}

static void a_flood_of_strangers_is_told_in_part(void **state)
{
    static char addresses[64][18];
    Fixture *f = *state;

    for (unsigned i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_snprintf(addresses[i], sizeof addresses[i], "00:AA:05:00:00:%02X", i);
        mock_add_device(f->hci0, addresses[i], NULL);
    }
    start(f, &ASK);
    wait_until(told.seen >= 16);
    fixture_run_ms(600);
    assert_in_range(told.seen, 16, 17);
}

static void a_guest_is_connected_and_keeps_the_number(void **state)
{
    Fixture *f = *state;
    MockDevice *first = mock_add_device(f->hci0, ADDRESS_2, "HRM"), *second;
    unsigned number;

    start(f, &GUESTS);
    wait_until(f->told[1].samples >= 1);
    second = mock_add_device(f->hci0, ADDRESS_3, "HRM");
    second->bpm = 77;
    wait_until(f->told[2].samples >= 1 && f->told[2].bpm == 77);
    assert_int_equal(told.guests, 2);
    number = told.guest;
    assert_int_equal(number, 2);
    /* Gone for long, and back: the same number, although the other one is free too. */
    mock_advertise(first, false);
    mock_drop(first);
    mock_advertise(second, false);
    mock_drop(second);
    wait_until(!bluez_source_link(f->source, 1)->connected);
    fixture_run_ms(f->timing.guest_gone_ms + 2 * f->timing.look_every_ms);
    mock_advertise(second, true);
    wait_until(told.returned == 1 && f->told[2].ups == 2);
    assert_int_equal(told.guest, 2);
}

static void a_number_is_kept_while_the_guest_is_in_a_session(void **state)
{
    Fixture *f = *state;
    MockDevice *first = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start(f, &GUESTS);
    wait_until(f->told[1].samples >= 1);
    told.busy = true;
    mock_advertise(first, false);
    mock_drop(first);
    fixture_run_ms(f->timing.guest_gone_ms + 2 * f->timing.look_every_ms);
    mock_advertise(first, true);
    wait_until(f->told[1].ups == 2);
    assert_int_equal(told.guests, 1);
}

/* After a restart: the strap that had the number has it again, and no other gets it. */
static void a_restored_guest_keeps_the_number(void **state)
{
    Fixture *f = *state;
    const StrapId straps[] = {{.address = ADDRESS_1}, {0}, {0}};
    MockDevice *other = mock_add_device(f->hci0, ADDRESS_3, "HRM"), *mine;

    other->bpm = 77;
    memset(&told, 0, sizeof told);
    told.busy = true;
    f->options = &GUESTS;
    f->source = fixture_source(f, straps, 3);
    bluez_source_restore_guest(f->source, 1, &(GuestStrap){"abcdefgh", ADDRESS_2, "HRM 2"});
    source_start(f->source);
    /* The second number is in a session too, and nobody knows whose. */
    fixture_run_ms(f->timing.guest_gone_ms + 2 * f->timing.look_every_ms);
    assert_int_equal(f->told[1].samples + f->told[2].samples, 0);
    mine = mock_add_device(f->hci0, ADDRESS_2, "HRM 2");
    mine->bpm = 99;
    wait_until(f->told[1].samples >= 1);
    assert_int_equal(f->told[1].bpm, 99);
    told.busy = false;
    wait_until(f->told[2].samples >= 1);
    assert_int_equal(f->told[2].bpm, 77);
    assert_int_equal(told.kept, 1);
    assert_int_equal(told.guest, 2);
}

static void there_are_no_more_guests_than_places(void **state)
{
    Fixture *f = *state;
    MockDevice *third;

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    mock_add_device(f->hci0, ADDRESS_3, "HRM");
    start(f, &GUESTS);
    wait_until(f->told[1].samples >= 1 && f->told[2].samples >= 1);
    third = mock_add_device(f->hci0, "00:AA:01:00:00:04", "HRM");
    fixture_run_ms(800);
    assert_int_equal(third->connect.calls, 0);
}

/* A strap that is there and cannot be connected does not block the place for ever. */
static void a_guest_that_never_comes_gives_the_place_up(void **state)
{
    Fixture *f = *state;
    MockDevice *bad = mock_add_device(f->hci0, ADDRESS_2, "HRM");
    const BluezOptions one = {.unknown = UNKNOWN_GUEST, .guests = 1, .events = &EVENTS};

    bad->connect = (MockScript){.fail_times = 100000, .error = "org.bluez.Error.Failed", .text = "no"};
    start(f, &one);
    wait_until(told.guests == 1);
    mock_advertise(bad, false);
    mock_add_device(f->hci0, ADDRESS_3, "HRM");
    wait_until(f->told[1].samples >= 1);
    assert_int_equal(told.guests, 2);
}

static void an_athletes_strap_is_no_guest(void **state)
{
    Fixture *f = *state;

    mock_add_device(f->hci0, ADDRESS_1, "Mine");
    start(f, &GUESTS);
    wait_until(f->told[0].samples >= 3);
    fixture_run_ms(400);
    assert_int_equal(told.guests, 0);
}

/* ---- what is heard ---- */

typedef struct {
    const char *address;
    char id[16];
    int athlete, rssi_dbm;
    bool heart_rate;
    unsigned count;
} Wanted;

static void look_at(void *user, const HeardStrap *strap)
{
    Wanted *wanted = user;

    wanted->count++;
    if (strcmp(strap->address, wanted->address) != 0)
        return;
    g_strlcpy(wanted->id, strap->id, sizeof wanted->id);
    wanted->athlete = strap->athlete;
    wanted->rssi_dbm = strap->rssi_dbm;
    wanted->heart_rate = strap->heart_rate;
}

static Wanted heard(Fixture *f, const char *address)
{
    Wanted wanted = {.address = address, .athlete = -2};

    bluez_source_each_heard(f->source, look_at, &wanted);
    return wanted;
}

static const char *id_of(Fixture *f, const char *address)
{
    static char id[16];

    g_strlcpy(id, heard(f, address).id, sizeof id);
    return id;
}

/* With everybody there: discovery runs for it, nothing else is disturbed, and it ends. */
static void a_look_around_hears_what_is_there(void **state)
{
    Fixture *f = *state;
    MockDevice *lamp, *mine = mock_add_device(f->hci0, ADDRESS_1, "Mine");
    HeardStrap found;

    start(f, &IGNORE);
    wait_until(f->told[0].up && !f->hci0->discovering);
    lamp = mock_add_device(f->hci0, ADDRESS_2, "Lamp");
    lamp->hides_service = true;
    lamp->rssi_dbm = -71;
    fixture_run_ms(300);
    assert_false(f->hci0->discovering);
    bluez_source_look(f->source, 400);
    wait_until(heard(f, ADDRESS_2).athlete == -1);
    assert_int_equal(heard(f, ADDRESS_2).rssi_dbm, -71);
    assert_false(heard(f, ADDRESS_2).heart_rate);
    assert_int_equal(heard(f, ADDRESS_1).athlete, 0);
    assert_true(heard(f, ADDRESS_1).heart_rate);
    assert_true(bluez_source_find(f->source, id_of(f, ADDRESS_2), &found));
    assert_string_equal(found.name, "Lamp");
    assert_false(bluez_source_find(f->source, "nonsense", &found));
    assert_int_equal(f->told[0].downs, 0);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
    assert_int_equal(mine->connect.calls, 1);
    assert_int_equal(lamp->connect.calls, 0);
    /* Long after, only what is live is still said to be there. */
    fixture_run_ms(f->timing.gone_ms + 700);
    assert_false(f->hci0->discovering);
    assert_int_equal(heard(f, ADDRESS_1).count, 1);
}

static void a_look_around_waits_for_a_pending_connect(void **state)
{
    Fixture *f = *state;
    MockDevice *mine = mock_add_device(f->hci0, ADDRESS_1, "Mine");

    f->timing.link.connect_ms = 3000;
    mine->connect.hang_times = 1;
    start(f, &IGNORE);
    wait_until(mine->connect.calls == 1);
    bluez_source_look(f->source, 2000);
    fixture_run_ms(300);
    assert_false(f->hci0->discovering);
    mock_answer_held(f->mock);
    mock_drop(mine);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(f->hci0->connects_while_discovering, 0);
}

static void what_is_heard_has_a_limit(void **state)
{
    static char addresses[300][18];
    Fixture *f = *state;

    for (unsigned i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_snprintf(addresses[i], sizeof addresses[i], "00:AA:06:00:%02X:%02X", i >> 8, i & 0xff);
        mock_add_device(f->hci0, addresses[i], NULL)->hides_service = true;
    }
    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    start(f, &IGNORE);
    wait_until(heard(f, ADDRESS_2).count >= 256);
    wait_until(heard(f, ADDRESS_2).athlete == -1);
    assert_int_equal(heard(f, ADDRESS_2).count, 256);
}

/* ---- binding ---- */

static void a_strap_is_bound_and_unbound(void **state)
{
    Fixture *f = *state;
    MockDevice *stranger = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start(f, &ASK);
    wait_until(told.seen == 1);
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_2, NULL), BLUEZ_BOUND);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(heard(f, ADDRESS_2).athlete, 0);
    assert_false(bluez_source_unbind(f->source, 0, ADDRESS_3));
    assert_true(bluez_source_unbind(f->source, 0, ADDRESS_2));
    wait_until(f->told[0].downs == 1 && !stranger->connected);
    fixture_run_ms(500);
    assert_int_equal(stranger->connect.calls, 1);
    assert_int_equal(f->told[0].ups, 1);
    assert_false(bluez_source_unbind(f->source, 0, ADDRESS_1));
}

/* Unbound in each step of the way: it is hung up on, and never connected again. */
static void a_strap_is_unbound_in_each_step(void **state)
{
    static const LinkState STATES[] = {LINK_CONNECTING, LINK_RESOLVING, LINK_SUBSCRIBING, LINK_DISCONNECTING,
                                       LINK_BACKOFF};
    Fixture *f = *state;
    MockDevice *stranger = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start(f, &IGNORE);
    for (size_t i = 0; i < G_N_ELEMENTS(STATES); i++) {
        const Link *link = bluez_source_link(f->source, 0);
        unsigned calls;

        stranger->connect.hang_times = STATES[i] == LINK_CONNECTING ? 1 : 0;
        stranger->never_resolve = STATES[i] == LINK_RESOLVING || STATES[i] == LINK_DISCONNECTING;
        stranger->start_notify.hang_times = STATES[i] == LINK_SUBSCRIBING ? 1 : 0;
        if (STATES[i] == LINK_BACKOFF)
            stranger->connect = (MockScript){.fail_times = 1, .error = "org.bluez.Error.Failed", .text = "no"};
        assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_2, NULL), BLUEZ_BOUND);
        wait_until(link->state == STATES[i]);
        assert_true(bluez_source_unbind(f->source, 0, ADDRESS_2));
        wait_until(link->state == LINK_WANTED && !stranger->connected);
        calls = stranger->connect.calls;
        fixture_run_ms(300);
        assert_int_equal(stranger->connect.calls, calls);
    }
    assert_int_equal(f->told[0].ups, 0);
}

static void a_guest_becomes_an_athlete(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_2, "HRM");

    start(f, &GUESTS);
    wait_until(f->told[1].samples >= 1);
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_2, "HRM"), BLUEZ_BOUND);
    wait_until(f->told[0].samples >= 1);
    assert_false(f->told[1].up);
    fixture_run_ms(300);
    assert_int_equal(told.guests, 1);
    assert_true(device->connected);
}

static void a_binding_moves_from_one_athlete_to_another(void **state)
{
    Fixture *f = *state;
    const StrapId straps[] = {{.address = ADDRESS_1}, {.name = "Her own"}};

    mock_add_device(f->hci0, ADDRESS_2, "HRM");
    memset(&told, 0, sizeof told);
    f->options = &ASK;
    fixture_start(f, straps, 2);
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_2, NULL), BLUEZ_BOUND);
    wait_until(f->told[0].samples >= 1);
    assert_int_equal(bluez_source_bind(f->source, 1, ADDRESS_2, NULL), BLUEZ_BOUND);
    wait_until(f->told[1].samples >= 1);
    assert_false(f->told[0].up);
    assert_int_equal(bluez_source_bind(f->source, 1, ADDRESS_1, NULL), BLUEZ_BIND_CONFIGURED);
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_3, "Her own"), BLUEZ_BIND_CONFIGURED);
}

static void a_binding_has_a_limit(void **state)
{
    Fixture *f = *state;

    start(f, &IGNORE);
    for (unsigned i = 0; i < STRAP_MAX_BOUND; i++) {
        g_autofree char *address = g_strdup_printf("00:AA:07:00:00:%02X", i);

        assert_int_equal(bluez_source_bind(f->source, 0, address, NULL), BLUEZ_BOUND);
        assert_int_equal(bluez_source_bind(f->source, 0, address, NULL), BLUEZ_BOUND);
    }
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_3, NULL), BLUEZ_BIND_FULL);
}

static void a_binding_outlives_a_changing_address(void **state)
{
    Fixture *f = *state;
    MockDevice *one = mock_add_device(f->hci0, PRIVATE_1, "Ring 7"), *two;

    one->random_address = true;
    start(f, &IGNORE);
    bluez_source_bind(f->source, 0, PRIVATE_1, "Ring 7");
    wait_until(f->told[0].samples >= 1);
    f->timing.prefer_ms = 100;
    mock_advertise(one, false);
    mock_drop(one);
    mock_remove_device(one);
    wait_until(!f->hci0->discovering); /* not heard before it is as it should be */
    two = mock_add_device(f->hci0, PRIVATE_2, "Ring 7");
    two->random_address = true;
    wait_until(f->told[0].ups == 2);
    assert_int_equal(two->connect.calls, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ignore_is_what_it_says),
        TEST(ask_tells_of_a_strap_once_an_appearance),
        TEST(ids_are_stable_and_no_addresses),
        TEST(a_changing_address_is_one_strap),
        TEST(a_flood_of_strangers_is_told_in_part),
        TEST(a_guest_is_connected_and_keeps_the_number),
        TEST(a_number_is_kept_while_the_guest_is_in_a_session),
        TEST(a_restored_guest_keeps_the_number),
        TEST(there_are_no_more_guests_than_places),
        TEST(a_guest_that_never_comes_gives_the_place_up),
        TEST(an_athletes_strap_is_no_guest),
        TEST(a_look_around_hears_what_is_there),
        TEST(a_look_around_waits_for_a_pending_connect),
        TEST(what_is_heard_has_a_limit),
        TEST(a_strap_is_bound_and_unbound),
        TEST(a_strap_is_unbound_in_each_step),
        TEST(a_guest_becomes_an_athlete),
        TEST(a_binding_moves_from_one_athlete_to_another),
        TEST(a_binding_has_a_limit),
        TEST(a_binding_outlives_a_changing_address),
    };

    return cmocka_run_group_tests_name("unknown", tests, NULL, NULL);
}
