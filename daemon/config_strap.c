/* SPDX-License-Identifier: MIT */
#include "config_strap.h"

#include "config_value.h"

#include <string.h>

#define ADDRESS_CHARS 17 /* AA:BB:CC:DD:EE:FF */
#define SERIAL_PREFIX "serial:"

void config_strap_clear(ConfigStrap *strap)
{
    g_free(strap->address);
    g_free(strap->name);
    g_free(strap->serial);
}

bool config_same_strap(const ConfigStrap *one, const ConfigStrap *other)
{
    if (one->address != NULL)
        return g_strcmp0(one->address, other->address) == 0;
    return one->name != NULL ? g_strcmp0(one->name, other->name) == 0 : g_strcmp0(one->serial, other->serial) == 0;
}

/* TEXT as "AA:BB:CC:DD:EE:FF", or NULL when it is no address. */
static char *normal_address(const char *text)
{
    if (strlen(text) != ADDRESS_CHARS || (text[2] != ':' && text[2] != '-'))
        return NULL;
    for (gsize i = 0; i < ADDRESS_CHARS; i++)
        if (i % 3 == 2 ? text[i] != text[2] : !g_ascii_isxdigit(text[i]))
            return NULL;
    return g_strdelimit(g_ascii_strup(text, -1), "-", ':');
}

static bool begins_with_address(const char *text)
{
    g_autofree char *start = g_strndup(text, ADDRESS_CHARS);
    g_autofree char *address = normal_address(start);
    return address != NULL;
}

/* An address with a slip in it, or with a comment behind it, would be a name that no strap ever advertises. */
static bool like_address(const char *text)
{
    unsigned colons = 0;
    if (begins_with_address(text))
        return true;
    for (; *text != '\0'; text++) {
        colons += *text == ':';
        if (!g_ascii_isxdigit(*text) && *text != ':' && *text != '-')
            return false;
    }
    return colons >= 2;
}

/* Of TEXT behind "serial:"; NULL, and a fault, when it is none. Upper case: it is compared in any. */
static char *read_serial(ConfigReader *reader, const char *section, const char *text)
{
    g_autofree char *serial = g_strstrip(g_ascii_strup(text, -1));
    if (serial[0] != '\0' && strlen(serial) <= CONFIG_MAX_SERIAL_BYTES)
        return g_steal_pointer(&serial);
    config_fault(reader, section, "strap", "a serial number has 1 to %d bytes; write for example serial:1A2B3C4D",
                 CONFIG_MAX_SERIAL_BYTES);
    return NULL;
}

static void keep_strap(ConfigReader *reader, const char *section, const char *text, ConfigStrap strap,
                       AthleteConfig *ret)
{
    ret->straps[ret->strap_count++] = strap;
    for (unsigned i = 0; i + 1 < ret->strap_count; i++)
        if (config_same_strap(&ret->straps[i], &ret->straps[ret->strap_count - 1]))
            config_fault(reader, section, "strap", "'%s' stands there twice", text);
}

static void add_strap(ConfigReader *reader, const char *section, const char *text, AthleteConfig *ret)
{
    if (g_ascii_strncasecmp(text, SERIAL_PREFIX, strlen(SERIAL_PREFIX)) == 0) {
        char *serial = read_serial(reader, section, text + strlen(SERIAL_PREFIX));
        if (serial != NULL)
            keep_strap(reader, section, text, (ConfigStrap){.serial = serial}, ret);
        return;
    }
    char *address = normal_address(text);
    if (address == NULL && like_address(text)) {
        config_fault(reader, section, "strap",
                     "'%s' is not quite an address; it has six pairs and nothing behind them: AA:BB:CC:DD:EE:FF", text);
        return;
    }
    if (address == NULL && strlen(text) > CONFIG_MAX_STRAP_NAME_BYTES) {
        config_fault(reader, section, "strap", "a name is longer than %d bytes, which none is",
                     CONFIG_MAX_STRAP_NAME_BYTES);
        return;
    }
    ConfigStrap strap = {.address = address, .name = address == NULL ? g_strdup(text) : NULL};
    keep_strap(reader, section, text, strap, ret);
}

void config_strap_read(ConfigReader *reader, const char *section, AthleteConfig *ret)
{
    const gsize longest = CONFIG_MAX_STRAPS * (CONFIG_MAX_STRAP_NAME_BYTES + 2);
    g_autofree char *text = config_text(reader, section, "strap", longest,
                                        "the strap's address (AA:BB:CC:DD:EE:FF), the name it advertises, or "
                                        "serial:NUMBER");
    if (text == NULL)
        return;
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    for (char **part = parts; *part != NULL; part++) {
        g_strstrip(*part);
        if ((*part)[0] == '\0') {
            config_fault(reader, section, "strap", "there is nothing beside a ';'; write STRAP; SPARE STRAP");
        } else if (ret->strap_count == CONFIG_MAX_STRAPS) {
            config_fault(reader, section, "strap", "one strap too many; %d at most", CONFIG_MAX_STRAPS);
            return;
        } else {
            add_strap(reader, section, *part, ret);
        }
    }
}
