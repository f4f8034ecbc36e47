/* SPDX-License-Identifier: MIT */
#include "config_reader.h"

#include "config.h"

#include <string.h>

#define MAX_FAULTS_TOLD 20
#define MAX_SHOWN_BYTES 60

typedef struct {
    unsigned line;
    char *text;
} Fault;

static void entry_free(gpointer data)
{
    ConfigEntry *entry = data;
    g_free(entry->section);
    g_free(entry->key);
    g_free(entry);
}

static void fault_clear(gpointer data)
{
    g_free(((Fault *)data)->text);
}

void config_reader_init(ConfigReader *reader, const char *path)
{
    reader->path = path;
    reader->entries = g_ptr_array_new_with_free_func(entry_free);
    reader->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader->values = g_key_file_new();
    reader->faults = g_array_new(FALSE, FALSE, sizeof(Fault));
    g_array_set_clear_func(reader->faults, fault_clear);
}

void config_reader_clear(ConfigReader *reader)
{
    g_array_unref(reader->faults);
    g_key_file_unref(reader->values);
    g_hash_table_unref(reader->index);
    g_ptr_array_unref(reader->entries);
}

/* --- faults --- */

char *config_show(const char *text)
{
    const char *cut = text;
    while (*cut != '\0' && g_utf8_next_char(cut) - text <= MAX_SHOWN_BYTES)
        cut = g_utf8_next_char(cut);
    GString *shown = g_string_new_len(text, cut - text);
    for (gsize i = 0; i < shown->len; i++)
        if (g_ascii_iscntrl(shown->str[i]))
            shown->str[i] = '?';
    if (*cut != '\0')
        g_string_append(shown, "...");
    return g_string_free(shown, FALSE);
}

static void add_fault(ConfigReader *reader, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add_fault(ConfigReader *reader, unsigned line, const char *format, ...)
{
    if (reader->faults->len >= CONFIG_MAX_FAULTS)
        return;
    va_list args;
    va_start(args, format);
    const Fault fault = {line, g_strdup_vprintf(format, args)};
    va_end(args);
    g_array_append_val(reader->faults, fault);
}

static ConfigEntry *find(const ConfigReader *reader, const char *section, const char *key)
{
    g_autofree char *name = g_strconcat(section, "\n", key, NULL);
    return g_hash_table_lookup(reader->index, name);
}

static unsigned line_of(const ConfigReader *reader, const char *section, const char *key)
{
    const ConfigEntry *entry = section != NULL && key != NULL ? find(reader, section, key) : NULL;
    if (entry == NULL && section != NULL)
        entry = find(reader, section, NULL);
    return entry != NULL ? entry->line : 1;
}

void config_fault(ConfigReader *reader, const char *section, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    const unsigned line = line_of(reader, section, key);
    g_autofree char *shown_section = section != NULL ? config_show(section) : NULL;
    g_autofree char *shown_key = key != NULL ? config_show(key) : NULL;
    if (section == NULL)
        add_fault(reader, line, "%s", text);
    else if (key == NULL)
        add_fault(reader, line, "[%s]: %s", shown_section, text);
    else
        add_fault(reader, line, "[%s] %s: %s", shown_section, shown_key, text);
}

guint config_fault_count(const ConfigReader *reader)
{
    return reader->faults->len;
}

static int compare_faults(gconstpointer a, gconstpointer b)
{
    const unsigned left = ((const Fault *)a)->line, right = ((const Fault *)b)->line;
    return (left > right) - (left < right);
}

void config_reader_error(ConfigReader *reader, GError **error)
{
    g_array_sort(reader->faults, compare_faults);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MIN(reader->faults->len, MAX_FAULTS_TOLD); i++) {
        const Fault *fault = &g_array_index(reader->faults, Fault, i);
        g_string_append_printf(text, "%s%s:%u: %s", i > 0 ? "\n" : "", reader->path, fault->line, fault->text);
    }
    if (reader->faults->len > MAX_FAULTS_TOLD)
        g_string_append_printf(text, "\n%s: and more of the kind", reader->path);
    g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, text->str);
}

/* --- lines --- */

static unsigned line_at(const char *bytes, const char *at)
{
    unsigned line = 1;
    for (const char *c = bytes; c < at; c++)
        line += *c == '\n';
    return line;
}

static bool check_bytes(ConfigReader *reader, const char *bytes, gsize len)
{
    const char *at = NULL;
    if (len > CONFIG_MAX_BYTES)
        add_fault(reader, 1, "the file is larger than %d bytes; this is no configuration file", CONFIG_MAX_BYTES);
    else if ((at = memchr(bytes, '\0', len)) != NULL)
        add_fault(reader, line_at(bytes, at), "a NUL byte; this is no text file");
    else if (!g_utf8_validate(bytes, (gssize)len, &at))
        add_fault(reader, line_at(bytes, at), "this is not UTF-8 text; save the file in UTF-8");
    return reader->faults->len == 0;
}

static void add_entry(ConfigReader *reader, unsigned line, const char *section, const char *key)
{
    const ConfigEntry *first = find(reader, section, key);
    if (first != NULL) {
        g_autofree char *shown = config_show(section);
        g_autofree char *shown_key = config_show(key != NULL ? key : "");
        add_fault(reader, line, "[%s]%s%s: stands twice, first on line %u; take one of them out", shown,
                  key != NULL ? " " : "", shown_key, first->line);
        return;
    }
    ConfigEntry *entry = g_new0(ConfigEntry, 1);
    entry->line = line;
    entry->section = g_strdup(section);
    entry->key = g_strdup(key);
    g_ptr_array_add(reader->entries, entry);
    g_hash_table_insert(reader->index, g_strconcat(section, "\n", key, NULL), entry);
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return true;
    return false;
}

/* "[name]" to name in *section; TEXT has no blanks at its ends. */
static void take_section(ConfigReader *reader, unsigned line, const char *text, char **section)
{
    const gsize len = strlen(text);
    g_clear_pointer(section, g_free);
    *section = g_strndup(text + 1, len - 1);
    char *close = strchr(*section, ']');
    g_autofree char *shown = config_show(text);
    if (close == NULL) {
        add_fault(reader, line, "'%s' has no ']' at its end", shown);
        return;
    }
    if (close[1] != '\0')
        add_fault(reader, line, "'%s': something follows the ']'; it stands alone in its line", shown);
    *close = '\0';
    if (**section == '\0' || strchr(*section, '[') != NULL || has_control(*section))
        add_fault(reader, line, "'%s' is no name of a section", shown);
    else
        add_entry(reader, line, *section, NULL);
}

static void take_key(ConfigReader *reader, unsigned line, const char *text, const char *section)
{
    const char *equals = strchr(text, '=');
    /* The first word alone: what follows may be a password. */
    g_autofree char *word = g_strndup(text, strcspn(text, " \t="));
    g_autofree char *shown = config_show(word);
    if (equals == NULL) {
        const bool comment = *text == ';' || (text[0] == '/' && text[1] == '/');
        add_fault(reader, line, "'%s ...' is neither [section] nor key = value; %s", shown,
                  comment ? "a comment begins with #" : "put # before a comment");
        return;
    }
    g_autofree char *key = g_strchomp(g_strndup(text, (gsize)(equals - text)));
    if (*key == '\0' || strpbrk(key, "[]") != NULL || has_control(key))
        add_fault(reader, line, "'%s' is no key; write key = value", shown);
    else if (section == NULL)
        add_fault(reader, line, "%s: stands before any section; write [gateway], [mqtt] or [athlete NAME] above it",
                  shown);
    else
        add_entry(reader, line, section, key);
}

static void take_lines(ConfigReader *reader, const char *text, gsize len)
{
    g_autofree char *section = NULL;
    const char *end = text + len;
    for (unsigned number = 1; text < end; number++) {
        const char *stop = memchr(text, '\n', (gsize)(end - text));
        g_autofree char *line = g_strstrip(g_strndup(text, (gsize)((stop != NULL ? stop : end) - text)));
        if (*line == '[')
            take_section(reader, number, line, &section);
        else if (*line != '\0' && *line != '#')
            take_key(reader, number, line, section);
        text = stop != NULL ? stop + 1 : end;
    }
}

/* What is left for GKeyFile to refuse is a key of its own, "Encoding". */
static void load_values(ConfigReader *reader, const char *bytes, gsize len)
{
    g_autoptr(GError) error = NULL;
    if (len == 0 || g_key_file_load_from_data(reader->values, bytes, len, G_KEY_FILE_NONE, &error))
        return;
    for (guint i = 0; i < reader->entries->len; i++) {
        const ConfigEntry *entry = g_ptr_array_index(reader->entries, i);
        if (g_strcmp0(entry->key, "Encoding") == 0)
            config_fault(reader, entry->section, entry->key, "there is no such key; take it out");
    }
    if (reader->faults->len == 0)
        add_fault(reader, 1, "%s", error->message);
}

bool config_reader_take(ConfigReader *reader, const char *bytes, gsize len)
{
    /* An editor's byte order mark; GKeyFile would take it for the beginning of a key. */
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    if (!check_bytes(reader, bytes, len))
        return false;
    take_lines(reader, bytes, len);
    if (reader->faults->len == 0)
        load_values(reader, bytes, len);
    return reader->faults->len == 0;
}

/* --- values --- */

bool config_has(const ConfigReader *reader, const char *section, const char *key)
{
    return find(reader, section, key) != NULL;
}

char *config_value(ConfigReader *reader, const char *section, const char *key)
{
    ConfigEntry *entry = find(reader, section, key);
    if (entry == NULL)
        return NULL;
    entry->used = true;
    /* The raw value: a name is taken as it is written, backslashes too. */
    char *value = g_key_file_get_value(reader->values, section, key, NULL);
    return value != NULL ? g_strstrip(value) : g_strdup("");
}
