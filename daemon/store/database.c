/* SPDX-License-Identifier: MIT */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Each brings the schema from the version before it to its own: [0] makes version 1. What stands here has
 * been released and is never changed; a new version is a new entry. */
static const char *const migrations[DATABASE_VERSION] = {
    "CREATE TABLE sessions ("
    " serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, athlete TEXT NOT NULL, started_us INTEGER NOT NULL,"
    " ended_us INTEGER, target TEXT NOT NULL, cap INTEGER NOT NULL, zone_model TEXT NOT NULL, bounds TEXT NOT NULL,"
    " profile TEXT NOT NULL, verdict TEXT, reason TEXT, compliance REAL, elapsed_ms INTEGER NOT NULL DEFAULT 0,"
    " valid_ms INTEGER NOT NULL DEFAULT 0, above_ms INTEGER NOT NULL DEFAULT 0,"
    " longest_ms INTEGER NOT NULL DEFAULT 0, top_ms INTEGER NOT NULL DEFAULT 0, load REAL NOT NULL DEFAULT 0,"
    " rpe INTEGER, json TEXT, summary BLOB) STRICT;"
    "CREATE INDEX sessions_by_athlete ON sessions (athlete, started_us);"
    "CREATE TABLE chunks ("
    " session INTEGER NOT NULL REFERENCES sessions (serial) ON DELETE CASCADE, seq INTEGER NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY (session, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE states ("
    " athlete TEXT PRIMARY KEY, session TEXT NOT NULL, clock TEXT NOT NULL, saved_ms INTEGER NOT NULL,"
    " saved_us INTEGER NOT NULL, state BLOB NOT NULL) STRICT;",
    "ALTER TABLE sessions ADD COLUMN corrected_us INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN clock TEXT;"
    "CREATE INDEX sessions_by_clock ON sessions (clock) WHERE clock IS NOT NULL;",
    ("CREATE TABLE notes ("
     " key TEXT PRIMARY KEY, clock TEXT, at_us INTEGER NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;"),
    "CREATE TABLE removed (session TEXT PRIMARY KEY, athlete TEXT NOT NULL) STRICT, WITHOUT ROWID;",
};

static const char *const versions[DATABASE_VERSION] = {"PRAGMA user_version = 1", "PRAGMA user_version = 2",
                                                       "PRAGMA user_version = 3", "PRAGMA user_version = 4"};

int database_run(sqlite3 *db, const char *text)
{
    int code = SQLITE_OK;
    while (code == SQLITE_OK && *text != '\0') {
        sqlite3_stmt *statement = NULL;
        code = sqlite3_prepare_v2(db, text, -1, &statement, &text);
        if (code == SQLITE_OK && statement != NULL)
            while ((code = sqlite3_step(statement)) == SQLITE_ROW)
                ;
        code = code == SQLITE_DONE ? SQLITE_OK : code;
        const int done = sqlite3_finalize(statement);
        code = code == SQLITE_OK ? done : code;
    }
    return code;
}

sqlite3_stmt *database_prepare(sqlite3 *db, const char *text)
{
    sqlite3_stmt *statement = NULL;
    return sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK ? statement : NULL;
}

const char *database_words(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "the disk is full; make room";
    case SQLITE_READONLY:
        return "the disk or the file is read-only; see whether the file system has an error";
    case SQLITE_IOERR:
        return "the disk reports an error; see the kernel's messages, and think of a new card";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "the file cannot be opened; zone1d needs a folder that it may write to";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program keeps the database locked; end it";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "the database is damaged";
    case SQLITE_NOMEM:
        return "there is no memory left";
    case SQLITE_MISMATCH:
        return "a newer zone1d made the database; install that version again";
    default:
        return sqlite3_errstr(code);
    }
}

bool database_damaged(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* A number that PRAGMA tells, or -1 and the code. */
static int ask(sqlite3 *db, const char *pragma, int *ret_code)
{
    sqlite3_stmt *statement = database_prepare(db, pragma);
    *ret_code = statement == NULL ? sqlite3_errcode(db) : sqlite3_step(statement);
    const int value = *ret_code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    if (*ret_code == SQLITE_ROW)
        *ret_code = SQLITE_OK;
    sqlite3_finalize(statement);
    return value;
}

/* Damage is better found now than in the middle of a session. */
static int check(sqlite3 *db)
{
    sqlite3_stmt *statement = database_prepare(db, "PRAGMA quick_check(1)");
    if (statement == NULL)
        return sqlite3_errcode(db);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        const char *word = (const char *)sqlite3_column_text(statement, 0);
        code = word != NULL && strcmp(word, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    sqlite3_finalize(statement);
    return code;
}

static int migrate(sqlite3 *db, int from, int to)
{
    int code = database_run(db, "BEGIN IMMEDIATE");
    for (int version = from; code == SQLITE_OK && version < to; version++) {
        code = database_run(db, migrations[version]);
        if (code == SQLITE_OK)
            code = database_run(db, versions[version]);
    }
    if (code == SQLITE_OK)
        code = database_run(db, "COMMIT");
    if (code != SQLITE_OK)
        database_run(db, "ROLLBACK");
    return code;
}

char *database_digest(const char *id) { return g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1); }

/* digest(ID) in a statement. */
static void digest(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *id = count == 1 ? (const char *)sqlite3_value_text(values[0]) : NULL;
    if (id != NULL)
        sqlite3_result_text(context, database_digest(id), -1, g_free);
}

bool database_make_version(sqlite3 *db, int version)
{
    return version >= 1 && version <= DATABASE_VERSION && migrate(db, 0, version) == SQLITE_OK;
}

static int prepare_to_write(sqlite3 *db)
{
    int code;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, DATABASE_BUSY_MS);
    /* WAL: readers and the writer do not wait for each other. FULL: one fsync for each transaction, of which
     * there is one every few seconds on a thread of its own; with NORMAL a power cut would take all since
     * the last checkpoint, which can be many minutes. */
    if ((code = database_run(db, "PRAGMA journal_mode = WAL")) != SQLITE_OK ||
        (code = database_run(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
                                 /* What is replaced or deleted is overwritten: it is health data. */
                                 "PRAGMA secure_delete = ON; "
                                 "PRAGMA journal_size_limit = 4194304")) != SQLITE_OK)
        return code;
    if ((code = sqlite3_create_function_v2(db, "digest", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                           NULL, digest, NULL, NULL, NULL)) != SQLITE_OK)
        return code;
    const int version = ask(db, "PRAGMA user_version", &code);
    if (code != SQLITE_OK)
        return code;
    if (version > DATABASE_VERSION)
        return SQLITE_MISMATCH;
    if ((code = check(db)) != SQLITE_OK || version == DATABASE_VERSION)
        return code;
    return migrate(db, MAX(version, 0), DATABASE_VERSION);
}

static char *reason_of(const char *file, int code) { return g_strdup_printf("%s: %s", file, database_words(code)); }

/* For its owner alone, whatever the umask: it is health data. SQLite gives what belongs to it (-wal, -shm) the same
 * mode. What cannot be made here, sqlite3_open_v2 reports. */
static void make_private(const char *file)
{
    const int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

int database_open(const char *file, sqlite3 **ret, char **ret_reason)
{
    sqlite3 *db = NULL;
    make_private(file);
    int code = sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = prepare_to_write(db);
    if (code == SQLITE_OK) {
        *ret = db;
        return SQLITE_OK;
    }
    *ret_reason = reason_of(file, code);
    sqlite3_close(db);
    return code;
}

/* A folder that may not be written to has no room for the memory that readers of a WAL share. A file that nobody
 * writes can be read without. */
static int open_unshared(const char *file, sqlite3 **ret)
{
    g_autofree char *escaped = g_uri_escape_string(file, "/", FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?immutable=1", escaped);
    return sqlite3_open_v2(uri, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
}

static int try_to_read(sqlite3 *db)
{
    int code;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, DATABASE_BUSY_MS);
    const int version = ask(db, "PRAGMA user_version", &code);
    if (code == SQLITE_OK && version != DATABASE_VERSION)
        code = version > DATABASE_VERSION ? SQLITE_MISMATCH : SQLITE_SCHEMA;
    return code;
}

int database_open_to_read(const char *file, sqlite3 **ret, char **ret_reason)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = try_to_read(db);
    if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) {
        sqlite3_close(db);
        db = NULL;
        code = open_unshared(file, &db);
        code = code == SQLITE_OK ? try_to_read(db) : code;
    }
    if (code == SQLITE_OK) {
        *ret = db;
        return SQLITE_OK;
    }
    if (code == SQLITE_SCHEMA)
        *ret_reason = g_strdup_printf("%s: an older zone1d made it; start zone1d once, to bring it up to date", file);
    else
        *ret_reason = reason_of(file, code);
    sqlite3_close(db);
    return code;
}

char *database_set_aside(const char *file, char **ret_reason)
{
    static const char *const endings[] = {"-wal", "-shm", ""};
    g_autofree char *aside = NULL;
    for (unsigned n = 1; aside == NULL || g_file_test(aside, G_FILE_TEST_EXISTS); n++) {
        g_free(aside);
        aside = g_strdup_printf("%s.damaged-%u", file, n);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *from = g_strconcat(file, endings[i], NULL);
        g_autofree char *to = g_strconcat(aside, endings[i], NULL);
        if (rename(from, to) != 0 && errno != ENOENT) {
            *ret_reason = g_strdup_printf("%s cannot be moved out of the way: %s", from, g_strerror(errno));
            return NULL;
        }
    }
    return g_steal_pointer(&aside);
}

GHashTable *database_ids(sqlite3 *db)
{
    GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sqlite3_stmt *statement = database_prepare(db, "SELECT id, athlete FROM sessions");
    while (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        g_hash_table_insert(ids, g_strdup((const char *)sqlite3_column_text(statement, 0)),
                            g_strdup((const char *)sqlite3_column_text(statement, 1)));
    sqlite3_finalize(statement);
    return ids;
}
