/* SPDX-License-Identifier: MIT */
#include "mqtt/gate.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_passed = PTHREAD_COND_INITIALIZER;
static unsigned closed, passing; /* under the lock */

void gate_close(void)
{
    pthread_mutex_lock(&lock);
    closed++;
    while (passing > 0)
        pthread_cond_wait(&all_passed, &lock);
    pthread_mutex_unlock(&lock);
}

void gate_open(void)
{
    pthread_mutex_lock(&lock);
    closed--;
    pthread_mutex_unlock(&lock);
}

bool gate_pass(void)
{
    pthread_mutex_lock(&lock);
    const bool open = closed == 0;
    passing += open ? 1 : 0;
    pthread_mutex_unlock(&lock);
    return open;
}

void gate_passed(void)
{
    pthread_mutex_lock(&lock);
    passing--;
    pthread_cond_broadcast(&all_passed);
    pthread_mutex_unlock(&lock);
}
