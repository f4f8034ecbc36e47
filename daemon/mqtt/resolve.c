/* SPDX-License-Identifier: MIT */
#include "mqtt/resolve.h"

#include "mqtt/client_private.h"

#include <errno.h>
#include <sys/socket.h>

#define SLICE_US (50 * 1000)

/* Shared by the resolver and its thread. */
typedef struct {
    gint references; /* atomic */
    char *host, port[16];
    pthread_mutex_t lock;
    pthread_cond_t answered;
    /* under the lock */
    bool done;
    int failure, system_error;
    struct addrinfo *addresses;
} Question;

struct Resolver {
    char *host;
    unsigned port;
    Question *question; /* NULL: none on its way */
};

Resolver *resolver_new(const char *host, unsigned port)
{
    Resolver *resolver = g_new0(Resolver, 1);
    resolver->host = g_strdup(host);
    resolver->port = port;
    return resolver;
}

static void question_unref(Question *question)
{
    if (!g_atomic_int_dec_and_test(&question->references))
        return;
    if (question->addresses != NULL)
        freeaddrinfo(question->addresses);
    pthread_cond_destroy(&question->answered);
    pthread_mutex_destroy(&question->lock);
    g_free(question->host);
    g_free(question);
}

void resolver_free(Resolver *resolver)
{
    if (resolver == NULL)
        return;
    if (resolver->question != NULL)
        question_unref(resolver->question);
    g_free(resolver->host);
    g_free(resolver);
}

static gpointer run(gpointer data)
{
    Question *question = data;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    int failure = getaddrinfo(question->host, question->port, &hints, &addresses);
    int system_error = errno;
    pthread_mutex_lock(&question->lock);
    question->failure = failure;
    question->system_error = system_error;
    question->addresses = failure == 0 ? addresses : NULL;
    question->done = true;
    pthread_cond_broadcast(&question->answered);
    pthread_mutex_unlock(&question->lock);
    question_unref(question);
    return NULL;
}

static Question *question_new(const Resolver *resolver)
{
    Question *question = g_new0(Question, 1);
    question->references = 2;
    question->host = g_strdup(resolver->host);
    g_snprintf(question->port, sizeof question->port, "%u", resolver->port);
    pthread_mutex_init(&question->lock, NULL);
    mqtt_condition_init(&question->answered);
    g_thread_unref(g_thread_new("mqtt-resolver", run, question));
    return question;
}

/* False: not answered yet. */
static bool take_answer(Question *question, struct addrinfo **ret, const char **ret_why)
{
    pthread_mutex_lock(&question->lock);
    (void)(question->done || mqtt_client_wait_until(&question->answered, &question->lock,
                                                    g_get_monotonic_time() + SLICE_US));
    bool done = question->done;
    *ret = g_steal_pointer(&question->addresses);
    if (done && question->failure != 0)
        *ret_why = question->failure == EAI_SYSTEM ? g_strerror(question->system_error)
                                                   : gai_strerror(question->failure);
    pthread_mutex_unlock(&question->lock);
    return done;
}

ResolveResult resolver_ask(Resolver *resolver, bool (*cancelled)(void *user), void *user, struct addrinfo **ret,
                           const char **ret_why)
{
    gint64 deadline_us = g_get_monotonic_time() + RESOLVE_TIMEOUT_MS * 1000;
    if (resolver->question == NULL)
        resolver->question = question_new(resolver);
    while (!take_answer(resolver->question, ret, ret_why)) {
        if (cancelled(user))
            return RESOLVE_CANCELLED;
        if (g_get_monotonic_time() >= deadline_us)
            return RESOLVE_TIMED_OUT;
    }
    question_unref(resolver->question);
    resolver->question = NULL;
    return *ret != NULL ? RESOLVE_DONE : RESOLVE_FAILED;
}
