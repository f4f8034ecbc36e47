/* SPDX-License-Identifier: MIT */
#include "input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 65536

static char *fail(const char *path, int code, GError **error)
{
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: cannot be read: %s", path,
                g_strerror(code));
    return NULL;
}

static char *read_all(int fd, const char *path, gsize max_bytes, gsize *ret_len, GError **error)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    for (;;) {
        const gsize len = content->len;
        g_byte_array_set_size(content, (guint)(len + CHUNK_BYTES));
        const ssize_t got = read(fd, content->data + len, CHUNK_BYTES);
        if (got < 0 && errno != EINTR)
            return fail(path, errno, error);
        g_byte_array_set_size(content, (guint)(len + (got > 0 ? (gsize)got : 0)));
        if (content->len > max_bytes) {
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: larger than %" G_GSIZE_FORMAT " bytes", path,
                        max_bytes);
            return NULL;
        }
        if (got == 0)
            break;
    }
    *ret_len = content->len;
    g_byte_array_append(content, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&content), FALSE);
}

char *input_file_read(const char *path, gsize max_bytes, gsize *ret_len, GError **error)
{
    const int fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
    if (fd < 0)
        return fail(path, errno, error);
    char *content = NULL;
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "%s: is a folder, not a file", path);
    else
        content = read_all(fd, path, max_bytes, ret_len, error);
    (void)close(fd);
    return content;
}
