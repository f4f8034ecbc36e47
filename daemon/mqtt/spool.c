/* SPDX-License-Identifier: MIT */
#include "mqtt/spool.h"

#include "mqtt/spool_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEAD_MAX_BYTES (256 * 1024) /* less than this is not worth a new file */
#define MODE 0600

struct Spool {
    char *path, *lock_path;
    int fd, lock_fd; /* -1: not open */
    gsize size, live_bytes;
    guint64 last_number;
    GHashTable *waiting; /* number -> its record's bytes */
    char *said;          /* the trouble that was logged */
};

static bool read_file(Spool *spool, GByteArray **ret);
static void take_in(Spool *spool, const SpoolContent *content, gsize len);
static bool open_file(Spool *spool);
static bool write_all(Spool *spool, const GByteArray *bytes);
static bool compact(Spool *spool);
static void forget_file(Spool *spool);

Spool *spool_new(const char *path)
{
    Spool *spool = g_new0(Spool, 1);
    spool->path = g_strdup(path);
    spool->lock_path = g_strconcat(path, ".lock", NULL);
    spool->fd = spool->lock_fd = -1;
    spool->waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return spool;
}

void spool_free(Spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->fd >= 0)
        close(spool->fd);
    if (spool->lock_fd >= 0)
        close(spool->lock_fd);
    g_hash_table_unref(spool->waiting);
    g_free(spool->path);
    g_free(spool->lock_path);
    g_free(spool->said);
    g_free(spool);
}

/* Always false: for "return trouble(...)". */
static bool trouble(Spool *spool, const char *why)
{
    if (g_strcmp0(spool->said, why) != 0)
        g_warning("MQTT: what waits for the broker cannot be kept on disk (%s: %s): it is kept in memory alone, and "
                  "lost when zone1d ends before the broker is back; trying on", spool->path, why);
    g_free(spool->said);
    spool->said = g_strdup(why);
    return false;
}

static bool is_fine(Spool *spool)
{
    if (spool->said != NULL)
        g_message("MQTT: what waits for the broker is kept on disk again");
    g_clear_pointer(&spool->said, g_free);
    return true;
}

/* ---- taking it in ---- */

static bool lock(Spool *spool)
{
    if (spool->lock_fd < 0)
        spool->lock_fd = open(spool->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
    if (spool->lock_fd < 0)
        return trouble(spool, g_strerror(errno));
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    return trouble(spool, errno == EWOULDBLOCK ? "another process has it" : g_strerror(errno));
}

/* What cannot be read is left to whoever can: under another name, of which there is one. */
static bool set_aside(Spool *spool)
{
    g_autofree char *aside = g_strconcat(spool->path, ".unreadable", NULL);
    if (rename(spool->path, aside) != 0)
        return trouble(spool, g_strerror(errno));
    close(spool->fd);
    spool->fd = -1;
    g_warning("MQTT: %s is no spool that this version can read; it is kept as %s", spool->path, aside);
    return true;
}

bool spool_load(Spool *spool, GPtrArray **ret)
{
    GByteArray *bytes = NULL;
    SpoolContent content;
    if (!lock(spool) || !read_file(spool, &bytes))
        return false;
    spool_parse(bytes->data, bytes->len, &content);
    gsize len = bytes->len;
    g_byte_array_unref(bytes);
    if (content.foreign && !set_aside(spool)) {
        spool_content_clear(&content);
        return false;
    }
    if (!content.foreign)
        take_in(spool, &content, len);
    *ret = g_steal_pointer(&content.messages);
    return is_fine(spool);
}

/* The whole file; none is an empty one. */
static bool read_file(Spool *spool, GByteArray **ret)
{
    struct stat info;
    if (spool->fd < 0)
        spool->fd = open(spool->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    bool none = spool->fd < 0 && errno == ENOENT;
    if (!none && (spool->fd < 0 || fstat(spool->fd, &info) != 0))
        return trouble(spool, g_strerror(errno));
    if (!none && !S_ISREG(info.st_mode))
        return trouble(spool, "it is not a regular file");
    /* Of one that is too large, no more than it takes to see that it is none of ours. */
    gsize size = none ? 0 : (guint64)info.st_size > SPOOL_MAX_BYTES ? 1 : (gsize)info.st_size, done = 0;
    GByteArray *bytes = g_byte_array_sized_new((guint)size + 1);
    g_byte_array_set_size(bytes, (guint)size);
    while (done < size) {
        gssize count = pread(spool->fd, bytes->data + done, size - done, (off_t)done);
        if (count <= 0 && !(count < 0 && errno == EINTR)) {
            g_byte_array_unref(bytes);
            return trouble(spool, count == 0 ? "it became shorter" : g_strerror(errno));
        }
        done += count > 0 ? (gsize)count : 0;
    }
    *ret = bytes;
    return true;
}

static void count_in(Spool *spool, guint64 number, gsize bytes)
{
    g_hash_table_insert(spool->waiting, g_memdup2(&number, sizeof number), GSIZE_TO_POINTER(bytes));
    spool->live_bytes += bytes;
}

static gsize record_bytes(const OutMessage *message)
{
    GByteArray *record = g_byte_array_new();
    spool_put_message(record, message);
    gsize bytes = record->len;
    g_byte_array_unref(record);
    return bytes;
}

static void take_in(Spool *spool, const SpoolContent *content, gsize len)
{
    spool->size = content->sound_bytes;
    spool->last_number = content->last_number;
    for (guint i = 0; i < content->messages->len; i++) {
        const OutMessage *message = content->messages->pdata[i];
        count_in(spool, message->spool_number, record_bytes(message));
    }
    if (content->sound_bytes < len) {
        g_warning("MQTT: the last %" G_GSIZE_FORMAT " bytes of %s are damaged (a power cut?) and are left out; %u "
                  "messages before them wait", len - content->sound_bytes, spool->path, content->messages->len);
        if (ftruncate(spool->fd, (off_t)spool->size) != 0)
            (void)trouble(spool, g_strerror(errno));
    }
    if (content->messages->len == 0)
        forget_file(spool);
}

/* ---- changing it ---- */

guint64 spool_next_number(Spool *spool)
{
    return ++spool->last_number;
}

guint spool_waiting(const Spool *spool)
{
    return g_hash_table_size(spool->waiting);
}

bool spool_append(Spool *spool, const GByteArray *records, const guint64 *numbers, guint count)
{
    if (!open_file(spool) || !write_all(spool, records))
        return false;
    if (fdatasync(spool->fd) != 0) {
        int failure = errno;
        spool->size -= records->len;
        (void)!ftruncate(spool->fd, (off_t)spool->size);
        return trouble(spool, g_strerror(failure));
    }
    for (guint i = 0; i < count; i++)
        count_in(spool, numbers[i], records->len / count);
    return is_fine(spool);
}

bool spool_done(Spool *spool, const guint64 *numbers, guint count)
{
    guint known = 0;
    for (guint i = 0; i < count; i++)
        known += g_hash_table_contains(spool->waiting, &numbers[i]);
    if (known == 0)
        return true;
    if (known < g_hash_table_size(spool->waiting)) {
        GByteArray *record = g_byte_array_new();
        spool_put_done(record, numbers, count);
        bool written = write_all(spool, record);
        g_byte_array_unref(record);
        if (!written)
            return false;
    }
    for (guint i = 0; i < count; i++) {
        spool->live_bytes -= GPOINTER_TO_SIZE(g_hash_table_lookup(spool->waiting, &numbers[i]));
        g_hash_table_remove(spool->waiting, &numbers[i]);
    }
    if (g_hash_table_size(spool->waiting) == 0)
        forget_file(spool);
    else if (spool->size > 2 * spool->live_bytes + DEAD_MAX_BYTES)
        (void)compact(spool); /* else later: it is only longer than it must be */
    return is_fine(spool);
}

/* So that a new file's name is there after a power cut, too. */
static void sync_folder(const Spool *spool)
{
    g_autofree char *folder = g_path_get_dirname(spool->path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* Makes it if there is none. */
static bool open_file(Spool *spool)
{
    if (spool->fd < 0) {
        spool->fd = open(spool->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, MODE);
        spool->size = 0;
        sync_folder(spool);
    }
    if (spool->fd < 0)
        return trouble(spool, g_strerror(errno));
    if (spool->size > 0)
        return true;
    GByteArray *header = g_byte_array_new();
    spool_put_header(header);
    bool written = write_all(spool, header);
    g_byte_array_unref(header);
    return written;
}

/* All of it, or the file is as before. */
static bool write_all(Spool *spool, const GByteArray *bytes)
{
    for (gsize done = 0; done < bytes->len;) {
        gssize count = pwrite(spool->fd, bytes->data + done, bytes->len - done, (off_t)(spool->size + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            int failure = count < 0 ? errno : ENOSPC;
            (void)!ftruncate(spool->fd, (off_t)spool->size);
            return trouble(spool, g_strerror(failure));
        }
        done += (gsize)count;
    }
    spool->size += bytes->len;
    return true;
}

/* The file without what is done with, in its place. */
static bool replace_by(Spool *spool, const GByteArray *bytes)
{
    g_autofree char *fresh = g_strconcat(spool->path, ".new", NULL);
    int fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE);
    bool written = fd >= 0 && pwrite(fd, bytes->data, bytes->len, 0) == (gssize)bytes->len && fdatasync(fd) == 0;
    if (!written || rename(fresh, spool->path) != 0) {
        int failure = errno;
        if (fd >= 0)
            close(fd);
        unlink(fresh);
        return trouble(spool, g_strerror(failure));
    }
    close(spool->fd);
    spool->fd = fd;
    spool->size = bytes->len;
    return true;
}

static bool compact(Spool *spool)
{
    GByteArray *old = NULL, *bytes = g_byte_array_new();
    SpoolContent content;
    if (!read_file(spool, &old)) {
        g_byte_array_unref(bytes);
        return false;
    }
    spool_parse(old->data, MIN(old->len, spool->size), &content);
    g_byte_array_unref(old);
    spool_put_header(bytes);
    for (guint i = 0; i < content.messages->len; i++)
        spool_put_message(bytes, content.messages->pdata[i]);
    bool whole = content.messages->len == g_hash_table_size(spool->waiting);
    bool done = whole && replace_by(spool, bytes);
    spool_content_clear(&content);
    g_byte_array_unref(bytes);
    return done;
}

/* Nothing waits. A file that cannot be removed is emptied: that needs no room either. */
static void forget_file(Spool *spool)
{
    if (spool->fd < 0)
        return;
    if (unlink(spool->path) != 0 && ftruncate(spool->fd, 0) != 0)
        (void)trouble(spool, g_strerror(errno));
    close(spool->fd);
    spool->fd = -1;
    spool->size = spool->live_bytes = 0;
}
