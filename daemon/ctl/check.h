/* SPDX-License-Identifier: MIT
 *
 * What zone1ctl check looks at, each finding a line: fine, a hint, or what to do. Main thread.
 */
#ifndef ZONE1D_CTL_CHECK_H
#define ZONE1D_CTL_CHECK_H

#include "config.h"

#include <stdbool.h>

typedef enum {
    CHECK_OK,
    CHECK_HINT, /* it works; something could be better */
    CHECK_BAD,  /* the text says what to do */
} CheckLevel;

/* AREA is a word ("clock"), TEXT a line without a line end; both end with the call. */
typedef void (*CheckLine)(void *user, CheckLevel level, const char *area, const char *text);

/* Is the wall clock set? Sessions are labelled by it. */
void check_clock(CheckLine line, void *user);

/* Is a Bluetooth radio blocked, by the switches below SYSFS ("/sys")? */
void check_rfkill(const char *sysfs, CheckLine line, void *user);

/* A Raspberry Pi (by the file MODEL, "/proc/device-tree/model") whose Wi-Fi is up has one radio for both. */
void check_wifi(const char *sysfs, const char *model, CheckLine line, void *user);

/* Can the user that zone1d runs as read CONFIG's files and write its folder? A machine without that user: a hint. */
void check_permissions(const Config *config, CheckLine line, void *user);

/* bluetoothd, its version and its adapters, over D-Bus. Runs the default main context for some seconds at most. */
void check_bluetooth(CheckLine line, void *user);

/* zone1ctl check; argv[0] is "check". Returns the exit status: 0 when nothing is BAD, else 1. */
int check_command(int argc, char **argv);

#endif
