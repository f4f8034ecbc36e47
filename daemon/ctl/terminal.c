/* SPDX-License-Identifier: MIT */
#include "ctl/terminal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J" /* alternate screen, no cursor, no wrapping, cleared */
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"
#define WRITE_PATIENCE_MS 2000

struct Terminal {
    int in_fd, out_fd;
    bool colour;
    bool keys; /* the input's modes were changed and must be given back */
    struct termios modes;
    Frame *shown;
};

bool terminal_fits(int fd)
{
    const char *kind = g_getenv("TERM");
    return isatty(fd) && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

/* A terminal that takes nothing for two seconds is taken for gone. */
static bool write_all(int fd, const char *bytes, gsize size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written > 0) {
            bytes += written;
            size -= (gsize)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (poll(&wait, 1, WRITE_PATIENCE_MS) <= 0)
                return false;
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Ctrl-Z is switched off: it would leave the shell on the alternate screen. */
static void take_keys(Terminal *terminal)
{
    if (tcgetattr(terminal->in_fd, &terminal->modes) != 0)
        return;
    struct termios raw = terminal->modes;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    terminal->keys = tcsetattr(terminal->in_fd, TCSANOW, &raw) == 0;
}

Terminal *terminal_open(int in_fd, int out_fd)
{
    const char *no_colour = g_getenv("NO_COLOR");
    Terminal *terminal = g_new0(Terminal, 1);
    terminal->in_fd = in_fd;
    terminal->out_fd = out_fd;
    terminal->colour = no_colour == NULL || no_colour[0] == '\0'; /* https://no-color.org */
    take_keys(terminal);
    write_all(out_fd, ENTER, strlen(ENTER));
    return terminal;
}

Frame *terminal_frame(const Terminal *terminal)
{
    struct winsize size = {0};
    if (ioctl(terminal->out_fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return frame_new(24, 80);
    return frame_new(size.ws_row, size.ws_col);
}

bool terminal_show(Terminal *terminal, const Frame *frame)
{
    g_autofree char *bytes = frame_ansi(frame, terminal->shown, terminal->colour);
    if (!write_all(terminal->out_fd, bytes, strlen(bytes)))
        return false;
    frame_free(terminal->shown);
    terminal->shown = frame_copy(frame);
    return true;
}

void terminal_forget(Terminal *terminal)
{
    frame_free(terminal->shown);
    terminal->shown = NULL;
    write_all(terminal->out_fd, "\033[2J", 4);
}

void terminal_close(Terminal *terminal)
{
    if (terminal == NULL)
        return;
    if (terminal->keys)
        tcsetattr(terminal->in_fd, TCSAFLUSH, &terminal->modes);
    write_all(terminal->out_fd, LEAVE, strlen(LEAVE));
    frame_free(terminal->shown);
    g_free(terminal);
}
