/* SPDX-License-Identifier: MIT
 *
 * What the store remembers of a group's session (its note, store/record.h): whether it runs, and which session of
 * each member belongs to it. Pure but for allocation; any thread.
 */
#ifndef ZONE1D_GROUP_NOTE_H
#define ZONE1D_GROUP_NOTE_H

#include <glib.h>
#include <stdbool.h>

#define GROUP_NOTE_MAX_BYTES (64 * 1024) /* a longer text is none */

typedef struct {
    bool active;
    GHashTable *sessions; /* athlete's id -> session's id, both the table's own */
} GroupNote;

/* An empty one. Free with group_note_clear. */
void group_note_init(GroupNote *note);
void group_note_clear(GroupNote *note);

/* The note's key of group ID, and NOTE as its data. Caller frees. */
char *group_note_key(const char *id);
char *group_note_print(const GroupNote *note);

/* Adds to NOTE, an empty one, what TEXT tells; its bytes may be anything. False when it makes no sense. */
bool group_note_parse(const char *text, GroupNote *note);

#endif
