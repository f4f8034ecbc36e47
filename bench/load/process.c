/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

static void die_with_parent(gpointer user)
{
    (void)user;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

GPid process_start(char **argv)
{
    GPid pid = 0;
    GError *error = NULL;

    if (!g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL, &pid, &error))
        g_error("%s", error->message);
    return pid;
}

/* WNOWAIT: it is still there for process_end. */
bool process_runs(GPid pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static guint64 field(const char *text, const char *name)
{
    const char *found = text != NULL ? strstr(text, name) : NULL;

    return found != NULL ? g_ascii_strtoull(found + strlen(name) + strspn(found + strlen(name), ": \t"), NULL, 10) : 0;
}

static char *read_status(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, "status", NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static char *thread_name(const char *folder, const char *number)
{
    g_autofree char *path = g_build_filename(folder, number, "comm", NULL);
    char *name = NULL;

    return g_file_get_contents(path, &name, NULL, NULL) ? g_strchomp(name) : NULL;
}

GHashTable *process_thread_waits(GPid pid)
{
    GHashTable *waits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *folder = g_strdup_printf("/proc/%d/task", (int)pid);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *number;

    while (dir != NULL && (number = g_dir_read_name(dir)) != NULL) {
        g_autofree char *text = read_status(folder, number);
        char *name = thread_name(folder, number);
        guint before;

        if (name == NULL)
            continue;
        before = GPOINTER_TO_UINT(g_hash_table_lookup(waits, name));
        g_hash_table_insert(waits, name, GUINT_TO_POINTER(before + field(text, "\nvoluntary_ctxt_switches")));
    }
    return waits;
}

static guint64 count_waits(GPid pid)
{
    g_autoptr(GHashTable) threads = process_thread_waits(pid);
    GHashTableIter iter;
    gpointer waits;
    guint64 sum = 0;

    g_hash_table_iter_init(&iter, threads);
    while (g_hash_table_iter_next(&iter, NULL, &waits))
        sum += GPOINTER_TO_UINT(waits);
    return sum;
}

static unsigned count_fds(GPid pid)
{
    g_autofree char *folder = g_strdup_printf("/proc/%d/fd", (int)pid);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned count = 0;

    while (dir != NULL && g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

void process_account(GPid pid, ProcessAccount *ret)
{
    g_autofree char *number = g_strdup_printf("%d", (int)pid), *text = read_status("/proc", number);
    clockid_t clock;
    struct timespec cpu = {0};

    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &cpu);
    *ret = (ProcessAccount){.cpu_ns = cpu.tv_sec * G_GINT64_CONSTANT(1000000000) + cpu.tv_nsec,
                            .waits = count_waits(pid),
                            .threads = (unsigned)field(text, "\nThreads"),
                            .fds = count_fds(pid),
                            .rss_kib = (unsigned)field(text, "\nVmRSS"),
                            .peak_kib = (unsigned)field(text, "\nVmHWM")};
}

void process_end(GPid pid, unsigned timeout_ms)
{
    gint64 until_us = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;

    kill(pid, SIGTERM);
    while (process_runs(pid) && g_get_monotonic_time() < until_us)
        g_usleep(10000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    g_spawn_close_pid(pid);
}
