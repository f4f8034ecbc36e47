/* SPDX-License-Identifier: MIT */
#include "bluez/details_parse.h"

#include <glib.h>
#include <stdbool.h>

int details_parse_battery(const uint8_t *bytes, size_t len)
{
    return len >= 1 && bytes[0] <= 100 ? bytes[0] : -1;
}

const char *details_parse_location(const uint8_t *bytes, size_t len)
{
    static const char *const NAMES[] = {"other", "chest", "wrist", "finger", "hand", "ear_lobe", "foot"};

    return len >= 1 && bytes[0] < G_N_ELEMENTS(NAMES) ? NAMES[bytes[0]] : NULL;
}

/* Neither invisible nor able to turn the text around it. */
static bool is_plain(gunichar letter)
{
    GUnicodeType type = g_unichar_type(letter);

    return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_UNASSIGNED &&
           type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_SURROGATE && type != G_UNICODE_LINE_SEPARATOR &&
           type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *details_parse_text(const uint8_t *bytes, size_t len)
{
    const char *at = (const char *)bytes, *end = at + len;
    g_autoptr(GString) text = g_string_sized_new(DETAILS_MAX_TEXT);

    while (at < end && *at != '\0') {
        gunichar letter = g_utf8_get_char_validated(at, end - at);
        char utf8[6];
        gint size;

        if (letter == (gunichar)-1 || letter == (gunichar)-2) {
            at++;
            continue;
        }
        at = g_utf8_next_char(at);
        if (!is_plain(letter))
            continue;
        size = g_unichar_to_utf8(letter, utf8);
        if (text->len + (gsize)size > DETAILS_MAX_TEXT)
            break;
        g_string_append_len(text, utf8, size);
    }
    g_strstrip(text->str);
    return text->str[0] != '\0' ? g_strdup(text->str) : NULL;
}
