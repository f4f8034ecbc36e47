/* SPDX-License-Identifier: MIT */
#include "shim_vfs.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

typedef struct {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
} ShimFile;

static sqlite3_vfs shim, *real;
static sqlite3_io_methods methods;
static GMutex lock;
static GCond let_go, stopped;
static unsigned calls, fail_at;
static int fail_code, fail_for_ever, failed, held, waiting;
static uint64_t bytes_written, syncs;

void shim_fail(unsigned at, int code, int for_ever)
{
    g_mutex_lock(&lock);
    calls = 0;
    fail_at = at;
    fail_code = code;
    fail_for_ever = for_ever;
    failed = 0;
    g_mutex_unlock(&lock);
}

unsigned shim_calls(void)
{
    g_mutex_lock(&lock);
    unsigned value = calls;
    g_mutex_unlock(&lock);
    return value;
}

int shim_failed(void)
{
    g_mutex_lock(&lock);
    int value = failed;
    g_mutex_unlock(&lock);
    return value;
}

uint64_t shim_bytes(void) { return bytes_written; }

uint64_t shim_syncs(void) { return syncs; }

void shim_hold(int hold)
{
    g_mutex_lock(&lock);
    held = hold;
    g_cond_broadcast(&let_go);
    g_mutex_unlock(&lock);
}

void shim_await_held(void)
{
    g_mutex_lock(&lock);
    while (waiting == 0)
        g_cond_wait(&stopped, &lock);
    g_mutex_unlock(&lock);
}

static void wait_for_the_card(void)
{
    g_mutex_lock(&lock);
    waiting++;
    while (held) {
        g_cond_broadcast(&stopped);
        g_cond_wait(&let_go, &lock);
    }
    waiting--;
    g_mutex_unlock(&lock);
}

/* SQLITE_OK, or what this call is to fail with. */
static int next_call(void)
{
    g_mutex_lock(&lock);
    calls++;
    int fails = fail_at != 0 && (calls == fail_at || (fail_for_ever && calls > fail_at));
    failed |= fails;
    int code = fails ? fail_code : SQLITE_OK;
    g_mutex_unlock(&lock);
    return code;
}

static sqlite3_file *real_of(sqlite3_file *file) { return ((ShimFile *)file)->real; }

static int shim_close(sqlite3_file *file) { return real_of(file)->pMethods->xClose(real_of(file)); }

static int shim_read(sqlite3_file *file, void *to, int amount, sqlite3_int64 offset)
{
    int code = (fail_code & 0xff) == SQLITE_IOERR ? next_call() : SQLITE_OK;
    return code != SQLITE_OK ? SQLITE_IOERR_READ : real_of(file)->pMethods->xRead(real_of(file), to, amount, offset);
}

static int shim_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 offset)
{
    int code = next_call();
    wait_for_the_card();
    if (code != SQLITE_OK)
        return code;
    bytes_written += (uint64_t)amount;
    return real_of(file)->pMethods->xWrite(real_of(file), from, amount, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = next_call();
    return code != SQLITE_OK ? code : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    syncs++;
    return next_call();
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }

static int shim_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }

static int shim_reserved(sqlite3_file *file, int *result)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int shim_control(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int shim_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }

static int shim_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, to);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void shim_shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }

static int shim_shm_unmap(sqlite3_file *file, int delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    ShimFile *mine = (ShimFile *)file;
    mine->real = (sqlite3_file *)(void *)(mine + 1);
    mine->base.pMethods = NULL;
    int code = next_call();
    if (code != SQLITE_OK)
        return SQLITE_CANTOPEN;
    code = real->xOpen(real, name, mine->real, flags, ret_flags);
    if (code == SQLITE_OK)
        mine->base.pMethods = &methods;
    return code;
}

void shim_install(void)
{
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(ShimFile) + real->szOsFile;
    shim.xOpen = shim_open;
    methods = (sqlite3_io_methods){.iVersion = 2,
                                   .xClose = shim_close,
                                   .xRead = shim_read,
                                   .xWrite = shim_write,
                                   .xTruncate = shim_truncate,
                                   .xSync = shim_sync,
                                   .xFileSize = shim_size,
                                   .xLock = shim_lock,
                                   .xUnlock = shim_unlock,
                                   .xCheckReservedLock = shim_reserved,
                                   .xFileControl = shim_control,
                                   .xSectorSize = shim_sector,
                                   .xDeviceCharacteristics = shim_device,
                                   .xShmMap = shim_shm_map,
                                   .xShmLock = shim_shm_lock,
                                   .xShmBarrier = shim_shm_barrier,
                                   .xShmUnmap = shim_shm_unmap};
    sqlite3_vfs_register(&shim, 1);
}
