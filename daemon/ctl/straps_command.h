/* SPDX-License-Identifier: MIT
 *
 * zone1ctl scan, straps, bind and unbind.
 */
#ifndef ZONE1D_CTL_STRAPS_COMMAND_H
#define ZONE1D_CTL_STRAPS_COMMAND_H

/* Each: argv[0] is the command's name. Returns the exit status. Main thread, which runs the default main context. */
int scan_command(int argc, char **argv);
int straps_command(int argc, char **argv);
int bind_command(int argc, char **argv); /* and unbind */

#endif
