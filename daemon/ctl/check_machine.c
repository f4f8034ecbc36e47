/* SPDX-License-Identifier: MIT */
#include "ctl/check.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>

#define DAEMON_USER "zone1d"
#define DEFAULT_STATE_DIR "/var/lib/zone1d"

static void G_GNUC_PRINTF(5, 6)
    say(CheckLine line, void *user, CheckLevel level, const char *area, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    line(user, level, area, text);
}

/* The file's text without white space at its end, or NULL. */
static char *read_text(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

void check_clock(CheckLine line, void *user)
{
    struct timex clock = {0};
    if (adjtimex(&clock) == TIME_ERROR || (clock.status & STA_UNSYNC) != 0)
        say(line, user, CHECK_HINT, "clock",
            "not synchronised: sessions may be labelled with a wrong time until it is (timedatectl shows why)");
    else
        say(line, user, CHECK_OK, "clock", "synchronised");
}

/* ---- the radio ---- */

static void check_switch(const char *folder, CheckLine line, void *user, unsigned *blocked)
{
    g_autofree char *type = read_text(folder, "type"), *soft = read_text(folder, "soft"),
                    *hard = read_text(folder, "hard"), *name = read_text(folder, "name");
    if (g_strcmp0(type, "bluetooth") != 0)
        return;
    const char *who = name != NULL ? name : "the radio";
    if (g_strcmp0(hard, "1") == 0)
        say(line, user, CHECK_BAD, "rfkill", "%s is switched off by a switch of the machine: switch it on", who);
    else if (g_strcmp0(soft, "1") == 0)
        say(line, user, CHECK_BAD, "rfkill", "%s is blocked: rfkill unblock bluetooth", who);
    else
        return;
    ++*blocked;
}

void check_rfkill(const char *sysfs, CheckLine line, void *user)
{
    g_autofree char *path = g_build_filename(sysfs, "class/rfkill", NULL);
    g_autoptr(GDir) switches = g_dir_open(path, 0, NULL);
    unsigned blocked = 0;
    const char *name;
    while (switches != NULL && (name = g_dir_read_name(switches)) != NULL) {
        g_autofree char *folder = g_build_filename(path, name, NULL);
        check_switch(folder, line, user, &blocked);
    }
    if (blocked == 0)
        say(line, user, CHECK_OK, "rfkill", "no Bluetooth radio is blocked");
}

void check_wifi(const char *sysfs, const char *model, CheckLine line, void *user)
{
    g_autofree char *board = NULL, *wlan = g_build_filename(sysfs, "class/net/wlan0", NULL);
    g_file_get_contents(model, &board, NULL, NULL);
    g_autofree char *state = read_text(wlan, "operstate");
    if (board == NULL || strstr(board, "Raspberry Pi") == NULL)
        say(line, user, CHECK_OK, "wifi", "this is no Raspberry Pi, whose Wi-Fi and Bluetooth share a radio");
    else if (g_strcmp0(state, "up") == 0)
        say(line, user, CHECK_HINT, "wifi",
            "Wi-Fi and Bluetooth share this board's radio: if straps drop out, use Ethernet, 5 GHz or a USB adapter");
    else
        say(line, user, CHECK_OK, "wifi", "Wi-Fi is not in use: Bluetooth has the radio for itself");
}

/* ---- permissions ---- */

/* BITS: of 4 (read), 2 (write), 1 (search). By owner, group and others alone, as for a user without other groups. */
static bool may(const struct passwd *who, const struct stat *file, unsigned bits)
{
    unsigned shift = file->st_uid == who->pw_uid ? 6 : file->st_gid == who->pw_gid ? 3 : 0;
    return (file->st_mode >> shift & bits) == bits;
}

static void check_read(const struct passwd *who, const char *path, const char *what, CheckLine line, void *user)
{
    struct stat file;
    /* A credential of systemd's is root's, and handed over by systemd. */
    if (path == NULL || g_str_has_prefix(path, "/etc/credstore/"))
        return;
    if (stat(path, &file) != 0)
        say(line, user, CHECK_BAD, "permissions", "%s %s: not there, or not to be seen from here", what, path);
    else if (!may(who, &file, 4))
        say(line, user, CHECK_BAD, "permissions", "%s %s: %s cannot read it (chgrp %s and chmod g+r)", what, path,
            DAEMON_USER, DAEMON_USER);
    else
        say(line, user, CHECK_OK, "permissions", "%s: readable for %s", what, DAEMON_USER);
}

static void check_folder(const struct passwd *who, const char *path, CheckLine line, void *user)
{
    struct stat folder;
    if (stat(path, &folder) != 0)
        say(line, user, CHECK_HINT, "permissions",
            "the folder for sessions, %s, is not there yet: systemd makes it at the first start", path);
    else if (!S_ISDIR(folder.st_mode) || !may(who, &folder, 7))
        say(line, user, CHECK_BAD, "permissions", "%s cannot write %s: chown %s %s", DAEMON_USER, path, DAEMON_USER,
            path);
    else
        say(line, user, CHECK_OK, "permissions", "the folder for sessions is writable for %s", DAEMON_USER);
}

void check_permissions(const Config *config, CheckLine line, void *user)
{
    const struct passwd *who = getpwnam(DAEMON_USER); /* NOLINT(concurrency-mt-unsafe): the one thread there is */
    if (who == NULL) {
        say(line, user, CHECK_HINT, "permissions",
            "there is no user %s yet, as which the service runs: systemd-sysusers makes it", DAEMON_USER);
        return;
    }
    check_read(who, config->path, "the configuration", line, user);
    check_read(who, config->mqtt_password_file, "password-file", line, user);
    check_read(who, config->mqtt_tls.ca_file, "ca-file", line, user);
    check_read(who, config->mqtt_tls.certificate_file, "certificate-file", line, user);
    check_read(who, config->mqtt_tls.key_file, "key-file", line, user);
    check_folder(who, config->state_dir != NULL ? config->state_dir : DEFAULT_STATE_DIR, line, user);
}
