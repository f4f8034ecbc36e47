/* SPDX-License-Identifier: MIT */
#include "bluez/link_reason.h"

#include <glib.h>
#include <string.h>

#define MAX_TEXT 64
#define REASON_PREFIX "org.bluez.Reason."

static const struct {
    const char *name, *words;
} REASONS[] = {
    {"Timeout", "nothing was heard of it any more"},
    {"Local", "it was closed from this side"},
    {"Remote", "the strap closed it"},
    {"Authentication", "authentication failed"},
    {"Suspend", "this machine went to sleep"},
};

const char *link_reason_of_disconnect(const char *reason)
{
    if (!g_str_has_prefix(reason, REASON_PREFIX))
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(REASONS); i++)
        if (strcmp(reason + strlen(REASON_PREFIX), REASONS[i].name) == 0)
            return REASONS[i].words;
    return NULL;
}

/* Some errors name the object, and with it the address. */
static bool is_plain(const char *text)
{
    if (text[0] == '\0' || strlen(text) > MAX_TEXT || strstr(text, "dev_") != NULL)
        return false;
    for (; *text != '\0'; text++)
        if (!g_ascii_isalnum(*text) && strchr(" -_.,()", *text) == NULL)
            return false;
    return true;
}

void link_reason_of_error(const char *error, const char *text, char *ret, size_t size)
{
    const char *last = strrchr(error, '.');

    last = last != NULL ? last + 1 : error;
    g_strlcpy(ret, is_plain(text) ? text : is_plain(last) ? last : "", size);
}

void link_reason_words(LinkWhy why, const char *detail, char *ret, size_t size)
{
    g_snprintf(ret, (gulong)size, "%s%s%s%s", link_why_text(why), detail[0] != '\0' ? " (" : "", detail,
               detail[0] != '\0' ? ")" : "");
}
