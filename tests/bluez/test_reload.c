/* SPDX-License-Identifier: MIT
 *
 * Other straps while the source runs: who stays keeps the link, whatever becomes of the others; and ten times another
 * configuration for the whole gateway holds no more than one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "memory.h"
#include "published.h"

#include <string.h>

#define ADDRESS_3 "00:AA:01:00:00:03"
#define ADDRESS_4 "00:AA:01:00:00:04"
#define FLAT_BYTES 4096 /* what allocators and queues may differ by */

static unsigned guests;

static void on_guest(void *user, unsigned athlete, bool returned)
{
    (void)user;
    (void)athlete;
    (void)returned;
    guests++;
}

static const BluezEvents EVENTS = {.guest = on_guest};

static StrapId of(const char *address) { return (StrapId){.address = address}; }

/* What was told goes with the athletes. */
static void reload(Fixture *f, const StrapId *straps, const int *from, unsigned count, const BluezOptions *options)
{
    static const BluezOptions none;
    Told before[FIXTURE_MAX_STRAPS];

    memcpy(before, f->told, sizeof before);
    memset(f->told, 0, sizeof f->told);
    for (unsigned i = 0; i < count; i++)
        if (from[i] >= 0)
            f->told[i] = before[from[i]];
    bluez_source_reload(f->source, straps, from, count, options != NULL ? options : &none);
}

static MockDevice *device_of(Fixture *f, const char *address, unsigned bpm)
{
    MockDevice *device = mock_add_device(f->hci0, address, NULL);

    device->bpm = bpm;
    return device;
}

static bool is_live(const Fixture *f, unsigned athlete, unsigned bpm)
{
    return f->told[athlete].up && f->told[athlete].bpm == bpm;
}

static void more_samples(Fixture *f, unsigned athlete)
{
    unsigned before = f->told[athlete].samples;

    wait_until(f->told[athlete].samples >= before + 3);
}

static void one_goes_one_comes_the_others_stay(void **state)
{
    Fixture *f = *state;
    const StrapId before[] = {of(ADDRESS_1), of(ADDRESS_2), of(ADDRESS_3)};
    const StrapId after[] = {of(ADDRESS_2), of(ADDRESS_4), of(ADDRESS_3)};
    MockDevice *gone = device_of(f, ADDRESS_1, 101), *two = device_of(f, ADDRESS_2, 102);
    MockDevice *three = device_of(f, ADDRESS_3, 103), *comes = device_of(f, ADDRESS_4, 104);

    fixture_start(f, before, 3);
    wait_until(is_live(f, 0, 101) && is_live(f, 1, 102) && is_live(f, 2, 103));
    reload(f, after, (const int[]){1, -1, 2}, 3, NULL);
    wait_until(is_live(f, 1, 104) && !gone->connected);
    more_samples(f, 0);
    more_samples(f, 2);
    assert_true(is_live(f, 0, 102) && is_live(f, 2, 103));
    assert_int_equal(f->told[0].downs + f->told[2].downs, 0);
    assert_int_equal(two->connect.calls + three->connect.calls + comes->connect.calls, 3);
    assert_true(gone->connect.calls == 1 && gone->disconnect.calls == 1);
}

static void none_are_left_but_one(void **state)
{
    Fixture *f = *state;
    const StrapId before[] = {of(ADDRESS_1), of(ADDRESS_2), of(NULL)};
    MockDevice *one = device_of(f, ADDRESS_1, 101), *two = device_of(f, ADDRESS_2, 102);

    fixture_start(f, before, 3);
    wait_until(is_live(f, 0, 101) && is_live(f, 1, 102));
    reload(f, &before[1], (const int[]){1}, 1, NULL);
    wait_until(!one->connected);
    more_samples(f, 0);
    assert_true(is_live(f, 0, 102));
    assert_int_equal(two->connect.calls, 1);
    assert_true(source_healthy(f->source));
}

static void another_strap_for_the_same_athlete(void **state)
{
    Fixture *f = *state;
    MockDevice *old = device_of(f, ADDRESS_1, 101);

    device_of(f, ADDRESS_2, 102);
    fixture_start_one(f);
    wait_until(is_live(f, 0, 101));
    reload(f, &(StrapId){.address = ADDRESS_2}, (const int[]){0}, 1, NULL);
    wait_until(is_live(f, 0, 102));
    assert_int_equal(f->told[0].downs, 1);
    assert_false(old->connected);
}

static void two_athletes_swap_their_straps(void **state)
{
    Fixture *f = *state;
    const StrapId before[] = {of(ADDRESS_1), of(ADDRESS_2)}, after[] = {of(ADDRESS_2), of(ADDRESS_1)};

    device_of(f, ADDRESS_1, 101);
    device_of(f, ADDRESS_2, 102);
    fixture_start(f, before, 2);
    wait_until(is_live(f, 0, 101) && is_live(f, 1, 102));
    reload(f, after, (const int[]){0, 1}, 2, NULL);
    wait_until(is_live(f, 0, 102) && is_live(f, 1, 101));
}

/* Who had it is not there any more, and BlueZ may still hold the link. */
static void a_strap_of_one_who_went_is_anothers(void **state)
{
    Fixture *f = *state;
    MockDevice *device = device_of(f, ADDRESS_1, 101);

    fixture_start_one(f);
    wait_until(is_live(f, 0, 101));
    reload(f, &(StrapId){.address = ADDRESS_1}, (const int[]){-1}, 1, NULL);
    assert_false(f->told[0].up);
    wait_until(is_live(f, 0, 101));
    assert_true(device->connect.calls >= 2);
}

static void a_spare_strap_is_no_reason_to_hang_up(void **state)
{
    Fixture *f = *state;
    const StrapId spare = of(ADDRESS_2);
    MockDevice *device = device_of(f, ADDRESS_1, 101);

    device_of(f, ADDRESS_2, 102);
    fixture_start_one(f);
    wait_until(is_live(f, 0, 101));
    reload(f, &(StrapId){.address = ADDRESS_1, .spares = &spare, .spare_count = 1}, (const int[]){0}, 1, NULL);
    more_samples(f, 0);
    assert_true(f->told[0].downs == 0 && device->connect.calls == 1);
    mock_advertise(device, false);
    mock_drop(device);
    wait_until(is_live(f, 0, 102));
}

static void an_address_goes_before_a_name(void **state)
{
    Fixture *f = *state;
    const StrapId before[] = {{.name = "Strap"}, of(NULL)}, after[] = {{.name = "Strap"}, of(ADDRESS_1)};

    mock_add_device(f->hci0, ADDRESS_1, "Strap")->bpm = 101;
    fixture_start(f, before, 2);
    wait_until(is_live(f, 0, 101));
    reload(f, after, (const int[]){0, 1}, 2, NULL);
    wait_until(is_live(f, 1, 101));
    assert_false(f->told[0].up);
}

static void what_was_bound_at_run_time_stays(void **state)
{
    Fixture *f = *state;
    MockDevice *device = device_of(f, ADDRESS_3, 103);

    fixture_start_one(f);
    assert_int_equal(bluez_source_bind(f->source, 0, ADDRESS_3, NULL), BLUEZ_BOUND);
    wait_until(is_live(f, 0, 103));
    reload(f, &(StrapId){.address = ADDRESS_2}, (const int[]){0}, 1, NULL);
    more_samples(f, 0);
    assert_true(f->told[0].downs == 0 && device->connect.calls == 1);
    assert_true(bluez_source_unbind(f->source, 0, ADDRESS_3));
    wait_until(!f->told[0].up);
}

static void a_guest_becomes_an_athlete_and_guests_may_go(void **state)
{
    Fixture *f = *state;
    const BluezOptions with = {.unknown = UNKNOWN_GUEST, .guests = 1, .events = &EVENTS}, without = {.guests = 0};
    const StrapId before[] = {of(ADDRESS_1), of(NULL)}, after[] = {of(ADDRESS_1), of(ADDRESS_2), of(NULL)};
    MockDevice *one = device_of(f, ADDRESS_1, 101), *three;

    guests = 0;
    device_of(f, ADDRESS_2, 102);
    f->options = &with;
    fixture_start(f, before, 2);
    wait_until(is_live(f, 0, 101) && is_live(f, 1, 102));
    assert_int_equal(guests, 1);
    reload(f, after, (const int[]){0, -1, 1}, 3, &with);
    wait_until(is_live(f, 1, 102));
    three = device_of(f, ADDRESS_3, 103);
    wait_until(is_live(f, 2, 103));
    assert_int_equal(guests, 2);
    reload(f, after, (const int[]){0, 1}, 2, &without);
    wait_until(!three->connected);
    more_samples(f, 0);
    more_samples(f, 1);
    assert_true(one->connect.calls == 1 && f->told[0].downs == 0);
}

static void before_there_is_a_bluetoothd(void **state)
{
    Fixture *f = *state;
    const StrapId after[] = {of(ADDRESS_2), of(ADDRESS_1)};

    fixture_kill_bluetoothd(f);
    fixture_start_one(f);
    fixture_run_ms(50);
    reload(f, after, (const int[]){-1, 0}, 2, NULL);
    fixture_start_bluetoothd(f);
    device_of(f, ADDRESS_1, 101);
    device_of(f, ADDRESS_2, 102);
    wait_until(is_live(f, 0, 102) && is_live(f, 1, 101));
}

/* The last of the athletes comes and goes; the others are live all the time. */
static void ten_configurations_in_a_row(void **state)
{
    enum { STRAPS = 3, TIMES = 10 };
    Fixture *f = *state;
    MockDevice *devices[STRAPS];
    size_t held = 0;
    unsigned fds = 0;

    f->timing.link.silence_ms = 5000;
    for (unsigned i = 0; i < STRAPS; i++)
        devices[i] = published_strap(f->hci0, i);
    published_start(f, STRAPS, NULL);
    wait_until(published_live_count() == STRAPS);
    for (unsigned i = 0; i < 2 + TIMES; i++) {
        published_reload(STRAPS - 1);
        memset(&f->told[STRAPS - 1], 0, sizeof f->told[0]);
        wait_until(!devices[STRAPS - 1]->connected);
        published_reload(STRAPS);
        published_wait_live(f, STRAPS - 1);
        if (i != 1)
            continue;
        held = memory_allocated_bytes(); /* tables have their size */
        fds = memory_open_fds();
    }
    for (unsigned i = 0; i < STRAPS - 1; i++)
        assert_true(f->told[i].downs == 0 && devices[i]->connect.calls == 1);
    print_message("# %d reloads: %+zd bytes\n", 2 * TIMES, (gssize)(memory_allocated_bytes() - held));
    assert_true(memory_allocated_bytes() < held + FLAT_BYTES);
    assert_int_equal(memory_open_fds(), fds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        T(one_goes_one_comes_the_others_stay),
        T(none_are_left_but_one),
        T(another_strap_for_the_same_athlete),
        T(two_athletes_swap_their_straps),
        T(a_strap_of_one_who_went_is_anothers),
        T(a_spare_strap_is_no_reason_to_hang_up),
        T(an_address_goes_before_a_name),
        T(what_was_bound_at_run_time_stays),
        T(a_guest_becomes_an_athlete_and_guests_may_go),
        T(before_there_is_a_bluetoothd),
        cmocka_unit_test_setup_teardown(ten_configurations_in_a_row, published_setup, published_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
