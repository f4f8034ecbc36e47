/* SPDX-License-Identifier: MIT
 *
 * What the source tells of its straps and adapters, and in which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bluez/link_reason.h"
#include "fixture.h"

#include <string.h>

static StrapStatus status_of(const Fixture *f)
{
    StrapStatus status;

    bluez_source_status(f->source, 0, &status);
    return status;
}

static void nothing_is_known_of_a_strap_that_never_came(void **state)
{
    Fixture *f = *state;
    StrapStatus status;

    fixture_start_one(f);
    status = status_of(f);
    assert_int_equal(status.state, LINK_WANTED);
    assert_true(status.bound);
    assert_null(status.adapter_path);
    assert_null(status.reason);
    assert_int_equal(status.packet_age_ms, -1);
    assert_int_equal(status.info.recovery_ms, 0);
    assert_int_equal(status.info.battery_percent, -1);
}

static void a_live_strap_is_told_of(void **state)
{
    Fixture *f = *state;
    StrapStatus status;

    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].samples >= 2);
    status = status_of(f);
    assert_int_equal(status.state, LINK_LIVE);
    assert_string_equal(status.adapter_path, "/org/bluez/hci0");
    assert_int_equal(status.links, 1);
    assert_int_equal(status.slots, 0);
    assert_in_range(status.packet_age_ms, 0, FIXTURE_PATIENCE_MS);
    assert_int_equal(status.info.drops, 0);
}

static void drop_for(Fixture *f, MockDevice *device, const char *reason, const char *words)
{
    unsigned downs = f->told[0].downs;

    device->drop_reason = reason;
    mock_drop(device);
    wait_until(f->told[0].downs == downs + 1);
    assert_string_equal(status_of(f).reason, words);
    assert_string_equal(f->told[0].info.drop_reason, words);
    wait_until(f->told[0].ups == downs + 2);
    assert_string_equal(f->told[0].info.drop_reason, words);
    assert_int_equal(f->told[0].info.drops, downs + 1);
    assert_true(f->told[0].info.recovery_ms > 0);
}

static void a_loss_has_bluez_own_reason(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    fixture_start_one(f);
    wait_until(f->told[0].up);
    drop_for(f, device, NULL, "it disconnected");
    drop_for(f, device, "org.bluez.Reason.Timeout", "it disconnected (nothing was heard of it any more)");
    drop_for(f, device, "org.bluez.Reason.Remote", "it disconnected (the strap closed it)");
    drop_for(f, device, "org.bluez.Reason.Unknown", "it disconnected");
    drop_for(f, device, "nonsense \033[31m", "it disconnected");
    assert_int_equal(status_of(f).info.drops, 5);
    assert_int_equal(status_of(f).info.reconnects, 5);
}

static void a_reason_may_come_after_the_loss(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    f->timing.link.backoff_min_ms = f->timing.link.backoff_max_ms = 2000;
    fixture_start_one(f);
    wait_until(f->told[0].up);
    mock_advertise(device, false);
    mock_drop(device);
    wait_until(f->told[0].downs == 1);
    mock_emit(f->mock, device->path, "org.bluez.Device1", "Disconnected",
              g_variant_new("(ss)", "org.bluez.Reason.Suspend", ""));
    wait_until(strcmp(status_of(f).reason, "it disconnected (this machine went to sleep)") == 0);
    assert_string_equal(f->told[0].info.drop_reason, "it disconnected (this machine went to sleep)");
}

/* Of any type and content, from bluetoothd itself. */
static void nonsense_for_a_reason_is_harmless(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);
    g_autofree char *text = g_strnfill(100000, 'x');

    fixture_start_one(f);
    wait_until(f->told[0].up);
    mock_emit(f->mock, device->path, "org.bluez.Device1", "Disconnected", NULL);
    mock_emit(f->mock, device->path, "org.bluez.Device1", "Disconnected", g_variant_new("(ii)", 1, 2));
    mock_emit(f->mock, device->path, "org.bluez.Device1", "Disconnected", g_variant_new("(ss)", text, text));
    mock_emit(f->mock, "/nowhere", "org.bluez.Device1", "Disconnected", g_variant_new("(ss)", "", ""));
    drop_for(f, device, NULL, "it disconnected");
}

static void a_try_that_fails_says_why(void **state)
{
    Fixture *f = *state;
    MockDevice *device = mock_add_device(f->hci0, ADDRESS_1, NULL);

    device->connect = (MockScript){
        .fail_times = 100000, .error = "org.bluez.Error.Failed", .text = "le-connection-abort-by-local"};
    fixture_start_one(f);
    wait_until(status_of(f).reason != NULL);
    assert_string_equal(status_of(f).reason, "the connection failed (le-connection-abort-by-local)");
    assert_int_equal(status_of(f).info.drops, 0);
}

static void adapters_are_told_of(void **state)
{
    Fixture *f = *state;
    MockAdapter *hci1;
    AdapterStatus adapters[4];

    f->hci0->modalias = "usb:v1D6Bp0246d0542";
    mock_add_device(f->hci0, ADDRESS_1, NULL);
    fixture_start_one(f);
    wait_until(f->told[0].up);
    hci1 = mock_add_adapter(f->mock, "hci1", false);
    (void)hci1;
    wait_until(bluez_source_adapters(f->source, adapters, 4) == 2);
    assert_string_equal(adapters[0].path, "/org/bluez/hci0");
    assert_int_equal(adapters[0].version[1], 66);
    assert_true(adapters[0].powered);
    assert_int_equal(adapters[0].links, 1);
    assert_int_equal(adapters[0].slots, 0);
    assert_false(adapters[1].powered);
    assert_int_equal(bluez_source_adapters(f->source, adapters, 1), 1);
}

static void reasons_are_let_through_as_plain_words(void **state)
{
    static const struct {
        const char *error, *text, *words;
    } CASES[] = {
        {"org.bluez.Error.Failed", "le-connection-abort-by-local", "le-connection-abort-by-local"},
        {"org.bluez.Error.Failed", "", "Failed"},
        {"org.bluez.Error.NotReady", "/org/bluez/hci0/dev_00_11_22_33_44_55", "NotReady"},
        {"org.bluez.Error.Failed", "at 00:11:22:33:44:55", "Failed"},
        {"org.bluez.Error.Failed", "\xff\n", "Failed"},
        {"nonsense:", "a\tb", ""},
    };
    char words[LINK_REASON_MAX];

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        link_reason_of_error(CASES[i].error, CASES[i].text, words, sizeof words);
        assert_string_equal(words, CASES[i].words);
    }
    assert_null(link_reason_of_disconnect("org.bluez.Reason.Unknown"));
    assert_null(link_reason_of_disconnect(""));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_of_a_strap_that_never_came),
        TEST(a_live_strap_is_told_of),
        TEST(a_loss_has_bluez_own_reason),
        TEST(a_reason_may_come_after_the_loss),
        TEST(nonsense_for_a_reason_is_harmless),
        TEST(a_try_that_fails_says_why),
        TEST(adapters_are_told_of),
        cmocka_unit_test(reasons_are_let_through_as_plain_words),
    };

    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
