/* SPDX-License-Identifier: MIT
 *
 * What zone1ctl scan and straps print.
 */
#include "ctl/straps_text.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *print(char *(*text_of)(const cJSON *data), const char *json)
{
    cJSON *data = cJSON_Parse(json);
    char *text = text_of(data);
    cJSON_Delete(data);
    return text;
}

static void expect(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

#define H10 \
    "{\"id\":\"4j7k2m9q\",\"name\":\"Polar H10 1A2B3C4D\",\"address\":\"A0:9E:1A:12:34:56\"," \
    "\"address_changes\":false,\"heart_rate\":true,\"rssi\":-52,\"since_s\":60,\"heard_s\":1,\"athlete\":"

static void a_strap_that_is_nobodys_has_a_section_to_paste(void **state)
{
    (void)state;
    g_autofree char *text = print(straps_text_scan, "{\"heard\":[" H10 "null}]}");
    expect(text, "4j7k2m9q  Polar H10 1A2B3C4D            A0:9E:1A:12:34:56  -52 dBm   1 s ago   yes         -\n");
    expect(text, "\n[athlete NAME]\nstrap = Polar H10 1A2B3C4D\nage = 40\n");
    expect(text, "zone1ctl bind 4j7k2m9q ATHLETE\n");
}

static void what_is_bound_or_no_strap_has_none(void **state)
{
    (void)state;
    g_autofree char *text =
        print(straps_text_scan, "{\"heard\":[" H10 "\"anna\"},{\"id\":\"00000000\",\"name\":\"Lamp\",\"address\":"
                                "\"00:11:22:33:44:55\",\"heart_rate\":false,\"rssi\":null}]}");
    expect(text, "yes         anna\n");
    expect(text, "Lamp                          00:11:22:33:44:55  -         -         no          -\n");
    assert_null(strstr(text, "[athlete NAME]"));
}

/* Two of a name are told apart by the address; a name that the configuration cannot hold too. */
static void a_name_that_says_too_little_is_not_pasted(void **state)
{
    (void)state;
    g_autofree char *twins = print(straps_text_scan, "{\"heard\":[" H10 "null}," H10 "null}]}");
    expect(twins, "strap = A0:9E:1A:12:34:56\n");
    assert_null(strstr(twins, "strap = Polar"));
    g_autofree char *odd = print(straps_text_scan, "{\"heard\":[{\"id\":\"1\",\"name\":\"a;b\",\"heart_rate\":true,"
                                                   "\"address\":\"A0:9E:1A:12:34:56\",\"address_changes\":true}]}");
    assert_null(strstr(odd, "strap ="));
}

static void nothing_is_said(void **state)
{
    (void)state;
    static const char *const nothing[] = {"{}", "null", "{\"heard\":[]}", "{\"heard\":5}", "[]"};
    for (size_t i = 0; i < G_N_ELEMENTS(nothing); i++) {
        g_autofree char *text = print(straps_text_scan, nothing[i]);
        expect(text, "Nothing was heard");
    }
}

static void no_name_reaches_the_terminal_unseen(void **state)
{
    (void)state;
    g_autofree char *text =
        print(straps_text_scan, "{\"heard\":[{\"id\":\"\\u001b[2J\",\"name\":\"a\\nstrap = b\\u009b\","
                                "\"heart_rate\":true}]}");
    assert_null(strchr(text, '\033'));
    expect(text, "a?strap = b?");
}

static void the_straps_are_a_table(void **state)
{
    (void)state;
    g_autofree char *text = print(
        straps_text_table,
        "{\"straps\":[{\"athlete\":\"anna\",\"link\":\"live\",\"adapter\":\"hci0\",\"links\":2,\"max\":5,"
        "\"packet_age_ms\":420,\"battery\":80,\"drops\":1,\"reconnects\":1,\"lost_s\":4.4,\"last_reason\":"
        "\"it disconnected (the strap closed it)\",\"last_recovery_s\":4.4,\"maker\":\"Polar Electro Oy\",\"model\":"
        "\"H10\",\"serial\":\"1A2B3C4D\",\"firmware\":\"5.0.0\",\"location\":\"chest\",\"energy_kj\":312},"
        "{\"athlete\":\"ben\",\"link\":\"wanted\","
        "\"drops\":0,\"lost_s\":0}],\"adapters\":[{\"name\":\"hci0\",\"powered\":true,\"bluez\":\"5.66\",\"links\":2,"
        "\"max\":null}]}");
    expect(text, "anna              live           hci0     2 of 5   420 ms      80 %     1      4 s       4 s       "
                 "it disconnected (the strap closed it)\n");
    expect(text, "ben               wanted         -        -        -           -        0      0 s       -         "
                 "-\n");
    expect(text, "anna              Polar Electro Oy      H10               1A2B3C4D      5.0.0       "
                 "chest     312 kJ\n");
    expect(text, "hci0     on     2 of ?   5.66\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strap_that_is_nobodys_has_a_section_to_paste),
        cmocka_unit_test(what_is_bound_or_no_strap_has_none),
        cmocka_unit_test(a_name_that_says_too_little_is_not_pasted),
        cmocka_unit_test(nothing_is_said),
        cmocka_unit_test(no_name_reaches_the_terminal_unseen),
        cmocka_unit_test(the_straps_are_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
