/* SPDX-License-Identifier: MIT
 *
 * What zone1ctl check says of a machine that is made up here.
 */
#include "ctl/check.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *root;
static GString *said;

static void on_line(void *user, CheckLevel level, const char *area, const char *text)
{
    (void)user;
    g_string_append_printf(said, "%d %s: %s\n", (int)level, area, text);
}

static void make(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(root, folder, NULL), *file = g_build_filename(path, name, NULL);
    assert_int_equal(g_mkdir_with_parents(path, 0700), 0);
    assert_true(g_file_set_contents(file, text, -1, NULL));
}

static int setup(void **state)
{
    (void)state;
    root = g_strdup("check-XXXXXX");
    said = g_string_new(NULL);
    return g_mkdtemp(root) != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    const char *const argv[] = {"rm", "-r", root, NULL};
    g_spawn_sync(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(root);
    g_string_free(said, TRUE);
    return 0;
}

static void test_radios(void **state)
{
    (void)state;
    check_rfkill(root, on_line, NULL);
    assert_string_equal(said->str, "0 rfkill: no Bluetooth radio is blocked\n");
    make("class/rfkill/rfkill0", "type", "wlan\n");
    make("class/rfkill/rfkill0", "soft", "1\n");
    make("class/rfkill/rfkill1", "type", "bluetooth\n");
    make("class/rfkill/rfkill1", "soft", "0\n");
    make("class/rfkill/rfkill1", "hard", "0\n");
    make("class/rfkill/rfkill1", "name", "hci0\n");
    g_string_truncate(said, 0);
    check_rfkill(root, on_line, NULL);
    assert_string_equal(said->str, "0 rfkill: no Bluetooth radio is blocked\n");
    make("class/rfkill/rfkill1", "soft", "1\n");
    g_string_truncate(said, 0);
    check_rfkill(root, on_line, NULL);
    assert_string_equal(said->str, "2 rfkill: hci0 is blocked: rfkill unblock bluetooth\n");
    make("class/rfkill/rfkill1", "hard", "1\n");
    g_string_truncate(said, 0);
    check_rfkill(root, on_line, NULL);
    assert_non_null(strstr(said->str, "hci0 is switched off by a switch of the machine"));
}

static void test_wifi(void **state)
{
    (void)state;
    g_autofree char *model = g_build_filename(root, "model", NULL);
    check_wifi(root, model, on_line, NULL);
    assert_non_null(strstr(said->str, "0 wifi: this is no Raspberry Pi"));
    make(".", "model", "Raspberry Pi 4 Model B Rev 1.5");
    check_wifi(root, model, on_line, NULL);
    assert_non_null(strstr(said->str, "0 wifi: Wi-Fi is not in use"));
    make("class/net/wlan0", "operstate", "up\n");
    check_wifi(root, model, on_line, NULL);
    assert_non_null(strstr(said->str, "1 wifi: Wi-Fi and Bluetooth share"));
}

static void test_the_clock_has_one_line(void **state)
{
    (void)state;
    check_clock(on_line, NULL);
    assert_true(g_str_has_suffix(said->str, "\n") && strchr(said->str, '\n') == said->str + said->len - 1);
}

/* ---- the daemon's user, who is made up ---- */

static struct passwd daemon_user;
static bool has_daemon_user;

struct passwd *__wrap_getpwnam(const char *name);

struct passwd *__wrap_getpwnam(const char *name)
{
    assert_string_equal(name, "zone1d");
    return has_daemon_user ? &daemon_user : NULL;
}

static const char *permissions_of(const Config *config)
{
    g_string_truncate(said, 0);
    check_permissions(config, on_line, NULL);
    return said->str;
}

static void test_permissions(void **state)
{
    (void)state;
    g_autofree char *path = g_build_filename(root, "zone1d.conf", NULL), *key = g_build_filename(root, "key", NULL);
    Config config = {.path = path, .state_dir = root, .mqtt_tls = {.key_file = key}};
    make(".", "zone1d.conf", "");
    daemon_user = (struct passwd){.pw_uid = getuid() + 1, .pw_gid = getgid() + 1};
    has_daemon_user = false;
    assert_non_null(strstr(permissions_of(&config), "1 permissions: there is no user zone1d yet"));
    has_daemon_user = true;
    g_chmod(path, 0640);
    assert_non_null(strstr(permissions_of(&config), "2 permissions: the configuration "));
    assert_non_null(strstr(said->str, "zone1d cannot read it (chgrp zone1d and chmod g+r)"));
    assert_non_null(strstr(said->str, "2 permissions: key-file "));
    assert_non_null(strstr(said->str, "not there, or not to be seen from here"));
    assert_non_null(strstr(said->str, "2 permissions: zone1d cannot write "));
    daemon_user = (struct passwd){.pw_uid = getuid() + 1, .pw_gid = getgid()};
    assert_non_null(strstr(permissions_of(&config), "0 permissions: the configuration: readable for zone1d"));
    daemon_user = (struct passwd){.pw_uid = getuid(), .pw_gid = getgid()};
    assert_non_null(strstr(permissions_of(&config), "0 permissions: the folder for sessions is writable for zone1d"));
    config.state_dir = key;
    assert_non_null(strstr(permissions_of(&config), "1 permissions: the folder for sessions, "));
    config.mqtt_tls.key_file = config.mqtt_password_file = (char[]){"/etc/credstore/zone1d.key"};
    assert_null(strstr(permissions_of(&config), "-file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_radios, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wifi, setup, teardown),
        cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_clock_has_one_line, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
