/* SPDX-License-Identifier: MIT */
#include "mqtt/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gssize read_all(int fd, char *buffer, gsize size)
{
    gsize length = 0;
    while (length < size) {
        gssize count = read(fd, buffer + length, size - length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        length += (gsize)count;
    }
    return (gssize)length;
}

static const char *what_is_wrong(const char *secret, gsize length, gsize max_bytes)
{
    if (length > max_bytes)
        return "it is too long for a password";
    if (length == 0)
        return "it is empty";
    if (!g_utf8_validate(secret, (gssize)length, NULL))
        return "it is not UTF-8 text";
    return NULL;
}

static gsize without_line_end(const char *text, gsize length)
{
    if (length > 0 && text[length - 1] == '\n')
        length--;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    return length;
}

char *secret_read(const char *path, gsize max_bytes, GError **error)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &info) != 0) {
        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    gsize size = max_bytes + 3; /* a line end of two, and one more to notice that it is too long */
    char *secret = g_malloc0(size + 1);
    gssize count = S_ISREG(info.st_mode) ? read_all(fd, secret, size) : -1;
    int failure = errno;
    close(fd);
    if (count < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path,
                    S_ISREG(info.st_mode) ? g_strerror(failure) : "it is not a regular file");
        g_free(secret);
        return NULL;
    }
    gsize length = without_line_end(secret, (gsize)count);
    secret[length] = '\0';
    const char *wrong = what_is_wrong(secret, length, max_bytes);
    if (wrong == NULL)
        return secret;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, wrong);
    explicit_bzero(secret, size);
    g_free(secret);
    return NULL;
}

void secret_free(char *secret)
{
    if (secret == NULL)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}
