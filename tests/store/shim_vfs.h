/* SPDX-License-Identifier: MIT
 *
 * A disk under SQLite that can be made to fail, and that counts. It becomes SQLite's default.
 */
#ifndef ZONE1D_TESTS_SHIM_VFS_H
#define ZONE1D_TESTS_SHIM_VFS_H

#include <stdint.h>

/* Once, before any database is opened. */
void shim_install(void);

/* Call number AT from now on (1: the next) that touches the disk fails with CODE; with FOR_EVER, all after it too.
 * AT 0: none. Reads fail only for SQLITE_IOERR and its like. */
void shim_fail(unsigned at, int code, int for_ever);

/* Calls since shim_fail; and whether one has failed since. */
unsigned shim_calls(void);
int shim_failed(void);

/* Bytes written and files synced since the start. Syncs are counted, not done: the tests do not pull the plug. */
uint64_t shim_bytes(void);
uint64_t shim_syncs(void);

/* With HOLD, every write waits until it is taken back: a card that is busy with itself. */
void shim_hold(int hold);

/* Returns once a write waits so. */
void shim_await_held(void);

#endif
