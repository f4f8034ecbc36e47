/* SPDX-License-Identifier: MIT
 *
 * Whatever stands in the store as a group's note is refused, or can be written again and reads the same.
 */
#include "group_note.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    GroupNote note, again;
    group_note_init(&note);
    group_note_init(&again);
    if (group_note_parse(text, &note)) {
        g_autofree char *printed = group_note_print(&note);
        g_assert_true(group_note_parse(printed, &again));
        g_assert_true(again.active == note.active);
        g_assert_cmpuint(g_hash_table_size(again.sessions), ==, g_hash_table_size(note.sessions));
    }
    group_note_clear(&note);
    group_note_clear(&again);
    return 0;
}
