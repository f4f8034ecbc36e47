/* SPDX-License-Identifier: MIT
 *
 * Preloaded by `meson test --setup comma`: puts every program under the environment's locale from its
 * first line on, and refuses to go on when that locale has no decimal comma after all.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void enter_locale(void)
{
    const char *wanted = getenv("LC_ALL");
    setlocale(LC_ALL, "");
    if (wanted != NULL && strncmp(wanted, "de_DE", 5) == 0 && strcmp(localeconv()->decimal_point, ",") != 0) {
        fputs("Bail out! the locale de_DE.UTF-8 is missing; scripts/test makes it\n", stdout);
        fflush(stdout);
        _exit(99);
    }
}
