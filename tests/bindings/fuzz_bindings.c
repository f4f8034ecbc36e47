/* SPDX-License-Identifier: MIT
 *
 * Bytes of any kind as the file of bindings: taken whole and sound, and the same when printed and taken again;
 * or refused with a reason.
 */
#include "bindings.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Bindings) bindings = bindings_parse((const char *)data, size, &error);
    g_assert_true((bindings == NULL) == (error != NULL));
    if (bindings == NULL)
        return 0;
    g_assert_cmpuint(bindings_count(bindings), <=, BINDINGS_MAX);
    for (unsigned i = 0; i < bindings_count(bindings); i++) {
        const Binding *binding = bindings_at(bindings, i);
        g_assert_cmpuint(strlen(binding->address), ==, 17);
        g_assert_true(binding->name == NULL || g_utf8_validate(binding->name, -1, NULL));
    }
    g_autofree char *text = bindings_print(bindings);
    g_autoptr(Bindings) again = bindings_parse(text, strlen(text), &error);
    g_assert_no_error(error);
    g_autofree char *same = bindings_print(again);
    g_assert_cmpstr(text, ==, same);
    return 0;
}
