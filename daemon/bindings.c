/* SPDX-License-Identifier: MIT */
#include "bindings.h"

#include "input_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define MAX_ID_BYTES 32
#define MAX_NAME_BYTES 248 /* Core specification vol 4 part E 7.3.11 */
#define ADDRESS_CHARS 17

struct Bindings {
    char *path; /* NULL: none */
    guint8 key[BINDINGS_KEY_BYTES];
    GPtrArray *entries; /* of Binding */
};

static void binding_free(gpointer data)
{
    Binding *binding = data;
    g_free(binding->athlete);
    g_free(binding->address);
    g_free(binding->name);
    g_free(binding);
}

static Bindings *bindings_new(void)
{
    Bindings *bindings = g_new0(Bindings, 1);
    bindings->entries = g_ptr_array_new_with_free_func(binding_free);
    if (getentropy(bindings->key, BINDINGS_KEY_BYTES) != 0) /* only on a kernel from before 3.17 */
        g_error("no random numbers: %s", g_strerror(errno));
    return bindings;
}

void bindings_free(Bindings *bindings)
{
    if (bindings == NULL)
        return;
    g_ptr_array_unref(bindings->entries);
    g_free(bindings->path);
    g_free(bindings);
}

/* ---- what is sound ---- */

static bool is_id(const char *text)
{
    const gsize len = text != NULL ? strlen(text) : 0;
    return len > 0 && len <= MAX_ID_BYTES && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool bindings_is_address(const char *text)
{
    if (text == NULL || strlen(text) != ADDRESS_CHARS)
        return false;
    for (gsize i = 0; i < ADDRESS_CHARS; i++)
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]) || g_ascii_islower(text[i]))
            return false;
    return true;
}

static bool is_name(const char *text)
{
    if (text[0] == '\0' || strlen(text) > MAX_NAME_BYTES || !g_utf8_validate(text, -1, NULL))
        return false;
    for (; *text != '\0'; text++)
        if (g_ascii_iscntrl(*text))
            return false;
    return true;
}

static bool take_key(Bindings *bindings, const char *hex)
{
    if (hex == NULL || strlen(hex) != 2 * BINDINGS_KEY_BYTES)
        return false;
    for (gsize i = 0; i < BINDINGS_KEY_BYTES; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]), low = g_ascii_xdigit_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bindings->key[i] = (guint8)(high << 4 | low);
    }
    return true;
}

static const Binding *find(const Bindings *bindings, const char *address, guint *ret_index)
{
    for (guint i = 0; i < bindings->entries->len; i++) {
        const Binding *binding = bindings->entries->pdata[i];
        if (strcmp(binding->address, address) != 0)
            continue;
        *ret_index = i;
        return binding;
    }
    return NULL;
}

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool take_binding(Bindings *bindings, const cJSON *item)
{
    const char *athlete = text_of(item, "athlete"), *address = text_of(item, "address"), *name = text_of(item, "name");
    guint index;
    return is_id(athlete) && bindings_is_address(address) && (name == NULL || is_name(name)) &&
           find(bindings, address, &index) == NULL && bindings_put(bindings, athlete, address, name);
}

/* What is wrong with JSON; NULL: nothing, and all of it is in BINDINGS. */
static const char *take_all(Bindings *bindings, const cJSON *json)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "version"), *item;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "bindings");
    if (!cJSON_IsObject(json))
        return "it is no JSON object";
    if (!cJSON_IsNumber(version) || version->valuedouble != VERSION)
        return "it is of another version";
    if (!take_key(bindings, text_of(json, "key")))
        return "its key is no key";
    if (!cJSON_IsArray(list))
        return "it has no list of bindings";
    cJSON_ArrayForEach(item, list)
        if (!take_binding(bindings, item))
            return "one of its bindings is none";
    return NULL;
}

Bindings *bindings_parse(const char *bytes, gsize len, GError **error)
{
    g_autoptr(Bindings) bindings = bindings_new();
    cJSON *json = len <= BINDINGS_MAX_BYTES ? cJSON_ParseWithLength(bytes, len) : NULL;
    const char *fault = take_all(bindings, json);
    cJSON_Delete(json);
    if (fault == NULL)
        return g_steal_pointer(&bindings);
    g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, fault);
    return NULL;
}

char *bindings_print(const Bindings *bindings)
{
    cJSON *json = cJSON_CreateObject(), *list;
    char hex[2 * BINDINGS_KEY_BYTES + 1];
    for (gsize i = 0; i < BINDINGS_KEY_BYTES; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", bindings->key[i]);
    cJSON_AddNumberToObject(json, "version", VERSION);
    cJSON_AddStringToObject(json, "key", hex);
    list = cJSON_AddArrayToObject(json, "bindings");
    for (guint i = 0; i < bindings->entries->len; i++) {
        const Binding *binding = bindings->entries->pdata[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "athlete", binding->athlete);
        cJSON_AddStringToObject(item, "address", binding->address);
        if (binding->name != NULL)
            cJSON_AddStringToObject(item, "name", binding->name);
        cJSON_AddItemToArray(list, item);
    }
    char *printed = cJSON_Print(json), *text = g_strconcat(printed, "\n", NULL);
    cJSON_free(printed);
    cJSON_Delete(json);
    return text;
}

/* ---- the file ---- */

bool bindings_save(const Bindings *bindings, GError **error)
{
    if (bindings->path == NULL)
        return true;
    g_autofree char *text = bindings_print(bindings);
    g_autoptr(GError) reason = NULL;
    if (g_file_set_contents_full(bindings->path, text, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &reason))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the bindings could not be written: %s", reason->message);
    return false;
}

static void set_aside(const char *path, const char *fault)
{
    g_autofree char *aside = g_strconcat(path, ".damaged", NULL);
    if (g_rename(path, aside) == 0)
        g_warning("%s is damaged (%s); it is kept as %s, and a fresh one begun: bind the straps again", path, fault,
                  aside);
    else
        g_warning("%s is damaged (%s), and could not be renamed: %s", path, fault, g_strerror(errno));
}

/* What is to be begun with; NULL: what is there cannot be read, and is not to be overwritten either. */
static Bindings *read_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    gsize len = 0;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return bindings_new();
    g_autofree char *bytes = input_file_read(path, BINDINGS_MAX_BYTES, &len, &error);
    if (bytes == NULL && !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_FAILED)) {
        g_warning("%s; straps that are bound now are forgotten at the end", error->message);
        return NULL;
    }
    Bindings *bindings = bytes != NULL ? bindings_parse(bytes, len, &error) : NULL;
    if (bindings != NULL)
        return bindings;
    set_aside(path, error->message);
    return bindings_new();
}

Bindings *bindings_load(const char *folder)
{
    g_autofree char *path = folder != NULL ? g_build_filename(folder, BINDINGS_FILE, NULL) : NULL;
    g_autoptr(GError) error = NULL;
    Bindings *bindings = path != NULL ? read_file(path) : NULL;
    if (bindings == NULL)
        return bindings_new();
    bindings->path = g_steal_pointer(&path);
    if (!g_file_test(bindings->path, G_FILE_TEST_EXISTS) && !bindings_save(bindings, &error))
        g_warning("%s; straps that are bound now are forgotten at the end", error->message);
    return bindings;
}

/* ---- entries ---- */

unsigned bindings_count(const Bindings *bindings) { return bindings->entries->len; }

const Binding *bindings_at(const Bindings *bindings, unsigned index) { return bindings->entries->pdata[index]; }

const guint8 *bindings_key(const Bindings *bindings) { return bindings->key; }

bool bindings_put(Bindings *bindings, const char *athlete, const char *address, const char *name)
{
    bindings_remove(bindings, address);
    if (bindings->entries->len >= BINDINGS_MAX)
        return false;
    Binding *binding = g_new0(Binding, 1);
    *binding = (Binding){g_strdup(athlete), g_strdup(address), g_strdup(name)};
    g_ptr_array_add(bindings->entries, binding);
    return true;
}

bool bindings_remove(Bindings *bindings, const char *address)
{
    guint index;
    if (find(bindings, address, &index) == NULL)
        return false;
    g_ptr_array_remove_index(bindings->entries, index);
    return true;
}
