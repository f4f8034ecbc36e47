/* SPDX-License-Identifier: MIT
 *
 * What athletes are told from the command line. Main thread; argv[0] is the command's name; each returns
 * the exit status.
 */
#ifndef ZONE1D_CTL_TELL_COMMAND_H
#define ZONE1D_CTL_TELL_COMMAND_H

/* start, stop, pause, resume, target, cap, rpe, speed: argv[0] is one of them. */
int tell_command(int argc, char **argv);

/* forget */
int forget_command(int argc, char **argv);

#endif
