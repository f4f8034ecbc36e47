/* SPDX-License-Identifier: MIT */
#include "ctl/straps_text.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MAX_CHARACTERS 40
#define UNKNOWN "-"

/* ---- values ---- */

static const char *word(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static bool is_true(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* NAN when it is none. */
static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

/* TEXT with '?' for what cannot be printed; never longer than MAX_CHARACTERS unless WHOLE. */
static char *plain(const char *text, bool whole)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *ret = g_string_new(NULL);
    glong count = 0;
    for (const char *c = valid; *c != '\0' && (whole || count < MAX_CHARACTERS); c = g_utf8_next_char(c), count++) {
        gunichar character = g_utf8_get_char(c);
        g_string_append_unichar(ret, g_unichar_isprint(character) ? character : '?');
    }
    return g_string_free(ret, FALSE);
}

/* ---- tables ---- */

static void add_cell(GString *line, const char *text, glong width)
{
    g_autofree char *shown = plain(text != NULL ? text : UNKNOWN, false);
    g_string_append(line, shown);
    for (glong have = g_utf8_strlen(shown, -1); have < width; have++)
        g_string_append_c(line, ' ');
    g_string_append(line, "  ");
}

/* VALUE in whole units, with UNIT behind it. */
static void add_number(GString *line, double value, const char *unit, glong width)
{
    g_autofree char *text = isnan(value) ? NULL : g_strdup_printf("%.0f%s", value, unit);
    add_cell(line, text, width);
}

static void end_line(GString *text)
{
    while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
}

/* ---- scan ---- */

static void add_heard(GString *text, const cJSON *row)
{
    add_cell(text, word(row, "id"), 8);
    add_cell(text, word(row, "name"), 28);
    add_cell(text, word(row, "address"), 17);
    add_number(text, number(row, "rssi"), " dBm", 8);
    add_number(text, number(row, "heard_s"), " s ago", 8);
    add_cell(text, is_true(row, "heart_rate") ? "yes" : "no", 10);
    add_cell(text, word(row, "athlete"), 0);
    end_line(text);
}

/* Does another row have the name of ROW? */
static bool is_namesake(const cJSON *rows, const cJSON *row)
{
    const cJSON *other;
    cJSON_ArrayForEach(other, rows)
        if (other != row && g_strcmp0(word(other, "name"), word(row, "name")) == 0)
            return true;
    return false;
}

/* What belongs into the configuration: the address, unless it is one that changes; then the name. NULL: neither. */
static char *strap_value(const cJSON *rows, const cJSON *row)
{
    const char *name = word(row, "name"), *address = word(row, "address");
    bool usable = name != NULL && strpbrk(name, ";\"") == NULL && !is_namesake(rows, row);
    if (usable)
        return plain(name, true);
    return address != NULL && !is_true(row, "address_changes") ? plain(address, true) : NULL;
}

static void add_section(GString *text, const cJSON *rows, const cJSON *row)
{
    g_autofree char *value = strap_value(rows, row), *id = plain(word(row, "id") != NULL ? word(row, "id") : "", false);
    if (!is_true(row, "heart_rate") || word(row, "athlete") != NULL || value == NULL)
        return;
    g_string_append_printf(text, "\n[athlete NAME]\nstrap = %s\nage = 40\n# or, for an athlete that is there already: "
                           "zone1ctl bind %s ATHLETE\n", value, id);
}

char *straps_text_scan(const cJSON *data)
{
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(data, "heard"), *row;
    GString *text = g_string_new(NULL);
    if (cJSON_GetArraySize(rows) == 0)
        return g_string_free(g_string_append(text, "Nothing was heard. Is the strap worn, and wet?\n"), FALSE);
    g_string_append(text, "ID        NAME                          ADDRESS            SIGNAL    HEARD     HEART RATE  "
                    "ATHLETE\n");
    cJSON_ArrayForEach(row, rows)
        add_heard(text, row);
    cJSON_ArrayForEach(row, rows)
        add_section(text, rows, row);
    return g_string_free(text, FALSE);
}

/* ---- straps ---- */

static void add_slots(GString *text, const cJSON *row)
{
    double links = number(row, "links"), max = number(row, "max");
    g_autofree char *slots = isnan(links) ? NULL
                             : isnan(max) ? g_strdup_printf("%.0f of ?", links)
                                          : g_strdup_printf("%.0f of %.0f", links, max);
    add_cell(text, slots, 7);
}

static void add_strap(GString *text, const cJSON *row)
{
    add_cell(text, word(row, "athlete"), 16);
    add_cell(text, word(row, "link"), 13);
    add_cell(text, word(row, "adapter"), 7);
    add_slots(text, row);
    add_number(text, number(row, "packet_age_ms"), " ms", 10);
    add_number(text, number(row, "battery"), " %", 7);
    add_number(text, number(row, "drops"), "", 5);
    add_number(text, number(row, "lost_s"), " s", 8);
    add_number(text, number(row, "last_recovery_s"), " s", 8);
    g_autofree char *reason = plain(word(row, "last_reason") != NULL ? word(row, "last_reason") : UNKNOWN, true);
    g_string_append(text, reason);
    end_line(text);
}

static void add_device(GString *text, const cJSON *row)
{
    add_cell(text, word(row, "athlete"), 16);
    add_cell(text, word(row, "maker"), 20);
    add_cell(text, word(row, "model"), 16);
    add_cell(text, word(row, "serial"), 12);
    add_cell(text, word(row, "firmware"), 10);
    add_cell(text, word(row, "location"), 8);
    add_number(text, number(row, "energy_kj"), " kJ", 0);
    end_line(text);
}

/* Does its strap tell anything of itself? */
static bool has_details(const cJSON *row)
{
    return word(row, "maker") != NULL || word(row, "model") != NULL || word(row, "serial") != NULL ||
           word(row, "firmware") != NULL || word(row, "location") != NULL || !isnan(number(row, "energy_kj"));
}

static void add_devices(GString *text, const cJSON *straps)
{
    bool begun = false;
    const cJSON *row;
    cJSON_ArrayForEach(row, straps) {
        if (!has_details(row))
            continue;
        if (!begun)
            g_string_append(text, "\nATHLETE           MAKER                 MODEL             SERIAL        "
                            "FIRMWARE    WORN      ENERGY\n");
        begun = true;
        add_device(text, row);
    }
}

static void add_adapter(GString *text, const cJSON *row)
{
    add_cell(text, word(row, "name"), 7);
    add_cell(text, is_true(row, "powered") ? "on" : "off", 5);
    add_slots(text, row);
    add_cell(text, word(row, "bluez"), 0);
    end_line(text);
}

char *straps_text_table(const cJSON *data)
{
    const cJSON *straps = cJSON_GetObjectItemCaseSensitive(data, "straps"), *row;
    const cJSON *adapters = cJSON_GetObjectItemCaseSensitive(data, "adapters");
    GString *text = g_string_new("ATHLETE           LINK           ADAPTER  LINKS    LAST BEAT   BATTERY  DROPS  "
                                 "LOST      BACK IN   LAST REASON\n");
    cJSON_ArrayForEach(row, straps)
        add_strap(text, row);
    add_devices(text, straps);
    g_string_append(text, "\nADAPTER  POWER  LINKS    BLUEZ\n");
    cJSON_ArrayForEach(row, adapters)
        add_adapter(text, row);
    return g_string_free(text, FALSE);
}
