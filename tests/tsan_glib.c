/* SPDX-License-Identifier: MIT
 *
 * Preloaded by `meson test --setup threads`: tells the thread sanitizer about GLib's locks, which it
 * cannot see, since they are futexes inside an uninstrumented library. In programs without the
 * sanitizer (a broker that a test starts) it only passes the calls on.
 */
#include <dlfcn.h>
#include <glib.h>
#include <stddef.h>

/* sanitizer/tsan_interface.h */
void __tsan_mutex_pre_lock(void *mutex, unsigned flags) __attribute__((weak));
void __tsan_mutex_post_lock(void *mutex, unsigned flags, int recursion) __attribute__((weak));
int __tsan_mutex_pre_unlock(void *mutex, unsigned flags) __attribute__((weak));
void __tsan_mutex_post_unlock(void *mutex, unsigned flags) __attribute__((weak));

static void before_lock(GMutex *mutex)
{
    if (__tsan_mutex_pre_lock != NULL)
        __tsan_mutex_pre_lock(mutex, 0);
}

static void after_lock(GMutex *mutex)
{
    if (__tsan_mutex_post_lock != NULL)
        __tsan_mutex_post_lock(mutex, 0, 0);
}

static void tell_unlock(GMutex *mutex)
{
    if (__tsan_mutex_pre_unlock != NULL) {
        __tsan_mutex_pre_unlock(mutex, 0);
        __tsan_mutex_post_unlock(mutex, 0);
    }
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#undef g_mutex_lock
#undef g_mutex_unlock

void g_mutex_lock(GMutex *mutex)
{
    before_lock(mutex);
    REAL(g_mutex_lock)(mutex);
    after_lock(mutex);
}

void g_mutex_unlock(GMutex *mutex)
{
    tell_unlock(mutex);
    REAL(g_mutex_unlock)(mutex);
}

void g_cond_wait(GCond *cond, GMutex *mutex)
{
    tell_unlock(mutex);
    REAL(g_cond_wait)(cond, mutex);
    before_lock(mutex);
    after_lock(mutex);
}

gboolean g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
    tell_unlock(mutex);
    gboolean signalled = REAL(g_cond_wait_until)(cond, mutex, end_time);
    before_lock(mutex);
    after_lock(mutex);
    return signalled;
}
