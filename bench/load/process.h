/* SPDX-License-Identifier: MIT
 *
 * The program under measurement: a child, and the kernel's account of it.
 */
#ifndef ZONE1D_BENCH_PROCESS_H
#define ZONE1D_BENCH_PROCESS_H

#include <glib.h>
#include <stdbool.h>

typedef struct {
    gint64 cpu_ns;     /* of all its threads, user and system */
    guint64 waits;     /* how often a thread of it went to sleep by itself */
    unsigned threads;
    unsigned fds;
    unsigned rss_kib, peak_kib; /* resident, now and at most */
} ProcessAccount;

/* Starts ARGV[0] (an absolute path). It dies with us. Aborts when it cannot be started. */
GPid process_start(char **argv);

bool process_runs(GPid pid);

/* As it stands now; all 0 when the process is gone. */
void process_account(GPid pid, ProcessAccount *ret);

/* char* name of a thread -> guint, how often threads of this name went to sleep by themselves; the caller's. */
GHashTable *process_thread_waits(GPid pid);

/* SIGTERM, and SIGKILL after TIMEOUT_MS. */
void process_end(GPid pid, unsigned timeout_ms);

#endif
