/* SPDX-License-Identifier: MIT
 *
 * Which straps were bound to which athletes at run time, and the secret that short ids are made with, in a small
 * file that outlives a restart: straps.json in the state folder. Written whole, to the disk, before it takes the
 * old one's place. Its bytes may be anything: what is not sound is set aside, and a fresh one begun. Main thread.
 */
#ifndef ZONE1D_BINDINGS_H
#define ZONE1D_BINDINGS_H

#include <glib.h>
#include <stdbool.h>

#define BINDINGS_FILE "straps.json"
#define BINDINGS_MAX 256
#define BINDINGS_MAX_BYTES (256 * 1024) /* a larger file is not sound */
#define BINDINGS_KEY_BYTES 32

typedef struct {
    char *athlete; /* id, [a-z0-9-]; not necessarily in the configuration any more */
    char *address; /* "AA:BB:CC:DD:EE:FF" upper case; no two bindings have the same */
    char *name;    /* that it advertised then: it is found by it if its address changes; NULL: none */
} Binding;

typedef struct Bindings Bindings;

/* Is TEXT, which may be NULL, an address as a Binding has it? Any thread. */
bool bindings_is_address(const char *text);

/* Those of the file in FOLDER; NULL: of none, and nothing outlives the process. A file that is not sound is
 * renamed to straps.json.damaged, and its name logged; one that is missing is begun. Never NULL. */
Bindings *bindings_load(const char *folder);
void bindings_free(Bindings *bindings); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bindings, bindings_free)

/* From LEN bytes of any content. NULL and *error when they are not sound. */
Bindings *bindings_parse(const char *bytes, gsize len, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What bindings_parse takes. Caller frees. */
char *bindings_print(const Bindings *bindings);

/* Writes the file. False and *error (one sentence) when that failed; true when there is no folder. */
bool bindings_save(const Bindings *bindings, GError **error);

/* How many there are, and the one at INDEX below that; it is valid until the next change. */
unsigned bindings_count(const Bindings *bindings);
const Binding *bindings_at(const Bindings *bindings, unsigned index);
/* BINDINGS_KEY_BYTES of secret, the same as long as the file lives. */
const guint8 *bindings_key(const Bindings *bindings);

/* Binds the strap of ADDRESS (and NAME, may be NULL; copied), and takes it from whoever had it. False when there
 * are BINDINGS_MAX. In memory only: save it. */
bool bindings_put(Bindings *bindings, const char *athlete, const char *address, const char *name);

/* False when there is none of ADDRESS. In memory only. */
bool bindings_remove(Bindings *bindings, const char *address);

#endif
