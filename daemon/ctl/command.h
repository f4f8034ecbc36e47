/* SPDX-License-Identifier: MIT
 *
 * The commands of zone1ctl. Each takes its own arguments, argv[0] being its name, and returns the exit status
 * (sysexits.h): 0 done, 64 wrong usage, 65 what was read makes no sense, 66 there is no such thing, 73 cannot be
 * written.
 */
#ifndef ZONE1D_CTL_COMMAND_H
#define ZONE1D_CTL_COMMAND_H

int judge_command(int argc, char **argv);    /* a recording, judged */
int sessions_command(int argc, char **argv); /* the stored sessions */
int show_command(int argc, char **argv);     /* one of them */
int export_command(int argc, char **argv);   /* one of them, in the format of others */
int delete_command(int argc, char **argv);   /* one of them, gone */

#endif
