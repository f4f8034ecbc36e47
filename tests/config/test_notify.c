/* SPDX-License-Identifier: MIT
 *
 * Against a service manager's socket of our own: what arrives there, byte by byte.
 */
#include "notify.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A bound datagram socket; NAME as in $NOTIFY_SOCKET. */
static int manager_listen(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t len = strlen(name);
    assert_true(len < sizeof address.sun_path);
    memcpy(address.sun_path, name, len);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    g_setenv("NOTIFY_SOCKET", name, TRUE);
    return fd;
}

static void expect_told(int fd, const char *expected)
{
    char buffer[512];
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    assert_int_equal(got, strlen(expected));
    assert_memory_equal(buffer, expected, strlen(expected));
}

static void expect_silence(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static void test_path_socket(void **state)
{
    (void)state;
    g_autofree char *folder = g_strdup("notify-XXXXXX");
    assert_non_null(g_mkdtemp(folder));
    /* Absolute, and short: relative to this folder by way of /proc. */
    g_autofree char *path = g_strdup_printf("/proc/self/cwd/%s/notify", folder);
    const int fd = manager_listen(path);
    assert_true(notify_send("READY=1"));
    assert_true(notify_send("STATUS=two\nWATCHDOG=1"));
    assert_false(notify_send(""));
    expect_told(fd, "READY=1");
    expect_told(fd, "STATUS=two\nWATCHDOG=1");
    expect_silence(fd);
    close(fd);
    assert_false(notify_send("READY=1")); /* nobody there any more */
    g_unlink(path);
    assert_false(notify_send("READY=1"));
    assert_int_equal(g_rmdir(folder), 0);
}

static void test_abstract_socket(void **state)
{
    (void)state;
    g_autofree char *name = g_strdup_printf("@zone1d-test-%d-%08x", (int)getpid(), g_random_int());
    const int fd = manager_listen(name);
    assert_true(notify_send("STOPPING=1"));
    expect_told(fd, "STOPPING=1");
    close(fd);
    assert_false(notify_send("STOPPING=1"));
}

/* The longest name there is, and one byte more. */
static void test_longest_name(void **state)
{
    (void)state;
    char name[sizeof((struct sockaddr_un *)0)->sun_path + 1];
    memset(name, 'n', sizeof name);
    g_autofree char *start = g_strdup_printf("@zone1d-%d-%08x-", (int)getpid(), g_random_int());
    memcpy(name, start, strlen(start));
    name[sizeof name - 2] = '\0';
    const int fd = manager_listen(name);
    assert_true(notify_send("READY=1"));
    expect_told(fd, "READY=1");
    name[sizeof name - 2] = 'n';
    name[sizeof name - 1] = '\0';
    g_setenv("NOTIFY_SOCKET", name, TRUE);
    assert_false(notify_send("READY=1"));
    expect_silence(fd);
    close(fd);
}

static void test_wrong_sockets(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "relative", "./relative", "@", "/", "/nonexistent/notify", "vsock:2:1",
                                        "/dev/null"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_setenv("NOTIFY_SOCKET", wrong[i], TRUE);
        assert_false(notify_send("READY=1"));
    }
    g_unsetenv("NOTIFY_SOCKET");
    assert_false(notify_send("READY=1"));
}

/* A manager that reads nothing: the send gives up instead of hanging. */
static void test_busy_manager(void **state)
{
    (void)state;
    g_autofree char *name = g_strdup_printf("@zone1d-test-%d-%08x", (int)getpid(), g_random_int());
    const int fd = manager_listen(name);
    unsigned sent = 0;
    while (sent < 1000000 && notify_send("WATCHDOG=1"))
        sent++;
    assert_true(sent > 0 && sent < 1000000);
    expect_told(fd, "WATCHDOG=1");
    assert_true(notify_send("WATCHDOG=1"));
    close(fd);
}

static void test_watchdog(void **state)
{
    (void)state;
    g_autofree char *mine = g_strdup_printf("%d", (int)getpid()), *other = g_strdup_printf("%d", (int)getpid() + 1);
    const struct {
        const char *usec, *pid;
        unsigned interval_ms;
    } table[] = {
        {NULL, NULL, 0},          {"30000000", NULL, 15000}, {"30000000", mine, 15000}, {"30000000", other, 0},
        {"30000000", "", 0},      {"30000000", "x", 0},      {"30000000", "0", 0},      {"0", NULL, 0},
        {"", NULL, 0},            {"1", NULL, 1},            {"3999", NULL, 1},         {"4000", NULL, 2},
        {"-30000000", NULL, 0},   {"30s", NULL, 0},          {" 30000000", NULL, 0},
        {"18446744073709551615", NULL, 0},
        {"18446744073709551614", NULL, G_MAXUINT},           {"99999999999999999999", NULL, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_unsetenv("WATCHDOG_USEC");
        g_unsetenv("WATCHDOG_PID");
        if (table[i].usec != NULL)
            g_setenv("WATCHDOG_USEC", table[i].usec, TRUE);
        if (table[i].pid != NULL)
            g_setenv("WATCHDOG_PID", table[i].pid, TRUE);
        assert_int_equal(notify_watchdog_interval_ms(), table[i].interval_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_socket),   cmocka_unit_test(test_abstract_socket),
        cmocka_unit_test(test_longest_name),  cmocka_unit_test(test_wrong_sockets),
        cmocka_unit_test(test_busy_manager),  cmocka_unit_test(test_watchdog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
