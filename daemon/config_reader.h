/* SPDX-License-Identifier: MIT
 *
 * The ground below the configuration: sections, keys and values of an INI file, each with the line
 * it stands on (which GKeyFile does not tell), and the faults found. Internal to config.
 */
#ifndef ZONE1D_CONFIG_READER_H
#define ZONE1D_CONFIG_READER_H

#include <glib.h>
#include <stdbool.h>

#define CONFIG_MAX_FAULTS 200 /* no more are kept */

typedef struct {
    unsigned line;
    char *section;
    char *key; /* NULL: the section's own line */
    bool used;
} ConfigEntry;

typedef struct {
    const char *path;
    GPtrArray *entries; /* ConfigEntry, in the file's order */
    GHashTable *index;  /* "section\nkey" -> ConfigEntry in entries */
    GKeyFile *values;
    GArray *faults;
} ConfigReader;

/* PATH outlives the reader. */
void config_reader_init(ConfigReader *reader, const char *path);

/* Frees all that an initialised reader holds. */
void config_reader_clear(ConfigReader *reader);

/* Takes LEN bytes in. False when they are not an INI file, or something in it stands twice; the
 * faults are noted, and there are no values then. Once only. */
bool config_reader_take(ConfigReader *reader, const char *bytes, gsize len);

/* True when SECTION has KEY (or, with NULL, is there). */
bool config_has(const ConfigReader *reader, const char *section, const char *key);

/* The value of KEY without blanks at its ends, now used, or NULL. Caller frees. */
char *config_value(ConfigReader *reader, const char *section, const char *key);

/* Notes a fault at KEY of SECTION: on its own line, else the section's, else the first. Either may
 * be NULL. The text says what is wrong and what would be right, without a full stop. */
void config_fault(ConfigReader *reader, const char *section, const char *key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* How many are noted so far, CONFIG_MAX_FAULTS at most. */
guint config_fault_count(const ConfigReader *reader);

/* All faults in the order of their lines as one error. */
void config_reader_error(ConfigReader *reader, GError **error);

/* TEXT for a message: control characters as '?', cut after 60 bytes. Caller frees. */
char *config_show(const char *text);

#endif
