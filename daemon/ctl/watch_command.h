/* SPDX-License-Identifier: MIT */
#ifndef ZONE1D_CTL_WATCH_COMMAND_H
#define ZONE1D_CTL_WATCH_COMMAND_H

/* zone1ctl watch; argv[0] is "watch". Returns the exit status. Main thread. */
int watch_command(int argc, char **argv);

#endif
