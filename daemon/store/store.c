/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include "store/job.h"

#include <string.h>

#define GATHER_US 5000 /* athletes hand over at the same moment: one transaction for all of them */
#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)

struct Store {
    char *file;
    StoreOptions options;
    GHashTable *ids; /* of all sessions, with whose they are; main thread */
    GThread *thread;
    /* The writer's alone once it runs. */
    sqlite3 *db;
    JobWriter *writer;
    int fault; /* SQLITE_OK, or what has been said to be wrong */
    gint64 next_expiry_us;
    /* Shared. */
    GMutex lock;
    GCond changed;
    GQueue jobs; /* Job */
    gsize waiting_bytes, unsaid_bytes;
    bool stopping, busy, failed, ended, hurry;
    unsigned holders; /* main thread and writer */
    StoreStats stats;
    GQueue news;     /* GPtrArray of StoreNews, from the writer for the main thread */
    GSource *teller; /* NULL: there are none */
};

/* ---- opening: by the main thread first, by the writer later ---- */

static void say_fault(Store *store, int code, const char *reason)
{
    code &= 0xff; /* which of its calls reports the full disk is not news */
    if (store->fault == code)
        return;
    store->fault = code;
    g_warning("sessions cannot be stored: %s. They are kept in memory until it goes again", reason);
}

/* True when a new file may be begun in the place of the damaged one. */
static bool set_aside(Store *store)
{
    g_autofree char *reason = NULL;
    g_autofree char *aside = database_set_aside(store->file, &reason);
    if (aside == NULL) {
        say_fault(store, SQLITE_CORRUPT, reason);
        return false;
    }
    g_mutex_lock(&store->lock);
    store->stats.set_aside++;
    g_mutex_unlock(&store->lock);
    g_warning("the database %s is damaged; it is now %s, and a new one is begun. What can be read of it: "
              "sqlite3 %s .recover", store->file, aside, aside);
    return true;
}

static bool open_database(Store *store)
{
    for (int tries = 0; store->db == NULL && tries < 2; tries++) {
        g_autofree char *reason = NULL;
        int code = database_open(store->file, &store->db, &reason);
        if (code == SQLITE_OK)
            store->writer = job_writer_new(store->db);
        else if (!database_damaged(code) || !set_aside(store)) {
            say_fault(store, code, reason);
            return false;
        }
    }
    return store->db != NULL;
}

static void close_database(Store *store)
{
    job_writer_free(store->writer);
    store->writer = NULL;
    sqlite3_close(store->db);
    store->db = NULL;
}

/* ---- the writer ---- */

static void note_written(Store *store)
{
    g_mutex_lock(&store->lock);
    gsize lost = store->unsaid_bytes;
    store->unsaid_bytes = 0;
    g_mutex_unlock(&store->lock);
    if (store->fault != SQLITE_OK && lost == 0)
        g_message("sessions are stored again; nothing was lost");
    else if (lost > 0)
        g_warning("sessions are stored again, but %zu KiB of their samples found no room in memory and are lost; "
                  "totals and verdicts are whole", lost / 1024 + 1);
    store->fault = SQLITE_OK;
}

/* True when JOBS are in the database. */
static bool write_jobs(Store *store, const GList *jobs)
{
    if (!open_database(store))
        return false;
    int code = job_writer_write(store->writer, jobs);
    if (database_damaged(code)) {
        close_database(store);
        if (!set_aside(store) || !open_database(store))
            return false;
        code = job_writer_write(store->writer, jobs);
    }
    if (code == SQLITE_OK) {
        note_written(store);
        return true;
    }
    g_autofree char *reason = g_strdup_printf("%s: %s", store->file, database_words(code));
    say_fault(store, code, reason);
    /* A file that was replaced or a disk that was mounted anew needs a new connection. */
    close_database(store);
    return false;
}

static GList *take_jobs(Store *store)
{
    GList *jobs = store->jobs.head;
    g_queue_init(&store->jobs);
    return jobs;
}

/* In front of what came in meanwhile. */
static void give_back(Store *store, GList *jobs)
{
    GList *newer = store->jobs.head;
    g_queue_init(&store->jobs);
    for (GList *one = jobs; one != NULL; one = one->next)
        g_queue_push_tail(&store->jobs, one->data);
    for (GList *one = newer; one != NULL; one = one->next)
        g_queue_push_tail(&store->jobs, one->data);
    g_list_free(jobs);
    g_list_free(newer);
}

static void forget_jobs(Store *store, GList *jobs)
{
    for (GList *one = jobs; one != NULL; one = one->next) {
        store->waiting_bytes -= job_bytes(one->data);
        job_free(one->data);
    }
    g_list_free(jobs);
}

static gint64 cutoff_us(unsigned days) { return days > 0 ? g_get_real_time() - days * DAY_US : 0; }

/* By age, once a day, and only while the clock is known to be right: one that is years ahead would delete all. */
static void add_expiry(Store *store)
{
    const StoreOptions *options = &store->options;
    if ((options->keep_days == 0 && options->keep_samples_days == 0) ||
        g_get_monotonic_time() < store->next_expiry_us || options->clock_trusted == NULL || !options->clock_trusted())
        return;
    store->next_expiry_us = g_get_monotonic_time() + DAY_US;
    Job *job = g_new0(Job, 1);
    job->kind = JOB_EXPIRE;
    job->sessions_us = cutoff_us(options->keep_days);
    job->samples_us = cutoff_us(options->keep_samples_days);
    store->waiting_bytes += job_bytes(job);
    g_queue_push_tail(&store->jobs, job);
}

/* ---- what was removed ---- */

static void push(Store *store, Job *job);

static void tell_news(Store *store, const GPtrArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const StoreNews *news = all->pdata[i];
        if (!store->options.removed(store->options.user, news))
            continue;
        for (guint n = 0; n < news->sessions->len; n++) {
            Job *job = g_new0(Job, 1);
            job->kind = JOB_TOLD;
            job->id = g_strdup(news->sessions->pdata[n]);
            push(store, job);
        }
    }
}

/* Under the lock. */
static void drop_teller(Store *store)
{
    if (store->teller == NULL)
        return;
    g_source_destroy(store->teller);
    g_source_unref(store->teller);
    store->teller = NULL;
}

static gboolean on_news(gpointer user)
{
    Store *store = user;
    g_mutex_lock(&store->lock);
    drop_teller(store);
    GList *all = store->news.head;
    g_queue_init(&store->news);
    g_mutex_unlock(&store->lock);
    for (GList *one = all; one != NULL; one = one->next)
        tell_news(store, one->data);
    g_list_free_full(all, (GDestroyNotify)g_ptr_array_unref);
    return G_SOURCE_REMOVE;
}

static bool may_have_removed(const GList *jobs)
{
    for (; jobs != NULL; jobs = jobs->next) {
        const JobKind kind = ((const Job *)jobs->data)->kind;
        if (kind == JOB_DELETE || kind == JOB_EXPIRE || kind == JOB_LOOK)
            return true;
    }
    return false;
}

/* The writer's, after a transaction. */
static void look_for_news(Store *store)
{
    g_autoptr(StoreReader) reader = store_reader_open(store->file, NULL);
    g_autoptr(GPtrArray) all = reader != NULL ? store_reader_news(reader) : NULL;
    if (all == NULL || all->len == 0)
        return;
    g_mutex_lock(&store->lock);
    g_queue_push_tail(&store->news, g_steal_pointer(&all));
    if (store->teller == NULL && !store->stopping) {
        store->teller = g_idle_source_new();
        g_source_set_callback(store->teller, on_news, store, NULL);
        g_source_attach(store->teller, NULL);
    }
    g_mutex_unlock(&store->lock);
}

static void write_once(Store *store)
{
    add_expiry(store);
    GList *jobs = take_jobs(store);
    store->busy = true;
    g_mutex_unlock(&store->lock);
    const gint64 from_us = g_get_monotonic_time();
    const bool written = write_jobs(store, jobs);
    const gint64 took_us = g_get_monotonic_time() - from_us;
    if (written && store->options.removed != NULL && may_have_removed(jobs))
        look_for_news(store);
    g_mutex_lock(&store->lock);
    store->busy = false;
    store->failed = !written;
    store->stats.longest_us = MAX(store->stats.longest_us, took_us);
    if (written) {
        store->stats.transactions++;
        forget_jobs(store, jobs);
    } else {
        store->stats.failures++;
        give_back(store, jobs);
    }
    g_cond_broadcast(&store->changed);
}

/* Waits until there is something to do; false when it is time to end. */
static bool wait_for_jobs(Store *store)
{
    while (store->jobs.length == 0 && !store->stopping)
        g_cond_wait(&store->changed, &store->lock);
    if (store->jobs.length > 0 && !store->stopping) {
        g_mutex_unlock(&store->lock);
        g_usleep(GATHER_US);
        g_mutex_lock(&store->lock);
    }
    return store->jobs.length > 0;
}

/* A failed write is tried again after the interval, and once more at the stop. */
static void wait_to_retry(Store *store)
{
    const gint64 until_us = g_get_monotonic_time() + store->options.interval_s * G_TIME_SPAN_SECOND;
    while (!store->stopping && !store->hurry && g_cond_wait_until(&store->changed, &store->lock, until_us))
        ;
    store->hurry = false;
}

static void drop_hold(Store *store)
{
    const bool last = --store->holders == 0;
    g_mutex_unlock(&store->lock);
    if (!last)
        return;
    forget_jobs(store, take_jobs(store));
    g_list_free_full(store->news.head, (GDestroyNotify)g_ptr_array_unref);
    g_hash_table_unref(store->ids);
    g_free((char *)store->options.folder);
    g_free(store->file);
    g_mutex_clear(&store->lock);
    g_cond_clear(&store->changed);
    g_free(store);
}

static gpointer run_writer(gpointer data)
{
    Store *store = data;
    g_mutex_lock(&store->lock);
    for (bool last = false; !last && wait_for_jobs(store);) {
        last = store->stopping;
        write_once(store);
        if (store->failed && !last)
            wait_to_retry(store);
        last = last && (store->failed || store->jobs.length == 0);
    }
    g_mutex_unlock(&store->lock);
    close_database(store);
    g_mutex_lock(&store->lock);
    store->ended = true;
    g_cond_broadcast(&store->changed);
    drop_hold(store);
    return NULL;
}

/* ---- the main thread's side ---- */

Store *store_new(const StoreOptions *options)
{
    Store *store = g_new0(Store, 1);
    store->options = *options;
    store->options.folder = g_strdup(options->folder);
    store->options.interval_s = MAX(options->interval_s, 1);
    store->file = g_build_filename(options->folder, DATABASE_FILE, NULL);
    store->holders = 2;
    g_mutex_init(&store->lock);
    g_cond_init(&store->changed);
    g_queue_init(&store->jobs);
    g_queue_init(&store->news);
    store->ids = open_database(store) ? database_ids(store->db)
                                      : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    store->thread = g_thread_new("store", run_writer, store);
    return store;
}

void store_configure(Store *store, const StoreOptions *options)
{
    g_mutex_lock(&store->lock);
    store->options.interval_s = MAX(options->interval_s, 1);
    /* What is to go now goes at the next chance, and not only tomorrow. */
    if (store->options.keep_days != options->keep_days ||
        store->options.keep_samples_days != options->keep_samples_days)
        store->next_expiry_us = 0;
    store->options.keep_days = options->keep_days;
    store->options.keep_samples_days = options->keep_samples_days;
    g_mutex_unlock(&store->lock);
}

bool store_free(Store *store, unsigned timeout_ms)
{
    if (store == NULL)
        return true;
    const gint64 until_us = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
    GThread *thread = store->thread;
    g_mutex_lock(&store->lock);
    store->stopping = true;
    drop_teller(store);
    g_cond_broadcast(&store->changed);
    while (!store->ended && g_cond_wait_until(&store->changed, &store->lock, until_us))
        ;
    const bool ended = store->ended, written = ended && store->jobs.length == 0;
    if (!written)
        g_warning("what was new of the sessions could not be stored before the end: %s", store->file);
    drop_hold(store);
    if (ended)
        g_thread_join(thread);
    else
        g_thread_unref(thread);
    return written;
}

const char *store_file(const Store *store) { return store->file; }

char *store_new_id(Store *store, const char *base, const char *athlete)
{
    char *id = g_strdup(base);
    for (unsigned n = 2; g_hash_table_contains(store->ids, id); n++) {
        g_free(id);
        id = g_strdup_printf("%s-%u", base, n);
    }
    g_hash_table_insert(store->ids, g_strdup(id), g_strdup(athlete));
    return id;
}

bool store_has(const Store *store, const char *id) { return g_hash_table_contains(store->ids, id); }

bool store_knows(const Store *store, const char *athlete)
{
    GHashTableIter all;
    gpointer whose;
    g_hash_table_iter_init(&all, store->ids);
    while (g_hash_table_iter_next(&all, NULL, &whose))
        if (g_strcmp0(whose, athlete) == 0)
            return true;
    return false;
}

/* Of one session only the newest state is of use. */
static void supersede_state(Store *store, const Job *newer)
{
    for (GList *one = store->jobs.tail; one != NULL; one = one->prev) {
        Job *job = one->data;
        if (job->kind != JOB_SAVE || job->state == NULL || strcmp(job->record->id, newer->record->id) != 0)
            continue;
        store->waiting_bytes -= g_bytes_get_size(job->state);
        g_bytes_unref(job->state);
        job->state = NULL;
        return;
    }
}

static void make_room(Store *store)
{
    for (GList *one = store->jobs.head; one != NULL && store->waiting_bytes > STORE_MAX_WAITING_BYTES;) {
        GList *next = one->next;
        Job *job = one->data;
        if (job->kind == JOB_SAVE && job->state == NULL && job->chunk != NULL) {
            store->unsaid_bytes += g_bytes_get_size(job->chunk);
            store->stats.given_up_bytes += g_bytes_get_size(job->chunk);
            store->waiting_bytes -= job_bytes(job);
            job_free(job);
            g_queue_delete_link(&store->jobs, one);
        }
        one = next;
    }
}

static void push(Store *store, Job *job)
{
    g_mutex_lock(&store->lock);
    if (job->kind == JOB_SAVE && job->state != NULL)
        supersede_state(store, job);
    store->waiting_bytes += job_bytes(job);
    g_queue_push_tail(&store->jobs, job);
    make_room(store);
    g_cond_broadcast(&store->changed);
    g_mutex_unlock(&store->lock);
}

static Job *session_job(JobKind kind, const StoreRecord *record, GBytes *chunk, const StoreStamp *stamp)
{
    Job *job = g_new0(Job, 1);
    job->kind = kind;
    job->record = store_record_copy(record);
    job->chunk = chunk != NULL ? g_bytes_ref(chunk) : NULL;
    job->clock = g_strdup(stamp->clock);
    job->saved_ms = stamp->ms;
    job->saved_us = stamp->wall_us;
    return job;
}

void store_save(Store *store, const StoreRecord *record, GBytes *chunk, GBytes *state, const StoreStamp *stamp)
{
    Job *job = session_job(JOB_SAVE, record, chunk, stamp);
    job->state = state != NULL ? g_bytes_ref(state) : NULL;
    push(store, job);
}

void store_finish(Store *store, const StoreRecord *record, GBytes *chunk, const StoreStamp *stamp)
{
    push(store, session_job(JOB_FINISH, record, chunk, stamp));
}

void store_amend(Store *store, const StoreRecord *record, const StoreStamp *stamp)
{
    push(store, session_job(JOB_AMEND, record, NULL, stamp));
}

static Job *plain_job(JobKind kind, const char *athlete, const char *id)
{
    Job *job = g_new0(Job, 1);
    job->kind = kind;
    job->athlete = g_strdup(athlete);
    job->id = g_strdup(id);
    return job;
}

void store_drop(Store *store, const char *athlete, const char *id) { push(store, plain_job(JOB_DROP, athlete, id)); }

void store_delete(Store *store, const char *id)
{
    push(store, plain_job(JOB_DELETE, NULL, id));
    g_hash_table_remove(store->ids, id);
}

void store_look(Store *store) { push(store, plain_job(JOB_LOOK, NULL, NULL)); }

static gboolean is_theirs(gpointer id, gpointer whose, gpointer athlete)
{
    (void)id;
    return g_strcmp0(whose, athlete) == 0;
}

void store_forget(Store *store, const char *athlete)
{
    Job *job = plain_job(JOB_FORGET, athlete, NULL);
    g_hash_table_foreach_remove(store->ids, is_theirs, job->athlete);
    push(store, job);
}

void store_note(Store *store, const char *key, const char *clock, gint64 at_us, const char *data)
{
    Job *job = plain_job(JOB_NOTE, NULL, NULL);
    job->note = g_new0(StoreNote, 1);
    *job->note = (StoreNote){g_strdup(key), g_strdup(clock), at_us, g_strdup(data)};
    push(store, job);
}

void store_correct_clock(Store *store, const char *clock, gint64 delta_us)
{
    Job *job = plain_job(JOB_CORRECT, NULL, NULL);
    job->clock = g_strdup(clock);
    job->delta_us = delta_us;
    push(store, job);
}

void store_stats(Store *store, StoreStats *ret)
{
    g_mutex_lock(&store->lock);
    *ret = store->stats;
    ret->waiting = store->jobs.length;
    ret->waiting_bytes = store->waiting_bytes;
    g_mutex_unlock(&store->lock);
}

bool store_flush(Store *store, unsigned timeout_ms)
{
    const gint64 until_us = g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
    g_mutex_lock(&store->lock);
    bool in_time = true;
    store->failed = false;
    store->hurry = true; /* what failed before is tried again now */
    g_cond_broadcast(&store->changed);
    while (in_time && !store->failed && (store->jobs.length > 0 || store->busy))
        in_time = g_cond_wait_until(&store->changed, &store->lock, until_us);
    const bool written = store->jobs.length == 0 && !store->busy;
    g_mutex_unlock(&store->lock);
    return written;
}
