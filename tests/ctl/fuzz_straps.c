/* SPDX-License-Identifier: MIT
 *
 * Whatever a gateway answers can be printed, and leaves nothing behind that cannot.
 */
#include "ctl/straps_text.h"

#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c))
        g_assert_true(*c == '\n' || g_unichar_isprint(g_utf8_get_char(c)));
    g_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cJSON *json = cJSON_ParseWithLength((const char *)data, size);
    check(straps_text_scan(json));
    check(straps_text_table(json));
    cJSON_Delete(json);
    return 0;
}
